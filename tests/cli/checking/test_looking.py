"""One file is checked: its batches, what is printed of them, and what can't be read."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from packviz.cli.checking.looking import Entry, Job, Part, lines_of, looked
from packviz.cli.reading import Typed
from packviz.core.batch import Call
from packviz.core.checked import Checked, Told
from packviz.core.choice import Choice
from packviz.core.findings import Severity

TYPED = Typed(Call(batch_first=True, enforce_sorted=False), frozenset({"batch_first", "enforce_sorted"}))
TWO = (
    '{"x": [[1,2,3,0,0],[4,5,0,0,0],[6,7,8,9,0]], "lengths": [3,2,4]}\n{"x": [[1,2,3,0],[4,5,0,0]], "lengths": [3,3]}\n'
)


@pytest.fixture
def two(tmp_path: Path) -> Entry:
    (tmp_path / "two.jsonl").write_text(TWO)
    return Entry(7, str(tmp_path / "two.jsonl"))


def test_each_batch_of_a_file_is_an_item_with_its_report(two: Entry) -> None:
    good, wrong = looked(two, Job(TYPED, ask=False))
    assert good.checked.source == f"{two.name}[0]"
    assert (good.checked.wrong, wrong.checked.wrong) == (False, True)
    assert "length-counts-padding" in wrong.text


def test_lines_have_no_report_but_of_the_first(two: Entry) -> None:
    assert [bool(item.text) for item in looked(two, Job(TYPED, "lines", ask=False))] == [False, False]
    assert [bool(item.text) for item in looked(two, Job(TYPED, "lines", 1, ask=False))] == [True, False]


def test_json_says_where_a_batch_stands_where_that_is_wanted(two: Entry) -> None:
    plain = [json.loads(item.text) for item in looked(two, Job(TYPED, "json", ask=False))]
    placed = [json.loads(item.text) for item in looked(two, Job(TYPED, "json", ask=False, shard=Part(1, 1, 1, "")))]
    assert [line.pop("at") for line in placed] == [[7, 0], [7, 1]]
    assert {json.dumps(line.pop("shard")) for line in placed} == {json.dumps(Part(1, 1, 1, "")._asdict())}
    assert plain == placed


def test_what_can_not_be_read_is_an_item_too(tmp_path: Path) -> None:
    entry = Entry(3, str(tmp_path / "none.npz"))
    [item] = looked(entry, Job(TYPED, "json", shard=Part(1, 1, 1, "")))
    assert item.checked.trouble == f"there is no file {entry.name}."
    told = {"version": 1, "source": entry.name, "trouble": item.checked.trouble, "at": [3, 0]}
    assert json.loads(item.text) == {**told, "shard": Part(1, 1, 1, "")._asdict()}
    [item] = looked(entry, Job(TYPED, "json"))
    assert item.text == ""
    [item] = looked(Entry(0, "d", "d can't be looked into: permission denied."), Job(TYPED))
    assert item.checked.trouble == "d can't be looked into: permission denied."


def test_what_is_allowed_is_allowed_of_this_file(two: Entry) -> None:
    np.savez(f"{two.name}.npz", x=np.ones((2, 3)), lengths=[3, 2])
    [item] = looked(Entry(0, f"{two.name}.npz"), Job(TYPED, memory=1, ask=False))
    assert "more than the 1 B allowed" in item.checked.trouble


def test_a_job_and_an_item_go_to_another_process_and_back(two: Entry) -> None:
    job = Job(TYPED, "json", ask=False, choice=Choice(("padding",)))
    assert pickle.loads(pickle.dumps(job)) == job
    item = next(looked(two, job))
    again = pickle.loads(pickle.dumps(item))
    assert (again.text, again.checked.findings) == (item.text, item.checked.findings)


def test_a_finding_is_a_line_and_notes_are_only_where_they_were_selected() -> None:
    found = (
        Told("length-counts-padding", Severity.SILENT, "3 rows: their lengths count padding", (1, 2, 5), 3),
        Told("padding-left", Severity.WARNING, "12 rows: padded on the left", tuple(range(8)), 12),
        Told("padding-waste", Severity.NOTE, "58% of x is padding"),
    )
    checked = Checked("a.npz", 9, 9, None, found, "nn.LSTM raises.")
    lines = [
        "a.npz: SILENT length-counts-padding: 3 rows: their lengths count padding (rows 1, 2, 5)",
        "a.npz: WARNING padding-left: 12 rows: padded on the left (rows 0, 1, 2, 3, 4, 5, 6, 7, …)",
        "a.npz: ERROR: nn.LSTM raises.",
    ]
    assert lines_of(checked, Job(TYPED)) == lines
    with_note = lines_of(checked, Job(TYPED, choice=Choice(("padding", "length"))))
    assert with_note == [*lines[:2], "a.npz: NOTE padding-waste: 58% of x is padding", lines[2]]
