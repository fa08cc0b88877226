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
from packviz.core.carrier import Padded

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
    said = given.is_vector or (given.known and given.origin == "mask")
    if not batch.x.size or batch.x.ndim < 2 or not said or len(given) != batch.rows:
        return None
    if not bool(np.isfinite(given.read.real).all()):
        return None
    return 1 - int(np.clip(batch.counts, 0, batch.steps).sum()) / cells


def padding_cell(batch: Batch) -> tuple[int, int] | None:
    """A cell, (row, step), that shows what x is padded with, where that is a vector of features and no padding value.

    An x that came out of an embedding or a linear layer is padded with what became of the padding there. It is taken
    for padding where all rows that go on beyond their lengths end with it, too often for chance, and no row begins
    with it.
    """
    grid, counts, features = batch.grid, batch.counts, batch.feature_count
    if not isinstance(batch.carrier, Padded) or batch.given.origin == "guessed":
        return None
    if grid.ndim < 3 or features < 2 or grid.dtype.kind != "f" or len(counts) != batch.rows:
        return None
    beyond = batch.steps - counts
    if not batch.rows or int(counts.min()) < 1 or int(beyond.min()) < 0:
        return None
    if int(beyond.sum()) * features < LEAST_NUMBERS:
        return None
    row = int(np.argmax(beyond))
    cell = grid[row, -1]
    # One number in all features is a padding value, which can be said.
    if bool((cell == cell.flat[0]).all()) or not bool(np.isfinite(cell).all()):
        return None
    # A vector that changes from step to step, as by a positional encoding, is none that could be recognised.
    if int(beyond[row]) < 2 or bool(np.any(grid[row, -2] != cell)):
        return None
    axes = tuple(range(1, grid.ndim - 1))
    if bool(np.any(grid[beyond > 0, -1] != cell)) or bool((grid[:, 0] == cell).all(axis=axes).any()):
        return None
    same = ~cells_where(batch, lambda x: x != cell)
    often = int((same & (np.arange(batch.steps) >= counts[:, None])).sum()) * features >= LEAST_NUMBERS
    return (row, batch.steps - 1) if often else None


LEAST_NUMBERS = 8  # so many equal numbers beyond the lengths are no chance


def fill_of(batch: Batch, cell: tuple[int, int] | None) -> Any:
    """What the padding of x holds: the padding value, or the features, (*), of the `padding_cell`."""
    return padding_of(batch) if cell is None else batch.grid[cell]


def filled_cells(batch: Batch) -> NDArray[np.bool_]:
    """(B, T) bool in the layout of the call: the cells with a feature that differs from what x is padded with."""
    return cells_unlike(batch, fill_of(batch, padding_cell(batch)))


def cells_unlike(batch: Batch, value: Any) -> NDArray[np.bool_]:
    """(B, T) bool: the cells with a feature that is not `value`, a number or (*); a NaN is, where that is NaN, and is
    not otherwise."""
    missing = np.ndim(value) == 0 and bool(value != value)
    return cells_where(batch, (lambda x: x == x) if missing else (lambda x: x != value))


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
