"""Where the cells of x prove nothing about its lengths: beyond them stands what a layer computed, or the padding value
is a value like any other.

Who checks one batch can say so. Of a running program nobody does, and a right one must not be accused.
"""

from __future__ import annotations

from math import exp, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import Batch
from packviz.core.cells.padding import cells_unlike, padding_of

FEW = 0.1
"""The share of the cells beyond the lengths that must be padding, for the others to be told from it."""
LEAST_CELLS = 8
"""Fewer cells beyond the lengths, unlike each other, may be anything."""
SURE = 1e-6
"""What has a lower probability is no chance, not even among the many batches of a program."""
LIKELY = 1e-4
"""What has a lower probability is not what one batch is held for."""


def is_computed(batch: Batch) -> bool:
    """Whether what lies beyond the lengths of x, (B, T, *), may be what became of padding, so that it tells of no data
    there: hardly a cell of it is the padding value, and nothing else shows what x is padded with.

    It may where all of it is one cell, or the same one again, as an embedding or a linear layer makes it, also where
    dropout has set some of its features to 0. Cells with features that are all unlike each other may be what a
    positional encoding, a convolution or dropout made of padding, unless they are few and no row fills x: that x is a
    step longer than all sequences, without padding there, has another reason. A convolution that ends with the same
    vector everywhere smears each row over its end, by as many steps in all rows.
    """
    if not _fits(batch):
        return False
    grid, counts = batch.grid, batch.counts
    after = np.arange(batch.steps) >= counts[:, None]
    if not after.any():
        return False
    empty = ~cells_unlike(batch, padding_of(batch))
    if float(empty[after].mean()) >= FEW:
        return _dropped_out(grid, after, empty)
    if _one_vector(grid[after].reshape(int(after.sum()), -1)):
        return True
    if grid.ndim < 3 or grid.dtype.kind != "f" or batch.feature_count < 2:
        return False
    short = np.flatnonzero(counts < batch.steps)
    if int(after.sum()) < LEAST_CELLS or len(short) < 2 or int((batch.steps - counts).max()) < 2:
        return bool(counts.max() == batch.steps)
    row = int(short[np.argmin(counts[short])])
    same = ~cells_unlike(batch, grid[row, -1])
    if float(same[after].mean()) < 0.5:
        return True
    smeared = (after & ~same).sum(axis=1)
    room = np.minimum(smeared[row], batch.steps - counts[short])
    return bool((smeared[short] == room).all())


def _one_vector(cells: NDArray[Any]) -> bool:
    """Whether cells, (n, F), are all the same but for features that are 0."""
    if cells.dtype.kind not in "iuf":
        return False
    first = cells[(cells != 0).argmax(axis=0), np.arange(cells.shape[1])]
    return bool(((cells == 0) | (cells == first)).all())


def _dropped_out(grid: NDArray[Any], after: NDArray[np.bool_], empty: NDArray[np.bool_]) -> bool:
    """Whether what lies beyond the lengths is one vector of which dropout has set whole cells to 0: one that comes
    several times, and in several rows behind a cell that is 0, as data that is cut off does not."""
    held = after & ~empty
    behind = held & np.logical_or.accumulate(after & empty, axis=1)
    if grid.dtype.kind != "f" or int(behind.any(axis=1).sum()) < 2:
        return False
    cells = grid[held].reshape(int(held.sum()), -1)
    return _one_vector(cells) and int((cells != 0).sum(axis=0).max()) >= 3


def ends_by_chance(batch: Batch) -> bool:
    """Whether cells at the ends of the lengths of x, (B, T, *), may be the padding value by chance, as relu and dropout
    make them: so do others inside the rows, or so would a few if their features became 0 each by itself.

    Of ids they may not: one that is the padding value is no chance.
    """
    if not _fits(batch) or batch.grid.dtype.kind != "f":
        return False
    empty, counts = ~cells_unlike(batch, padding_of(batch)), batch.counts
    steps = np.arange(batch.steps)
    filled = np.where(~empty & (steps < counts[:, None]), steps + 1, 0).max(axis=1)  # where what is at the end begins
    runs, body = counts - filled, steps < filled[:, None]
    if not runs.any() or not body.any():
        return False
    rate = _rate(batch.grid[body].reshape(int(body.sum()), -1), int(empty[body].sum()), padding_of(batch))
    rows = len(counts)
    return rows * rate ** int(runs.max()) >= SURE and _at_least(int((runs > 0).sum()), rows * rate) >= SURE


def _rate(cells: NDArray[Any], empty: int, padding: Any) -> float:
    """The share of cells that are the padding value, of some, (n, F), of which so many are: as many, or as many as
    there would be if each feature took that value by itself, where that may well be."""
    same = np.isnan(cells) if padding != padding else cells == padding
    alone, n = prod(same.mean(axis=0).tolist()), len(cells)
    may_be = 1 - _at_least(empty + 1, n * alone) >= LIKELY
    return max(empty / n, alone if may_be else 0.0)


def _at_least(many: int, expected: float) -> float:
    """The probability of so many rare events or more, where so many are expected. Source: Poisson's law of them."""
    term, below = exp(-expected), 0.0
    for k in range(many):
        below += term
        term *= expected / (k + 1)
    return 1.0 - below


def is_a_value(batch: Batch) -> bool:
    """Whether the padding value seems to be a value like any other: it stands inside most rows, before their last
    step."""
    if not _fits(batch):
        return False
    inside = np.arange(batch.steps) < batch.counts[:, None] - 1
    held = np.asarray((~cells_unlike(batch, padding_of(batch)) & inside).any(axis=1))
    long = batch.counts > 1
    return bool(long.any()) and bool(held[long].mean() > 0.5)


def _fits(batch: Batch) -> bool:
    counts = batch.counts
    right = batch.x.ndim >= 2 and batch.x.size > 0 and batch.given.is_vector and len(counts) == batch.rows
    return right and int(counts.min()) >= 1 and int(counts.max()) <= batch.steps
