"""What stepping, breakpoints and playing make of a state."""

from __future__ import annotations

from dataclasses import replace

from packviz.session import actions as act
from packviz.session.state import State
from packviz.session.updates.dispatch import dispatch


def at(state: State, step: int) -> State:
    """The state at this step, or at the nearest one that there is."""
    step = max(0, min(step, state.last_step))
    return state if step == state.cursor.step else replace(state, cursor=replace(state.cursor, step=step))


def stops_of(state: State) -> frozenset[int]:
    """The steps to stop at in the open document."""
    return frozenset() if state.document is None else state.document.stops


def _stepped(state: State, step: int) -> State:
    """At this step, and somebody has stepped: from now on even a large trace is made."""
    if state.batch is None:
        return state
    moved = at(state, step)
    return moved if moved.stepped else replace(moved, stepped=True)


@dispatch.register
def _(action: act.StepBy, state: State) -> State:
    return _stepped(state, state.cursor.step + action.steps)


@dispatch.register
def _(action: act.StepTo, state: State) -> State:
    return _stepped(state, state.last_step if action.step < 0 else action.step)


@dispatch.register
def _(action: act.RunToBreakpoint, state: State) -> State:
    now, ahead = state.cursor.step, action.direction > 0
    stops = [t for t in stops_of(state) if (t > now if ahead else t < now)]
    if ahead:
        return _stepped(state, min(stops, default=state.last_step))
    return _stepped(state, max(stops, default=0))


@dispatch.register
def _(action: act.RunToHover, state: State) -> State:
    hover = state.cursor.hover
    return state if hover is None or hover.step < 0 else _stepped(state, hover.step)


@dispatch.register
def _(action: act.ToggleBreakpoint, state: State) -> State:
    step = state.cursor.step if action.step is None else action.step
    document = state.document
    if document is None or not 0 <= step <= state.last_step:
        return state
    marked = replace(document, stops=document.stops ^ {step})
    return replace(state, documents=state.documents.with_current(marked))


@dispatch.register
def _(action: act.TogglePlay, state: State) -> State:
    if state.batch is None:
        return state
    if not state.play.on and state.cursor.step >= state.last_step:
        state = _stepped(state, 0)
    return replace(state, play=replace(state.play, on=not state.play.on))


@dispatch.register
def _(action: act.Tick, state: State) -> State:
    if not state.play.on:
        return state
    moved = _stepped(state, state.cursor.step + 1)
    stop = moved.cursor.step >= moved.last_step or moved.cursor.step in stops_of(moved)
    return replace(moved, play=replace(moved.play, on=False)) if stop else moved


@dispatch.register
def _(action: act.SetSpeed, state: State) -> State:
    speed = max(0.1, min(action.speed, 60.0))
    return state if speed == state.play.speed else replace(state, play=replace(state.play, speed=speed))
