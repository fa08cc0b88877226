"""Breakpoints and watches as a part of the scene: what each is, how often it is met, and what it is now."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from packviz.core.arrays import ReadOnly
from packviz.core.expressions.parse import Expression
from packviz.core.moments import Moment, Moments
from packviz.core.packing import Packing, Refusal
from packviz.core.stop_list import Stops
from packviz.core.stops import ActiveRowsChange, AtStep, NotFinite, RowEnds, Searched, Stop, Where
from packviz.session.scene.numbers import full

NO_VALUE = "no value at this step"
"""Of a watch where there is no number, NaN or not: its rows have ended, or nothing comes before."""


@dataclass(frozen=True)
class StopLine:
    """One breakpoint: `text` says where, `told` how often it has been met up to now, `2 of 7`, "" while that is not
    known; `here`: it is met at this moment; `trouble`: why this run can't be asked; `first`: from which hit on it is
    stopped at, from 1."""

    stop: Stop
    text: str
    on: bool
    told: str
    here: bool = False
    trouble: str = ""
    first: int = 1


@dataclass(frozen=True, eq=False)
class WatchLine(ReadOnly):
    """One watch: its value now, and how it has changed since the moment before in the same layer and direction; its
    `numbers` over the layer and direction that is shown, (L,), by step."""

    expression: Expression
    value: str
    change: str
    numbers: NDArray[np.float64]
    step: int
    trouble: str = ""


@dataclass(frozen=True, eq=False)
class StopsPart:
    """All of them; `running`: they are being looked for."""

    stops: tuple[StopLine, ...] = ()
    watches: tuple[WatchLine, ...] = ()
    running: bool = False


def stop_text(stop: Stop) -> str:
    """`t3`, `a row ends`, `absmax(h) > 5`."""
    match stop:
        case AtStep():
            return f"t{stop.step}"
        case RowEnds():
            return "a row ends"
        case ActiveRowsChange():
            return "the number of active rows changes"
        case NotFinite():
            return "the first NaN or infinity of a row"
        case Where():
            return str(stop.expression)
        case _:
            return stop.kind


def stops_part(
    stops: Stops,
    watches: tuple[Expression, ...],
    searched: Searched | None,
    packing: Packing | Refusal | None,
    moment: Moment,
    moments: Moments,
    running: bool,
    written: tuple[str, ...] = (),
) -> StopsPart:
    """The part of the scene. `written`: how stops and watches are written; where that alone is another, so is the
    part."""
    now = moments.index_of(moments.nearest(moment)) if len(moments) else 0
    known = packing if isinstance(packing, Packing) else None
    lines = tuple(_stop_line(stop, stops, searched, known, now, moments) for stop in stops.stops)
    read = tuple(_watch_line(watch, searched, moment, now, moments) for watch in watches)
    return StopsPart(lines, read, running)


def _stop_line(
    stop: Stop, stops: Stops, searched: Searched | None, packing: Packing | None, now: int, moments: Moments
) -> StopLine:
    on, first = stop not in stops.off, stops.first_hit(stop)
    truths = searched.truths.get(stop) if searched is not None else None
    if truths is None and not stop.of_states:
        truths = stop.truths(moments, packing, None)
    trouble = "" if searched is None else searched.troubles.get(stop, "")
    if truths is None or len(truths) != len(moments) or not len(truths):
        return StopLine(stop, stop_text(stop), on, "", trouble=trouble, first=first)
    told = f"{int(truths[: now + 1].sum()):,} of {int(truths.sum()):,}"
    return StopLine(stop, stop_text(stop), on, told, bool(truths[now]), trouble, first)


def _watch_line(watch: Expression, searched: Searched | None, moment: Moment, now: int, moments: Moments) -> WatchLine:
    held = searched.numbers.get(watch) if searched is not None else None
    trouble = "" if searched is None else searched.troubles.get(watch, "")
    if held is None or len(held) != len(moments) or not len(held):
        return WatchLine(watch, "", "", np.empty(0), moment.step, trouble)
    first = now - now % moments.steps
    part = held[first : first + moments.steps]
    value, before = held[now], held[now - 1] if now % moments.steps else np.nan
    if watch.truth:
        said, change = ("true" if value else "false"), ""
    else:
        difference = value - before
        there = searched is None or watch not in searched.there or searched.there[watch][now]
        said = full(np.float64(value)) if there else NO_VALUE
        change = "" if np.isnan(difference) else f"{difference:+.3g}"
    by_step = part[::-1] if moment.direction else part
    return WatchLine(watch, said, change, np.array(by_step), moment.step)
