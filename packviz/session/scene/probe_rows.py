"""The pictures of what a result has read, row by row: what each cell is, as codes that a view only has to paint."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from packviz.core.rows_read import UNTOLD, YES, Crossing
from packviz.core.steps_read import Reached

NOT, OWN, OPEN, BLIND, OTHER, PARTLY = range(6)
"""Of a pair of rows: not read; a row reads itself; not told; a row does not read itself; it reads another one. Of
several pairs: some are not told, and the others not read."""

KINDS = np.array([NOT, OWN, BLIND, OTHER], dtype=np.uint8)
WORST = np.array([0, 1, 0, 2, 3], dtype=np.uint8)  # of each code but PARTLY its place among KINDS

BEYOND, UNREAD, MAYBE, READ = range(4)
"""Of a step of a row: beyond its length; not read; not told; between the first and the last one that is read."""


def pair_kinds(crossing: Crossing) -> NDArray[np.uint8]:
    """(B, B) uint8: what each pair of rows is, at [row of the result, row of x]."""
    cells, own = crossing.cells, np.eye(crossing.rows, dtype=bool)
    kinds = np.full(cells.shape, NOT, dtype=np.uint8)
    kinds[cells == UNTOLD] = OPEN
    kinds[(cells == YES) & own] = OWN
    kinds[(cells == YES) & ~own] = OTHER
    kinds[(cells != YES) & (cells != UNTOLD) & own] = BLIND
    return kinds


def in_blocks(kinds: NDArray[np.uint8], share: int) -> NDArray[np.uint8]:
    """(n, n) uint8: one code for a square of `share` rows each way: the first of OTHER, BLIND and OWN that is in it;
    OPEN where at least half of it is, PARTLY where less; else NOT."""
    if share == 1:
        return kinds
    number = -(-len(kinds) // share)
    held = np.full((number * share, number * share), NOT, dtype=np.uint8)
    held[: len(kinds), : len(kinds)] = kinds
    squares = held.reshape(number, share, number, share)
    found = WORST[squares].max(axis=3).max(axis=1)
    if (kinds == OPEN).any():
        untold = (squares == OPEN).sum(axis=3, dtype=np.uint16).sum(axis=1, dtype=np.int64)
        sizes = np.minimum(share, len(kinds) - share * np.arange(number))
        most = np.where(2 * untold >= np.multiply.outer(sizes, sizes), OPEN, PARTLY)
        return np.where(found > 0, KINDS[found], np.where(untold > 0, most, NOT)).astype(np.uint8)
    worst: NDArray[np.uint8] = KINDS[found]
    return worst


def step_kinds(reached: Reached, group: int, rows: NDArray[np.int64], steps: NDArray[np.int64]) -> NDArray[np.uint8]:
    """(n, m) uint8: what each of these steps, (m,), of these rows, (n,), is to a group."""
    ends = reached.lengths[rows][:, None]
    early, first, last, late = (
        array[rows, group][:, None] for array in (reached.earliest, reached.first, reached.last, reached.latest)
    )
    found = np.where((steps >= early) & (steps <= late), MAYBE, UNREAD)
    found = np.where((first >= 0) & (steps >= first) & (steps <= last), READ, found)
    return np.where(steps < ends, found, BEYOND).astype(np.uint8)


def kinds_in(reached: Reached) -> set[int]:
    """The codes that occur in the picture of a result, but for BEYOND."""
    ends = reached.lengths[:, None] - 1
    there = {
        READ: reached.first >= 0,
        UNREAD: reached.nothing | (reached.earliest > 0) | (reached.latest < ends),
        MAYBE: ~reached.exact,
    }
    return {kind for kind, where in there.items() if (where & (ends >= 0)).any()}
