"""Which row of a result reads which rows of x, as far as it was tested; and how few runs tell rows apart.

A run in which the data of some rows are changed tells two things: a row of the result that stays has read none of them,
one that moves has read at least one. Rows that are changed in the same runs can't be told apart by them, so each row
has a pattern of its own: half of the runs, as a rule, so that no pattern holds another one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import comb
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from packviz.core.arrays import ReadOnly
from packviz.core.cells.bits import Bools, Ints

NO, YES, UNTOLD = 0, 1, -1
"""A row of the result stays as it is when that row of x changes; it moves with it; which of both was not told."""

SIGNS: Mapping[int, str] = {NO: "0", YES: "1", UNTOLD: "?"}

MOST_ROWS = 2048
"""Of more rows no matrix is kept."""


class Changed(NamedTuple):
    """One run over changed data. `rows`: (B,) bool, the rows of x that were changed. `moved`, `stayed`: (B,) bool, the
    rows of the result that moved, and those that did not by a single bit; a row that is in neither tells nothing."""

    rows: Bools
    moved: Bools
    stayed: Bools


@dataclass(frozen=True, eq=False, repr=False)
class Crossing(ReadOnly):
    """Which row of a result moves with which row of x. `of`: the result, in words: "out and h_n".

    `cells`: (B, B) int8, read-only, at [row of the result, row of x]: YES, NO, or UNTOLD: that row of x was changed
    together with others only, and what moved may have read any of them. `foreign`: (B,) bool, the rows of the result
    that have certainly read another row, whether or not it was told which. `how`: a sentence on how it was tried.
    """

    of: str
    cells: NDArray[np.int8]
    foreign: Bools
    how: str = ""

    @property
    def rows(self) -> int:
        """B."""
        return len(self.cells)

    @cached_property
    def others(self) -> Ints:
        """(n, 2) int64: row of the result, row of x, where a row has read another one."""
        found: Ints = np.argwhere((self.cells == YES) & ~np.eye(self.rows, dtype=bool)).astype(np.int64)
        found.flags.writeable = False
        return found

    @cached_property
    def untold(self) -> int:
        """How many pairs were not told."""
        return int(np.count_nonzero(self.cells == UNTOLD))

    @property
    def identity(self) -> bool:
        """Every row has read itself, and certainly no other one."""
        return bool((self.cells == np.eye(self.rows, dtype=np.int8)).all())

    @property
    def sources(self) -> dict[int, int] | None:
        """Row of the result → the one row that it has read, where each row is that of exactly one row, and some are
        not their own; else None."""
        if self.untold or not ((self.cells == YES).sum(axis=1) == 1).all():
            return None
        read = self.cells.argmax(axis=1)
        moved = np.flatnonzero(read != np.arange(self.rows))
        several = len(np.unique(read)) != self.rows
        return None if several or not len(moved) else {int(row): int(read[row]) for row in moved}

    def reads(self, row: int) -> Ints:
        """The rows of x that a row of the result has certainly read."""
        return np.flatnonzero(self.cells[row] == YES)

    def to_dict(self) -> dict[str, Any]:
        """As in the JSON of a report: `matrix` has a string for each row of the result, a sign for each row of x."""
        signs = np.array([SIGNS[NO], SIGNS[YES], SIGNS[UNTOLD]])[self.cells]
        return {
            "of": self.of,
            "matrix": ["".join(row) for row in signs],
            "not_told": self.untold,
            "rows_reading_others": np.flatnonzero(self.foreign).tolist(),
            "how": self.how,
        }

    def __repr__(self) -> str:
        return f"<Crossing of {self.of}: {self.rows} rows, {self.untold} of {self.rows**2} pairs not told>"


def read_from(runs: Sequence[Changed], rows: int, without: Bools | None = None) -> NDArray[np.int8]:
    """(B, B) int8: what the runs tell, as the cells of a Crossing.

    `without`: (B, B) bool, [row, other]: the row came out the same in company without the other. That holds of a row
    as long as no run contradicts it: the largest of a batch may be its largest in any company.
    """
    possible = np.ones((rows, rows), dtype=bool)
    for run in runs:
        possible[np.ix_(run.stayed, run.rows)] = False
    if without is not None:
        fewer = possible & ~without
        fits = np.ones(rows, dtype=bool)
        for run in runs:
            fits &= ~run.moved | (fewer & run.rows).any(axis=1)
        possible[fits] = fewer[fits]
    cells = np.where(possible, np.int8(UNTOLD), np.int8(NO))
    for run in runs:
        could = possible & run.rows
        sure = np.flatnonzero(run.moved & (could.sum(axis=1) == 1))
        cells[sure, could[sure].argmax(axis=1)] = YES
    return cells


def moved_with_others(runs: Sequence[Changed], rows: int) -> Bools:
    """(B,) bool: the rows that moved in a run in which they were not changed."""
    found: Bools = np.zeros(rows, dtype=bool)
    for run in runs:
        found |= run.moved & ~run.rows
    return found


def patterns(rows: int, runs: int, turn: int = 0) -> Bools:
    """(runs, B) bool: which rows are changed in which run, each in half of the runs.

    Two rows have the same pattern only where there are more rows than patterns; neighbours never have, from two
    patterns on. With another `turn` it is other rows that have the same one.
    """
    kinds = list(combinations(range(runs), runs // 2)) if runs > 1 else [tuple(range(runs))]
    row = np.arange(rows)
    kind = row // len(kinds) if turn else row + (row // len(kinds) if len(kinds) > 2 else 0)
    table = np.zeros((len(kinds), runs), dtype=bool)
    for at, chosen in enumerate(kinds):
        table[at, list(chosen)] = True
    return np.ascontiguousarray(table[kind % len(kinds)].T)


def kinds_of(runs: int) -> int:
    """How many patterns there are over so many runs."""
    return comb(runs, runs // 2) if runs > 1 else 1


def across(groups: Sequence[Sequence[int]], changed: Bools) -> list[list[int]]:
    """Other groups of the same rows, so that two rows of a group and of a pattern, `changed`, (runs, B), are in no
    group together; none where no two rows are alike in both."""
    seen: dict[tuple[int, bytes], int] = {}
    found: list[list[int]] = []
    for at, group in enumerate(groups):
        for row in group:
            kind = (at, changed[:, row].tobytes())
            place = seen.get(kind, 0)
            seen[kind] = place + 1
            if place == len(found):
                found.append([])
            found[place].append(row)
    return [sorted(group) for group in found] if len(found) > 1 else []
