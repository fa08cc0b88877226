"""The table of a recording: what is wrong is on top, by the site of the call, and no line is too long."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from packviz.core.calls.unseen import compiled
from packviz.core.noted import NotedCall, Recording
from packviz.core.texts.calls import MOST_KEPT, recording_text
from packviz.core.texts.report import WIDTH
from packviz.files.kept.recordings import read_recording
from tests.core.test_noted import calls as noted_calls
from tests.recorded import EVAL, call_of, record


def test_a_recording_is_told_by_its_sites_and_its_kept_calls(tmp_path: Path) -> None:
    found = read_recording(record(tmp_path / "a.packviz", 6, bad=(4,), kept=(1, 6), sites={6: EVAL}))
    text = re.sub(r".*/a\.packviz", "a.packviz", recording_text(found))
    assert text == str(found).replace(str(tmp_path) + "/", "") == repr(found).replace(str(tmp_path) + "/", "")
    assert text.splitlines() == [
        "a.packviz",
        "  train.py --lr 1, torch 2.13.0, 6 calls, 3 of them kept",
        "",
        "train.py:31 in step: 5 calls, 2 kept",
        "  RAISED  1 call, first 4: RuntimeError: Length of all samples has to be greater than 0, but found",
        "          an element in 'lengths' that is <= 0",
        "  ERROR   length-not-positive: 1 call, first 4",
        "",
        "eval.py:12 in evaluate: 1 call, 1 kept",
        "  nothing found",
        "",
        "Kept calls, worst first",
        "  call  where        function  shape      lengths",
        "     4  train.py:31  nn.LSTM   3 × 6 × 2  0 to 6",
        "        raised RuntimeError: Length of all samples has to be greater than 0, but found an element in",
        "        'lengths' that is <= 0",
        "        ERROR   length-not-positive",
        "     1  train.py:31  nn.LSTM   3 × 6 × 2  2 to 6  nothing found",
        "     6  eval.py:12   nn.LSTM   3 × 6 × 2  2 to 6  nothing found",
    ]


def test_a_recording_without_an_end_says_so_and_what_was_not_seen() -> None:
    found = Recording("a.packviz", (call_of(1, kept=False),), whole=False, unseen={"while compiling": 3})
    text = recording_text(found)
    assert "It has no end: the program was killed, or is still running." in text
    assert "Not seen: 3 calls (while compiling)" in text
    assert "Kept calls" not in text
    assert "no end" not in recording_text(replace(found, whole=True))


def test_of_many_kept_calls_the_others_are_counted() -> None:
    calls = tuple(call_of(number) for number in range(1, MOST_KEPT + 8))
    assert recording_text(Recording("a", calls)).endswith("  … and 7 calls more")


@settings(max_examples=30)
@given(st.lists(noted_calls, max_size=3, unique_by=lambda call: call.number), st.text(), st.text(), st.booleans())
def test_no_line_is_too_long_whatever_a_file_holds(
    calls: list[NotedCall], place: str, program: str, colour: bool
) -> None:
    found = Recording(place, tuple(calls), program, program, False, {program: 3})
    for line in re.sub(r"\x1b\[[0-9;]*m", "", recording_text(found, colour)).split("\n"):
        assert len(line) <= WIDTH


def test_what_runs_unseen_is_said_without_a_count_of_calls_that_were_made() -> None:
    unseen = {compiled("nn.LSTM", EVAL): 2, "while tracing": 3}
    text = " ".join(recording_text(Recording("a.packviz", (call_of(1),), unseen=unseen)).split())
    assert "Not seen: 3 calls (while tracing) 2 calls were compiled into a graph by torch.compile, their runs" in text
    assert "nn.LSTM at eval.py:12" in text
    assert text.count("Not seen") == 1
