"""Which steps of its own row a part of a result has read, narrowed down run by run.

In each run the first steps of every row are changed, or its last ones, and what stays has read none of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from packviz.core.arrays import ReadOnly, frozen
from packviz.core.cells.bits import Bools, Ints

NONE = -1


@dataclass(frozen=True, eq=False, repr=False)
class Reached(ReadOnly):
    """The steps that each group of the features of a result has read of its own row. All arrays are read-only.

    `of`: the result, in words: "h_n", "out[:, -1]". `groups`: G names: "forward", "backward"; "first half"; "all".
    `lengths`: (B,) int64. `first`, `last`: (B, G) int64: what is read begins at `first` or before, and ends at `last`
    or after; NONE where it is not known that anything is. `earliest`, `latest`: (B, G) int64: nothing is read before
    the one and after the other. Where it is known exactly, `earliest` is `first`, and `latest` is `last`; where a group
    has certainly read nothing, `latest` is below `earliest`. `how`: a sentence on how it was tried.
    """

    of: str
    groups: tuple[str, ...]
    lengths: Ints
    earliest: Ints
    first: Ints
    last: Ints
    latest: Ints
    how: str = ""

    @property
    def rows(self) -> int:
        """B."""
        return len(self.lengths)

    @cached_property
    def nothing(self) -> Bools:
        """(B, G) bool: certainly no step is read."""
        return frozen(self.latest < self.earliest)

    @cached_property
    def exact(self) -> Bools:
        """(B, G) bool: it is known which step is the first and which the last one that is read, or that none is."""
        return frozen(((self.earliest == self.first) & (self.latest == self.last)) | self.nothing)

    @cached_property
    def whole(self) -> Bools:
        """(B, G) bool: the first step of the row is read, and the last one."""
        ends = self.lengths[:, None] - 1
        return frozen((self.first == 0) & (self.last == ends) & (ends >= 0))

    def to_dict(self) -> dict[str, Any]:
        """As in the JSON of a report; by row and group."""
        arrays = {name: getattr(self, name).tolist() for name in ("earliest", "first", "last", "latest")}
        return {"of": self.of, "groups": list(self.groups), **arrays, "how": self.how}

    def __repr__(self) -> str:
        return f"<Reached by {self.of}: {', '.join(self.groups)} of {self.rows} rows>"


class Cut(NamedTuple):
    """Which steps of each row are changed: those below `at`, (B,) int64, or, with `after`, those from there on."""

    at: Ints
    after: bool

    def cells(self, lengths: Ints, steps: int) -> Bools:
        """(B, T) bool: the cells, none of them beyond its row's length."""
        step = np.arange(steps)
        chosen = (step >= self.at[:, None]) if self.after else (step < self.at[:, None])
        found: Bools = chosen & (step < lengths[:, None])
        return found


class Narrowing:
    """What is known so far of the steps that G groups have read."""

    def __init__(self, lengths: Ints, groups: int) -> None:
        self.lengths = lengths
        shape = (len(lengths), groups)
        ends = np.repeat(lengths[:, None] - 1, groups, axis=1)
        self.earliest: Ints = np.zeros(shape, dtype=np.int64)
        self.latest: Ints = ends.astype(np.int64)
        self.first: Ints = np.full(shape, NONE, dtype=np.int64)
        self.last: Ints = np.full(shape, NONE, dtype=np.int64)
        self.read: Bools = np.zeros(shape, dtype=bool)

    def take(self, cut: Cut, moved: Bools, seen: Bools | None = None) -> None:
        """Take what moved, (B, G), when these steps were changed. `seen`: (B,) bool, rows of which anything could be
        seen; all of them unless given."""
        at = np.clip(cut.at, 0, self.lengths)[:, None]
        some = (self.lengths[:, None] > at) if cut.after else (at > 0)
        told = np.broadcast_to(some if seen is None else some & seen[:, None], moved.shape)
        yes, no = told & moved, told & ~moved
        if cut.after:
            self.last = np.where(yes, np.maximum(self.last, at), self.last)
            self.latest = np.where(no, np.minimum(self.latest, at - 1), self.latest)
        else:
            known = np.where(self.first < 0, at - 1, np.minimum(self.first, at - 1))
            self.first = np.where(yes, known, self.first)
            self.earliest = np.where(no, np.maximum(self.earliest, at), self.earliest)
        self.read |= yes
        self._agree()

    def _agree(self) -> None:
        """Where something is read, it begins before the latest step and ends after the earliest one. Where that can't
        be, what is read takes several steps at once to be seen, and nothing is known but that."""
        odd = self.read & (self.earliest > self.latest)
        ends = np.broadcast_to(self.lengths[:, None] - 1, odd.shape)
        self.earliest, self.latest = np.where(odd, 0, self.earliest), np.where(odd, ends, self.latest)
        self.first, self.last = np.where(odd, NONE, self.first), np.where(odd, NONE, self.last)
        first = np.where(self.first < 0, self.latest, np.minimum(self.first, self.latest))
        self.first = np.where(self.read, first, NONE)
        self.last = np.where(self.read, np.maximum(self.last, self.earliest), NONE)

    def next(self) -> Cut | None:
        """The steps to change next: half way between what is known of the group of each row of which least is; None
        where all is known."""
        known = self.first >= 0
        before = np.where(known, self.first - self.earliest, 0)
        behind = np.where(known, self.latest - self.last, 0)
        if not before.any() and not behind.any():
            return None
        after = bool(behind.sum() > before.sum())
        gaps = behind if after else before
        worst = gaps.argmax(axis=1)[:, None]
        gap = np.take_along_axis(gaps, worst, axis=1)[:, 0]
        if after:
            middle = np.take_along_axis(self.last, worst, axis=1)[:, 0] + (gap + 1) // 2
            return Cut(np.where(gap > 0, middle, self.lengths), True)
        middle = np.take_along_axis(self.earliest, worst, axis=1)[:, 0] + (gap + 1) // 2
        return Cut(np.where(gap > 0, middle, 0), False)

    def reached(self, of: str, groups: tuple[str, ...], how: str = "", part: slice = slice(None)) -> Reached:
        """What is known of the groups in `part`, under these names."""
        names = ("earliest", "first", "last", "latest")
        arrays = {name: frozen(getattr(self, name)[:, part].copy()) for name in names}
        return Reached(of, groups, frozen(self.lengths.copy()), **arrays, how=how)


def cuts(lengths: Ints) -> dict[str, Cut]:
    """The cuts by name: "all" steps of each row; "first" and "last", that one alone; "but last" and "but first"."""
    ones: NDArray[np.int64] = np.ones(len(lengths), dtype=np.int64)
    return {
        "all": Cut(lengths, False),
        "first": Cut(ones, False),
        "last": Cut(np.maximum(lengths - 1, 0), True),
        "but last": Cut(np.maximum(lengths - 1, 0), False),
        "but first": Cut(ones, True),
    }
