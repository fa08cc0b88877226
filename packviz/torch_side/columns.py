"""The states of a run that lie on another device: of them only what is looked at is brought here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.columns import Column, Units
from packviz.torch_side.tensors import to_array, to_tensor

if TYPE_CHECKING:
    from torch import Tensor


class OnDevice(Column):
    """A tensor, (N, H), on its device; float16 and bfloat16 arrive as float32. It must not be written to."""

    def __init__(self, tensor: Tensor) -> None:
        kind = np.float64 if tensor.dtype.itemsize == 8 else np.float32
        rows, width = tensor.shape
        super().__init__((rows, width), kind, tensor.nbytes)
        self._tensor = tensor

    def take(self, rows: NDArray[np.int64], units: Units = None) -> NDArray[Any]:
        import torch

        with torch.inference_mode():
            found = self._tensor
            if isinstance(units, slice):
                found = found[:, units]
            found = found.index_select(0, self._there(rows))
            if units is not None and not isinstance(units, slice):
                found = found.index_select(1, self._there(units))
            return np.array(to_array(found))

    def slab(self, start: int, stop: int) -> NDArray[Any]:
        return to_array(self._tensor[start:stop])

    def _there(self, index: NDArray[np.int64]) -> Tensor:
        return to_tensor(np.ascontiguousarray(index)).to(self._tensor.device)


def values_of(tensor: Tensor) -> Any:
    """A tensor of the CPU as a read-only array without a copy, of another device as a column of it."""
    return to_array(tensor) if tensor.device.type == "cpu" else OnDevice(tensor)
