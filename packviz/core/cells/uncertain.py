"""Where the cells of x prove nothing about its lengths: beyond them stands what a layer computed, or the padding value
is a value like any other.

Who checks one batch can say so. Of a running program nobody does, and a right one must not be accused.
"""

from __future__ import annotations

import numpy as np

from packviz.core.batch import Batch
from packviz.core.cells.padding import cells_unlike, padding_of

FEW = 0.1
"""The share of the cells beyond the lengths that must be padding, for the others to be told from it."""
LEAST_CELLS = 8
"""Fewer cells beyond the lengths say nothing of what x is padded with."""


def is_computed(batch: Batch) -> bool:
    """Whether what lies beyond the lengths of x, (B, T, F), seems to be what a layer made of padding, as dropout, a
    positional encoding or a convolution does: hardly a cell of it is padding.

    A convolution that ends with the same vector everywhere smears each row over its end, by as many steps in all rows.
    """
    grid, counts = batch.grid, batch.counts
    if grid.ndim < 3 or grid.dtype.kind != "f" or batch.feature_count < 2 or not _fits(batch):
        return False
    after = np.arange(batch.steps) >= counts[:, None]
    short = np.flatnonzero(counts < batch.steps)
    if int(after.sum()) < LEAST_CELLS or len(short) < 2 or int((batch.steps - counts).max()) < 2:
        return False
    if float((~cells_unlike(batch, padding_of(batch)))[after].mean()) >= FEW:
        return False
    row = int(short[np.argmin(counts[short])])
    same = ~cells_unlike(batch, grid[row, -1])
    if float(same[after].mean()) < 0.5:
        return True
    smeared = (after & ~same).sum(axis=1)
    room = np.minimum(smeared[row], batch.steps - counts[short])
    return bool(smeared[row] > 0 and (smeared[short] == room).all())


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
