"""Where the rows of a grid of numbers fall into pieces: documents that are numbered, positions that start again, marks
of the first or the last step of an episode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.arrays import ReadOnly
from packviz.core.batch import BatchError
from packviz.core.texts.wording import count

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Pieces(ReadOnly):
    """Pieces of the rows of a grid (B, T), row after row.

    `starts`, (n,) int64: their first cells, counted through all rows; `lengths`, (n,) int64. `alone`: whether no row
    has more than one of them.
    """

    starts: Ints
    lengths: Ints
    alone: bool

    @property
    def cells(self) -> Ints:
        """(N,) int64, the cells of all pieces, one after the other."""
        ends = np.cumsum(self.lengths)
        before = np.repeat(self.starts - (ends - self.lengths), self.lengths)
        return np.asarray(np.arange(len(before)) + before, dtype=np.int64)


def pieces(begins: Bools, kept: Bools | None = None) -> Pieces:
    """The pieces that begin at these cells of a grid, (B, T) bool, and at the first cell of each row; of those only the
    ones whose first cell is `kept`."""
    rows, steps = begins.shape
    first = begins.copy()
    first[:, :1] = True
    starts = np.flatnonzero(first)
    lengths = np.diff(np.append(starts, rows * steps))
    if kept is not None:
        there = kept.reshape(-1)[starts]
        starts, lengths = starts[there], lengths[there]
    alone = not bool(np.any(np.diff(starts // max(steps, 1)) == 0))
    return Pieces(starts.astype(np.int64), lengths.astype(np.int64), alone)


def numbered(numbers: NDArray[Any], name: str) -> Pieces:
    """The pieces of one number each, (B, T). Negative numbers are padding, and 0 where every row of data begins with 1
    or more.

    Raises BatchError where a number comes back in a row after another one.
    """
    zero_counts = not bool(np.all((numbers[:, 0] != 0) | (numbers == 0).all(axis=1))) or int(numbers.max()) < 1
    kept = numbers >= (0 if zero_counts else 1)
    changes = np.zeros(numbers.shape, dtype=bool)
    changes[:, 1:] = numbers[:, 1:] != numbers[:, :-1]
    found = pieces(changes, kept)
    steps = numbers.shape[1]
    row, number = found.starts // steps, numbers.reshape(-1)[found.starts].astype(np.int64)
    keys = np.stack([row, number])
    if len(np.unique(keys, axis=1)[0]) < len(row):
        order = np.lexsort((number, row))
        again = np.flatnonzero((np.diff(row[order]) == 0) & (np.diff(number[order]) == 0))[0]
        place = int(order[again + 1])
        raise BatchError(
            f"{name} holds {int(number[place])} again at step {int(found.starts[place] % steps)} of row "
            f"{int(row[place])}, after another number: the steps of one document should stand side by side."
        )
    return found


def restarting(positions: NDArray[Any], mask: NDArray[Any] | None, name: str) -> Pieces | None:
    """The pieces of a grid of positions, (B, T), that count 0, 1, 2, … each; None where a piece counts otherwise.

    `mask`: 1 at data, (B, T), where there is one. Raises BatchError where zeros at the end of a row may be padding as
    well as documents of one step.
    """
    found = pieces(positions == 0)
    steps = positions.shape[1]
    counted = np.arange(positions.size) - np.repeat(found.starts, found.lengths)
    if not np.array_equal(positions.reshape(-1), counted):
        return None
    if mask is not None:
        data = mask.reshape(-1) != 0
        first = data[found.starts]
        if not np.array_equal(np.repeat(first, found.lengths), data):
            return None
        return pieces(positions == 0, mask != 0)
    ends = np.zeros(positions.size, dtype=bool)
    ends[found.starts[found.lengths == 1]] = True
    tails = ends.reshape(positions.shape)[:, -2:].all(axis=1) if steps > 1 else np.zeros(len(positions), dtype=bool)
    if tails.any():
        raise BatchError(
            f"{name} is 0 again and again at the end of row {int(np.argmax(tails))}: that may be padding, or documents "
            f"of {count(1, 'step')}; save what numbers the documents beside it, segment_ids or an attention_mask."
        )
    return found
