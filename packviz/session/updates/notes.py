"""What a note on the open batch makes of a state: it is no edit, and an undo leaves it."""

from __future__ import annotations

from dataclasses import replace

from packviz.session import actions as act
from packviz.session.state import State
from packviz.session.updates.dispatch import dispatch

MOST_NOTES = 100_000
"""Letters that are kept of what is noted of a batch."""


@dispatch.register
def _(action: act.SetNotes, state: State) -> State:
    # Half of a pair of surrogates, which a text field may hold, could not be saved.
    notes = action.text[:MOST_NOTES].encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if state.document is None or notes == state.document.notes:
        return state
    return replace(state, documents=state.documents.with_current(replace(state.document, notes=notes)))
