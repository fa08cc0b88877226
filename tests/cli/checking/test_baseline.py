"""What is known is written once, and left out from then on; what is new counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import packviz
from packviz.cli import main
from packviz.cli.checking.baseline import Baseline, without
from packviz.core.errors import BatchError

CALL = ("--batch-first", "--no-enforce-sorted", "--rules-only", "--baseline", "known.json")


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("d").mkdir()
    for i in range(4):
        put(i, wrong=i == 1)


def put(i: int, *, wrong: bool) -> None:
    lengths = np.array([5, 3, 2, 4])
    x = np.where(np.arange(6) < lengths[:, None], 1.0, 0.0)
    lengths[1] += wrong
    np.savez(f"d/b{i}.npz", x=x, lengths=lengths)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_only_what_is_new_counts(jobs: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["check", "d", *CALL, "--format", "lines", "--jobs", jobs]
    assert main(words) == 0
    told = capsys.readouterr()
    assert told.err == "packviz: 1 finding written to known.json, and left out from now on where it is given.\n"
    assert "d/b1.npz: SILENT length-counts-padding" in told.out
    assert json.loads(Path("known.json").read_text()) == {
        "version": 1,
        "known": {"d/b1.npz": ["length-counts-padding"]},
    }
    assert main(words) == 0
    assert capsys.readouterr() == ("", "")
    put(3, wrong=True)
    assert main(words) == 1
    told = capsys.readouterr()
    assert told.out == "d/b3.npz: SILENT length-counts-padding: Row 1: its length counts padding\n"
    assert json.loads(Path("known.json").read_text())["known"].keys() == {"d/b1.npz"}


def test_what_can_not_be_read_is_never_known(capsys: pytest.CaptureFixture[str]) -> None:
    Path("d/b2.npz").write_bytes(b"")
    assert main(["check", "d", *CALL]) == 2
    assert main(["check", "d", *CALL]) == 2


def test_a_report_says_what_is_left_out() -> None:
    report = packviz.check(packviz.load("d/b1.npz", batch_first=True, enforce_sorted=False), ask=False)
    assert not report.ok
    known = frozenset({("d/b1.npz", "length-counts-padding")})
    assert without(report, known).ok
    assert "left out: length-counts-padding" in str(without(report, known))
    assert without(report, frozenset({("d/b2.npz", "length-counts-padding")})) is report


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "known.json is no baseline of packviz check: give another name to write one."),
        ("nonsense", "known.json is no baseline"),
        ('{"version": 1, "known": {"a": "length"}}', "known.json is no baseline"),
        ('{"version": 2, "known": {}}', "known.json is a baseline of version 2, but 1 is read here: write it anew."),
    ],
)
def test_another_file_is_refused_and_left_alone(text: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("known.json").write_text(text)
    assert main(["check", "d", *CALL]) == 2
    assert f"packviz: {said}" in capsys.readouterr().err
    assert Path("known.json").read_text() == text


def test_a_place_that_can_not_be_written_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "d", *CALL[:-1], "none/known.json"]) == 2
    assert "packviz: none/known.json can't be written: no such file or directory." in capsys.readouterr().err


json_values = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["version", "known", "a"]), inner),
    max_leaves=8,
)


@given(json_values)
def test_any_json_is_a_baseline_or_refused(held: Any) -> None:
    Path("any.json").write_text(json.dumps(held))
    try:
        known = Baseline("any.json").known
    except BatchError as error:
        assert "any.json is" in str(error)  # noqa: PT017
    else:
        assert known is not None
