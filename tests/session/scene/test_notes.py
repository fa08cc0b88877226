from __future__ import annotations

from packviz.core.batch import make_batch
from packviz.core.samples import sample
from packviz.session.scene.notes import NotesPart
from packviz.session.scene.resolve import resolve
from packviz.session.state import State, showing


def test_it_is_what_is_noted_of_the_open_batch() -> None:
    batch = make_batch([[1, 2]], [2])
    state = showing(batch, notes="look at row 2")
    assert state.document is not None
    scene = resolve(state, None)
    assert scene.notes == NotesPart("look at row 2", state.document.number, True)
    assert resolve(State(), scene).notes == NotesPart()
    assert resolve(state, scene).notes is scene.notes


def test_what_a_sample_says_of_itself_nobody_has_left_there() -> None:
    shown = sample("first-batch")
    assert not resolve(showing(shown.load(), notes=shown.look), None).notes.left
    assert not resolve(showing(make_batch([[1, 2]], [2])), None).notes.left
