"""What `pack_padded_sequence` makes of lengths: batch_sizes, the sort order, and (row, step) <-> packed index."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from packviz.core.batch import Batch, frozen
from packviz.core.carrier import PackedFields
from packviz.core.packed import contradictions
from packviz.core.refusals import Refusal as Refusal
from packviz.core.refusals import refused
from packviz.core.texts.wording import length_named

Ints = NDArray[np.int64]

MOST_STABLE_ROWS = 16
"""Up to so many rows torch's sort keeps equal lengths in the order of the batch."""

MOST_STEPS = 2**20
"""Steps that are counted in batch_sizes although x does not have them; x itself may have more."""


@dataclass(frozen=True, eq=False)
class Packing:
    """The packed order of n rows over T steps. All arrays are read-only.

    `lengths`: (n,) int64, in the order of the batch. `sorted_indices`: (n,), the row at each sorted row.
    `unsorted_indices`: (n,), the sorted row of each row. `batch_sizes`: (L,), rows active at each step, where
    L is the longest length. `offsets`: (L + 1,), the packed index at which each step starts.
    `steps`: T of x. Steps from T on are counted in `batch_sizes` but have no data: torch slices them away.
    Source: torch.nn.utils.rnn.pack_padded_sequence, ATen's `_pack_padded_sequence`.
    """

    lengths: Ints
    sorted_indices: Ints
    unsorted_indices: Ints
    batch_sizes: Ints
    offsets: Ints
    steps: int

    @property
    def rows(self) -> int:
        """n, the number of rows that are packed."""
        return len(self.lengths)

    @property
    def longest(self) -> int:
        """L, the largest length: the number of steps that the RNN will take."""
        return len(self.batch_sizes)

    @property
    def size(self) -> int:
        """N, the rows that `data` really has: the sum of batch_sizes over the steps that x has."""
        return int(self.offsets[min(self.longest, self.steps)])

    def index(self, rows: ArrayLike, steps: ArrayLike) -> Ints:
        """Packed index k of each (row, step), broadcast, int64; -1 at padding and where x has no such cell."""
        r, t = np.asarray(rows, dtype=np.int64), np.asarray(steps, dtype=np.int64)
        inside = (r >= 0) & (r < self.rows) & (t >= 0) & (t < min(self.steps, self.longest))
        r0, t0 = np.where(inside, r, 0), np.where(inside, t, 0)
        inside &= t0 < self.lengths[r0]
        return np.where(inside, self.offsets[t0] + self.unsorted_indices[r0], -1)

    def cell(self, k: ArrayLike) -> tuple[Ints, Ints]:
        """(row, step) of each packed index k, int64; (-1, -1) where `data` has no such index."""
        index = np.asarray(k, dtype=np.int64)
        inside = (index >= 0) & (index < self.size)
        index = np.where(inside, index, 0)
        step = np.searchsorted(self.offsets, index, side="right") - 1
        row = self.sorted_indices[index - self.offsets[step]]
        return np.where(inside, row, -1), np.where(inside, step, -1)

    @cached_property
    def grid(self) -> Ints:
        """Packed index of each cell, (n, T) int64, -1 at padding. Built once, when first asked for."""
        steps = min(self.steps, self.longest)
        k = np.full((self.rows, self.steps), -1, dtype=np.int64)
        np.add(
            self.unsorted_indices[:, None],
            self.offsets[None, :steps],
            out=k[:, :steps],
            where=np.arange(steps)[None, :] < self.lengths[:, None],
        )
        return frozen(k)

    @cached_property
    def flat(self) -> Ints:
        """For each k, the cell as row * T + step, (N,) int64: `data` is grid.reshape(n * T, *)[flat]."""
        steps = min(self.steps, self.longest)
        sizes = self.batch_sizes[:steps]
        step = np.repeat(np.arange(steps), sizes)
        rank = np.arange(self.size) - np.repeat(self.offsets[:steps], sizes)
        return frozen(self.sorted_indices[rank] * self.steps + step)

    def data(self, grid: NDArray[Any]) -> NDArray[Any]:
        """`PackedSequence.data`, (N, *), of the padded grid, (B, T, *)."""
        row, step = self.cell(np.arange(self.size))
        return grid[row, step]


def pack(batch: Batch, order: ArrayLike | None = None) -> Packing | Refusal:
    """What torch's packing makes of this batch, or why it refuses: the cause at which it stops first.

    `order`, (n,): the sort order that torch gave for these lengths. torch's sort is not stable: above 16 rows
    it may put equal lengths in any order, so that only torch itself can say which. Without it, equal lengths keep
    the order of the batch.
    """
    if batch.contradictory is not None:
        return _contradictory(batch.contradictory)
    refusal = refused(batch)
    if refusal is not None:
        return refusal
    if is_too_long(batch):
        return _too_long(batch)
    counts = batch.counts
    if batch.call.enforce_sorted:
        sorted_indices = np.arange(len(counts))
    elif order is not None or batch.order is not None:
        sorted_indices = np.asarray(batch.order if order is None else order, dtype=np.int64)
    else:
        sorted_indices = stable_order(counts)
    return pack_in_order(counts, sorted_indices, batch.steps)


def is_too_long(batch: Batch) -> bool:
    """Whether batch_sizes would have so many entries for steps that x does not have that they are not worth the memory.

    A length that was typed or read wrong may be anything below 2**63: torch itself would try to make that many.
    """
    return len(batch.lengths) > 0 and int(batch.counts.max()) > max(batch.steps, MOST_STEPS)


def _too_long(batch: Batch) -> Refusal:
    row = int(np.argmax(batch.counts))
    return Refusal(
        "length-exceeds-time",
        f"{length_named(batch, row)}, but x has {batch.steps} steps: so many batch_sizes are not made here.",
    )


def _contradictory(fields: PackedFields) -> Refusal:
    said = next((one.said for one in contradictions(fields)), "its fields do not agree")
    return Refusal("packed-inconsistent", f"The PackedSequence contradicts itself: {said}.")


def pack_in_order(lengths: ArrayLike, sorted_indices: ArrayLike, steps: int) -> Packing:
    """The Packing of positive lengths, (n,), in the given order, (n,), which must sort them descending."""
    counts, order = np.asarray(lengths, dtype=np.int64), np.asarray(sorted_indices, dtype=np.int64)
    unsorted = np.empty_like(order)
    unsorted[order] = np.arange(len(order))
    ended = np.cumsum(np.bincount(counts))  # ended[t]: rows whose length is at most t
    batch_sizes = len(counts) - ended[:-1]
    offsets = np.concatenate([[0], np.cumsum(batch_sizes)])
    return Packing(frozen(counts), frozen(order), frozen(unsorted), frozen(batch_sizes), frozen(offsets), steps)


def stable_order(lengths: ArrayLike) -> Ints:
    """(n,) int64, rows by falling length, equal lengths in the order of the batch."""
    return np.argsort(-np.asarray(lengths, dtype=np.int64), kind="stable")


def has_one_order(batch: Batch) -> bool:
    """Whether `pack` knows torch's order of the rows without torch: nothing is sorted, no two lengths are equal, or the
    rows are so few that the sort keeps their order."""
    if batch.call.enforce_sorted or batch.order is not None or len(batch.counts) <= MOST_STABLE_ROWS:
        return True
    return not has_ties(batch.counts)


def has_ties(lengths: ArrayLike) -> bool:
    """Whether two of these whole numbers, (n,), are equal, so that the packed order depends on torch's own sort."""
    counts = np.asarray(lengths)
    if len(counts) and len(counts) > int(counts.max()) - int(counts.min()) + 1:
        return True  # more rows than lengths that they could have: nothing has to be sorted
    return len(np.unique(counts)) < len(counts)
