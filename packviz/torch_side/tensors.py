"""numpy arrays as torch tensors and back: without a copy wherever both can read the same memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import Batch, frozen
from packviz.files.arrays import numbers_of

if TYPE_CHECKING:
    import torch


class _Memory:
    """The memory of an array under numpy's array interface, without its read-only mark."""

    def __init__(self, array: NDArray[Any]) -> None:
        self._array = array  # keeps the memory alive
        interface = dict(array.__array_interface__)
        interface["data"] = (interface["data"][0], False)
        self.__array_interface__ = interface


def to_tensor(array: NDArray[Any], dtype: str | None = None) -> torch.Tensor:
    """The array as a tensor on the CPU, to be read and never written to; `dtype` is torch's name of its dtype.

    No copy is made, but where torch has no such memory: negative strides, foreign byte order, long doubles, and
    bfloat16, which numpy holds as float32. torch.from_numpy warns of every read-only array, though nobody writes here.
    """
    import torch

    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        array = array.astype(np.float64)
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    if any(stride < 0 or stride % max(1, array.itemsize) for stride in array.strides):
        array = np.ascontiguousarray(array)
    if not array.flags.writeable:
        array = np.asarray(_Memory(array)) if array.size else array.copy()
    tensor = torch.from_numpy(array)
    wanted = getattr(torch, dtype) if dtype == "bfloat16" else tensor.dtype
    return tensor.to(wanted)


def to_array(tensor: torch.Tensor) -> NDArray[Any]:
    """The tensor as a read-only array on the CPU, float16 and bfloat16 as float32; no copy from the CPU otherwise."""
    import torch

    tensor = tensor.detach().cpu()
    if tensor.dtype in (torch.float16, torch.bfloat16):
        tensor = tensor.float()
    return frozen(numbers_of(tensor))


def x_of(batch: Batch) -> torch.Tensor:
    """x in its own layout and dtype, as torch is given it."""
    return to_tensor(batch.x, batch.dtype)


def lengths_of(batch: Batch) -> Any:
    """The lengths as torch is given them: a tensor of the rank and dtype, on the device, that they had; or a list.

    Raises RuntimeError where there is no such device here.
    """
    import torch

    given = batch.given
    if given.listed:
        return given.array.tolist()
    tensor = to_tensor(given.array)
    return torch.empty_like(tensor, device="meta") if not given.known else tensor.to(given.device)
