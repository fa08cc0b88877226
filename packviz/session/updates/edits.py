"""What every edit does to a state: it is recorded, and the cursor stays inside the batch. Pure functions."""

from __future__ import annotations

from dataclasses import replace

from packviz.core.batch import Batch
from packviz.core.module import Module
from packviz.session.cursor import Block, Cursor
from packviz.session.document import Documents
from packviz.session.history import History, Snapshot
from packviz.session.memory import place_of
from packviz.session.state import State, Visit

MOST_VISITS = 1000  # documents whose step and row are remembered; an undo may bring back one that is closed


def edited(
    state: State,
    batch: Batch | None = None,
    module: Module | None = None,
    label: str = "",
    gesture: int | None = None,
) -> State:
    """The state with another batch or module in its open document, the old one recorded."""
    document = state.document
    assert document is not None
    changed = replace(document, batch=batch or document.batch, module=module or document.module)
    message = state.message if batch is None else None  # what was said of another batch may be untrue of this
    made = recorded(state, state.documents.with_current(changed), label, gesture)
    return settled(replace(made, message=message))


def recorded(state: State, documents: Documents, label: str, gesture: int | None = None) -> State:
    """The state with these documents, the old ones recorded; a window in which nothing was open yet is nothing to go
    back to."""
    history = state.history
    if len(state.documents) or history.past:
        history = history.record(Snapshot(state.documents, label), gesture)
    return replace(state, documents=documents, history=history, results=state.results.at_rest())


def travelled(state: State, found: tuple[History, Documents] | None) -> State:
    """The state after an undo or a redo found this history and these documents; the same one where it found none.

    Stops and notes that were set since stay; where the edit was made in another document, that one is shown.
    """
    if found is None:
        return state
    history, then = found
    now = state.document
    back = then.as_before(state.documents)
    state = replace(state, documents=back, history=history, message=None, results=state.results.at_rest())
    other = now is not None and back.current is not None and back.current.number != now.number
    there = visited(state, None if now is None else now.number) if other else settled(state)
    return without_told(there, None if now is None else now.batch)


def without_told(state: State, before: Batch | None) -> State:
    """The state without what was said of a pasted message, where another x is open than `before`: it was compared with
    that one."""
    same = before is not None and state.batch is not None and place_of(before) == place_of(state.batch)
    return state if same or state.told is None else replace(state, told=None)


def visited(state: State, before: int | None) -> State:
    """The state on coming to another document than that of number `before`: where somebody was in it, or its start."""
    visits = dict(state.visits)
    if before is not None:
        visits[before] = Visit(state.cursor.moment, state.cursor.row, state.stepped)
    document = state.document
    there = Visit() if document is None else visits.pop(document.number, Visit())
    return settled(
        replace(
            state,
            cursor=Cursor(there.moment, there.row),
            stepped=there.stepped,
            visits=dict(list(visits.items())[-MOST_VISITS:]),
            play=replace(state.play, on=False),
        )
    )


def _kept(block: Block | None, batch: Batch) -> Block | None:
    """The selected cells, where the batch still has all of them."""
    return block if block is not None and block.rows[-1] < batch.rows and block.last < batch.steps else None


def settled(state: State) -> State:
    """The state with its cursor inside its batch, and a state and a feature to show that there are."""
    batch = state.batch
    if batch is None:
        return replace(state, cursor=Cursor(), play=replace(state.play, on=False))
    rows = max(batch.rows, 1)
    cursor = replace(
        state.cursor,
        moment=state.moments.nearest(state.cursor.moment),
        row=min(state.cursor.row, rows - 1),
        block=_kept(state.cursor.block, batch),
        hover=None if state.cursor.hover is not None and state.cursor.hover.row >= rows else state.cursor.hover,
    )
    look = state.look
    if look.shown not in state.module.states:
        look = replace(look, shown="h")
    if look.feature >= batch.feature_count or (look.feature < 0 and batch.feature_count < 2):
        look = look.at_feature(0)
    return replace(state, cursor=cursor, look=look)
