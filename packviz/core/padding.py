"""The padding value as x holds it: rounded to the dtype of x, so that 0.1 equals the float32 that became of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import Batch


def padding_of(batch: Batch) -> Any:
    """The padding value as a cell of x holds it; as it is where x, of whole numbers say, can't hold it."""
    value, dtype = batch.call.padding_value, batch.x.dtype
    if dtype.kind == "f":
        with np.errstate(over="ignore"):
            stored = dtype.type(value)
        return round_bfloat16(np.array([stored]))[0] if batch.dtype == "bfloat16" else stored
    whole = np.isfinite(value) and float(value).is_integer()
    return int(value) if whole and dtype.kind in "iu" else value


def round_bfloat16(array: NDArray[Any]) -> NDArray[np.float32]:
    """float32, (n, *), rounded to the nearest bfloat16, ties to even. Source: c10/util/BFloat16.h of torch."""
    single = np.ascontiguousarray(array, dtype=np.float32)
    bits = single.view(np.uint32).astype(np.uint64)
    rounded = ((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32)
    return np.where(np.isnan(single), single, rounded)
