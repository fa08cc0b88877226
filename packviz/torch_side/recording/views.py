"""The numbers of a tensor in the processor's memory, read where they lie, without calling torch.

An operation of torch's, be it only `detach`, is seen by whatever the program has switched on around it: autocast,
inference mode, modes that watch each operation, profilers. So there is none.
"""

from __future__ import annotations

import ctypes
import sys
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
def _torchs() -> tuple[frozenset[type], dict[torch.dtype, tuple[str, np.dtype[Any]]]]:
    """What is asked of each tensor, looked up once: the classes that are torch's own, and torch's name of each dtype
    that can be read and numpy's."""
    import torch

    held = {**_HELD, "bfloat16": _BITS}
    kinds = {getattr(torch, name): (name, kind) for name, kind in held.items() if hasattr(torch, name)}
    return frozenset((torch.Tensor, torch.nn.Parameter)), kinds


class Unreadable(Exception):
    """A tensor whose numbers can't be read where they lie. The text says what it is, to be counted with its like."""


_FIRST = 1
"""The address at which _ALL begins: not 0, which NumPy takes for memory that is yet to be had."""
_ALL = memoryview((ctypes.c_char * (sys.maxsize - _FIRST)).from_address(_FIRST)).cast("B").toreadonly()
"""The memory of this process: NumPy takes a place in it over without a copy. Only what a tensor holds is read."""


class Look(NamedTuple):
    """A tensor as it lies there, to be used only while somebody holds it. `dtype`: torch's name; of "bfloat16" the
    numbers are the bits.

    `kind`: what numpy calls that of its numbers, None where they lie on another device; `nbytes`: what these take.
    `array`: they, where they are not the memory at `address`, in which they lie one after the other but for `strides`.
    """

    shape: tuple[int, ...]
    dtype: str
    device: str
    array: NDArray[Any] | None
    kind: np.dtype[Any] | None = None
    address: int = 0
    nbytes: int = 0
    strides: tuple[int, ...] | None = None

    @property
    def here(self) -> bool:
        """Whether its numbers lie in the processor's memory."""
        return self.kind is not None

    @property
    def numbers(self) -> NDArray[Any] | None:
        """A view of its numbers."""
        if self.array is not None or self.kind is None:
            return self.array
        return np.ndarray(self.shape, self.kind, _ALL, self.address - _FIRST, self.strides)

    @property
    def memory(self) -> memoryview:
        """That at `address`, where its numbers lie one after the other."""
        begin = self.address - _FIRST
        return _ALL[begin : begin + self.nbytes]

    def values(self) -> Values:
        """The numbers as the files of packviz hold them; not copied, but of "bfloat16"."""
        numbers = self.numbers
        assert numbers is not None
        return Values(as_numbers(numbers, self.dtype), self.dtype, self.device)

    def of(self, array: NDArray[Any]) -> Look:
        """The same, at these numbers."""
        return Look(self.shape, self.dtype, self.device, array, array.dtype, 0, array.nbytes)

    def again(self) -> Look:
        """The same, of a copy."""
        numbers = self.numbers
        return self if numbers is None else self.of(numbers.copy())


def look(tensor: Tensor) -> Look:
    """A tensor as it lies there. Raises Unreadable of one that is none: that torch traces, fakes or wraps, or that has
    another layout. torch's functions must be off for classes and modes (`torch._C.DisableTorchFunction`)."""
    own, kinds = _torchs()
    if type(tensor) not in own:
        _refuse_class(tensor)
    try:
        held, shape = tensor.untyped_storage().nbytes(), tuple(tensor.shape)
    except RuntimeError as error:
        raise Unreadable(_why(tensor)) from error
    found = kinds.get(tensor.dtype)
    if found is None:
        raise Unreadable(f"a tensor of {tensor.dtype}")
    name, kind = found
    if not tensor.is_cpu:
        _refuse_wrapped(tensor)
        return Look(shape, name, str(tensor.device), None)
    if tensor.is_neg() or (kind.kind == "c" and tensor.is_conj()):  # as the imaginary part of one is, of real numbers
        raise Unreadable("a tensor that is conjugated where it is read")
    count = tensor.numel()
    if not count:
        _refuse_wrapped(tensor)
        return Look(shape, name, "cpu", np.empty(shape, dtype=kind), kind)
    size, strides = kind.itemsize, None
    nbytes = until = count * size
    if not tensor.is_contiguous():
        steps = tensor.stride()
        until = size + size * sum([(n - 1) * step for n, step in zip(shape, steps, strict=True)])
        strides = tuple([step * size for step in steps])
    begin = tensor.storage_offset() * size
    if begin + until > held:
        raise Unreadable("a tensor whose memory was set free")  # as weights are that lie in parts on several machines
    address = tensor.data_ptr()
    if address == begin:  # there is nothing before it either, as of zeros that torch only pretends to have
        raise Unreadable(_why(tensor))
    return Look(shape, name, "cpu", None, kind, address, nbytes, strides)


def _refuse_class(tensor: Any) -> None:
    import torch

    kind = type(tensor)
    if not isinstance(tensor, torch.Tensor):
        raise Unreadable(f"a {kind.__name__} in the place of a tensor")
    if kind.__torch_dispatch__ is not torch.Tensor.__torch_dispatch__:
        raise Unreadable(f"a tensor of class {kind.__name__}")


def _why(tensor: Tensor) -> str:
    """What a tensor is whose memory can't be had."""
    import torch

    if tensor.is_nested:
        return "a nested tensor"
    if tensor.layout is not torch.strided:
        return f"a tensor of layout {str(tensor.layout).removeprefix('torch.')}"
    _refuse_wrapped(tensor)
    return "a tensor without memory"


def _refuse_wrapped(tensor: Tensor) -> None:
    import torch

    if torch._C._functorch.is_functorch_wrapped_tensor(tensor):
        raise Unreadable("a tensor inside torch.func")


def copied(tensor: Tensor, seen: Look | None = None) -> Look:
    """A copy of the numbers, wherever they lie: from another device it is waited for. `seen`: what `look` gave of it.
    Raises Unreadable."""
    seen = seen or look(tensor)
    if seen.here:
        return seen.again()
    if seen.device == "meta":
        raise Unreadable("a tensor on the meta device")
    import torch
    from torch.utils._python_dispatch import _disable_current_modes

    if tensor.is_cuda and torch.cuda.is_current_stream_capturing():
        raise Unreadable("a tensor while a CUDA graph is captured")
    with _disable_current_modes(), torch.no_grad():
        here = look(tensor.detach().cpu()).numbers
    assert here is not None
    return seen.of(here.copy())


def as_numbers(bits: NDArray[Any], dtype: str) -> NDArray[Any]:
    """The numbers of a look: of bfloat16 as float32, of others as they are, without a copy."""
    if dtype != "bfloat16":
        return bits
    wide: NDArray[np.uint32] = bits.astype(np.uint32) << np.uint32(16)
    return wide.view(np.float32)
