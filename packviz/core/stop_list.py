"""The stops of a batch: which there are, which are on, from which hit; and the next moment at which one is met."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import frozen
from packviz.core.moments import Moment, Moments
from packviz.core.packing import Packing
from packviz.core.stops import Searched, Stop, Truths
from packviz.core.trace import Trace

MOST_HITS = 999_999
"""From at most so many hits on a stop is stopped at."""


@dataclass(frozen=True)
class Stops:
    """What to stop at. `stops`: each at most once, in the order in which they were put in; `off`: those of them that
    are kept but not stopped at; `from_hit`: from which hit on each of them is stopped at, counted from the start of the
    walk, in the same order, without those that are stopped at from the first.

    What was searched for last is kept, so that the next search in the same walk costs nothing.
    """

    stops: tuple[Stop, ...] = ()
    off: frozenset[Stop] = frozenset()
    from_hit: tuple[tuple[Stop, int], ...] = ()
    _found: _Found | None = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "stops", tuple(dict.fromkeys(self.stops)))
        object.__setattr__(self, "off", self.off & set(self.stops))
        told = dict(self.from_hit)
        kept = ((stop, min(told.get(stop, 1), MOST_HITS)) for stop in self.stops)
        object.__setattr__(self, "from_hit", tuple((stop, n) for stop, n in kept if n > 1))

    def __reduce__(self) -> tuple[Any, ...]:
        return Stops, (self.stops, self.off, self.from_hit)

    @property
    def on(self) -> tuple[Stop, ...]:
        """The stops that are stopped at."""
        return tuple(stop for stop in self.stops if stop not in self.off)

    def toggled(self, stop: Stop) -> Stops:
        """Without this stop where it is one, else with it, and on."""
        if stop in self.stops:
            return replace(self, stops=tuple(other for other in self.stops if other != stop))
        return replace(self, stops=(*self.stops, stop))

    def switched(self, stop: Stop) -> Stops:
        """With this stop off where it was on, and on where it was off; the same where it is none of them."""
        return replace(self, off=self.off ^ {stop}) if stop in self.stops else self

    def first_hit(self, stop: Stop) -> int:
        """From which of its hits on this stop is stopped at, from 1."""
        return dict(self.from_hit).get(stop, 1)

    def starting(self, stop: Stop, n: int) -> Stops:
        """With this stop stopped at from its n-th hit on, from 1; the same where it is none of them or already is."""
        changed = replace(self, from_hit=(*self.from_hit, (stop, n)))
        return self if changed.from_hit == self.from_hit else changed

    def replaced(self, old: Stop, new: Stop) -> Stops:
        """With `new` in the place of `old`, as on or off, and from the same hit on. Where `new` is another one of them,
        `old` just goes; the same where `old` is none."""
        if old not in self.stops:
            return self
        if new != old and new in self.stops:
            return self.toggled(old)
        stops = tuple(new if stop == old else stop for stop in self.stops)
        off = (self.off - {old}) | {new} if old in self.off else self.off
        return Stops(stops, off, (*self.from_hit, (new, self.first_hit(old))))

    def indices(
        self,
        moments: Moments,
        packing: Packing | None = None,
        trace: Trace | None = None,
        searched: Searched | None = None,
    ) -> NDArray[np.int64]:
        """The numbers of the moments at which a stop that is on is true, from its first hit that counts on, rising,
        (K,) int64, read-only.

        `searched`: what is known already of those that look at the states."""
        found = self._found
        if found is None or not found.answers(moments, packing, trace, searched):
            known = {} if searched is None else searched.truths
            fit = (known.get(stop) for stop in self.on)
            asked = [
                stop.truths(moments, packing, trace) if held is None or len(held) != len(moments) else held
                for stop, held in zip(self.on, fit, strict=True)
            ]
            truths = [_from(self.first_hit(stop), held) for stop, held in zip(self.on, asked, strict=True)]
            any_of = reduce(np.logical_or, truths) if truths else np.zeros(0, dtype=bool)
            kept = frozen(np.flatnonzero(any_of))
            found = _Found(moments, _Known.of(packing), _Known.of(trace), _Known.of(searched), kept)
            object.__setattr__(self, "_found", found)
        return found.indices

    def next(
        self,
        now: Moment,
        moments: Moments,
        packing: Packing | None = None,
        trace: Trace | None = None,
        searched: Searched | None = None,
    ) -> Moment | None:
        """The first moment after `now` at which to stop; None where there is none. `now` outside the walk counts as its
        nearest moment."""
        found = self.indices(moments, packing, trace, searched)
        place = int(np.searchsorted(found, _index(now, moments), side="right"))
        return moments[int(found[place])] if place < len(found) else None

    def previous(
        self,
        now: Moment,
        moments: Moments,
        packing: Packing | None = None,
        trace: Trace | None = None,
        searched: Searched | None = None,
    ) -> Moment | None:
        """The last moment before `now` at which to stop; None where there is none. `now` as for `next`."""
        found = self.indices(moments, packing, trace, searched)
        place = int(np.searchsorted(found, _index(now, moments), side="left"))
        return moments[int(found[place - 1])] if place > 0 else None


class _Known(NamedTuple):
    """An object that was looked at, known again without being kept alive; `none` where there was none."""

    none: bool
    there: weakref.ref[Any] | None

    @classmethod
    def of(cls, thing: object | None) -> _Known:
        return cls(thing is None, None if thing is None else weakref.ref(thing))

    def is_(self, thing: object | None) -> bool:
        if thing is None or self.there is None:
            return thing is None and self.none
        return self.there() is thing


class _Found(NamedTuple):
    """What was found last, and in what."""

    moments: Moments
    packing: _Known
    trace: _Known
    searched: _Known
    indices: NDArray[np.int64]

    def answers(
        self, moments: Moments, packing: Packing | None, trace: Trace | None, searched: Searched | None
    ) -> bool:
        same = self.packing.is_(packing) and self.trace.is_(trace) and self.searched.is_(searched)
        return self.moments == moments and same


def _from(n: int, truths: Truths) -> Truths:
    """Without the first n - 1 that are true."""
    return truths if n == 1 else truths & (np.cumsum(truths) >= n)


def _index(now: Moment, moments: Moments) -> int:
    return moments.index_of(moments.nearest(now)) if len(moments) else 0
