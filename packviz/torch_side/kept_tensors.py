"""Tensors as they were: their bits, their gradients and hooks, and what puts these back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor


def kept_tensor(tensor: Tensor) -> Callable[[], None]:
    """What puts a tensor back: its bits, and its shape where it got another one. What has not changed is not written
    to: a graph may still need it."""
    before = tensor.detach().clone()

    def put_back() -> None:
        if tensor.shape != before.shape or tensor.dtype != before.dtype:
            tensor.data = before.clone()
        elif not same(tensor, before):
            tensor.data.copy_(before)

    return put_back


def kept_gradient(leaf: Tensor, inside: bool = True) -> Callable[[], None]:
    """What puts back whether a tensor wants a gradient, which one it has, its hooks, and (`inside`) its bits."""
    grad, requires_grad, hooks = leaf.grad, leaf.requires_grad, leaf._backward_hooks
    each = None if hooks is None else dict(hooks)
    before = _ids(hooks)
    bits = kept_tensor(grad) if inside and grad is not None and not grad.is_sparse else None

    def put_back() -> None:
        if leaf.grad is not grad:
            leaf.grad = grad
        if bits is not None:
            bits()
        if leaf.requires_grad != requires_grad:
            leaf.requires_grad_(requires_grad)
        if leaf._backward_hooks is not hooks:
            leaf._backward_hooks = hooks
        if hooks is not None and each is not None and _ids(hooks) != before:
            hooks.clear()
            hooks.update(each)

    return put_back


def same(a: Tensor, b: Tensor) -> bool:
    """Whether two tensors hold the same bits: NaN is NaN, and 0.0 is not -0.0."""
    import torch

    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    if a.is_complex():
        return same(torch.view_as_real(a.detach().resolve_conj()), torch.view_as_real(b.detach().resolve_conj()))
    if not a.is_floating_point() or a.layout is not torch.strided:
        return a.equal(b)
    whole = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}[a.itemsize]
    return a.detach().view(whole).equal(b.detach().view(whole))


def _ids(hooks: Mapping[Any, Any] | None) -> list[int]:
    """Which objects they are, in order: a hook is not asked whether it is like another one."""
    return [] if hooks is None else list(map(id, chain(*hooks.items())))
