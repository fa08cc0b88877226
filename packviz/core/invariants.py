"""What is looked at on every call of a running program: what must hold of its lengths, and of a few of its cells.

It says only that all rules are worth their time: they say what is wrong. So it may be wrong where nothing is, and is as
cheap as looking at every call has to be: a bounded number of rows, cells and features.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

MOST_ROWS, MOST_FEATURES, MOST_SUMMED = 1024, 256, 2**20
"""Rows and features of the cells that are compared, and numbers of x that are looked at for NaN and infinities."""
HALF = np.uint16(0x7C00)
"""The exponent of a float16."""


def flags_of_lengths(lengths: list[int] | None, rows: int, steps: int, *, descending: bool) -> frozenset[str]:
    """What does not hold of the lengths of x of so many rows and steps: "lengths" that are no vector of whole numbers,
    their "count", one that is "low" or "high", and their "order"."""
    if lengths is None:
        return frozenset({"lengths"})
    found = set()
    if len(lengths) != rows or not rows or not steps:
        found.add("count")
    if lengths:
        if min(lengths) < 1:
            found.add("low")
        if max(lengths) > steps:
            found.add("high")
        if descending and lengths != sorted(lengths, reverse=True):
            found.add("order")
    return frozenset(found)


def flags_of_cells(grid: NDArray[Any], lengths: Ints) -> frozenset[str]:
    """What does not hold of the cells of x, (B, T, *), at the ends of its lengths, (B,), which lie in 1 … T.

    "last": the last cell inside a length is padding; "first": the first cell of a row is; "beyond": the cell after a
    length, or the last of its row, is not, though x is padded with something; "finite": a number is not.
    """
    rows, steps = grid.shape[:2]
    if not grid.size:
        return frozenset()
    if rows > MOST_ROWS:
        some = np.linspace(0, rows - 1, MOST_ROWS).astype(np.int64)
        return flags_of_cells(grid[some], lengths[some])
    finite = flags_of_numbers(grid)  # first: one number after the other, it brings the cells to the processor
    cells, by_row, by_step = _cells(grid)
    first, before, final = _places(rows, steps, by_row, by_step)
    ahead = lengths if by_step == 1 else lengths * by_step
    last = before + ahead
    short = (lengths < steps).nonzero()[0]
    after, end = _some(cells, (first + ahead).take(short)), _some(cells, final.take(short))
    if np.count_nonzero(after) or np.count_nonzero(end):
        several = int(steps - lengths.take(short).min()) > 1
        found = _padded_otherwise(cells, first, last, after, end, several)
    else:
        found = {name for name, cell in (("first", first), ("last", last)) if _zeros(cells, cell)}
    return finite.union(found)


@lru_cache(16)
def _rows(rows: int) -> Ints:
    return np.arange(rows)


@lru_cache(16)
def _places(rows: int, steps: int, by_row: int, by_step: int) -> tuple[Ints, Ints, Ints]:
    """Where the rows have their first cell, the place of a step before it, and their final cell."""
    first = _rows(rows) * by_row
    return first, first - by_step, first + (steps - 1) * by_step


@lru_cache(16)
def _numbered(rows: int) -> bytes:
    """The numbers of the rows, as memory holds them."""
    return _rows(rows).tobytes()


def _cells(grid: NDArray[Any]) -> tuple[NDArray[Any], int, int]:
    """x, (B, T, *), as (n, F), one cell after the other, and how many cells it is to the next row, and to the next
    step."""
    rows, steps = grid.shape[:2]
    turned = grid.swapaxes(0, 1)
    if turned.flags.c_contiguous and not grid.flags.c_contiguous:
        return turned.reshape(rows * steps, prod(grid.shape[2:])), 1, rows
    return grid.reshape(rows * steps, prod(grid.shape[2:])), steps, 1


def _some(cells: NDArray[Any], which: Ints) -> NDArray[Any]:
    """(n, F) of those cells, with a bounded number of their features."""
    if cells.shape[1] > MOST_FEATURES:
        return np.asarray(cells[which, :MOST_FEATURES])
    return cells.take(which, axis=0)


def _zeros(cells: NDArray[Any], which: Ints) -> bool:
    """Whether one of these cells is 0 in all features, as far as they are looked at."""
    held = _some(cells, which)
    if np.count_nonzero(held[:, 0]) == len(which):
        return False
    return not bool(held.any(axis=1).all())


def _padded_otherwise(
    cells: NDArray[Any], first: Ints, last: Ints, after: NDArray[Any], end: NDArray[Any], several: bool
) -> set[str]:
    """What does not hold of the `first` and `last` cells of the rows where some of those after the lengths of the
    shorter rows, (m, F), or at the ends of these rows, are not 0. `several`: a row goes on by more than one cell."""
    padding = end[0]
    # What the ends of the shorter rows hold is padding where they all hold it.
    if not bool((end == padding).all()) or not (len(end) > 1 or (several and bool((after == end).all()))):
        return set() if bool(after.any(axis=1).all()) and unpadded_ends(end) else {"beyond"}
    found = set() if bool((after == padding).all()) else {"beyond"}
    held = {"first": _some(cells, first), "last": _some(cells, last)}
    return found | {name for name, cell in held.items() if bool((cell == padding).all(axis=1).any())}


def flags_of_numbers(numbers: NDArray[Any]) -> frozenset[str]:
    """ "finite" where the numbers are not, as far as they are looked at."""
    if numbers.dtype.kind not in "fc" or not numbers.size:
        return frozenset()
    if numbers.size > MOST_SUMMED:
        numbers = numbers[:: -(-numbers.size // MOST_SUMMED)]
    if numbers.dtype == np.float16:  # whose isfinite takes ten times as long: all bits of its exponent are set
        finite = not ((numbers.view(np.uint16) & HALF) == HALF).any()
    else:
        finite = np.count_nonzero(np.isfinite(numbers)) == numbers.size
    return frozenset() if finite else frozenset({"finite"})


def flags_of_packed(
    sizes: NDArray[Any], total: int, order: NDArray[Any] | None, back: NDArray[Any] | None
) -> frozenset[str]:
    """ "packed" where batch_sizes, (L,), and data of so many rows, or the indices, (B,), contradict each other."""
    if sizes.ndim != 1 or sizes.dtype != np.int64 or not len(sizes):
        return frozenset({"packed"})
    counts = sizes.tolist()
    if counts != sorted(counts, reverse=True) or counts[-1] < 1 or sum(counts) != total:
        return frozenset({"packed"})
    if order is None and back is None:
        return frozenset()
    undone = order is not None and back is not None and _undone(order, back, counts[0])
    return frozenset() if undone else frozenset({"packed"})


def _undone(order: NDArray[Any], back: NDArray[Any], rows: int) -> bool:
    """Whether they are vectors of so many row numbers that undo each other, and so permutations, both ways: a number
    that counts from the end does not come out of either."""
    for indices in (order, back):
        if indices.shape != (rows,) or indices.dtype.kind not in "iu":
            return False
    try:
        there, here = order.take(back), back.take(order)
    except IndexError:
        return False
    return all(numbers.astype(np.int64, copy=False).tobytes() == _numbered(rows) for numbers in (there, here))


def unpadded_ends(ends: NDArray[Any]) -> bool:
    """Whether the cells at the ends of several shorter rows, (n, F), are fractions that are all unlike each other and
    0: x is padded with nothing then, but was computed, as by a layer over its padding."""
    if len(ends) < 2 or ends.shape[1] < 2 or ends.dtype.kind != "f" or bool((ends == 0).all(axis=1).any()):
        return False
    return len({cell.tobytes() for cell in ends}) == len(ends)


def ends_of(grid: NDArray[Any], lengths: Ints) -> NDArray[Any]:
    """(n, F): the last cells of the rows of x, (B, T, *), that go on beyond their lengths, (B,)."""
    rows = np.flatnonzero(lengths < grid.shape[1]) if grid.size else np.empty(0, dtype=np.int64)
    return np.asarray(grid[rows, np.full(len(rows), grid.shape[1] - 1)].reshape(len(rows), prod(grid.shape[2:])))


def filled_with(grid: NDArray[Any], lengths: Ints) -> float | None:
    """The one number that x, (B, T, *), is padded with beyond its valid lengths, (B,), as far as its ends tell; None
    where they tell of none. A program that packs says of no padding value what it is."""
    ends = ends_of(grid, lengths)
    if not len(ends) or grid.dtype.kind not in "iuf":
        return None
    value = ends.flat[0]
    if not bool(np.isfinite(value)) or not bool((ends == value).all()):
        return None
    if len(ends) == 1:
        row = int(np.flatnonzero(lengths < grid.shape[1])[0])
        tail = grid[row, int(lengths[row]) :]
        if len(tail) < 2 or not bool((tail == value).all()):
            return None
    return float(value) if grid.dtype.kind == "f" else int(value)
