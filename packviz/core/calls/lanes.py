"""All calls of a recording at a glance: their numbers as arrays, and what of them fits into so many columns of pixels.

Nothing that is bad vanishes where a column stands for many calls: it has the worst of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from packviz.core.arrays import ReadOnly
from packviz.core.calls.choosing import rank

if TYPE_CHECKING:
    from packviz.core.noted import NotedCall

LARGEST = 2**53
"""Numbers beyond it, which only a damaged file holds, are shown as this."""


@dataclass(frozen=True, eq=False)
class Lanes(ReadOnly):
    """What the calls at `places`, (n,) int64, hold, in the order of their numbers, (n,) each.

    `shortest`, `longest`: of the lengths; `total`: N; `padding`: the share of padding, 0 to 1. All NaN where they were
    not told. `ranks`: of the worst finding, 0 an error, FINE none. `kept`: whether its batch is.
    """

    places: NDArray[np.int64]
    shortest: NDArray[np.float64]
    longest: NDArray[np.float64]
    total: NDArray[np.float64]
    padding: NDArray[np.float64]
    ranks: NDArray[np.int64]
    kept: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.places)

    @cached_property
    def longest_of_all(self) -> float:
        """The largest length; 1 where there is none: what a scale ends at."""
        return _most(self.longest)

    @cached_property
    def largest_total(self) -> float:
        """The largest N; 1 where there is none."""
        return _most(self.total)


@dataclass(frozen=True, eq=False)
class Bins(ReadOnly):
    """The same in fewer columns: each stands for the calls from `first` to `stop`, which is not one of them, (m,) each.

    `shortest`: the least, `longest`: the most of them; `usual`: (m, 2), the means of the shortest and of the longest of
    each call; `total`, `padding`: (m, 2), the least and the most. NaN where none of them told. `ranks`: the worst.
    `kept`: whether any is.
    """

    first: NDArray[np.int64]
    stop: NDArray[np.int64]
    shortest: NDArray[np.float64]
    longest: NDArray[np.float64]
    usual: NDArray[np.float64]
    total: NDArray[np.float64]
    padding: NDArray[np.float64]
    ranks: NDArray[np.int64]
    kept: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.first)


def _most(values: NDArray[np.float64]) -> float:
    return float(np.fmax.reduce(values, initial=1.0))


def lanes_of(calls: Sequence[NotedCall], places: NDArray[np.int64]) -> Lanes:
    """Those of the calls at these places, in whichever order these are."""
    places = np.sort(places)
    chosen = [calls[place] for place in places.tolist()]
    known = np.array([call.measured for call in chosen], dtype=bool)

    def numbers(values: list[int]) -> NDArray[np.float64]:
        bounded = [min(max(value, -LARGEST), LARGEST) for value in values]
        return np.where(known, np.array(bounded, dtype=np.float64), np.nan)

    return Lanes(
        places,
        numbers([call.shortest for call in chosen]),
        numbers([call.longest for call in chosen]),
        numbers([call.total for call in chosen]),
        np.where(known, np.array([call.padding for call in chosen], dtype=np.float64), np.nan),
        np.array([rank(call) for call in chosen], dtype=np.int64),
        np.array([call.kept for call in chosen], dtype=bool),
    )


def binned(lanes: Lanes, columns: int) -> Bins:
    """The lanes in at most so many columns; as they are where they are fewer."""
    many = min(len(lanes), max(1, columns))
    edges = np.arange(many + 1, dtype=np.int64) * len(lanes) // max(1, many)
    first, stop = edges[:-1], edges[1:]
    if not many:
        none, pairs = np.empty(0), np.empty((0, 2))
        return Bins(first, stop, none, none, pairs, pairs, pairs, np.empty(0, np.int64), np.empty(0, bool))

    def both(values: NDArray[np.float64]) -> NDArray[np.float64]:
        # fmin and fmax pass over NaN where there is any number
        return np.stack([np.fmin.reduceat(values, first), np.fmax.reduceat(values, first)], axis=1)

    def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
        told = np.add.reduceat((~np.isnan(values)).astype(np.float64), first)
        sums = np.add.reduceat(np.nan_to_num(values), first)
        means = np.full(many, np.nan)
        np.divide(sums, told, out=means, where=told > 0)
        return means

    return Bins(
        first,
        stop,
        both(lanes.shortest)[:, 0],
        both(lanes.longest)[:, 1],
        np.stack([mean(lanes.shortest), mean(lanes.longest)], axis=1),
        both(lanes.total),
        both(lanes.padding),
        np.minimum.reduceat(lanes.ranks, first),
        np.logical_or.reduceat(lanes.kept, first),
    )


def bin_at(bins: Bins, place: int) -> int:
    """The column that stands for the call at this place of the lanes; -1 where there is none."""
    at = int(np.searchsorted(bins.stop, place, side="right"))
    return at if place >= 0 and at < len(bins) else -1


def worst_in(lanes: Lanes, bins: Bins, column: int) -> int:
    """The place in the lanes of the worst call that a column stands for, of equals one that is kept, then the first."""
    first, stop = int(bins.first[column]), int(bins.stop[column])
    keys = lanes.ranks[first:stop] * 2 + ~lanes.kept[first:stop]
    return first + int(np.argmin(keys))
