"""Notes: kept with the batch, no edit, and saved in a session as they were typed."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from packviz.core.samples import sample
from packviz.files.kept.sessions import read_session, save_session
from packviz.session import actions as act
from packviz.session.saving import in_no_file, modified
from packviz.session.state import State, showing
from packviz.session.updates.notes import MOST_NOTES
from packviz.session.updates.saving import session_of
from packviz.session.updates.update import update

STATE = showing(sample("first-batch").load())


def noted(state: State, text: str) -> State:
    return update(state, act.SetNotes(text))


def notes(state: State) -> str:
    assert state.document is not None
    return state.document.notes


def test_a_note_is_work_that_is_in_no_file_and_no_edit() -> None:
    clean = replace(STATE, clean=STATE.documents.all)
    assert not modified(clean.documents, clean.clean, "")
    state = noted(clean, "row 2")
    assert notes(state) == "row 2"
    assert modified(state.documents, state.clean, "")
    assert in_no_file(state.documents, state.clean) == state.documents.all
    assert state.history is clean.history
    assert state.batch is clean.batch
    assert noted(state, "row 2") is state


def test_an_undo_leaves_it_and_the_next_batch_has_its_own() -> None:
    state = noted(update(STATE, act.SetLength(0, 2)), "row 0 was wrong")
    assert notes(update(state, act.Undo())) == "row 0 was wrong"
    more = update(state, act.OpenAll(()))
    assert notes(more) == "row 0 was wrong"
    other = update(state, act.Open(sample("padding-left").load()))
    assert notes(other) == ""


def test_where_nothing_is_open_nothing_is_noted() -> None:
    empty = State()
    assert noted(empty, "x") is empty


@given(st.text(st.characters(exclude_categories=()), max_size=40))
def test_whatever_is_typed_can_be_saved_and_comes_back(text: str) -> None:
    state = noted(STATE, text)
    assert notes(state) == text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.packviz"
        save_session(path, session_of(state))
        assert [one.marks.notes for one in read_session(path).documents] == [notes(state)]


def test_what_is_far_too_long_is_cut() -> None:
    assert notes(noted(STATE, "x" * (MOST_NOTES + 1))) == "x" * MOST_NOTES
