"""How numbers are spread: a histogram, and what is on no scale beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.arrays import ReadOnly

BINS = 64


@dataclass(frozen=True, eq=False)
class Spread(ReadOnly):
    """`counts`: (n,) int64, how many finite numbers lie between two of the `edges`, (n + 1,) float64, rising; both are
    empty where there is none. `nan`, `infinite`: how many of these there are beside."""

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    nan: int = 0
    infinite: int = 0

    @property
    def total(self) -> int:
        """All numbers that were looked at."""
        return int(self.counts.sum()) + self.nan + self.infinite


def spread_of(values: NDArray[Any], bins: int = BINS) -> Spread:
    """The spread of real numbers, of any shape and dtype."""
    flat = values.reshape(-1).astype(np.float64)
    finite = flat[np.isfinite(flat)]
    nan = int(np.isnan(flat).sum())
    infinite = len(flat) - nan - len(finite)
    if not len(finite):
        return Spread(np.empty(0), np.empty(0, dtype=np.int64), nan, infinite)
    low, high = float(finite.min()), float(finite.max())
    if low == high and abs(low) < 2**52:
        low, high = low - 0.5, high + 0.5
    with np.errstate(over="ignore", invalid="ignore"):
        edges = np.linspace(low, high, bins + 1)
    # Too far apart, or too near, for so many bins.
    if not np.isfinite(high - low) or not (edges[1:] > edges[:-1]).all():
        return Spread(np.array([low, max(high, np.nextafter(low, np.inf))]), np.array([len(finite)]), nan, infinite)
    counts, edges = np.histogram(finite, edges)
    return Spread(edges, counts.astype(np.int64), nan, infinite)
