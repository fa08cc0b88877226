"""Two runs over the same rows, held against each other at every moment of their walk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.arrays import ReadOnly
from packviz.core.cancel import UNWATCHED, Watch
from packviz.core.comparing import Comparison, apart
from packviz.core.errors import BatchError
from packviz.core.expressions.evaluate import Place
from packviz.core.moments import Moment, Moments
from packviz.core.patience import timed
from packviz.core.trace import CARRIED, Trace

COARSEST = ("bfloat16", "float16", "float32", "float64")
"""Dtypes, the one with the widest tolerance first."""


@dataclass(frozen=True, eq=False)
class TwoRuns(ReadOnly):
    """What two runs have in common, and what not.

    `comparison`: the rows that differ, and where they first do in the order of the walk. `moments`: the walk over the
    steps of the longer run. `apart`: (M,) float64, after each moment the largest absolute difference of a state,
    infinite where a number is NaN in one run alone. `differ`: (M, ⌈n / 8⌉) uint8, of each moment a bit for each row
    that differs, as numpy.packbits makes them.
    """

    comparison: Comparison
    moments: Moments
    apart: NDArray[np.float64]
    differ: NDArray[np.uint8]

    def rows(self, moment: Moment) -> frozenset[int]:
        """The rows that differ after a moment."""
        if moment not in self.moments:
            return frozenset()
        bits = np.unpackbits(self.differ[self.moments.index_of(moment)])
        return frozenset(np.flatnonzero(bits).tolist())

    @property
    def most(self) -> float:
        """The largest finite difference."""
        return float(np.max(self.apart, where=np.isfinite(self.apart), initial=0.0))

    def along(self, layer: int, direction: int) -> NDArray[np.float64]:
        """`apart` of one layer and direction, (L,), by step."""
        first = (layer * self.moments.directions + direction) * self.moments.steps
        part = self.apart[first : first + self.moments.steps]
        return part[::-1] if direction else part


def held_against(one: Trace, other: Trace, name: str, against: str, why: str = "", watch: Watch = UNWATCHED) -> TwoRuns:
    """Compare two runs of the same kind of module over the same rows: other lengths, weights, another device.

    After each moment that which a row bears is compared: of one that has ended its last h and c, of one that has not
    begun its initial ones; its gates only where both runs compute them. Tolerances are those of
    torch.testing.assert_close, of the coarser dtype of the two. Raises BatchError where they have other states, rows,
    layers or directions, Cancelled.
    """
    check_alike(one, other)
    watch = timed(watch, "comparing two runs")
    dtype = _dtype(one, other)
    moments = Moments(max(one.steps, other.steps), one.layers, one.directions)
    largest, bits = np.zeros(len(moments)), np.zeros((len(moments), -(-one.packing.rows // 8)), dtype=np.uint8)
    every = np.zeros(one.packing.rows, dtype=bool)
    for done, number in enumerate(_in_turn(moments, one if one.replays is not None else other)):
        watch.check()
        if done % moments.steps == 0:
            watch.step(done / len(moments))
        wrong, largest[number] = _after(one, other, moments[number], dtype)
        if wrong.any():
            every |= wrong
            bits[number] = np.packbits(wrong)
    differ, first = np.flatnonzero(bits.any(axis=1)), None
    if len(differ):
        moment, row = moments[int(differ[0])], int(np.argmax(np.unpackbits(bits[differ[0]])))
        first = Place(moment.step, row, moment.layer, moment.direction)
    rows, most = tuple(np.flatnonzero(every).tolist()), float(largest.max(initial=0))
    return TwoRuns(Comparison(name, against, rows, most, first, why, one.directions), moments, largest, bits)


def _in_turn(moments: Moments, of: Trace) -> Iterator[int]:
    """The numbers of all moments, those together whose states are at hand together."""
    passes = [(layer, d) for layer in range(moments.layers) for d in range(moments.directions)]
    spans = [*of.spans, (of.steps, moments.steps)]
    for (first, stop), (layer, direction) in product(spans, passes):
        for step in range(first, stop):
            yield moments.index_of(Moment(step, layer, direction))


def check_alike(one: Trace, other: Trace) -> None:
    """Raise BatchError where two runs can't be compared number by number."""
    for what, here, there in (
        ("rows:", one.packing.rows, other.packing.rows),
        ("layers × directions:", _stack(one), _stack(other)),
        ("states", _sizes(one), _sizes(other)),
    ):
        if here != there:
            told = f"one has {what} {here}, the other {there}"
            raise BatchError(f"The two runs can't be compared: {told}.")


def difference(
    one: Trace, other: Trace, name: str, moment: Moment, rows: Any = None, units: Any = None
) -> NDArray[np.float64]:
    """How far a state is apart in two runs after a moment, (rows, units); infinite where it is NaN in one alone, 0
    where torch.testing.assert_close finds it equal."""
    here, there = (run.state(name, moment, rows, units) for run in (one, other))
    wrong, by = apart(here, there, _dtype(one, other))
    return np.where(wrong, by, 0.0)


def active_in_both(one: Trace, other: Trace, step: int) -> NDArray[np.bool_]:
    """(n,) the rows that take this step in both runs, so that both compute their gates."""
    return np.asarray(np.minimum(one.packing.lengths, other.packing.lengths) > step)


def _after(one: Trace, other: Trace, moment: Moment, dtype: str) -> tuple[NDArray[np.bool_], float]:
    """Of each row whether it differs after a moment, (n,), and by how much at most."""
    found, largest = np.zeros(one.packing.rows, dtype=bool), 0.0
    both = np.flatnonzero(active_in_both(one, other, moment.step))
    for name in one.names:
        rows = None if name in CARRIED else both
        wrong, by = apart(one.state(name, moment, rows), other.state(name, moment, rows), dtype)
        largest = max(largest, float(by.max(initial=0)))
        found[slice(None) if rows is None else rows] |= wrong.any(axis=1)
    return found, largest


def _dtype(one: Trace, other: Trace) -> str:
    return min(one.dtype, other.dtype, key=COARSEST.index)


def _stack(trace: Trace) -> str:
    return f"{trace.layers} × {trace.directions}"


def _sizes(trace: Trace) -> str:
    """`h of 6 units, c of 6 units`."""
    return ", ".join(f"{name} of {trace.width(name)} units" for name in trace.names)
