"""Lengths guessed from the padding of a batch that came without them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import Batch
from packviz.core.cells.bits import Bools
from packviz.core.cells.padding import padding_of

FIRST_BLOCK = 64
ROWS_AT_ONCE = 1 << 16


def guessed(batch: Batch) -> Batch:
    """The batch with lengths guessed from its padding, and marked so."""
    lengths = guess_lengths(batch.grid, padding_of(batch))
    return batch.with_lengths(lengths, "guessed")


def guess_lengths(grid: NDArray[Any], padding_value: float = 0) -> NDArray[np.int64]:
    """(B,) int64: for each row of the grid, (B, T, *), the step after its last cell that is not padding.

    A cell is padding where all its features equal the padding value; NaN equals NaN. A row of nothing but padding
    gets length 1 (0 where x has no steps), for torch packs no shorter one.
    """
    if len(grid) > ROWS_AT_ONCE:
        blocks = (grid[row : row + ROWS_AT_ONCE] for row in range(0, len(grid), ROWS_AT_ONCE))
        return np.concatenate([guess_lengths(block, padding_value) for block in blocks])
    rows, steps = grid.shape[:2]

    def real(rows: Any, start: int, stop: int) -> Bools:
        told = ~_is_padding(grid[rows, start:stop], padding_value)
        return told if told.ndim == 2 else np.asarray(np.any(told, axis=tuple(range(2, told.ndim))))

    return np.maximum(_from_the_end(rows, steps, real), min(1, steps))


def last_ends(cells: Bools) -> NDArray[np.int64]:
    """(B,) int64: of flags, (B, T), the step after the last that is set in each row; 0 where none is."""
    rows, steps = cells.shape
    if steps and abs(cells.strides[0]) >= abs(cells.strides[1]):  # rows lie in one piece
        return np.where(cells.any(axis=1), steps - np.argmax(cells[:, ::-1], axis=1), 0)
    return _from_the_end(rows, steps, lambda rows, start, stop: cells[rows, start:stop])


def _from_the_end(rows: int, steps: int, real: Callable[[Any, int, int], Bools]) -> NDArray[np.int64]:
    """(B,) int64, the step after the last real cell of each row, 0 where there is none. `real`: of some rows, between
    two steps, which cells are."""
    ends = np.zeros(rows, dtype=np.int64)
    open_rows = np.arange(rows)
    stop, width = steps, FIRST_BLOCK
    # From the end, in growing blocks: what lies before a row's last real cell need not be read.
    while stop > 0 and len(open_rows):
        start = max(0, stop - width)
        most = 2 * len(open_rows) > rows  # to look at all is faster than to copy most of them first
        found = real(slice(None), start, stop)[open_rows] if most else real(open_rows, start, stop)
        last = (stop - start) - np.argmax(found[:, ::-1], axis=1)
        ends_here = found.any(axis=1)
        ends[open_rows[ends_here]] = start + last[ends_here]
        open_rows = open_rows[~ends_here]
        stop, width = start, width * 2
    return ends


def _is_padding(cells: NDArray[Any], padding_value: float) -> NDArray[np.bool_]:
    if padding_value != padding_value:
        return np.isnan(cells) if cells.dtype.kind in "fc" else np.zeros(cells.shape, dtype=np.bool_)
    with np.errstate(over="ignore"):
        same: NDArray[np.bool_] = cells == padding_value
    return same
