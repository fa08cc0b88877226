"""How much of x is padding, and how much of it would be if rows of like length shared a batch.

All of it is counted from the lengths alone, in cells, (row, step), exactly. Batches keep their sizes and their order;
what changes is which rows are in them: the rows of so many batches on end are sorted by length, the shortest first, and
dealt out to these batches again, each of which is as long as its longest row.
"""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

WINDOW = 100
"""Batches whose rows are sorted together unless another number is said, as samplers that bucket by length often do."""


@dataclass(frozen=True)
class Bucketing:
    """Cells of all batches together: `cells`, those of x now, B × T; `data`, those inside the lengths; `cut`, where
    each batch is cut at its longest row; `windowed`, where the rows of `window` batches on end are sorted by length,
    too; `sorted`, those of all batches together."""

    window: int = WINDOW
    cells: int = 0
    data: int = 0
    cut: int = 0
    windowed: int = 0
    sorted: int = 0

    @property
    def padding(self) -> float:
        """The share of the cells that is padding now, 0 to 1."""
        return self.share(self.cells)

    def share(self, cells: int) -> float:
        """The share of padding, 0 to 1, where so many cells hold the same data: `share(summary.padding.windowed)`."""
        return 1 - self.data / cells if cells else 0.0

    def saved(self, cells: int) -> float:
        """The share of today's cells that is saved, 0 to 1, where so many are left."""
        return 1 - cells / self.cells if self.cells else 0.0

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            **asdict(self),
            "padding": self.padding,
            "saved": {name: self.saved(getattr(self, name)) for name in ("cut", "windowed", "sorted")},
        }


class Buckets:
    """Counts the cells of one batch after the other. What is kept is the lengths of one window, the size of each batch,
    and how often each length occurs."""

    def __init__(self, window: int = WINDOW) -> None:
        self.window = window
        self.lengths: Counter[int] = Counter()
        self._sizes = array("q")
        self._open: list[NDArray[np.int64]] = []
        self._cells = self._data = self._cut = self._windowed = 0

    def add(self, steps: int, lengths: NDArray[np.int64]) -> None:
        """One more batch of T steps, with the cells of each row that are data, (B,) int64, 0 to T; none of no rows."""
        if not len(lengths):
            return
        self.lengths.update(lengths.tolist())
        self._sizes.append(len(lengths))
        self._cells += len(lengths) * steps
        self._data += int(lengths.sum())
        self._cut += len(lengths) * int(lengths.max())
        self._open.append(lengths)
        if len(self._open) == self.window:
            self._windowed += _cells_dealt(self._open)
            self._open.clear()

    def counted(self) -> Bucketing:
        """What has been counted so far; a last window of fewer batches is one, too."""
        windowed = self._windowed + (_cells_dealt(self._open) if self._open else 0)
        values = np.array(sorted(self.lengths), dtype=np.int64)
        counts = np.array([self.lengths[value] for value in values.tolist()], dtype=np.int64)
        whole = cells_sorted(values, np.array(self._sizes, dtype=np.int64), counts) if len(values) else 0
        return Bucketing(self.window, self._cells, self._data, self._cut, windowed, whole)


def _cells_dealt(batches: list[NDArray[np.int64]]) -> int:
    return cells_sorted(np.sort(np.concatenate(batches)), [len(lengths) for lengths in batches])


def cells_sorted(lengths: NDArray[np.int64], sizes: ArrayLike, counts: ArrayLike | None = None) -> int:
    """The cells of batches of these sizes, (n,) above 0, that rows of ascending lengths, (m,), are dealt out to.

    `counts`: (m,), how many rows have each of the lengths; one each unless given. They are as many as the sizes add up
    to.
    """
    each = np.asarray(sizes, dtype=np.int64)
    ends = np.cumsum(each)
    last = ends - 1 if counts is None else np.searchsorted(np.cumsum(np.asarray(counts)), ends)
    return int((each * lengths[last]).sum())
