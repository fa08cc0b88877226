"""What is saved is what is open; what was saved opens as it was left; what is in no file is known to be in none."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.cancel import UNWATCHED
from packviz.core.expressions.parse import parse
from packviz.core.module import Module
from packviz.core.moments import Moment
from packviz.core.stop_list import Stops
from packviz.core.stops import AtStep
from packviz.files.kept.sessions import SessionLog, read_session
from packviz.session import actions as act
from packviz.session.cursor import Cursor
from packviz.session.document import Document, Documents
from packviz.session.loads import Entry, LoadRequest
from packviz.session.saving import DropRequest, KeepRequest, SaveRequest
from packviz.session.scene.resolve import resolve
from packviz.session.state import State, Visit, showing
from packviz.session.updates.saving import session_of
from packviz.session.updates.update import update
from packviz.session.work import wanted
from tests.files.kept.wholes import same
from tests.recorded import record
from tests.session.scene.test_resolve import WORK, anything


def named(name: str, rows: int = 3) -> Batch:
    return make_batch(np.ones((rows, 5)), [5] * rows, Call(True, False), source=name)


def work(*names: str) -> State:
    return update(State(), act.OpenAll(tuple(Entry(named(name)) for name in names)))


def is_modified(state: State) -> bool:
    return resolve(state, None).work.modified


def done(state: State) -> State:
    """The state once all that is to be written is written."""
    for request in (state.saving, state.keeping, state.dropping):
        if request is not None:
            assert wanted(state)[request.kind] is request
            state = update(state, act.Computed(request, request.do(UNWATCHED)))
    return state


def reopened(path: Path, state: State | None = None, *, kept: bool = False) -> State:
    state = State() if state is None else state
    request = LoadRequest(99, paths=(str(path),), kept=kept)
    state = update(state, act.Load(request))
    return update(state, act.Computed(request, request.do(UNWATCHED)))


def set_up() -> State:
    """Two batches, each with its own place, stops and edits, the second one open."""
    state = work("a.pt", "b.pt")
    state = update(update(state, act.Select(2, 3)), act.ToggleStop(AtStep(2)))
    state = update(update(state, act.SetLength(1, 2)), act.ToggleWatch(parse("h[2]")))
    state = update(state, act.SetModel(Module("GRU", 9, layers=2)))
    state = update(update(state, act.GoBy(1)), act.StepTo(4))
    return update(state, act.SetOption("padding_value", 7.0))


@pytest.mark.parametrize("kept", [False, True])
def test_a_session_does_not_take_the_place_of_changes_unasked(tmp_path: Path, kept: bool) -> None:
    path = tmp_path / "work.packviz"
    done(update(work("a.pt"), act.Save(str(path))))
    state = update(work("b.pt", "c.pt"), act.SetLength(0, 2))
    asked = reopened(path, state, kept=kept)
    assert asked.documents is state.documents
    assert asked.loading is None
    assert asked.message is not None
    name = "the work that was kept" if kept else "work.packviz"
    assert asked.message.text == (
        f"1 batch of those that are open has changes that are in no file, and {name} takes the place of all that is "
        "open. Ctrl+S saves it first."
    )
    [offer] = asked.message.offers
    there = update(asked, offer.action)
    assert [document.source for document in there.documents.all] == ["a.pt"]
    assert (there.file, there.restored) == (("", str(path)) if kept else (str(path), ""))
    assert update(there, act.Undo()).batch is state.batch
    assert reopened(path, work("b.pt", "c.pt")).file == str(path)


def test_nor_of_a_session_that_has_changed_since_it_was_saved(tmp_path: Path) -> None:
    one, other = tmp_path / "one.packviz", tmp_path / "other.packviz"
    done(update(work("a.pt"), act.Save(str(other))))
    state = done(update(work("b.pt"), act.Save(str(one))))
    assert reopened(other, state).file == str(other)
    changed = update(state, act.ToggleStop(AtStep(2)))
    asked = reopened(other, changed)
    assert asked.file == str(one)
    assert asked.message is not None
    assert asked.message.text.startswith("one.packviz has changes that are not saved, and other.packviz takes the ")


def test_what_was_saved_opens_as_it_was_left(tmp_path: Path) -> None:
    path = tmp_path / "work.packviz"
    state = done(update(set_up(), act.Save(str(path))))
    again = reopened(path)
    assert same(session_of(again), session_of(state))
    assert [document.source for document in again.documents.all] == ["a.pt", "b.pt"]
    assert (again.documents.open, again.cursor.step) == (1, 4)
    first = update(again, act.GoBy(-1))
    assert (first.cursor.row, first.cursor.step) == (2, 3)
    assert first.document is not None
    assert first.document.stops == Stops((AtStep(2),))
    assert (again.file, is_modified(again)) == (str(path), False)


def test_an_undo_goes_back_to_what_was_open_before_a_session(tmp_path: Path) -> None:
    path = tmp_path / "work.packviz"
    done(update(set_up(), act.Save(str(path))))
    before = work("c.pt")
    back = update(reopened(path, before), act.Undo())
    assert [document.source for document in back.documents.all] == ["c.pt"]
    assert is_modified(back)  # it is not what is in the session file


def test_only_what_is_in_no_file_is_modified(tmp_path: Path) -> None:
    state = work("a.pt", "b.pt")
    assert not is_modified(state)
    assert not is_modified(update(update(state, act.GoBy(1)), act.StepTo(3)))
    assert not is_modified(update(state, act.Close(0)))
    edited = update(state, act.SetLength(0, 2))
    assert is_modified(edited)
    assert not is_modified(update(edited, act.Undo()))
    assert is_modified(update(state, act.ToggleStop(AtStep(1))))
    assert is_modified(update(state, act.ToggleWatch(parse("h"))))
    assert is_modified(update(state, act.SetModel(Module("RNN"))))
    saved = done(update(edited, act.Save(str(tmp_path / "a.packviz"))))
    assert not is_modified(saved)
    assert is_modified(update(saved, act.Close(0)))
    assert is_modified(update(saved, act.Undo()))
    assert not is_modified(showing(named("x")))
    assert not is_modified(State())


def test_what_was_edited_while_it_was_saved_is_modified(tmp_path: Path) -> None:
    state = update(work("a.pt"), act.Save(str(tmp_path / "a.packviz")))
    request = state.saving
    assert isinstance(request, SaveRequest)
    state = update(state, act.SetLength(0, 2))
    state = update(state, act.Computed(request, request.do(UNWATCHED)))
    assert is_modified(state)
    assert read_session(request.path).documents[0].batch.lengths.tolist() == [5, 5, 5]


def test_a_file_that_cannot_be_written_is_said_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "a.packviz"
    state = update(work("a.pt"), act.Save(str(path)))
    request = state.saving
    assert request is not None
    with pytest.raises(
        ValueError, match=r"a\.packviz can't be written \(No such file or directory\): choose"
    ) as raised:
        request.do(UNWATCHED)
    state = update(state, act.Failed(request, str(raised.value)))
    assert (state.saving, state.file) == (None, "")
    assert state.message is not None
    assert state.message.bad


def test_kept_work_is_work_that_is_in_no_file(tmp_path: Path) -> None:
    log = SessionLog(tmp_path / "1.packviz")
    saved = done(update(set_up(), act.Save(str(tmp_path / "mine.packviz"))))
    state = done(update(update(saved, act.SetLength(0, 1)), act.Keep(log)))
    assert (state.keeping, state.unkept) == (None, False)
    again = reopened(tmp_path / "1.packviz", kept=True)
    assert same(session_of(again), session_of(state))
    assert (again.file, again.restored) == (str(tmp_path / "mine.packviz"), str(tmp_path / "1.packviz"))
    assert is_modified(again)
    assert again.message is not None
    assert again.message.text == "Here is the work that was open when packviz ended: 2 batches."
    log.close()


@pytest.mark.parametrize("kept", [False, True])
def test_a_damaged_document_is_said_and_its_file_is_not_replaced(tmp_path: Path, kept: bool) -> None:
    path = tmp_path / "work.packviz"
    done(update(set_up(), act.Save(str(path))))
    data = bytearray(path.read_bytes())
    data[data.rindex(b"documents/000001.safetensors") + 600] ^= 1
    path.write_bytes(data)
    state = reopened(path, kept=kept)
    assert [document.source for document in state.documents.all] == ["a.pt"]
    assert state.message is not None
    assert state.message.bad
    assert "it is damaged: documents/000001.safetensors is not as it was written" in state.message.text
    assert (state.file, state.restored, is_modified(state)) == ("", "", True)


def both_open(path: Path) -> tuple[State, State]:
    """The session of two windows, which both have changed."""
    done(update(set_up(), act.Save(str(path))))
    return update(reopened(path), act.SetLength(0, 1)), update(reopened(path), act.SetLength(0, 2))


def lengths_in(path: Path) -> list[int]:
    """Those of the batch that was open in `set_up`."""
    return [int(n) for n in read_session(path).documents[1].batch.lengths]


def test_of_two_windows_with_one_session_the_second_is_asked_before_it_replaces_what_the_first_saved(
    tmp_path: Path,
) -> None:
    path = tmp_path / "work.packviz"
    one, other = both_open(path)
    one = done(update(one, act.Save(str(path))))
    assert (one.conflict, is_modified(one)) == (None, False)
    other = done(update(other, act.Save(str(path))))
    assert other.conflict is not None
    assert other.conflict.text == (
        f"{path} is no longer what was opened or saved here: another window or program has saved it since, which would "
        "be lost."
    )
    assert is_modified(other)
    assert lengths_in(path)[0] == 1
    again = done(update(other, act.Save(str(path), over=other.conflict.identity)))
    assert (again.conflict, is_modified(again), lengths_in(path)[0]) == (None, False, 2)
    one = done(update(update(one, act.SetLength(0, 3)), act.Save(str(path))))
    assert one.conflict is not None
    assert lengths_in(path)[0] == 2


def test_what_was_saved_meanwhile_once_more_is_asked_about_once_more(tmp_path: Path) -> None:
    path = tmp_path / "work.packviz"
    one, other = both_open(path)
    one = done(update(one, act.Save(str(path))))
    other = done(update(other, act.Save(str(path))))
    assert other.conflict is not None
    done(update(update(one, act.SetLength(0, 4)), act.Save(str(path))))
    asked = done(update(other, act.Save(str(path), over=other.conflict.identity)))
    assert asked.conflict is not None
    assert asked.conflict != other.conflict
    assert lengths_in(path)[0] == 4


def test_nobody_is_asked_where_nothing_would_be_lost(tmp_path: Path) -> None:
    path, elsewhere = tmp_path / "work.packviz", tmp_path / "other.packviz"
    one, other = both_open(path)
    for _ in range(2):  # what is saved here stays known
        one = done(update(one, act.Save(str(path))))
        assert one.conflict is None
    assert done(update(other, act.Save(str(elsewhere)))).conflict is None
    path.write_bytes(path.read_bytes())  # the same, written anew
    assert done(update(one, act.Save(str(path)))).conflict is None
    path.unlink()
    assert done(update(other, act.Save(str(path)))).conflict is None
    assert lengths_in(path)[0] == 2


def test_whatever_else_stands_there_is_asked_about_and_a_recording_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "work.packviz"
    state = done(update(set_up(), act.Save(str(path))))
    path.write_text("a text")
    asked = done(update(state, act.Save(str(path))))
    assert asked.conflict is not None
    assert asked.conflict.text == f"{path} is another file, which would be lost."
    assert path.read_text() == "a text"
    record(path, 3, kept=(1,))
    request = update(state, act.Save(str(path), anything=True)).saving
    assert request is not None
    with pytest.raises(ValueError, match="is a recording, which would be lost: choose another name"):
        request.do(UNWATCHED)


def test_what_somebody_was_asked_about_in_the_dialog_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "work.packviz"
    path.write_text("a text")
    state = work("a.pt")
    assert done(update(state, act.Save(str(path)))).conflict is not None
    state = done(update(state, act.Save(str(path), anything=True)))
    assert (state.conflict, state.file) == (None, str(path))


def test_work_that_was_kept_knows_what_its_session_file_held(tmp_path: Path) -> None:
    path, log = tmp_path / "work.packviz", SessionLog(tmp_path / "1.packviz")
    one, other = both_open(path)
    done(update(other, act.Keep(log)))
    log.close()
    again = reopened(tmp_path / "1.packviz", kept=True)
    assert (again.file, again.file_identity) == (str(path), other.file_identity)
    assert done(update(again, act.Save(str(path)))).conflict is None
    again = reopened(tmp_path / "1.packviz", kept=True)
    done(update(one, act.Save(str(path), anything=True)))
    assert done(update(again, act.Save(str(path)))).conflict is not None


SAVING = """
import sys
from packviz.core.cancel import UNWATCHED
from packviz.session import actions as act
from packviz.session.loads import LoadRequest
from packviz.session.state import State
from packviz.session.updates.update import update
request = LoadRequest(1, paths=(sys.argv[1],))
state = update(update(State(), act.Load(request)), act.Computed(request, request.do(UNWATCHED)))
state = update(state, act.SetLength(0, int(sys.argv[2])))
print("opened", flush=True)
sys.stdin.readline()
for _ in range(5):
    saving = update(state, act.Save(sys.argv[1])).saving
    print(type(saving.do(UNWATCHED)).__name__, flush=True)
    break
"""


def test_of_processes_that_save_at_once_one_does_and_the_others_are_asked(tmp_path: Path) -> None:
    path = tmp_path / "work.packviz"
    done(update(set_up(), act.Save(str(path))))
    words = [sys.executable, "-c", SAVING, str(path)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    children = [subprocess.Popen([*words, str(n)], **pipes) for n in (1, 2, 3)]
    try:
        assert [child.stdout.readline() for child in children] == ["opened\n"] * 3
        for child in children:
            child.stdin.write("go\n")
            child.stdin.flush()
        said = [child.communicate(timeout=60)[0].strip() for child in children]
    finally:
        for child in children:
            child.kill()
            child.wait()
    assert sorted(said) == ["Conflict", "Conflict", "Saved"]
    assert lengths_in(path)[0] == said.index("Saved") + 1


def test_that_work_cannot_be_kept_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "nowhere").write_text("a file")
    state = update(work("a.pt"), act.Keep(SessionLog(tmp_path / "nowhere" / "1.packviz")))
    request = state.keeping
    assert isinstance(request, KeepRequest)
    with pytest.raises(ValueError, match=r"can't be kept for a crash .*: save it with Ctrl\+S") as raised:
        request.do(UNWATCHED)
    state = update(state, act.Failed(request, str(raised.value)))
    assert state.message is not None
    said = update(state, act.Say(None))
    assert update(said, act.Failed(request, str(raised.value))).message is None


def test_kept_work_that_nobody_wants_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "1.packviz"
    path.write_bytes(b"")
    state = done(update(work("a.pt"), act.DropKept(str(path))))
    assert (state.dropping, path.exists()) == (None, False)
    with pytest.raises(ValueError, match="can't be removed"):
        DropRequest(str(tmp_path)).do(UNWATCHED)


def test_an_empty_window_is_not_saved(tmp_path: Path) -> None:
    state = State()
    assert update(state, act.Save(str(tmp_path / "a.packviz"))) is state


def test_one_batch_of_a_session_opens_as_a_batch(tmp_path: Path) -> None:
    path = tmp_path / "work.packviz"
    done(update(set_up(), act.Save(str(path))))
    request = LoadRequest(1, paths=(str(path),), entry="1")
    state = update(work("c.pt"), act.Load(request))
    state = update(state, act.Computed(request, request.do(UNWATCHED)))
    assert (state.file, len(state.documents)) == ("", 1)
    assert state.documents.all[0].source == f"{path}[1]"


def test_a_session_read_in_another_way_says_where_it_comes_from(tmp_path: Path) -> None:
    path = tmp_path / "work.packviz"
    done(update(work("a.pt"), act.Save(str(path))))
    request = LoadRequest(1, paths=(str(path),), call=Call(False), typed=frozenset({"batch_first"}))
    entry = request.do(UNWATCHED).entries[0]
    assert (entry.batch.source.shown, entry.batch.call.batch_first) == (f"{path}[0]", False)


def test_places_that_a_batch_has_no_more_are_the_nearest(tmp_path: Path) -> None:
    session = session_of(work("a.pt"))
    far = replace(session.documents[0], marks=replace(session.documents[0].marks, moment=Moment(99, 3, 1), row=77))
    log = SessionLog(tmp_path / "a.packviz")
    log.save(replace(session, documents=(far,)))
    log.close()
    state = reopened(tmp_path / "a.packviz")
    assert (state.cursor.moment, state.cursor.row) == (Moment(4), 2)


@given(st.lists(anything.filter(lambda action: action != WORK), max_size=12), st.integers(0, 2))
def test_whatever_was_done_it_opens_as_it_was_left(
    tmp_path_factory: pytest.TempPathFactory, some: list[act.Action], place: int
) -> None:
    state = update(set_up(), act.GoTo(place))
    for action in some:
        state = update(state, action)
    path = tmp_path_factory.mktemp("work") / "work.packviz"
    state = done(update(state, act.Save(str(path))))
    assert same(session_of(reopened(path)), session_of(state))


SAVED = {
    State: {"documents", "cursor", "stepped", "visits", "file", "file_identity"},
    Documents: {"all", "open"},
    Document: {"batch", "module", "stops", "watches", "notes", "brought"},
    Cursor: {"moment", "row"},
    Visit: {"moment", "row", "stepped"},
}
"""What a session is made of; that all of it comes back is held by the tests above."""

NOT_SAVED = {
    State: {
        "spare": "the settings remember it for an empty window",
        "spare_stops": "the settings remember them for an empty window",
        "spare_watches": "the settings remember them for an empty window",
        "look": "how the window shows things, of whatever work; the settings remember what is chosen for good",
        "play": "playing ends with the window; the settings remember the speed",
        "usual": "how files that are opened later are read: the window's own",
        "usual_said": "belongs to `usual`",
        "history": "an undo ends with the window",
        "results": "computed again",
        "torch": "asked again",
        "asked": "asked for by hand, of one run",
        "told": "what a message that was pasted means",
        "message": "said once",
        "walked": "the finding that somebody is at: found again",
        "origin": "asked for by hand, of one run",
        "reach": "asked for by hand, of one run",
        "comparing": "asked for by hand, of one run",
        "other": "the run that another is held against, for the moment",
        "kept": "the run that another is held against, for the moment",
        "recording": "a file of its own, which stays what it is",
        "recordings": "files of their own",
        "loading": "a request under way",
        "saving": "a request under way",
        "keeping": "a request under way",
        "dropping": "a request under way",
        "conflict": "asked once",
        "clean": "the work as it is in files, which a session that is opened is",
        "saves": "counts",
        "unkept": "said once",
        "restored": "the file that was read",
        "saved_up_to": "the work as it is in files, as `clean`",
        "put_away": "counts what a program has shown this window",
    },
    Documents: {},
    Document: {
        "number": "tells documents of one process apart",
        "by": "the process that showed it, which shows no more to another window's work",
        "of": "the call of a recording, which is a file of its own; its batch and module are saved",
    },
    Cursor: {
        "hover": "where the pointer is",
        "pinned": "a look at one cell, for the moment",
        "shown": "a look at one cell, for the moment",
        "block": "what is selected to be copied",
    },
    Visit: {},
}


@pytest.mark.parametrize("kind", SAVED, ids=lambda kind: kind.__name__)
def test_every_field_is_saved_or_there_is_a_reason(kind: type) -> None:
    there = {one.name for one in fields(kind)}
    assert there == SAVED[kind] | set(NOT_SAVED[kind])
    assert not SAVED[kind] & set(NOT_SAVED[kind])
