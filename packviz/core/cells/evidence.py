"""What the rules look at: which cells of x hold something else than the padding value, and where each row's data ends.

It is worked out once a batch and shared by all rules. One pass over x makes a bit per cell, and one more tells whether
there is a NaN or an infinity; everything after that is done on the bits, so that all rules together cost about two
copies of x.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import Batch, frozen
from packviz.core.carrier import Padded
from packviz.core.cells.bits import (
    ONE,
    Bits,
    Bools,
    Ints,
    before_step,
    bits_of,
    first_bit,
    from_step,
    how_many,
    last_bit,
)
from packviz.core.cells.layout import Layout, detect
from packviz.core.cells.left import NO_ROWS, LeftPadded, left_padded
from packviz.core.cells.masks import MaskReading, beside, in_place_of_lengths
from packviz.core.cells.padding import cells_unlike, cells_where, fill_of, padding_cell, padding_of
from packviz.core.module import Module
from packviz.core.packing import Packing, Refusal, has_one_order, pack
from packviz.core.run_path import RunPath, run_path
from packviz.core.texts.wording import cells_named, number

__all__ = ["Bits", "Bools", "Evidence", "Ints", "gather"]


@dataclass(frozen=True, eq=False)
class Evidence:
    """A batch, and what its cells say. All arrays are read-only.

    `packing`: what torch packs, or None where it refuses; `refusal` then says why. `exact`: whether its order is known
    to be torch's own, so that a packed index k may be named. `filled`: (B, ceil(T / 64)) uint64, one bit per cell, the
    earliest step lowest; set where any feature differs from the padding value (a NaN differs, unless that is NaN).
    `data_end`: (B,) int64, the step after the last filled one, 0 where a row is all padding. `counts`: (n,) int64, the
    lengths as torch reads them. `padding_cell`: (row, step) of a cell that shows what x is padded with, where that is a
    vector and no padding value. `module`: the one that the batch goes through, where that is known.
    """

    batch: Batch
    packing: Packing | None
    refusal: Refusal | None
    exact: bool
    filled: Bits
    data_end: Ints
    counts: Ints
    padding_cell: tuple[int, int] | None = None
    module: Module | None = None

    @property
    def padding_named(self) -> str:
        """What x is padded with: `the padding value 0`, `the padding, as in x[1, 4]`."""
        if self.padding_cell is None:
            return f"the padding value {number(self.batch.call.padding_value)}"
        row, step = self.padding_cell
        return f"the padding, as in {cells_named(self.batch, row, step, step + 1)}"

    @cached_property
    def rows(self) -> int:
        """B."""
        return self.batch.rows

    @cached_property
    def steps(self) -> int:
        """T."""
        return self.batch.steps

    @cached_property
    def least(self) -> int:
        """The smallest length as torch reads it; 1 where there is none."""
        return int(self.counts.min()) if len(self.counts) else 1

    @cached_property
    def most(self) -> int:
        """The largest length as torch reads it; 0 where there is none."""
        return int(self.counts.max()) if len(self.counts) else 0

    @property
    def empty(self) -> bool:
        """x has no cells, so that torch packs nothing."""
        return self.batch.x.size == 0

    @cached_property
    def told(self) -> bool:
        """Whether the lengths are a vector of known numbers beside an x of rows and steps, both as torch is given them:
        neither is the reading of a contradictory PackedSequence."""
        batch = self.batch
        return batch.given.is_vector and batch.x.ndim >= 2 and batch.contradictory is None

    @cached_property
    def paired(self) -> bool:
        """Each length belongs to the row of its number: as many lengths as rows, or fewer where torch accepts that.

        Not so where the lengths are not `told`.
        """
        if not self.told:
            return False
        n, sorted_call = len(self.counts), self.batch.call.enforce_sorted
        return n == self.rows or (0 < n < self.rows and not sorted_call)

    def rows_at(self, places: Ints) -> tuple[int, ...]:
        """Those of the places in `lengths`, (m,), that are rows of x as well; none where the lengths are no vector."""
        return tuple(places[places < self.rows].tolist()) if self.batch.given.is_vector else ()

    @cached_property
    def valid(self) -> Bools:
        """(n,) bool, the lengths that torch can pack and that end inside x; all False where lengths and rows differ,
        or x has no cells."""
        if not self.paired or self.empty:
            return frozen(np.zeros(len(self.counts), dtype=bool))
        return frozen((self.counts >= 1) & (self.counts <= self.steps))

    @cached_property
    def own_end(self) -> Ints:
        """(n,) int64, the length that the cells of each row ask for: `data_end`, but at least 1; paired rows only."""
        return frozen(np.maximum(self.data_end[: len(self.counts)], 1))

    @cached_property
    def data_start(self) -> Ints:
        """(B,) int64, the first step of the data of each row, T where a row is all padding."""
        return frozen(first_bit(self.filled, self.steps))

    @cached_property
    def held(self) -> Ints:
        """(B,) int64, how many cells of each row are not padding."""
        return frozen(how_many(self.filled))

    @cached_property
    def ids(self) -> bool:
        """Whether x holds ids, as of tokens, among which the padding value has no place: whole numbers without
        features, and not just zeros and ones."""
        x = self.batch.x
        if x.dtype.kind not in "iu" or self.batch.features or x.size == 0:
            return False
        return int(x.max()) - int(x.min()) > 1

    @cached_property
    def left(self) -> LeftPadded:
        """The rows that are padded on the left, of those with a valid length."""
        # A PackedSequence and a list of sequences have no side on which they are padded.
        if not self.paired or not isinstance(self.batch.carrier, Padded):
            return NO_ROWS
        n = len(self.counts)
        filled, ends = self.filled[:n], self.data_end[:n]
        if not bool(np.any(filled[self.valid & (ends == self.steps), :1] & ONE == 0)) or self.swapped:
            return NO_ROWS
        return left_padded(self.counts, self.valid, self.data_start[:n], ends, self.held[:n], self.steps, self.ids)

    @cached_property
    def without_nan(self) -> Bits:
        """Bits as in `filled`; a cell that is filled with NaN alone holds no data here."""
        if not self.has_nan:
            return self.filled
        if not self.batch.features:
            return frozen(self.filled & ~self.nan)
        padding = fill_of(self.batch, self.padding_cell)
        return frozen(bits_of(cells_where(self.batch, lambda x: (x != padding) & (x == x))))

    @cached_property
    def layout(self) -> Layout:
        """How x lies, as far as it can be told."""
        mask = self.mask or self.mask_as_lengths
        return detect(self.batch, self.without_nan, None if self.has_nan else self.data_end, mask)

    @cached_property
    def mask(self) -> MaskReading | None:
        """What the mask says that came beside x; None where there is none, or where it is no longer as large as x."""
        return beside(self.batch)

    @cached_property
    def mask_as_lengths(self) -> MaskReading | None:
        """What the mask says that was given in place of the lengths; None where there is none."""
        return in_place_of_lengths(self.batch)

    @property
    def swapped(self) -> bool:
        """Whether batch_first is certainly the wrong way round: the cells then belong to other rows."""
        return self.layout.proves(not self.batch.call.batch_first)

    @property
    def masked(self) -> bool:
        """Whether a mask beside x says the same as the lengths, and x is not padded with the padding value at all: what
        lies beyond the lengths is padding then, whatever it holds."""
        if self.mask is None or not bool(self.valid.all()):
            return False
        if self.batch.given.origin == "mask":
            return self.mask.right and self._one_value_beyond
        if not self.mask.right or not np.array_equal(self.mask.lengths, self.counts):
            return False
        if self.padding_cell is not None:
            return True
        return int(how_many(self.beyond(self.filled)).sum()) == int((self.steps - self.counts).sum())

    @cached_property
    def _one_value_beyond(self) -> bool:
        """Whether all cells beyond the lengths hold one number in all features, which their padding then is."""
        beyond = self.steps - self.counts
        if not self.paired or len(self.counts) != self.rows or not bool(np.any(beyond > 0)):
            return False
        row = int(np.argmax(beyond))
        value = self.batch.grid[row, int(self.counts[row])].ravel()[0]
        return bool(value == value) and self.all_beyond(value)

    @cached_property
    def by_lengths(self) -> Bools:
        """(n,) bool, the rows that lengths are asked about: not those whose lengths were counted from a mask that no
        length can say, which is what is wrong with them."""
        asked = np.ones(len(self.counts), dtype=bool)
        if self.batch.given.origin == "mask" and self.mask is not None and not self.mask.turned:
            asked[self.mask.wrong[self.mask.wrong < len(asked)]] = False
        return frozen(asked)

    @cached_property
    def stray(self) -> Bits:
        """Bits as in `filled`, (n, ·), of the cells beyond each valid length that hold data; a NaN is not data here,
        and rows that are padded on the left are left out."""
        n = len(self.counts)
        if not self.paired or not bool(np.any(self.valid & (self.data_end[:n] > self.counts))):
            return frozen(np.zeros((n, 0), dtype=np.uint64))
        data = self.without_nan
        looked_at = self.valid & self.by_lengths
        looked_at[self.left.rows] = False
        return frozen(from_step(data[:n], np.where(looked_at, self.counts, self.steps)))

    @cached_property
    def gaps(self) -> Bits:
        """Bits, (n, ·), of the cells inside each valid length that are padding, but stand before the end of the data;
        without the padding at the start of rows that are padded on the left."""
        n = len(self.counts)
        if not self.paired:
            return frozen(np.zeros((n, 0), dtype=np.uint64))
        stops = np.where(self.valid, np.minimum(self.counts, self.data_end[:n]), 0)
        found = before_step(~self.filled[:n], stops)
        if len(self.left.rows):
            starts = np.zeros(n, dtype=np.int64)
            starts[self.left.rows] = self.left.leads
            found = from_step(found, starts)
        return frozen(found)

    @cached_property
    def path(self) -> RunPath | None:
        """How far the batch gets in its module; None without one, and where that can't be told."""
        return None if self.module is None else run_path(self.batch, self.module)

    def inside(self, bits: Bits) -> Bits:
        """Those of the bits, (B, ·), that are inside a valid length, (n, ·)."""
        return before_step(self._paired(bits), np.where(self.valid, self.counts, 0))

    def beyond(self, bits: Bits) -> Bits:
        """Those of the bits, (B, ·), that are beyond a valid length, (n, ·)."""
        return from_step(self._paired(bits), np.where(self.valid, self.counts, self.steps))

    def _paired(self, bits: Bits) -> Bits:
        """The bits, (B, ·), of the rows that have a length, (n, ·); without columns where lengths and rows differ."""
        n = len(self.counts)
        return bits[:n] if self.paired else np.zeros((n, 0), dtype=np.uint64)

    def all_beyond(self, value: float) -> bool:
        """Whether every cell beyond the lengths is `value`, or NaN where that is NaN; for valid lengths, one a row."""
        return not bool(from_step(bits_of(cells_unlike(self.batch, value)), self.counts).any())

    def fills_inside(self, rows: Ints) -> bool:
        """Whether one of these rows, (m,), has padding before the end of its data."""
        return bool(np.any(self.held[rows] < self.data_end[rows]))

    @cached_property
    def finite(self) -> bool:
        """Whether x holds neither NaN nor an infinity."""
        x = self.batch.x
        if x.dtype.kind not in "fc" or x.size == 0:
            return True
        # The sum is the fastest look at all cells. Where it is not finite, it may only have outgrown its dtype.
        with np.errstate(all="ignore"):
            return bool(np.isfinite(x.sum())) or bool(np.isfinite(x).all())

    @cached_property
    def nan(self) -> Bits:
        """Bits as in `filled`, of the cells with a feature that is NaN, (B, ·); without columns where x is finite."""
        return self._where(np.isnan)

    @cached_property
    def infinite(self) -> Bits:
        """Bits as in `filled`, of the cells with a feature that is infinite, (B, ·); without columns as `nan`."""
        return self._where(np.isinf)

    def _where(self, test: Callable[[NDArray[Any]], Bools]) -> Bits:
        if self.finite:
            return frozen(np.zeros((self.rows, 0), dtype=np.uint64))
        return frozen(bits_of(cells_where(self.batch, test)))

    @cached_property
    def has_nan(self) -> bool:
        """Whether x holds a NaN anywhere, and NaN is not the padding value."""
        padding = padding_of(self.batch)
        return bool(padding == padding) and bool(self.nan.any())


def gather(batch: Batch, packing: Packing | Refusal | None = None, module: Module | None = None) -> Evidence:
    """The Evidence of a batch. `packing`: the one that torch makes of it, where torch has been asked. `module`: the one
    that it goes through."""
    made = pack(batch) if packing is None else packing
    found, refusal = (made, None) if isinstance(made, Packing) else (None, made)
    counts = batch.counts
    exact = found is not None and (packing is not None or has_one_order(batch))
    cell = padding_cell(batch)
    filled = bits_of(cells_unlike(batch, fill_of(batch, cell)))
    ends = frozen(last_bit(filled))
    return Evidence(batch, found, refusal, exact, frozen(filled), ends, frozen(counts), cell, module)
