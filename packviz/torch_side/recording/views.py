"""The numbers of a tensor in the processor's memory, read where they lie, without calling torch.

An operation of torch's, be it only `detach`, is seen by whatever the program has switched on around it: autocast,
inference mode, modes that watch each operation, profilers. So there is none.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from packviz.files.arrays import Values

if TYPE_CHECKING:
    import torch
    from torch import Tensor

_SAME = ("bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64")
_HELD = {name: np.dtype(name) for name in (*_SAME, "float16", "float32", "float64", "complex64", "complex128")}
_BITS = np.dtype("uint16")  # of bfloat16, which numpy does not have


@cache
def _torchs() -> tuple[
    frozenset[type], torch.layout, dict[torch.dtype, tuple[str, np.dtype[Any]]], Callable[..., bool]
]:
    """What is asked of each tensor, looked up once: the classes that are torch's own, the layout that can be read,
    torch's name of each dtype that can be and numpy's, and whether torch.func holds it."""
    import torch

    held = {**_HELD, "bfloat16": _BITS}
    kinds = {getattr(torch, name): (name, kind) for name, kind in held.items() if hasattr(torch, name)}
    own = frozenset((torch.Tensor, torch.nn.Parameter))
    return own, torch.strided, kinds, torch._C._functorch.is_functorch_wrapped_tensor


Copy = Callable[[NDArray[Any]], NDArray[Any]]


class Unreadable(Exception):
    """A tensor whose numbers can't be read where they lie. The text says what it is, to be counted with its like."""


class _Memory:
    """Somebody's memory, as NumPy takes it over without a copy."""

    __slots__ = ("__array_interface__",)

    def __init__(self, place: int, shape: tuple[int, ...], strides: tuple[int, ...], kind: np.dtype[Any]) -> None:
        self.__array_interface__ = {
            "version": 3,
            "data": (place, True),
            "shape": shape,
            "strides": strides,
            "typestr": kind.str,
        }


class Look(NamedTuple):
    """A tensor as it lies there: `numbers` is a view of its memory, to be used only while somebody holds the tensor;
    None where it lies on another device. `dtype`: torch's name; of "bfloat16" the numbers are the bits."""

    shape: tuple[int, ...]
    dtype: str
    device: str
    numbers: NDArray[Any] | None

    def values(self, copy: Copy | None = None) -> Values:
        """A copy, as the files of packviz hold it. `copy`: what makes it."""
        assert self.numbers is not None
        if self.dtype == "bfloat16":
            copied = as_numbers(self.numbers, self.dtype)
        else:
            copied = self.numbers.copy() if copy is None else copy(self.numbers)
        return Values(copied, self.dtype, self.device)


def look(tensor: Tensor) -> Look:
    """A tensor as it lies there. Raises Unreadable of one that is none: that torch traces, fakes or wraps, or that has
    another layout. torch's functions must be off for classes and modes (`torch._C.DisableTorchFunction`)."""
    own, strided, kinds, is_wrapped = _torchs()
    if type(tensor) not in own:
        _refuse_class(tensor)
    if tensor.is_nested:
        raise Unreadable("a nested tensor")
    if tensor.layout is not strided:
        raise Unreadable(f"a tensor of layout {str(tensor.layout).removeprefix('torch.')}")
    if is_wrapped(tensor):
        raise Unreadable("a tensor inside torch.func")
    found, shape = kinds.get(tensor.dtype), tuple(tensor.shape)
    if found is None:
        raise Unreadable(f"a tensor of {tensor.dtype}")
    name, held = found
    if not tensor.is_cpu:
        return Look(shape, name, str(tensor.device), None)
    if held.kind == "c" and (tensor.is_conj() or tensor.is_neg()):
        raise Unreadable("a tensor that is conjugated where it is read")
    if 0 in shape:
        return Look(shape, name, "cpu", np.empty(shape, dtype=held))
    size, steps, storage = held.itemsize, tensor.stride(), tensor.untyped_storage()
    last = tensor.storage_offset() + sum([(n - 1) * step for n, step in zip(shape, steps, strict=True)])
    if (last + 1) * size > storage.nbytes():  # set free, as weights are that lie in parts on several machines
        raise Unreadable("a tensor whose memory was set free")
    place, strides = tensor.data_ptr(), tuple([step * size for step in steps])
    return Look(shape, name, "cpu", np.asarray(_Memory(place, shape, strides, held)))


def _refuse_class(tensor: Any) -> None:
    import torch

    kind = type(tensor)
    if not isinstance(tensor, torch.Tensor):
        raise Unreadable(f"a {kind.__name__} in the place of a tensor")
    if kind.__torch_dispatch__ is not torch.Tensor.__torch_dispatch__:
        raise Unreadable(f"a tensor of class {kind.__name__}")


def copied(tensor: Tensor, seen: Look | None = None, copy: Copy | None = None) -> Values:
    """A copy of the numbers, wherever they lie: from another device it is waited for. `seen`: what `look` gave of it.
    `copy`: what makes a copy of what lies here. Raises Unreadable."""
    seen = seen or look(tensor)
    if seen.numbers is not None:
        return seen.values(copy)
    if seen.device == "meta":
        raise Unreadable("a tensor on the meta device")
    import torch
    from torch.utils._python_dispatch import _disable_current_modes

    if tensor.is_cuda and torch.cuda.is_current_stream_capturing():
        raise Unreadable("a tensor while a CUDA graph is captured")
    with _disable_current_modes(), torch.no_grad():
        here = tensor.detach().cpu()
        return Values(look(here).values().array, seen.dtype, seen.device)


def as_numbers(bits: NDArray[Any], dtype: str) -> NDArray[Any]:
    """The numbers of a look: of bfloat16 as float32, of others as they are, without a copy."""
    if dtype != "bfloat16":
        return bits
    wide: NDArray[np.uint32] = bits.astype(np.uint32) << np.uint32(16)
    return wide.view(np.float32)
