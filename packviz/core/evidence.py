"""What the rules look at: which cells of x hold something else than the padding value, and where each row's data ends.

It is worked out once a batch and shared by all rules. One pass over x makes a bit per cell; everything after that is
done on the bits, which are 32 times smaller than float32, so that all rules together cost about two copies of x.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, reduce
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import Batch, frozen
from packviz.core.packing import Packing, Refusal, has_one_order, pack
from packviz.core.padding import padding_of

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Bits = NDArray[np.uint64]

FEW_FEATURES = 32  # up to here, feature after feature is faster than NumPy's reduction over a short axis


@dataclass(frozen=True, eq=False)
class Evidence:
    """A batch, and what its cells say. All arrays are read-only.

    `packing`: what torch packs, or None where it refuses; `refusal` then says why. `exact`: whether its order is known
    to be torch's own, so that a packed index k may be named. `filled`: (B, ceil(T / 64)) uint64, one bit per cell, the
    earliest step lowest; set where any feature differs from the padding value (a NaN differs, unless that is NaN).
    `data_end`: (B,) int64, the step after the last filled one, 0 where a row is all padding. `counts`: (n,) int64, the
    lengths as torch reads them.
    """

    batch: Batch
    packing: Packing | None
    refusal: Refusal | None
    exact: bool
    filled: Bits
    data_end: Ints
    counts: Ints

    @property
    def rows(self) -> int:
        """B."""
        return self.batch.rows

    @property
    def steps(self) -> int:
        """T."""
        return self.batch.steps

    @property
    def empty(self) -> bool:
        """x has no cells, so that torch packs nothing."""
        return self.batch.x.size == 0

    @property
    def paired(self) -> bool:
        """Each length belongs to the row of its number: as many lengths as rows, or fewer where torch accepts that.

        Not so where the lengths are no vector, or where the rows are only a reading of a contradictory PackedSequence.
        """
        given = self.batch.given
        if self.batch.packed is not None or (given is not None and given.array.ndim != 1):
            return False
        n, sorted_call = len(self.counts), self.batch.call.enforce_sorted
        return n == self.rows or (0 < n < self.rows and not sorted_call)

    @cached_property
    def valid(self) -> Bools:
        """(n,) bool, the lengths that torch can pack and that end inside x; all False where lengths and rows differ."""
        if not self.paired:
            return np.zeros(len(self.counts), dtype=bool)
        return (self.counts >= 1) & (self.counts <= self.steps)

    @cached_property
    def own_end(self) -> Ints:
        """(n,) int64, the length that the cells of each row ask for: `data_end`, but at least 1; paired rows only."""
        return np.maximum(self.data_end[: len(self.counts)], 1)

    @cached_property
    def stray(self) -> Bits:
        """Bits as in `filled`, (n, ·), of the cells beyond each valid length that hold data; a NaN is not data here."""
        n = len(self.counts)
        if not self.paired or not bool(np.any(self.valid & (self.data_end[:n] > self.counts))):
            return np.zeros((n, 0), dtype=np.uint64)
        data = self.filled
        if self.has_nan and not self.batch.features:
            data = data & ~bits_of(cells_where(self.batch, np.isnan))
        elif self.has_nan:
            padding = padding_of(self.batch)
            data = bits_of(cells_where(self.batch, lambda x: (x != padding) & (x == x)))
        return from_step(data[:n], np.where(self.valid, self.counts, self.batch.steps))

    def all_beyond(self, value: float) -> bool:
        """Whether every cell beyond the lengths is `value`; for valid lengths, one a row."""
        others = bits_of(cells_where(self.batch, lambda x: x != value))
        return not bool(from_step(others, self.counts).any())

    def fills_inside(self, rows: Ints) -> bool:
        """Whether one of these rows, (m,), has padding before the end of its data."""
        held = self._cells(self.filled[rows]).sum(axis=1)
        return bool(np.any(held < self.data_end[rows]))

    def _cells(self, bits: Bits) -> Bools:
        """(m, T) bool of (m, ·) bits."""
        cells = np.unpackbits(bits.view(np.uint8), axis=1, bitorder="little", count=self.steps)
        return cells.view(bool)

    @cached_property
    def has_nan(self) -> bool:
        """Whether x holds a NaN anywhere, and NaN is not the padding value."""
        x, padding = self.batch.x, padding_of(self.batch)
        if x.dtype.kind not in "fc" or x.size == 0 or bool(padding != padding):
            return False
        return bool(np.isnan(np.min(x)))


def gather(batch: Batch, packing: Packing | Refusal | None = None) -> Evidence:
    """The Evidence of a batch. `packing`: the one that torch makes of it, where torch has been asked."""
    made = pack(batch) if packing is None else packing
    found, refusal = (made, None) if isinstance(made, Packing) else (None, made)
    counts = batch.counts
    exact = found is not None and (packing is not None or has_one_order(batch))
    padding = padding_of(batch)
    filled = bits_of(cells_where(batch, (lambda x: x == x) if padding != padding else (lambda x: x != padding)))
    return Evidence(batch, found, refusal, exact, frozen(filled), frozen(last_bit(filled)), frozen(counts))


def cells_where(batch: Batch, test: Callable[[NDArray[Any]], Bools]) -> Bools:
    """(B, T) bool in the memory order of x: cells with a feature for which the test, array to bool array, holds."""
    x = batch.grid
    time_major = x.strides[0] < x.strides[1]
    if time_major:
        x = x.swapaxes(0, 1)
    held = test(x).reshape(*x.shape[:2], prod(x.shape[2:]))
    if held.shape[2] == 1:
        cells = held[:, :, 0]
    elif 0 < held.shape[2] <= FEW_FEATURES:
        cells = reduce(np.bitwise_or, list(np.moveaxis(held, 2, 0)))
    else:
        cells = np.asarray(held.any(axis=2))
    return np.asarray(cells.T if time_major else cells)


def bits_of(cells: Bools) -> Bits:
    """(B, ceil(T / 64)) uint64 of (B, T) bool, the earliest step lowest."""
    if cells.flags.c_contiguous or not cells.T.flags.c_contiguous:
        packed = np.packbits(cells, axis=1, bitorder="little")
    else:
        packed = _transposed_bits(cells.T)
    words = np.zeros((len(packed), -(-packed.shape[1] // 8) * 8), dtype=np.uint8)
    words[:, : packed.shape[1]] = packed
    return words.view(WORD)


def _transposed_bits(cells: Bools) -> NDArray[np.uint8]:
    """(B, ceil(T / 8)) uint8 of (T, B) bool: packbits crawls down columns, so eight steps are put together at a time,
    and only the bits are transposed."""
    by_step = cells.view(np.uint8)
    packed = np.zeros((-(-by_step.shape[0] // 8), by_step.shape[1]), dtype=np.uint8)
    for bit in range(min(8, by_step.shape[0])):
        steps = by_step[bit::8]
        packed[: len(steps)] |= steps << bit
    return np.ascontiguousarray(packed.T)


def last_bit(bits: Bits) -> Ints:
    """(B,) int64, the step after the last bit that is set in each row of (B, ·) uint64; 0 where there is none."""
    if bits.shape[1] == 0:
        return np.zeros(len(bits), dtype=np.int64)
    row = np.arange(len(bits))
    word = bits.shape[1] - 1 - np.argmax((bits != 0)[:, ::-1], axis=1)
    octets = np.ascontiguousarray(bits[row, word])[:, None].view(np.uint8)
    octet = 7 - np.argmax((octets != 0)[:, ::-1], axis=1)
    last = octets[row, octet]
    return np.asarray(np.where(last == 0, 0, word * 64 + octet * 8 + BIT_LENGTH[last]), dtype=np.int64)


def runs(bits: Bits) -> Ints:
    """(m, 3) int64, the runs of set bits in (B, ·) uint64, as (row, first step, step after the last), row by row."""
    if bits.size == 0:
        return np.empty((0, 3), dtype=np.int64)
    before, after = bits << ONE, bits >> ONE
    before[:, 1:] |= bits[:, :-1] >> TOP
    after[:, :-1] |= bits[:, 1:] << TOP
    firsts, lasts = _places(bits & ~before), _places(bits & ~after)
    found = np.empty((len(firsts), 3), dtype=np.int64)
    np.divmod(firsts, bits.shape[1] * 64, out=(found[:, 0], found[:, 1]))
    found[:, 2] = found[:, 1] + (lasts - firsts) + 1
    return found


def _places(bits: Bits) -> Ints:
    """The number of each set bit, counted through all rows; looks closely only at the words that are not 0."""
    words = np.flatnonzero(bits)
    octets = np.ascontiguousarray(bits.ravel()[words]).view(np.uint8)
    at = np.flatnonzero(np.unpackbits(octets, bitorder="little").view(bool))
    return np.asarray(words[at >> 6] * 64 + (at & 63))


def from_step(bits: Bits, first: Ints) -> Bits:
    """The bits at steps >= `first`, (B,), of each row of (B, ·) uint64."""
    word, split = np.arange(bits.shape[1])[None, :], (first // 64)[:, None]
    kept = np.where(word >= split, bits, np.uint64(0))
    rows = np.flatnonzero(split[:, 0] < bits.shape[1])
    kept[rows, split[rows, 0]] &= ALL << (first[rows] % 64).astype(np.uint64)
    return kept.astype(WORD, copy=False)


WORD = np.dtype("<u8")
ONE, TOP, ALL = np.uint64(1), np.uint64(63), np.uint64(2**64 - 1)
BIT_LENGTH = frozen(np.array([n.bit_length() for n in range(256)], dtype=np.int64))
