"""What every edit does to a state: it is recorded, and the cursor stays inside the batch. Pure functions."""

from __future__ import annotations

from dataclasses import replace

from packviz.core.batch import Batch
from packviz.core.input_plan import input_size
from packviz.core.module import Module
from packviz.session.history import History, Snapshot
from packviz.session.requests import Request, TorchRequest
from packviz.session.state import State


def edited(state: State, batch: Batch | None, spec: Module, label: str, gesture: int | None = None) -> State:
    """The state with another batch or module, the old one recorded; an empty window is no edit to go back to."""
    history = state.history
    if state.batch is not None:
        history = history.record(Snapshot(state.batch, state.spec, label), gesture)
    message = state.message if batch is state.batch else None  # what was said of another batch may be untrue of this
    return settled(_afresh(replace(state, batch=batch, spec=spec, history=history, message=message)))


def settled(state: State) -> State:
    """The state with its cursor inside its batch, and a state and a feature to show that there are."""
    batch = state.batch
    if batch is None:
        return state
    rows = max(batch.rows, 1)
    cursor = replace(
        state.cursor,
        step=min(state.cursor.step, state.last_step),
        row=min(state.cursor.row, rows - 1),
        hover=None if state.cursor.hover is not None and state.cursor.hover.row >= rows else state.cursor.hover,
    )
    look = state.look
    if look.shown not in state.spec.states:
        look = replace(look, shown="h")
    if look.feature >= batch.feature_count:
        look = replace(look, feature=0)
    return replace(state, cursor=cursor, look=look)


def _afresh(state: State) -> State:
    """The state without the failures of work on the batch before; that torch can't be imported stays known."""
    kept: dict[Request, str] = {r: t for r, t in state.results.failed.items() if isinstance(r, TorchRequest)}
    return replace(state, results=replace(state.results, failed=kept), tracing=0.0)


def travelled(state: State, found: tuple[History, Snapshot] | None) -> State:
    """The state after an undo or a redo found this history and snapshot; the same one where it found none."""
    if found is None:
        return state
    history, then = found
    return settled(_afresh(replace(state, batch=then.batch, spec=then.spec, history=history, message=None)))


def fitting(spec: Module, batch: Batch) -> Module:
    """The module as it is, without weights that were loaded for another batch's input size; one that another batch
    brought along stays with it."""
    fits = spec.stored is None or spec.input_size == input_size(batch, spec)
    return spec.chosen() if fits else spec.drawn()
