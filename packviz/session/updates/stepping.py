"""What stepping, stops and playing make of a state: they speak of moments of the walk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from packviz.core.batch import make_batch
from packviz.core.expressions.parse import Expression
from packviz.core.moments import Moment
from packviz.core.origins import OfState
from packviz.core.packing import Packing
from packviz.core.stop_list import Stops
from packviz.core.stops import AtStep
from packviz.core.trace import CARRIED
from packviz.session import actions as act
from packviz.session.document import Document
from packviz.session.requests import ordered_by, packing_of
from packviz.session.selectors import search_of, trace_of
from packviz.session.state import State
from packviz.session.updates.dispatch import dispatch, update


def at(state: State, moment: Moment) -> State:
    """The state at this moment, or at the nearest one that there is."""
    moment = state.moments.nearest(moment)
    return state if moment == state.cursor.moment else replace(state, cursor=replace(state.cursor, moment=moment))


def at_step(state: State, step: int) -> Moment:
    """That step, in the layer and direction that are shown."""
    return state.cursor.moment._replace(step=step)


def next_stop(state: State, direction: int) -> Moment | None:
    """The next moment to stop at, or the previous one where `direction` is negative; None where there is none."""
    if state.document is None:
        return None
    answer, stops = trace_of(state), state.document.stops
    trace = None if answer is None else answer.result
    packing = trace.packing if trace is not None else _packed(state)
    answer_found = search_of(state)
    searched = None if answer_found is None else answer_found.result
    search = stops.next if direction > 0 else stops.previous
    return search(state.cursor.moment, state.moments, packing, trace, searched)


def _packed(state: State) -> Packing | None:
    """How the open batch is packed, before there is a trace."""
    batch = state.batch
    packing = None if batch is None else packing_of(batch, ordered_by(state.torch, batch))
    return packing if isinstance(packing, Packing) else None


def _stepped(state: State, moment: Moment) -> State:
    """At this moment, and somebody has stepped: from now on even a large trace is made."""
    if state.batch is None:
        return state
    moved = at(state, moment)
    return moved if moved.stepped else replace(moved, stepped=True)


@dispatch.register
def _(action: act.StepBy, state: State) -> State:
    return _stepped(state, state.moments.moved(state.cursor.moment, action.steps))


@dispatch.register
def _(action: act.StepTo, state: State) -> State:
    return _stepped(state, at_step(state, state.last_step if action.step < 0 else action.step))


@dispatch.register
def _(action: act.GoToPass, state: State) -> State:
    return _stepped(state, Moment(state.cursor.step, action.layer, action.direction))


@dispatch.register
def _(action: act.RunToBreakpoint, state: State) -> State:
    ends = state.moments[-1] if action.direction > 0 else state.moments[0]
    return _stepped(state, next_stop(state, action.direction) or ends)


@dispatch.register
def _(action: act.RunToHover, state: State) -> State:
    hover = state.cursor.hover
    return state if hover is None or hover.step < 0 else _stepped(state, at_step(state, hover.step))


@dispatch.register
def _(action: act.ToggleBreakpoint, state: State) -> State:
    step = state.cursor.step if action.step is None else action.step
    document = state.document
    if document is None or not 0 <= step <= state.last_step:
        return state
    marked = replace(document, stops=document.stops.toggled(AtStep(step)))
    return replace(state, documents=state.documents.with_current(marked))


@dispatch.register
def _(action: act.ToggleStop, state: State) -> State:
    return _marked(state, lambda document: replace(document, stops=document.stops.toggled(action.stop)))


@dispatch.register
def _(action: act.SwitchStop, state: State) -> State:
    return _marked(state, lambda document: replace(document, stops=document.stops.switched(action.stop)))


@dispatch.register
def _(action: act.StopFrom, state: State) -> State:
    return _marked(state, lambda document: replace(document, stops=document.stops.starting(action.stop, action.n)))


@dispatch.register
def _(action: act.ReplaceStop, state: State) -> State:
    return _marked(state, lambda document: replace(document, stops=document.stops.replaced(action.old, action.new)))


@dispatch.register
def _(action: act.ToggleWatch, state: State) -> State:
    def changed(document: Document) -> Document:
        others = tuple(watch for watch in document.watches if watch != action.expression)
        added = others if action.expression in document.watches else (*others, action.expression)
        return replace(document, watches=added)

    return _marked(state, changed)


@dispatch.register
def _(action: act.ReplaceWatch, state: State) -> State:
    return _marked(state, lambda doc: replace(doc, watches=_replaced(doc.watches, action.old, action.new)))


def _replaced(watches: tuple[Expression, ...], old: Expression, new: Expression) -> tuple[Expression, ...]:
    """With `new` in the place of `old`, which just goes where `new` is another one of them."""
    if old not in watches:
        return watches
    if new != old and new in watches:
        return tuple(watch for watch in watches if watch != old)
    return tuple(new if watch == old else watch for watch in watches)


def _marked(state: State, change: Callable[[Document], Document]) -> State:
    """The state with other stops or watches in its open document, which is no edit; in an empty window those that the
    first batch gets. The very same state where neither is another."""
    now = state.document or Document(NOTHING, state.spare, state.spare_stops, state.spare_watches)
    marked = change(now)
    if marked.stops is now.stops and marked.watches is now.watches:
        return state
    if state.document is not None:
        return replace(state, documents=state.documents.with_current(marked))
    return replace(state, spare_stops=marked.stops, spare_watches=marked.watches)


NOTHING = make_batch([[0.0]], [1])
"""The batch of a document that is none."""


@dispatch.register
def _(action: act.ClearStops, state: State) -> State:
    document = state.document
    if document is None or not document.stops.stops:
        return state
    return replace(state, documents=state.documents.with_current(replace(document, stops=Stops())))


@dispatch.register
def _(action: act.AskOrigin, state: State) -> State:
    of = action.of
    if of is None or state.batch is None:
        return state if state.origin is None else replace(state, origin=None)
    there = _stepped(state, of.moment)
    return replace(there, origin=of, cursor=replace(there.cursor, row=of.row))


@dispatch.register
def _(action: act.AskReach, state: State) -> State:
    of = action.of
    if of is None or state.batch is None:
        return state if state.reach is None else replace(state, reach=None)
    if not 0 <= of.row < state.batch.rows:
        return state
    there = _stepped(state, at_step(state, of.step))
    return replace(there, reach=of, cursor=replace(there.cursor, row=of.row))


@dispatch.register
def _(action: act.StepInto, state: State) -> State:
    """What is looked at stays the same unit of the row; a row that does not take the next step is not stepped into."""
    order, packing = computed_in_turn(state.module.states), _packed(state)
    if state.batch is None or not order or packing is None or state.cursor.row >= packing.rows:
        return state
    row, moment, asked = state.cursor.row, state.cursor.moment, state.origin
    inside = asked is not None and (asked.row, asked.moment) == (row, moment) and asked.name in order
    unit = asked.unit if asked is not None else 0
    place = order.index(asked.name) + 1 if inside and asked is not None else 0
    if place == len(order):
        moment, place = state.moments.moved(moment, 1), 0
    while moment.step >= packing.lengths[row]:
        after = state.moments.moved(moment, 1)
        if after == moment:
            return state
        moment = after
    return update(state, act.AskOrigin(OfState(order[place], moment, row, unit)))


def computed_in_turn(states: tuple[str, ...]) -> tuple[str, ...]:
    """The states of a cell in the order in which a step computes them: the gates, then c, then h."""
    gates = [name for name in states if name not in CARRIED]
    return (*gates, *(name for name in ("c", "h") if name in states))


@dispatch.register
def _(action: act.StepOut, state: State) -> State:
    if state.origin is not None:
        return replace(state, origin=None)
    moments, now = state.moments, state.cursor.moment
    if state.batch is None:
        return state
    next_pass = (moments.index_of(moments.nearest(now)) // moments.steps + 1) * moments.steps
    return _stepped(state, moments[next_pass] if next_pass < len(moments) else moments[-1])


@dispatch.register
def _(action: act.TogglePlay, state: State) -> State:
    if state.batch is None:
        return state
    if not state.play.on and state.cursor.moment == state.moments[-1]:
        state = _stepped(state, state.moments[0])
    return replace(state, play=replace(state.play, on=not state.play.on))


@dispatch.register
def _(action: act.Tick, state: State) -> State:
    if not state.play.on:
        return state
    stop = next_stop(state, 1) or state.moments[-1]
    moved = _stepped(state, state.moments.moved(state.cursor.moment, 1))
    return replace(moved, play=replace(moved.play, on=False)) if moved.cursor.moment == stop else moved


@dispatch.register
def _(action: act.SetSpeed, state: State) -> State:
    speed = max(0.1, min(action.speed, 60.0))
    return state if speed == state.play.speed else replace(state, play=replace(state.play, speed=speed))
