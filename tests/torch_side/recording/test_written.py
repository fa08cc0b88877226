"""The file is made when there is something to write, with the lines that waited."""

from __future__ import annotations

from pathlib import Path

import pytest

from packviz.core.noted import NotedCall, Site
from packviz.files.kept.recordings import kept_call, read_recording
from packviz.torch_side.recording import written
from packviz.torch_side.recording.made import PACK
from packviz.torch_side.recording.written import Written
from tests.torch_side.recording.copies import copy_of
from tests.torch_side.recording.programs import batch


def call(number: int) -> NotedCall:
    return NotedCall(number, PACK, Site("a.py", number))


def test_nothing_is_there_before_something_is_kept(tmp_path: Path) -> None:
    place = tmp_path / "a.packviz"
    made = Written(str(place), "a.py")
    made.note(call(1))
    assert not made.open
    made.end({})
    assert not place.exists()
    assert made.waiting == (call(1),)


def test_the_lines_that_waited_come_first(tmp_path: Path) -> None:
    place = tmp_path / "a.packviz"
    made = Written(str(place), "python a.py")
    made.note(call(1))
    kept = call(2)._replace(reason="first")
    made.keep(kept, copy_of(PACK, *batch(), True, False))
    assert read_recording(place).calls == (call(1), kept), "it is there before the end"
    made.note(call(3))
    made.end({"while tracing": 2})
    found = read_recording(place)
    assert found.calls == (call(1), kept, call(3))
    assert (found.program, found.whole, found.unseen) == ("python a.py", True, {"while tracing": 2})
    assert kept_call(place, 2).batch.source.name == "a.py:2"


def test_lines_that_wait_too_long_are_forgotten_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(written, "MOST_WAITING", 3)
    made = Written(str(tmp_path / "a.packviz"), "")
    for number in range(5):
        made.note(call(number))
    assert [held.number for held in made.waiting] == [2, 3, 4]
    assert made.forgotten == 2
