"""Cells as bits: (B, ceil(T / 64)) uint64, one bit per cell of a row, the earliest step lowest.

They are 32 times smaller than float32, so that what is asked of them hardly costs anything beside one pass over x.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import frozen

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Bits = NDArray[np.uint64]

WORD = np.dtype("<u8")
ONE, EIGHT, TOP, ALL = np.uint64(1), np.uint64(8), np.uint64(63), np.uint64(2**64 - 1)
BIT_LENGTH = frozen(np.array([n.bit_length() for n in range(256)], dtype=np.int64))
MOST_RUNS = 2**16  # so many runs are laid out; a batch of random zeros and ones has millions, which nobody looks at
DENSE = 4  # from one word in so many on, it is faster to look at all of them than to pick those that are not 0


def bits_of(cells: Bools) -> Bits:
    """(B, ceil(T / 64)) uint64 of (B, T) bool."""
    if cells.T.flags.c_contiguous and not cells.flags.c_contiguous:
        return _transposed_bits(cells.T)
    packed = np.packbits(cells, axis=1, bitorder="little")
    words = np.zeros((len(packed), -(-packed.shape[1] // 8) * 8), dtype=np.uint8)
    words[:, : packed.shape[1]] = packed
    return words.view(WORD)


def _transposed_bits(cells: Bools) -> Bits:
    """(B, ceil(T / 64)) uint64 of (T, B) bool: packbits crawls down columns, so eight steps are put together at a time,
    then eight octets, and only the words are transposed."""
    by_step, words = cells.view(np.uint8), -(-cells.shape[0] // 64)
    octets = np.zeros((words * 8, cells.shape[1]), dtype=np.uint8)
    for bit in reversed(range(min(8, len(by_step)))):
        steps = by_step[bit::8]
        octets += octets  # one bit higher: faster than a shift
        octets[: len(steps)] |= steps
    by_word = octets.reshape(words, 8, cells.shape[1])
    packed = by_word[:, 7].astype(WORD)
    for octet in reversed(range(7)):
        packed <<= EIGHT
        packed |= by_word[:, octet]
    return np.ascontiguousarray(packed.T)


def cells_of(bits: Bits, steps: int) -> Bools:
    """(B, T) bool of (B, ·) uint64."""
    return np.unpackbits(_octets(bits), axis=1, bitorder="little", count=steps).view(bool)


def how_many(bits: Bits) -> Ints:
    """(B,) int64, the bits that are set in each row of (B, ·) uint64."""
    if hasattr(np, "bitwise_count"):  # NumPy 2
        return np.asarray(np.bitwise_count(bits).sum(axis=1, dtype=np.int64))
    return np.asarray(SET_BITS[_octets(bits)].sum(axis=1, dtype=np.int64))


def first_bit(bits: Bits, none: int) -> Ints:
    """(B,) int64, the step of the first bit that is set in each row of (B, ·) uint64; `none` where there is none."""
    if bits.shape[1] == 0:
        return np.full(len(bits), none, dtype=np.int64)
    word = np.argmax(bits != 0, axis=1)
    octets = _octets(bits[np.arange(len(bits)), word][:, None])
    octet = np.argmax(octets != 0, axis=1)
    lowest = octets[np.arange(len(bits)), octet]
    lowest = lowest & -lowest
    return np.asarray(np.where(lowest == 0, none, word * 64 + octet * 8 + BIT_LENGTH[lowest] - 1), dtype=np.int64)


def last_bit(bits: Bits) -> Ints:
    """(B,) int64, the step after the last bit that is set in each row of (B, ·) uint64; 0 where there is none."""
    if bits.shape[1] == 0:
        return np.zeros(len(bits), dtype=np.int64)
    row = np.arange(len(bits))
    word = bits.shape[1] - 1 - np.argmax((bits != 0)[:, ::-1], axis=1)
    octets = _octets(bits[row, word][:, None])
    octet = 7 - np.argmax((octets != 0)[:, ::-1], axis=1)
    last = octets[row, octet]
    return np.asarray(np.where(last == 0, 0, word * 64 + octet * 8 + BIT_LENGTH[last]), dtype=np.int64)


def from_step(bits: Bits, first: Ints) -> Bits:
    """The bits at steps >= `first`, (B,), of each row of (B, ·) uint64."""
    word, split = np.arange(bits.shape[1])[None, :], (first // 64)[:, None]
    kept = np.where(word >= split, bits, np.uint64(0))
    rows = np.flatnonzero(split[:, 0] < bits.shape[1])
    kept[rows, split[rows, 0]] &= ALL << (first[rows] % 64).astype(np.uint64)
    return kept.astype(WORD, copy=False)


def before_step(bits: Bits, stop: Ints) -> Bits:
    """The bits at steps < `stop`, (B,), of each row of (B, ·) uint64."""
    word, split = np.arange(bits.shape[1])[None, :], (stop // 64)[:, None]
    kept = np.where(word <= split, bits, np.uint64(0))
    rows = np.flatnonzero(split[:, 0] < bits.shape[1])
    kept[rows, split[rows, 0]] &= ~(ALL << (stop[rows] % 64).astype(np.uint64))
    return kept.astype(WORD, copy=False)


def runs(bits: Bits) -> Ints:
    """(m, 3) int64, the runs of set bits in (B, ·) uint64, as (row, first step, step after the last), row by row."""
    if bits.size == 0:
        return np.empty((0, 3), dtype=np.int64)
    firsts, lasts = _places(bits & ~_earlier(bits)), _places(bits & ~_later(bits))
    found = np.empty((len(firsts), 3), dtype=np.int64)
    width = bits.shape[1] * 64
    ends = np.searchsorted(firsts, np.arange(len(bits) + 1) * width)
    found[:, 0] = np.repeat(np.arange(len(bits)), np.diff(ends))
    np.subtract(firsts, found[:, 0] * width, out=found[:, 1])
    np.subtract(lasts + 1, found[:, 0] * width, out=found[:, 2])
    return found


def first_runs(bits: Bits) -> tuple[Ints, int]:
    """The runs as `runs` gives them, but MOST_RUNS of them at most, and how many set bits are in none of these."""
    if np.count_nonzero(bits) < MOST_RUNS // 64:
        return runs(bits), 0
    rows = int(np.searchsorted(np.cumsum(how_many(bits & ~_earlier(bits))), MOST_RUNS)) + 1
    found = runs(bits[:rows])[:MOST_RUNS]
    return found, int(how_many(bits).sum() - (found[:, 2] - found[:, 1]).sum())


def _earlier(bits: Bits) -> Bits:
    """Set where the step before is set."""
    moved = bits << ONE
    moved[:, 1:] |= bits[:, :-1] >> TOP
    return moved


def _later(bits: Bits) -> Bits:
    """Set where the step after is set."""
    moved = bits >> ONE
    moved[:, :-1] |= bits[:, 1:] << TOP
    return moved


def _places(bits: Bits) -> Ints:
    """The number of each set bit, counted through all rows; where few words have any, only those are looked at."""
    words = np.flatnonzero(bits)
    if len(words) * DENSE > bits.size:
        return np.flatnonzero(np.unpackbits(_octets(bits), bitorder="little").view(bool))
    at = np.flatnonzero(np.unpackbits(_octets(bits.ravel()[words]), bitorder="little").view(bool))
    return np.asarray(words[at >> 6] * 64 + (at & 63))


def _octets(bits: Bits) -> NDArray[np.uint8]:
    """The bits as bytes, along the last axis."""
    return np.ascontiguousarray(bits).view(np.uint8)


SET_BITS = frozen(np.array([n.bit_count() for n in range(256)], dtype=np.uint8))
