"""The list of documents as a part of the scene."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from packviz.core.batch import Call, make_batch
from packviz.core.cancel import UNWATCHED
from packviz.core.findings import Severity
from packviz.core.samples import sample
from packviz.core.source import Source
from packviz.session import actions as act
from packviz.session.loads import Entry
from packviz.session.scene.resolve import resolve
from packviz.session.scene.shelf import Shelf, ShelfEntry
from packviz.session.state import State, showing
from packviz.session.updates.update import update
from packviz.session.work import wanted
from tests.recorded import record
from tests.session.updates.test_recordings import opened

BATCH = make_batch([[1, 2, 3], [4, 5, 0]], [3, 2], Call(True, False), source="b.pt")


def two() -> State:
    return update(State(), act.OpenAll((Entry(BATCH), Entry(sample("beyond-the-end").load()))))


def test_one_batch_alone_needs_no_list_and_none_has_none() -> None:
    assert resolve(State(), None).shelf == Shelf()
    alone = resolve(showing(BATCH), None).shelf
    assert alone == Shelf((ShelfEntry("b.pt", "2 × 3"),), 0)
    assert alone.told == ""


def test_it_names_each_batch_and_says_which_one_is_open() -> None:
    shelf = resolve(update(two(), act.GoBy(1)), None).shelf
    assert [entry.name for entry in shelf.entries] == ["b.pt", "beyond-the-end"]
    assert (shelf.open, shelf.told) == (1, "2 of 2")


def test_a_call_is_told_from_others_of_its_recording_by_its_number_and_its_site(tmp_path: Path) -> None:
    state = opened(record(tmp_path / "a-run-with-a-long-name.packviz", 9, bad=(4,), kept=(2,)))
    (entry,) = resolve(state, None).shelf.entries
    assert (entry.short, entry.name.endswith("a-run-with-a-long-name.packviz[4 train.py:31]")) == (
        "4 train.py:31",
        True,
    )


def test_in_a_session_too() -> None:
    call = replace(BATCH, source=Source("/a/run.packviz", entry="4 train.py:31"))
    other = replace(BATCH, source=Source("/a/ten.pt", entry="3"))
    saved = replace(BATCH, source=Source("/a/work.packviz", entry="0"))
    state = update(State(), act.OpenAll((Entry(call), Entry(other), Entry(saved))))
    assert [entry.short for entry in resolve(state, None).shelf.entries] == ["4 train.py:31", "", ""]


def test_it_shows_the_worst_that_is_known_of_each_batch_wherever_one_is() -> None:
    state = update(two(), act.GoBy(1))
    assert [entry.worst for entry in resolve(state, None).shelf.entries] == [None, None]
    check = wanted(state)["check"]
    state = update(state, act.Computed(check, check.do(UNWATCHED)))
    assert [entry.worst for entry in resolve(state, None).shelf.entries] == [None, Severity.ERROR]
    assert [entry.worst for entry in resolve(update(state, act.GoBy(-1)), None).shelf.entries] == [None, Severity.ERROR]


def test_the_part_is_the_same_object_while_somebody_steps() -> None:
    state = two()
    first = resolve(state, None)
    assert resolve(update(state, act.StepBy(1)), first).shelf is first.shelf
