"""The numbers of tensors, read where they lie: torch's own are the oracle."""

from __future__ import annotations

import warnings
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from packviz.torch_side.recording.buffers import LARGE, Buffers, arrays
from packviz.torch_side.recording.views import Unreadable, as_numbers, copied, look

DTYPES = ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64")
KINDS = (*DTYPES, "complex64", "complex128")


@st.composite
def tensors(draw: st.DrawFn) -> Tensor:
    """Of all dtypes, also empty, transposed, stepped through, expanded, and wanting gradients."""
    shape = draw(st.lists(st.integers(0, 4), min_size=0, max_size=3))
    dtype = getattr(torch, draw(st.sampled_from(KINDS)))
    numbers = torch.randn([2 * n for n in shape], generator=torch.Generator().manual_seed(draw(st.integers(0, 9)))) * 5
    made = (numbers.abs() if dtype == torch.uint8 else numbers).to(dtype)
    for dimension in range(made.ndim):
        if draw(st.booleans()):
            made = made.narrow(dimension, made.shape[dimension] // 4, made.shape[dimension] // 2)
    if made.ndim > 1 and draw(st.booleans()):
        made = made.transpose(0, -1)
    if made.ndim and draw(st.booleans()):
        made = made[:1].expand(3, *made.shape[1:]) if len(made) else made
    return made.requires_grad_(draw(st.booleans()) and made.is_floating_point())


@given(tensors())
def test_numbers_are_those_of_torch(tensor: Tensor) -> None:
    seen = look(tensor)
    assert (seen.shape, f"torch.{seen.dtype}", seen.device) == (tuple(tensor.shape), str(tensor.dtype), "cpu")
    assert seen.numbers is not None
    wide = tensor.detach().float() if tensor.dtype == torch.bfloat16 else tensor.detach()
    expected = wide.resolve_conj().numpy()
    np.testing.assert_array_equal(as_numbers(seen.numbers, seen.dtype), expected)
    held = copied(tensor).values()
    np.testing.assert_array_equal(held.array, expected)
    assert held.array.dtype == expected.dtype
    assert not np.shares_memory(held.array, seen.numbers)


@given(st.lists(st.none() | tensors(), max_size=3))
def test_copies_into_lent_memory_are_those_of_torch(given: list[Tensor | None]) -> None:
    """Side by side, however each of them lies in its own memory."""
    looks = [None if tensor is None else look(tensor) for tensor in given]
    raw = Buffers().copied(looks)
    assert raw is not None
    held = arrays(looks, raw)
    again = [None if seen is None or one is None else seen.of(one) for seen, one in zip(looks, held, strict=True)]
    raw_twice = Buffers().copied(again)
    assert raw_twice is not None
    for memory in (raw, raw_twice):
        for tensor, seen, made in zip(given, looks, arrays(looks, memory), strict=True):
            assert (made is None) == (tensor is None)
            if made is not None and seen is not None and tensor is not None:
                assert seen.dtype == str(tensor.dtype).removeprefix("torch.")
                wide = tensor.detach().float() if tensor.dtype == torch.bfloat16 else tensor.detach()
                np.testing.assert_array_equal(as_numbers(made, seen.dtype), wide.resolve_conj().numpy())


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_of_each_kind_are_those_of_torch(kind: str) -> None:
    tensor = torch.tensor([[0.0, 1.0, 2.5, 100.0], [3.25, 0.0, 7.0, 0.5]]).to(getattr(torch, kind))
    for some in (tensor, tensor.T, tensor[:, 1:3]):
        wide = some.float() if kind == "bfloat16" else some
        held = look(some).values()
        np.testing.assert_array_equal(held.array, wide.numpy(), strict=True)
        assert held.dtype == kind


def test_large_ones_are_copied_whole() -> None:
    for tensor in (torch.arange(LARGE // 8), torch.arange(LARGE // 8 + 1), torch.rand(3, LARGE)):
        raw = Buffers().copied([look(tensor)])
        assert raw is not None
        np.testing.assert_array_equal(arrays([look(tensor)], raw)[0], tensor.numpy())


def test_a_view_follows_its_tensor_and_a_copy_does_not() -> None:
    tensor = torch.ones(3)
    seen, held = look(tensor), copied(tensor)
    tensor.zero_()
    assert seen.numbers is not None
    assert seen.numbers.tolist() == [0, 0, 0]
    assert held.numbers is not None
    assert held.numbers.tolist() == [1, 1, 1]


def test_nobody_can_write_through_a_view() -> None:
    tensor = torch.ones(3)
    seen = look(tensor)
    assert seen.numbers is not None
    with pytest.raises(ValueError, match="read-only"):
        seen.numbers[0] = 5


def freed() -> Tensor:
    """As the weights of a model are that lies in parts on several machines."""
    tensor = torch.ones(8)[3:]
    tensor.untyped_storage().resize_(0)
    return tensor


def freed_before() -> Tensor:
    """As much memory as its numbers take is there, but not where they begin."""
    tensor = torch.ones(8)[3:]
    tensor.untyped_storage().resize_(5 * 4)
    return tensor


def freed_behind() -> Tensor:
    """The last of its numbers, some steps behind the first, is gone."""
    tensor = torch.ones(8)[::7]
    tensor.untyped_storage().resize_(7 * 4)
    return tensor


def nested() -> Tensor:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])


class Wrapped(Tensor):
    """A tensor without memory of its own."""

    @staticmethod
    def __new__(cls) -> Wrapped:
        return Tensor._make_wrapper_subclass(cls, (2, 3))

    @classmethod
    def __torch_dispatch__(cls, func: object, types: object, args: object = (), kwargs: object = None) -> object:
        raise AssertionError("it was asked")


class Plain(Tensor):
    """One of the user's own, with memory."""


@pytest.mark.parametrize(
    ("tensor", "why"),
    [
        ([1, 2], "a list in the place of a tensor"),
        (None, "a NoneType in the place of a tensor"),
        (Wrapped(), "a tensor of class Wrapped"),
        (torch.ones(2, 2).to_sparse(), "a tensor of layout sparse_coo"),
        (torch.ones(2, dtype=torch.complex64).conj(), "a tensor that is conjugated where it is read"),
        (torch.ones(2, dtype=torch.complex64).conj().imag, "a tensor that is conjugated where it is read"),
        (torch.ones(2).to(torch.float8_e5m2), "a tensor of torch.float8_e5m2"),
        (freed(), "a tensor whose memory was set free"),
        (freed_before(), "a tensor whose memory was set free"),
        (freed_behind(), "a tensor whose memory was set free"),
        (nested(), "a nested tensor"),
        (torch._efficientzerotensor((2, 3)), "a tensor without memory"),
        (torch._to_functional_tensor(torch.ones(2, 3)), "a tensor without memory"),
        (torch._efficientzerotensor((2, 3))[1:], "a tensor without memory"),
        (torch._efficientzerotensor((2, 3))[:, 1:], "a tensor without memory"),
    ],
    ids=[
        "list",
        "none",
        "wrapper",
        "sparse",
        "conjugated",
        "imaginary",
        "float8",
        "freed",
        "before",
        "behind",
        "nested",
        "zeros",
        "functional",
        "zeros, from the second row",
        "zeros, from the second column",
    ],
)
def test_what_has_no_numbers_here_is_said(tensor: Tensor, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        look(tensor)


def test_a_class_of_the_users_with_memory_of_its_own_is_read() -> None:
    tensor = torch.ones(2).as_subclass(Plain)
    seen = look(tensor)
    assert seen.numbers is not None
    assert seen.numbers.tolist() == [1, 1]


def test_a_tensor_that_torch_fakes_is_said() -> None:
    from torch._subclasses.fake_tensor import FakeTensorMode

    with FakeTensorMode():
        fake = torch.ones(2)
    with pytest.raises(Unreadable, match="class FakeTensor"):
        look(fake)


PARTS = {
    "all": slice(None),
    "from the second": slice(1, None),
    "the second": 1,
    "no": slice(0),
    "columns": (slice(None), slice(1, None)),
}


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("device", ["cpu", "meta"])
@pytest.mark.parametrize(
    "transform", [torch.func.vmap, torch.func.grad, torch.func.functionalize], ids=lambda kind: str(kind.__name__)
)
def test_a_tensor_that_torch_transforms_is_said(transform: Any, device: str, part: str) -> None:
    said: list[str] = []

    def inside(x: Tensor) -> Tensor:
        some = x[PARTS[part]]
        with torch._C.DisableTorchFunction(), pytest.raises(Unreadable) as caught:
            look(some)
        said.append(str(caught.value))
        return x.sum()

    if transform is torch.func.vmap:
        transform = partial(torch.func.vmap, in_dims=2)
    transform(inside)(torch.ones(3, 2, 2, device=device))
    assert said == ["a tensor inside torch.func"]


def test_elsewhere_only_the_shape_is_seen() -> None:
    seen = look(torch.ones(2, 3, device="meta"))
    assert (seen.shape, seen.device, seen.numbers) == ((2, 3), "meta", None)
    with pytest.raises(Unreadable, match="meta device"):
        copied(torch.ones(2, device="meta"))
