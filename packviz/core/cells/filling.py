"""What x is padded with, where nobody says so: one number in all cells beyond the lengths, or, without lengths, in runs
at the ends of several rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.cells.guess import last_ends
from packviz.core.texts.wording import number

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LEAST_CELLS, LEAST_ROWS = 4, 2
"""So many cells of so many rows must hold the number: a few may be real values."""
USUAL = (-100, -32768)
"""Numbers that are hardly anything else than padding; half as many cells will do."""
MOST_TRIED = 4
"""Numbers that are tried, those that end most rows."""
PROOF = 2
"""So many rows must contradict a reading before it is ruled out."""


@dataclass(frozen=True)
class Fill:
    """`value`: what x is padded with; `cells`: how many hold it; `left`: whether these stand before the data."""

    value: float
    cells: int
    left: bool = False

    @property
    def shown(self) -> str:
        """The number in a few digits."""
        return number(self.value)


def fill_beyond(grid: NDArray[Any], counts: Ints, left: bool = False) -> Fill | None:
    """What all cells of (B, T, *) beyond the lengths hold, (B,): one number; None where they differ, or are too few.

    `left`: of the cells before the data, where it stands at the ends of the rows. None, too, where the last step of
    most rows is that number as well: then x says nothing.
    """
    rows, steps = grid.shape[:2]
    if grid.dtype.kind not in "iuf" or len(counts) != rows or not rows or not grid.size:
        return None
    if int(counts.min()) < 0 or int(counts.max()) > steps:
        return None
    beyond = steps - counts
    cells = int(beyond.sum())
    row = int(np.argmax(beyond))
    value = grid[row, 0 if left else -1].flat[0]
    least = LEAST_CELLS // 2 if value in USUAL else LEAST_CELLS
    if cells < least or int(np.count_nonzero(beyond)) < LEAST_ROWS:
        return None
    step = np.arange(steps)
    outside = step < beyond[:, None] if left else step >= counts[:, None]
    if not bool(_same(grid[row, 0 if left else -1], value).all()) or not bool(_same(grid[outside], value).all()):
        return None
    filled = np.flatnonzero(counts > 0)
    ends = grid[filled, (beyond if left else counts - 1)[filled]]
    same = _same(ends, value).reshape(len(filled), -1).all(axis=1)
    if 2 * int(np.count_nonzero(same)) > len(filled):
        return None
    return Fill(shortest(value), cells, left)


def shortest(value: Any) -> float:
    """A number of an array as Python's, in as few digits as its dtype needs."""
    return float(str(value)) if isinstance(value, np.floating) else int(value)


def _same(cells: NDArray[Any], value: Any) -> Bools:
    return np.asarray(np.isnan(cells) if value != value else cells == value)


@dataclass(frozen=True)
class Runs:
    """How a number stands at the ends of the rows of a grid, or, read backwards, at their beginnings.

    `rows`: those that end with it, but for rows of nothing else, `empty`; `longest`: the longest run at an end;
    `alike`: whether all rows end with a run of one length; `broken`: rows in which it stands before other data, too;
    `cells`: in all runs.
    """

    rows: int
    empty: int
    longest: int
    alike: bool
    broken: int
    cells: int

    @property
    def ruled_out(self) -> bool:
        """Whether the rows of this reading are none: the number stands before their data, or no whole cell is it."""
        return self.broken >= PROOF or not (self.broken or self.rows or self.empty)

    def pad(self, sure: bool) -> bool:
        """Whether rows are data, then the number; `sure`: where it is known to be the padding value."""
        if self.broken or not self.rows:
            return False
        return sure or (self.longest >= 2 and not self.alike and self.rows + self.empty >= PROOF)


def runs(grid: NDArray[Any], value: Any, backwards: bool = False) -> Runs:
    """Of a grid, (B, T, *)."""
    return runs_of(other_than(grid, value), backwards)


def other_than(x: NDArray[Any], value: Any) -> Bools:
    """Where x holds something else, of its shape."""
    return np.asarray(~np.isnan(x) if value != value else x != value)


def runs_of(held: Bools, backwards: bool = False) -> Runs:
    """Of a grid, (B, T, *), that holds something else at these places."""
    cells = held if held.ndim == 2 else np.asarray(held.reshape(*held.shape[:2], -1).any(axis=2))
    cells = cells[:, ::-1] if backwards else cells
    ends = last_ends(cells)
    some = ends > 0
    run = (cells.shape[1] - ends)[some]
    within = cells.view(np.uint8).sum(axis=1, dtype=np.uint32)  # several times as fast as a sum of flags
    return Runs(
        int(np.count_nonzero(run)),
        int(np.count_nonzero(~some)),
        int(run.max(initial=0)),
        len(np.unique(run)) < 2 and len(run) > 1,
        int(np.count_nonzero(within != ends)),
        int(run.sum()),
    )


def ends_with(grid: NDArray[Any], value: Any, backwards: bool = False) -> bool:
    """Whether the last cell of a row is that number, of (B, T, *), or, `backwards`, the first."""
    cells = grid[:, 0 if backwards else -1]
    return bool(_same(cells.reshape(len(cells), -1), value).all(axis=1).any())


def ending(grid: NDArray[Any], backwards: bool = False) -> list[Any]:
    """The numbers that whole cells at the ends of rows hold, at least two of them, of (B, T, *), those of most rows
    first."""
    cells = grid[:, 0 if backwards else -1]
    flat = cells.reshape(len(cells), -1)
    if not flat.size:
        return []
    alike = flat[_alike(flat)][:, 0]
    values, counts = np.unique(alike, return_counts=True)
    values, counts = values[counts >= PROOF], counts[counts >= PROOF]
    return list(values[np.argsort(-counts, kind="stable")][:MOST_TRIED])


def _alike(flat: NDArray[Any]) -> Bools:
    first = flat[:, :1]
    return np.asarray(((flat == first) | ((flat != flat) & (first != first))).all(axis=1))
