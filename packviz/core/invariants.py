"""What is looked at on every call of a running program: what must hold of its lengths, and of a few of its cells.

It says only that all rules are worth their time: they say what is wrong. So it may be wrong where nothing is, and is as
cheap as looking at every call has to be: a bounded number of rows, cells and features.
"""

from __future__ import annotations

from functools import lru_cache
from math import isfinite, prod
from operator import gt
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

MOST_ROWS, MOST_FEATURES, MOST_SUMMED = 1024, 256, 2**20
"""Rows and features of the cells that are compared, and numbers of x that are looked at for NaN and infinities."""


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
        if descending and any(map(gt, lengths[1:], lengths)):
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
    cells, by_row, by_step = _cells(grid)
    start = _rows(rows) * by_row
    last = start + (lengths - 1) * by_step
    short = (lengths < steps).nonzero()[0]
    begin, counts = start.take(short), lengths.take(short)
    after = _some(cells, begin + counts * by_step)
    end = _some(cells, begin + (steps - 1) * by_step)
    if np.count_nonzero(after) or np.count_nonzero(end):
        several = int(steps - counts.min()) > 1
        found = _padded_otherwise(cells, start, last, after, end, several)
    else:
        found = {name for name, cell in (("first", start), ("last", last)) if _zeros(cells, cell)}
    return flags_of_numbers(grid).union(found)


@lru_cache(16)
def _rows(rows: int) -> Ints:
    return np.arange(rows)


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
    first = held[:, 0]
    if np.count_nonzero(first) == len(first):
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
    most = MOST_SUMMED if numbers.dtype.itemsize > 2 else MOST_SUMMED >> 5  # half precision is slow
    if numbers.size > most:
        numbers = numbers[:: -(-numbers.size // most)]
    with np.errstate(all="ignore"):
        if numbers.dtype.kind == "c":
            return frozenset() if bool(np.isfinite(numbers).all()) else frozenset({"finite"})
        # The largest and the smallest number are NaN where one is.
        ends = float(np.maximum.reduce(numbers, axis=None)), float(np.minimum.reduce(numbers, axis=None))
    return frozenset() if isfinite(ends[0]) and isfinite(ends[1]) else frozenset({"finite"})


def flags_of_packed(
    sizes: NDArray[Any], total: int, order: NDArray[Any] | None, back: NDArray[Any] | None
) -> frozenset[str]:
    """ "packed" where batch_sizes, (L,), and data of so many rows, or the indices, (B,), contradict each other."""
    if sizes.ndim != 1 or sizes.dtype != np.int64 or not len(sizes):
        return frozenset({"packed"})
    counts = sizes.tolist()
    falls = not any(map(gt, counts[1:], counts))
    if not falls or counts[-1] < 1 or sum(counts) != total or (order is None) != (back is None):
        return frozenset({"packed"})
    if order is not None and back is not None and not _undone(order, back, counts[0]):
        return frozenset({"packed"})
    return frozenset()


def _undone(order: NDArray[Any], back: NDArray[Any], rows: int) -> bool:
    """Whether they are vectors of so many row numbers that undo each other. Then both are permutations: each number
    comes out of `order` once, and if none is looked for from its end, at its own place."""
    for indices in (order, back):
        if indices.ndim != 1 or indices.dtype.kind not in "iu" or len(indices) != rows:
            return False
    try:
        there = order[back] == _rows(rows)
    except IndexError:
        return False
    return bool(there.all()) and int(back.min()) >= 0


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
