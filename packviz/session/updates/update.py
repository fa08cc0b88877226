"""What edits and looking make of a state; opening, stepping and the results of jobs have rooms of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from packviz.core.batch import Batch, BatchError, Call
from packviz.core.cells.guess import guessed
from packviz.core.findings import Edit
from packviz.core.texts.wording import cells_named
from packviz.session import actions as act
from packviz.session.cursor import Block, Place
from packviz.session.loads import LoadRequest
from packviz.session.state import Loading, Message, State
from packviz.session.updates import arriving as arriving
from packviz.session.updates import comparing as comparing
from packviz.session.updates import explaining as explaining  # the handlers of these rooms are part of update
from packviz.session.updates import notes as notes
from packviz.session.updates import probing as probing
from packviz.session.updates import receiving as receiving
from packviz.session.updates import walking as walking
from packviz.session.updates.dispatch import dispatch, update
from packviz.session.updates.edits import edited, settled, travelled
from packviz.session.updates.stepping import at, at_step

__all__ = ["update"]


# ---- loads -----------------------------------------------------------------------------------------------------


@dispatch.register
def _(action: act.Load, state: State) -> State:
    request = action.request
    if isinstance(request, LoadRequest) and request.call == Call() != state.usual:
        request = replace(request, call=state.usual)
    return replace(state, loading=Loading(request), message=None)


@dispatch.register
def _(action: act.CancelLoad, state: State) -> State:
    if state.loading is None:
        return state
    text = f"Stopped reading {state.loading.request.name}; the open batch is as it was."
    return replace(state, loading=None, message=Message(text))


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
    return edited(state, batch.with_lengths(lengths), None, f"length of row {action.row}", action.gesture)


@dispatch.register
def _(action: act.SetLengths, state: State) -> State:
    batch = state.batch
    if batch is None or action.lengths == tuple(batch.lengths.tolist()):
        return state
    for row, length in enumerate(action.lengths):
        if not -(2**63) <= length < 2**63:
            text = f"lengths[{row}] is {length}, but a length is a whole number of 64 bits; the batch is as it was."
            return replace(state, message=Message(text, bad=True))
    return edited(state, batch.with_lengths(np.array(action.lengths, dtype=np.int64)), None, "lengths")


@dispatch.register
def _(action: act.SetValue, state: State) -> State:
    batch = state.batch
    if batch is None:
        return state
    try:
        mended = batch.with_value(action.row, action.step, action.feature, action.value)
    except BatchError as error:
        return replace(state, message=Message(str(error), bad=True))
    return edited(state, mended, None, cells_named(batch, action.row, action.step, action.step + 1))


@dispatch.register
def _(action: act.SetOption, state: State) -> State:
    batch = state.batch
    if batch is None or getattr(batch.call, action.name) == action.value:
        return state
    return edited(state, _under(batch, **{action.name: action.value}), None, action.name)


def _under(batch: Batch, **options: Any) -> Batch:
    """The batch under other options; lengths that were guessed are guessed again where they decide them."""
    changed = batch.with_call(**options)
    again = any(getattr(changed.call, name) != getattr(batch.call, name) for name in ("batch_first", "padding_value"))
    return guessed(changed) if again and batch.given.origin == "guessed" else changed


@dispatch.register
def _(action: act.SwapLayout, state: State) -> State:
    batch = state.batch
    return state if batch is None else edited(state, batch.with_swapped_layout(), None, "swap layout")


@dispatch.register
def _(action: act.GuessLengths, state: State) -> State:
    return state if state.batch is None else edited(state, guessed(state.batch), None, "guess lengths")


@dispatch.register
def _(action: act.ApplyFix, state: State) -> State:
    if state.batch is None:
        return state
    mended = action.edit.apply(state.batch)
    if mended is state.batch:
        return state
    return as_chosen(edited(state, mended, None, action.edit.label), action.edit)


def as_chosen(state: State, edit: Edit) -> State:
    """What says no options is read from now on as somebody has said that this batch is to be read."""
    chosen = {name: on for name in ("batch_first", "enforce_sorted") if (on := getattr(edit, name)) is not None}
    return replace(state, usual=replace(state.usual, **chosen), usual_said=False) if chosen else state


@dispatch.register
def _(action: act.SetUsual, state: State) -> State:
    state = replace(state, usual=action.call, message=None)
    batch, options = state.batch, {name: getattr(action.call, name) for name in ("batch_first", "enforce_sorted")}
    if batch is None or replace(batch.call, **options) == batch.call:
        return state
    return edited(state, _under(batch, **options), None, "options")


@dispatch.register
def _(action: act.SetModel, state: State) -> State:
    document = state.document
    if document is None:
        return state if action.module == state.spare else settled(replace(state, spare=action.module))
    state = replace(state, spare=action.module) if action.module != state.spare else state
    return state if action.module == document.module else edited(state, None, action.module, "module")


@dispatch.register
def _(action: act.Undo, state: State) -> State:
    return travelled(state, state.history.undo(state.documents))


@dispatch.register
def _(action: act.Redo, state: State) -> State:
    return travelled(state, state.history.redo(state.documents))


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
    if action.row != state.cursor.row or state.cursor.block is not None:
        state = replace(state, cursor=replace(state.cursor, row=action.row, block=None))
    return state if action.step is None else at(state, at_step(state, action.step))


@dispatch.register
def _(action: act.SelectBlock, state: State) -> State:
    batch = state.batch
    if batch is None:
        return state
    rows = tuple(sorted({row for row in action.rows if 0 <= row < batch.rows}))
    first, last = max(0, min(action.first, action.last)), min(batch.steps - 1, max(action.first, action.last))
    if not rows or first > last:
        return state
    return replace(state, cursor=replace(state.cursor, block=Block(rows, first, last)))


@dispatch.register
def _(action: act.ToggleRow, state: State) -> State:
    batch, block = state.batch, state.cursor.block
    if batch is None:
        return state
    rows = {state.cursor.row} if block is None else set(block.rows)
    first, last = (0, batch.steps - 1) if block is None else (block.first, block.last)
    return update(state, act.SelectBlock(tuple(rows ^ {action.row}), first, last))


@dispatch.register
def _(action: act.Show, state: State) -> State:
    selected = update(state, act.Select(action.row, action.step))
    if state.batch is None or not 0 <= action.row < state.batch.rows:
        return state
    before = 0 if selected.cursor.shown is None else selected.cursor.shown[1]
    place = Place(action.row, selected.cursor.step if action.step is None else action.step)
    return replace(selected, cursor=replace(selected.cursor, shown=(place, before + 1)))


@dispatch.register
def _(action: act.Pin, state: State) -> State:
    cursor = state.cursor
    if state.batch is None:
        return state
    pinned = action.place or (None if cursor.pinned is not None else cursor.cell)
    return replace(state, cursor=replace(cursor, pinned=pinned))


@dispatch.register
def _(action: act.SetLook, state: State) -> State:
    return state if action.look == state.look else settled(replace(state, look=action.look))


@dispatch.register
def _(action: act.Say, state: State) -> State:
    return state if action.message == state.message else replace(state, message=action.message)
