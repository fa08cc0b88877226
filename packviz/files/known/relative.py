"""Lengths relative to the longest row, from 0 to 1, as SpeechBrain and others keep them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.cells.filling import fill_beyond
from packviz.files.known.axes import is_turned, readings, undecided, view

Ints = NDArray[np.int64]


def is_relative(lengths: NDArray[Any]) -> bool:
    """Whether lengths, (n,), are shares of the longest: fractions above 0, the largest of them 1; or all 1.0."""
    if lengths.ndim != 1 or lengths.dtype.kind != "f" or not len(lengths):
        return False
    return bool(np.all((lengths > 0) & (lengths <= 1))) and abs(float(lengths.max()) - 1) < 1e-6


def counted(x: NDArray[Any], shares: NDArray[Any], batch_first: bool | None) -> tuple[Ints, str | None] | None:
    """The lengths in steps, (n,), and the axes of x where the shares tell them; None where they fit no dimension.

    A share is a whole number of steps: that tells which dimension counts them. `batch_first`: where somebody said so.
    Raises Undecided where several may.
    """
    ways = readings(x.ndim) if x.ndim >= 2 else ()
    if batch_first is not None:
        ways = ways[:1] if batch_first else ways[1:2]
    fitting = {}
    for way in ways:
        grid = view(x, way)
        if grid.shape[0] == len(shares) and grid.shape[1] > 1:
            fitting[way] = steps_of(shares, grid.shape[1])
    if not fitting:
        return None
    whole = {way: counts for way, (counts, exact) in fitting.items() if exact} or {
        way: counts for way, (counts, _) in fitting.items()
    }
    if len(whole) > 1:
        shown = {way: counts for way, counts in whole.items() if fill_beyond(view(x, way), counts) is not None}
        whole = shown if len(shown) == 1 else whole
    if len(whole) > 1 and any(map(is_turned, whole)):
        undecided(x.shape, tuple(whole), "the lengths are relative to the longest, and nothing tells how long that is")
    way = next(iter(whole))
    return whole[way], (way if len(fitting) > 1 or is_turned(way) else None)


def steps_of(shares: NDArray[Any], steps: int) -> tuple[Ints, bool]:
    """The shares of so many steps, (n,) int64, at least 1, and whether all of them are whole numbers."""
    exact = shares.astype(np.float64) * steps
    counts = np.maximum(np.rint(exact), 1)
    return counts.astype(np.int64), bool(np.all(np.abs(exact - counts) <= max(0.01, steps * 2e-7)))
