"""update(state, action) → state: a pure function, and the only place where a state is made from another."""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch
from typing import Any

import numpy as np

from packviz.core.guess import guessed
from packviz.session import actions as act
from packviz.session.edits import edited, fitting, settled, travelled
from packviz.session.history import Snapshot
from packviz.session.requests import (
    CheckRequest,
    LoadRequest,
    TorchRequest,
    TraceRequest,
    VerdictRequest,
    WeightsRequest,
)
from packviz.session.state import Cursor, Loading, Message, State, TorchInfo
from packviz.session.words import layout_note


def update(state: State, action: act.Action) -> State:
    """The state after the action. An action that has no meaning here leaves the very same state."""
    return _update(action, state)


@singledispatch
def _update(action: Any, state: State) -> State:
    raise TypeError(f"{action!r} is no action")


# ---- batches in ------------------------------------------------------------------------------------------------


@_update.register
def _(action: act.Load, state: State) -> State:
    return replace(state, loading=Loading(action.request), message=None)


@_update.register
def _(action: act.CancelLoad, state: State) -> State:
    if state.loading is None:
        return state
    text = f"Stopped reading {state.loading.request.name}; the open batch is as it was."
    return replace(state, loading=None, message=Message(text))


@_update.register
def _(action: act.Open, state: State) -> State:
    spec = action.spec or fitting(state.spec, action.batch)
    opened = edited(state, action.batch, spec, f"open {action.batch.source}")
    return replace(
        opened,
        cursor=Cursor(),
        look=replace(opened.look, feature=0),
        play=replace(state.play, on=False, breakpoints=frozenset()),
        message=None,
        stepped=False,
    )


# ---- edits -----------------------------------------------------------------------------------------------------


@_update.register
def _(action: act.SetLength, state: State) -> State:
    batch = state.batch
    if batch is None or not 0 <= action.row < len(batch.lengths) or batch.lengths[action.row] == action.length:
        return state
    lengths = batch.counts.copy()
    lengths[action.row] = action.length
    return edited(state, batch.with_lengths(lengths), state.spec, f"length of row {action.row}", action.gesture)


@_update.register
def _(action: act.SetLengths, state: State) -> State:
    batch = state.batch
    if batch is None or action.lengths == tuple(batch.lengths.tolist()):
        return state
    for row, length in enumerate(action.lengths):
        if not -(2**63) <= length < 2**63:
            text = f"lengths[{row}] is {length}, but a length is a whole number of 64 bits; the batch is as it was."
            return replace(state, message=Message(text, bad=True))
    return edited(state, batch.with_lengths(np.array(action.lengths, dtype=np.int64)), state.spec, "lengths")


@_update.register
def _(action: act.SetOption, state: State) -> State:
    batch = state.batch
    if batch is None or getattr(batch.call, action.name) == action.value:
        return state
    changed = batch.with_call(**{action.name: action.value})
    if batch.lengths_from == "guessed" and action.name in ("batch_first", "padding_value"):
        changed = guessed(changed)
    return edited(state, changed, state.spec, action.name)


@_update.register
def _(action: act.SwapLayout, state: State) -> State:
    batch = state.batch
    return state if batch is None else edited(state, batch.with_swapped_layout(), state.spec, "swap layout")


@_update.register
def _(action: act.GuessLengths, state: State) -> State:
    return state if state.batch is None else edited(state, guessed(state.batch), state.spec, "guess lengths")


@_update.register
def _(action: act.ApplyFix, state: State) -> State:
    if state.batch is None:
        return state
    mended = action.edit.apply(state.batch)
    return state if mended is state.batch else edited(state, mended, state.spec, action.edit.label)


@_update.register
def _(action: act.SetModel, state: State) -> State:
    return state if action.spec == state.spec else edited(state, state.batch, action.spec, "module")


@_update.register
def _(action: act.Undo, state: State) -> State:
    return travelled(state, state.history.undo(Snapshot(state.batch, state.spec, "")))


@_update.register
def _(action: act.Redo, state: State) -> State:
    return travelled(state, state.history.redo(Snapshot(state.batch, state.spec, "")))


# ---- stepping --------------------------------------------------------------------------------------------------


def _at(state: State, step: int) -> State:
    step = max(0, min(step, state.last_step))
    return state if step == state.cursor.step else replace(state, cursor=replace(state.cursor, step=step))


def _stepped(state: State, step: int) -> State:
    """At this step, and somebody has stepped: from now on even a large trace is made."""
    if state.batch is None:
        return state
    moved = _at(state, step)
    return moved if moved.stepped else replace(moved, stepped=True)


@_update.register
def _(action: act.StepBy, state: State) -> State:
    return _stepped(state, state.cursor.step + action.steps)


@_update.register
def _(action: act.StepTo, state: State) -> State:
    return _stepped(state, state.last_step if action.step < 0 else action.step)


@_update.register
def _(action: act.RunToBreakpoint, state: State) -> State:
    now, ahead = state.cursor.step, action.direction > 0
    stops = [t for t in state.play.breakpoints if (t > now if ahead else t < now)]
    if ahead:
        return _stepped(state, min(stops, default=state.last_step))
    return _stepped(state, max(stops, default=0))


@_update.register
def _(action: act.RunToHover, state: State) -> State:
    hover = state.cursor.hover
    return state if hover is None or hover.step < 0 else _stepped(state, hover.step)


@_update.register
def _(action: act.ToggleBreakpoint, state: State) -> State:
    step = state.cursor.step if action.step is None else action.step
    if state.batch is None or not 0 <= step <= state.last_step:
        return state
    return replace(state, play=replace(state.play, breakpoints=state.play.breakpoints ^ {step}))


@_update.register
def _(action: act.TogglePlay, state: State) -> State:
    if state.batch is None:
        return state
    if not state.play.on and state.cursor.step >= state.last_step:
        state = _stepped(state, 0)
    return replace(state, play=replace(state.play, on=not state.play.on))


@_update.register
def _(action: act.Tick, state: State) -> State:
    if not state.play.on:
        return state
    moved = _stepped(state, state.cursor.step + 1)
    stop = moved.cursor.step >= moved.last_step or moved.cursor.step in moved.play.breakpoints
    return replace(moved, play=replace(moved.play, on=False)) if stop else moved


@_update.register
def _(action: act.SetSpeed, state: State) -> State:
    speed = max(0.1, min(action.speed, 60.0))
    return state if speed == state.play.speed else replace(state, play=replace(state.play, speed=speed))


# ---- pointing and looking --------------------------------------------------------------------------------------


@_update.register
def _(action: act.Hover, state: State) -> State:
    if action.place == state.cursor.hover:
        return state
    return replace(state, cursor=replace(state.cursor, hover=action.place))


@_update.register
def _(action: act.Select, state: State) -> State:
    if state.batch is None or not 0 <= action.row < state.batch.rows:
        return state
    if action.row != state.cursor.row:
        state = replace(state, cursor=replace(state.cursor, row=action.row))
    return state if action.step is None else _at(state, action.step)


@_update.register
def _(action: act.SetLook, state: State) -> State:
    return state if action.look == state.look else settled(replace(state, look=action.look))


@_update.register
def _(action: act.Say, state: State) -> State:
    return state if action.message == state.message else replace(state, message=action.message)


# ---- what the jobs bring ---------------------------------------------------------------------------------------


@_update.register
def _(action: act.Computed, state: State) -> State:
    request, result, results = action.request, action.result, state.results
    match request:
        case LoadRequest():
            if state.loading is None or state.loading.request != request:
                return state
            batch, spec = result
            opened = update(replace(state, loading=None), act.Open(batch, spec))
            note = request.note or layout_note(batch, request)
            return replace(opened, message=Message(note)) if note else opened
        case WeightsRequest():
            if state.loading is None or state.loading.request != request:
                return state
            spec = replace(state.spec, weights=result, cell=result.cell, hidden=result.hidden)
            return update(replace(state, loading=None), act.SetModel(spec))
        case TorchRequest():
            version, devices = result
            return replace(state, torch=TorchInfo(version, devices))
        case CheckRequest():
            return replace(state, results=replace(results, report=(request, result)))
        case VerdictRequest():
            return replace(state, results=replace(results, verdict=(request, result)))
        case TraceRequest():
            return replace(state, results=replace(results, trace=(request, result)), tracing=0.0)


@_update.register
def _(action: act.Failed, state: State) -> State:
    request = action.request
    if isinstance(request, LoadRequest | WeightsRequest):
        if state.loading is None or state.loading.request != request:
            return state
        return replace(state, loading=None, message=Message(action.text, bad=True))
    return replace(state, results=replace(state.results, failed={**state.results.failed, request: action.text}))


@_update.register
def _(action: act.Progressed, state: State) -> State:
    request = action.request
    if isinstance(request, LoadRequest | WeightsRequest):
        if state.loading is None or state.loading.request != request:
            return state
        return replace(state, loading=Loading(request, action.fraction))
    if isinstance(request, TraceRequest):
        return replace(state, tracing=action.fraction)
    return state
