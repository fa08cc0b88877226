"""The padding value as x holds it, rounded to its dtype, so that 0.1 equals the float32 that became of it; and which
cells are something else."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import Batch

FEW_FEATURES = 32  # up to here, feature after feature is faster than NumPy's reduction over a short axis


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
    if not batch.x.size or not plain or not vector or len(batch.lengths) != batch.rows:
        return None
    return 1 - int(np.clip(batch.counts, 0, batch.steps).sum()) / cells


def filled_cells(batch: Batch) -> NDArray[np.bool_]:
    """(B, T) bool in the layout of the call: the cells with a feature that differs from the padding value."""
    return cells_unlike(batch, padding_of(batch))


def cells_unlike(batch: Batch, value: Any) -> NDArray[np.bool_]:
    """(B, T) bool: the cells with a feature that is not `value`; a NaN is, where that is NaN, and is not otherwise."""
    return cells_where(batch, (lambda x: x == x) if value != value else (lambda x: x != value))


def cells_where(batch: Batch, test: Callable[[NDArray[Any]], NDArray[np.bool_]]) -> NDArray[np.bool_]:
    """(B, T) bool in the memory order of x: cells with a feature for which the test, array to bool array, holds."""
    x = batch.grid
    time_major = x.strides[0] < x.strides[1]
    if time_major:
        x = x.swapaxes(0, 1)
    held = test(x).reshape(*x.shape[:2], prod(x.shape[2:]))
    if held.shape[2] == 1:
        cells = held[:, :, 0]
    elif 0 < held.shape[2] <= FEW_FEATURES:
        cells = reduce(np.bitwise_or, list(np.moveaxis(held, 2, 0)))
    else:
        cells = np.asarray(held.any(axis=2))
    return np.asarray(cells.T if time_major else cells)


def round_bfloat16(array: NDArray[Any]) -> NDArray[np.float32]:
    """float32, (n, *), rounded to the nearest bfloat16, ties to even. Source: c10/util/BFloat16.h of torch."""
    single = np.ascontiguousarray(array, dtype=np.float32)
    bits = single.view(np.uint32).astype(np.uint64)
    rounded = ((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32)
    return np.where(np.isnan(single), single, rounded)
