"""Stops: where a run is to stop. A stop says of every moment of a walk whether it is one to stop at.

A new kind of stop is one frozen class with a `kind` and one method; whoever runs to a stop knows none of them. The
window knows AtStep and Where, which are typed or pointed at, and those of USUAL.
"""

from __future__ import annotations

import weakref
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from packviz.core.arrays import ReadOnly
from packviz.core.batch import frozen
from packviz.core.cancel import UNWATCHED
from packviz.core.cancel import Watch as WatchWork
from packviz.core.columns import slab
from packviz.core.expressions.evaluate import numbers, truths
from packviz.core.expressions.parse import Expression, ExpressionError
from packviz.core.moments import Moment, Moments
from packviz.core.packing import Packing
from packviz.core.trace import Trace

Truths = NDArray[np.bool_]


class Stop(ABC):
    """Something to stop at: a small frozen value, equal to every other of its kind with the same fields.

    `kind`: the tag of its class, by which it can be written down and read again.
    """

    kind: ClassVar[str]
    of_states: ClassVar[bool] = False
    """Whether it looks at the states of a trace, which may take a while."""

    @abstractmethod
    def truths(self, moments: Moments, packing: Packing | None, trace: Trace | None) -> Truths:
        """Of each moment whether to stop right after it, (M,) bool, read-only.

        `packing`, `trace`: those of this walk, None where there are none: what a stop needs and has not got, it is
        nowhere true of. The same answer for the same objects, always.
        """


@dataclass(frozen=True)
class AtStep(Stop):
    """At one step, from 0, in every layer and direction."""

    kind: ClassVar[str] = "step"
    step: int

    def truths(self, moments: Moments, packing: Packing | None, trace: Trace | None) -> Truths:
        here = np.zeros(moments.steps, dtype=bool)
        here[self.step : self.step + 1] = self.step >= 0
        return moments.along(here)


@dataclass(frozen=True)
class RowEnds(Stop):
    """Where a row takes the last of its steps, so that its state is final: forward at length - 1, backward at 0."""

    kind: ClassVar[str] = "row-ends"

    def truths(self, moments: Moments, packing: Packing | None, trace: Trace | None) -> Truths:
        active = _active(moments, packing)
        ends = np.zeros((2, moments.steps), dtype=bool)
        ends[0] = active[:-1] > active[1:]
        ends[1, :1] = active[:1] > 0
        return moments.along(ends[: moments.directions])


@dataclass(frozen=True)
class ActiveRowsChange(Stop):
    """Where more or fewer rows are active than at the step taken just before in the same layer and direction."""

    kind: ClassVar[str] = "active-rows-change"

    def truths(self, moments: Moments, packing: Packing | None, trace: Trace | None) -> Truths:
        active = _active(moments, packing)[:-1]
        differ = active[1:] != active[:-1]
        changes = np.zeros((2, moments.steps), dtype=bool)
        changes[0, 1:] = differ
        changes[1, :-1] = differ
        return moments.along(changes[: moments.directions])


@dataclass(frozen=True)
class NotFinite(Stop):
    """Where a state of some row is NaN or infinite, and none of its states was at the step that the row took before.

    All states of the trace are looked at; nowhere without one, or where it is that of another walk.
    """

    kind: ClassVar[str] = "not-finite"
    of_states: ClassVar[bool] = True

    def truths(self, moments: Moments, packing: Packing | None, trace: Trace | None) -> Truths:
        begins = np.zeros((moments.layers, moments.directions, moments.steps), dtype=bool)
        if trace is not None and trace.moments == moments:
            bad = {at: np.zeros(trace.packing.size, dtype=bool) for at in trace.states}
            for first, stop in trace.spans:
                start, end = int(trace.packing.offsets[first]), int(trace.packing.offsets[stop])
                for at, states in trace.states.items():
                    for values in states.values():
                        bad[at][start:end] |= ~np.isfinite(slab(values, start, end)).all(axis=1)
            for (layer, direction), of_cells in bad.items():
                begins[layer, direction] = _first(of_cells, direction, trace.packing)
        return moments.along(begins)


USUAL: tuple[Stop, ...] = (NotFinite(), RowEnds(), ActiveRowsChange())
"""Those that are known by their kind alone: offered in the panel and the menu, and remembered by it."""


@dataclass(frozen=True)
class Where(Stop):
    """Where an expression is true of the states, such as `absmax(h) > 5`; nowhere without a trace of this walk, or
    where the run has no such state, row or unit: `trouble` says which."""

    kind: ClassVar[str] = "where"
    of_states: ClassVar[bool] = True
    expression: Expression

    def truths(self, moments: Moments, packing: Packing | None, trace: Trace | None) -> Truths:
        nowhere = frozen(np.zeros(len(moments), dtype=bool))
        if trace is None or trace.moments != moments:
            return nowhere
        try:
            return truths(self.expression, trace)
        except ExpressionError:
            return nowhere

    def trouble(self, trace: Trace) -> str:
        """Why this run can't be asked; nothing where it can."""
        try:
            truths(self.expression, trace)
        except ExpressionError as error:
            return str(error)
        return ""


@dataclass(frozen=True, eq=False)
class Searched(ReadOnly):
    """What was looked for in a trace: of each stop its `truths`, of each watch its `numbers`, (M,) each; and in
    `troubles`, of what the run does not have, why."""

    truths: Mapping[Stop, Truths]
    numbers: Mapping[Expression, NDArray[np.float64]]
    troubles: Mapping[Stop | Expression, str]


def search(
    trace: Trace, stops: Iterable[Stop] = (), watches: Iterable[Expression] = (), watch: WatchWork = UNWATCHED
) -> Searched:
    """Look for all of these in a run. Raises Cancelled, which is asked for in between."""
    moments, troubles = trace.moments, dict[Stop | Expression, str]()
    found, told = dict[Stop, Truths](), dict[Expression, NDArray[np.float64]]()
    for stop in stops:
        watch.check()
        found[stop] = stop.truths(moments, trace.packing, trace)
        trouble = stop.trouble(trace) if isinstance(stop, Where) and not found[stop].any() else ""
        if trouble:
            troubles[stop] = trouble
    for expression in watches:
        watch.check()
        try:
            told[expression] = numbers(expression, trace)
        except ExpressionError as error:
            troubles[expression] = str(error)
    return Searched(found, told, troubles)


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


def _active(moments: Moments, packing: Packing | None) -> NDArray[np.int64]:
    """The rows active at each step, and at the one after the last, (L + 1,); 0 where nothing is packed."""
    active = np.zeros(moments.steps + 1, dtype=np.int64)
    if packing is not None:
        sizes = packing.batch_sizes[: len(active)]
        active[: len(sizes)] = sizes
    return active


def _first(bad: Truths, direction: int, packing: Packing) -> Truths:
    """The steps, (L,), at which a row is bad that was not at the step it took before. `bad`: by packed index, (N,)."""
    step = np.repeat(np.arange(packing.longest), packing.batch_sizes)
    rank = np.arange(len(bad)) - packing.offsets[step]
    before = packing.index(packing.sorted_indices[rank], step + 1 if direction else step - 1)
    begins = bad & ~((before >= 0) & bad[before])
    return np.asarray(np.logical_or.reduceat(begins, packing.offsets[:-1]))
