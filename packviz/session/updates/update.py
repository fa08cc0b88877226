"""What opening, editing, looking and the results of jobs make of a state; stepping has a room of its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from packviz.core.cells.guess import guessed
from packviz.session import actions as act
from packviz.session.history import Snapshot
from packviz.session.requests import (
    CheckRequest,
    LoadRequest,
    ProbeRequest,
    TorchRequest,
    TraceRequest,
    VerdictRequest,
    WeightsRequest,
)
from packviz.session.scene.words import layout_note
from packviz.session.state import Cursor, Loading, Message, State, TorchInfo
from packviz.session.updates import probing as probing  # its handlers are part of update
from packviz.session.updates.dispatch import dispatch, update
from packviz.session.updates.edits import edited, fitting, settled, travelled
from packviz.session.updates.explaining import told
from packviz.session.updates.stepping import at

__all__ = ["update"]


# ---- batches in ------------------------------------------------------------------------------------------------


@dispatch.register
def _(action: act.Load, state: State) -> State:
    return replace(state, loading=Loading(action.request), message=None)


@dispatch.register
def _(action: act.CancelLoad, state: State) -> State:
    if state.loading is None:
        return state
    text = f"Stopped reading {state.loading.request.name}; the open batch is as it was."
    return replace(state, loading=None, message=Message(text))


@dispatch.register
def _(action: act.Open, state: State) -> State:
    spec = action.spec or fitting(state.spec, action.batch)
    opened = edited(state, action.batch, spec, f"open {action.batch.source}")
    return replace(
        opened,
        cursor=Cursor(),
        look=replace(opened.look, feature=0),
        play=replace(state.play, on=False, breakpoints=frozenset()),
        message=None,
        told=None,
        stepped=False,
    )


# ---- edits -----------------------------------------------------------------------------------------------------


@dispatch.register
def _(action: act.SetLength, state: State) -> State:
    batch = state.batch
    if batch is None or not 0 <= action.row < len(batch.row_lengths) or batch.lengths[action.row] == action.length:
        return state
    # The other rows keep what they have, even NaN or a fraction.
    wide = {"f": "float64", "c": "complex128"}.get(batch.lengths.dtype.kind, "int64")
    lengths = batch.lengths.astype(wide)
    lengths[action.row] = action.length
    return edited(state, batch.with_lengths(lengths), state.spec, f"length of row {action.row}", action.gesture)


@dispatch.register
def _(action: act.SetLengths, state: State) -> State:
    batch = state.batch
    if batch is None or action.lengths == tuple(batch.lengths.tolist()):
        return state
    for row, length in enumerate(action.lengths):
        if not -(2**63) <= length < 2**63:
            text = f"lengths[{row}] is {length}, but a length is a whole number of 64 bits; the batch is as it was."
            return replace(state, message=Message(text, bad=True))
    return edited(state, batch.with_lengths(np.array(action.lengths, dtype=np.int64)), state.spec, "lengths")


@dispatch.register
def _(action: act.SetOption, state: State) -> State:
    batch = state.batch
    if batch is None or getattr(batch.call, action.name) == action.value:
        return state
    changed = batch.with_call(**{action.name: action.value})
    if batch.given.origin == "guessed" and action.name in ("batch_first", "padding_value"):
        changed = guessed(changed)
    return edited(state, changed, state.spec, action.name)


@dispatch.register
def _(action: act.SwapLayout, state: State) -> State:
    batch = state.batch
    return state if batch is None else edited(state, batch.with_swapped_layout(), state.spec, "swap layout")


@dispatch.register
def _(action: act.GuessLengths, state: State) -> State:
    return state if state.batch is None else edited(state, guessed(state.batch), state.spec, "guess lengths")


@dispatch.register
def _(action: act.ApplyFix, state: State) -> State:
    if state.batch is None:
        return state
    mended = action.edit.apply(state.batch)
    return state if mended is state.batch else edited(state, mended, state.spec, action.edit.label)


@dispatch.register
def _(action: act.SetModel, state: State) -> State:
    return state if action.spec == state.spec else edited(state, state.batch, action.spec, "module")


@dispatch.register
def _(action: act.Undo, state: State) -> State:
    return travelled(state, state.history.undo(Snapshot(state.batch, state.spec, "")))


@dispatch.register
def _(action: act.Redo, state: State) -> State:
    return travelled(state, state.history.redo(Snapshot(state.batch, state.spec, "")))


# ---- pointing and looking --------------------------------------------------------------------------------------


@dispatch.register
def _(action: act.Hover, state: State) -> State:
    if action.place == state.cursor.hover:
        return state
    return replace(state, cursor=replace(state.cursor, hover=action.place))


@dispatch.register
def _(action: act.Select, state: State) -> State:
    if state.batch is None or not 0 <= action.row < state.batch.rows:
        return state
    if action.row != state.cursor.row:
        state = replace(state, cursor=replace(state.cursor, row=action.row))
    return state if action.step is None else at(state, action.step)


@dispatch.register
def _(action: act.SetLook, state: State) -> State:
    return state if action.look == state.look else settled(replace(state, look=action.look))


@dispatch.register
def _(action: act.Say, state: State) -> State:
    return state if action.message == state.message else replace(state, message=action.message)


# ---- what the jobs bring ---------------------------------------------------------------------------------------


@dispatch.register
def _(action: act.Computed, state: State) -> State:
    request, result, results = action.request, action.result, state.results
    match request:
        case LoadRequest():
            if state.loading is None or state.loading.request != request:
                return state
            if not isinstance(result, tuple):  # a Pasted: an error message stood in the paste
                return told(state, request, result)
            batch, spec = result
            opened = update(replace(state, loading=None), act.Open(batch, spec))
            note = request.note or layout_note(batch, request)
            return replace(opened, message=Message(note)) if note else opened
        case WeightsRequest():
            if state.loading is None or state.loading.request != request:
                return state
            return update(replace(state, loading=None), act.SetModel(state.spec.with_weights(result)))
        case TorchRequest():
            version, devices = result
            return replace(state, torch=TorchInfo(version, devices))
        case CheckRequest():
            return replace(state, results=replace(results, report=(request, result)))
        case VerdictRequest():
            return replace(state, results=replace(results, verdict=(request, result)))
        case TraceRequest():
            return replace(state, results=replace(results, trace=(request, result)), tracing=0.0)
        case ProbeRequest():
            return replace(state, results=replace(results, probe=(request, result)), probing=0.0)


@dispatch.register
def _(action: act.Failed, state: State) -> State:
    request = action.request
    if isinstance(request, LoadRequest | WeightsRequest):
        if state.loading is None or state.loading.request != request:
            return state
        return replace(state, loading=None, message=Message(action.text, bad=True))
    return replace(state, results=replace(state.results, failed={**state.results.failed, request: action.text}))


@dispatch.register
def _(action: act.Progressed, state: State) -> State:
    request = action.request
    if isinstance(request, LoadRequest | WeightsRequest):
        if state.loading is None or state.loading.request != request:
            return state
        return replace(state, loading=Loading(request, action.fraction))
    if isinstance(request, TraceRequest):
        return replace(state, tracing=action.fraction)
    if isinstance(request, ProbeRequest):
        return replace(state, probing=action.fraction)
    return state
