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
    if not whole or dtype.kind not in "iu":
        return value
    return int(value) + (1 << 8 * dtype.itemsize) if wraps(value, dtype) else int(value)


def wraps(value: float, dtype: np.dtype[Any]) -> bool:
    """Whether an unsigned dtype holds a negative padding value as that much below its end, as pad_packed_sequence does:
    -1 is 255 in uint8."""
    return dtype.kind == "u" and -(1 << 8 * dtype.itemsize) < value < 0


def padding_share(batch: Batch) -> float | None:
    """Share of the cells of x that are beyond the lengths; None where these are not one number a row."""
    cells, given = batch.rows * batch.steps, batch.given
    plain = batch.x.ndim >= 2 and batch.lengths_known and bool(np.isfinite(batch.lengths.real).all())
    vector = given is None or given.array.ndim == 1 or batch.lengths_from == "mask"
    if not cells or not plain or not vector or len(batch.lengths) != batch.rows:
        return None
    return 1 - int(np.clip(batch.counts, 0, batch.steps).sum()) / cells


def round_bfloat16(array: NDArray[Any]) -> NDArray[np.float32]:
    """float32, (n, *), rounded to the nearest bfloat16, ties to even. Source: c10/util/BFloat16.h of torch."""
    single = np.ascontiguousarray(array, dtype=np.float32)
    bits = single.view(np.uint32).astype(np.uint64)
    rounded = ((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32)
    return np.where(np.isnan(single), single, rounded)
