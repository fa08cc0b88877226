"""Where the cells of x prove nothing about its lengths: beyond them stands what a layer computed, or the padding value
is a value like any other.

Who checks one batch can say so. Of a running program nobody does, and a right one must not be accused.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import Batch
from packviz.core.cells.padding import cells_unlike, padding_of

FEW = 0.1
"""The share of the cells beyond the lengths that must be padding, for the others to be told from it."""
LEAST_CELLS = 8
"""Fewer cells beyond the lengths, unlike each other, may be anything."""


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
    if not after.any() or float((~cells_unlike(batch, padding_of(batch)))[after].mean()) >= FEW:
        return False
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
