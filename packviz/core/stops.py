"""Where a run is to stop: a stop says of every moment of a walk whether it is one to stop at.

A new kind of stop is one frozen class with a `kind` and one method; whoever runs to a stop knows none of them. The
window knows AtStep and Where, which are typed or pointed at, and those of USUAL.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from packviz.core.arrays import ReadOnly
from packviz.core.batch import frozen
from packviz.core.cancel import UNWATCHED
from packviz.core.cancel import Watch as WatchWork
from packviz.core.columns import slab
from packviz.core.expressions.evaluate import readings, truths
from packviz.core.expressions.parse import Expression, ExpressionError
from packviz.core.moments import Moments
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
    """What was looked for in a trace: of each stop its `truths`, of each watch its `numbers`, and where it is one,
    `there`, (M,) each; and in `troubles`, of what the run does not have, why."""

    truths: Mapping[Stop, Truths]
    numbers: Mapping[Expression, NDArray[np.float64]]
    troubles: Mapping[Stop | Expression, str]
    there: Mapping[Expression, Truths] = field(default_factory=dict)


def search(
    trace: Trace, stops: Iterable[Stop] = (), watches: Iterable[Expression] = (), watch: WatchWork = UNWATCHED
) -> Searched:
    """Look for all of these in a run. Raises Cancelled, which is asked for in between."""
    moments, troubles = trace.moments, dict[Stop | Expression, str]()
    found, told = dict[Stop, Truths](), dict[Expression, NDArray[np.float64]]()
    there = dict[Expression, Truths]()
    for stop in stops:
        watch.check()
        found[stop] = stop.truths(moments, trace.packing, trace)
        trouble = stop.trouble(trace) if isinstance(stop, Where) and not found[stop].any() else ""
        if trouble:
            troubles[stop] = trouble
    for expression in watches:
        watch.check()
        try:
            told[expression], there[expression] = readings(expression, trace)
        except ExpressionError as error:
            troubles[expression] = str(error)
    return Searched(found, told, troubles, there)


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
