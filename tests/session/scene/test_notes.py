from __future__ import annotations

from packviz.core.samples import sample
from packviz.session.scene.notes import NotesPart
from packviz.session.scene.resolve import resolve
from packviz.session.state import State, showing


def test_it_is_what_is_noted_of_the_open_batch() -> None:
    state = showing(sample("first-batch").load(), notes="look at row 2")
    assert state.document is not None
    scene = resolve(state, None)
    assert scene.notes == NotesPart("look at row 2", state.document.number)
    assert resolve(State(), scene).notes == NotesPart()
    assert resolve(state, scene).notes is scene.notes
