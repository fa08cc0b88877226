"""Reports: when they are ok, what they quote, what their JSON holds."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import packviz
from packviz.core.batch import Batch, Call, make_batch
from packviz.core.findings import Finding, Severity
from packviz.core.report import place
from packviz.core.rules import check
from packviz.core.verdict import CRASHES, Outcome, Verdict

FINE = Outcome("pack_padded_sequence", True, "returns data (3,)")
DIED = Outcome("pack_padded_sequence", False, "RuntimeError: Length of all samples …")
RUN = Outcome("nn.LSTM", True, "returns out (3, 6)")
RUN_DIED = Outcome("nn.LSTM", False, "RuntimeError: start (10) …")
NOT_RUN = Outcome("nn.LSTM", None, "not reached")
UNPACKED = Outcome("pad_packed_sequence", True, "returns (2, 2)")


def batch_of(lengths: list[int], enforce_sorted: bool = False) -> Batch:
    x = np.array([[1, 2, 0], [3, 4, 5]], dtype=np.float32)
    return make_batch(x, lengths, Call(True, enforce_sorted), source="here")


def finding_of(spans: list[list[int]]) -> Finding:
    return Finding("a-code", Severity.SILENT, "title", "detail", spans=np.array(spans, dtype=np.int64).reshape(-1, 3))


def test_a_report_is_ok_with_notes_and_not_with_a_silent_finding() -> None:
    assert check(batch_of([2, 3])).ok
    assert not check(batch_of([3, 3])).ok
    assert check(batch_of([3, 3])).counts() == {Severity.SILENT: 1}


def test_an_error_quotes_the_call_that_raised() -> None:
    report = check(batch_of([2, 9])).with_verdict(Verdict("2", FINE, RUN_DIED, UNPACKED))
    assert report.findings[0].torch == "nn.LSTM raises RuntimeError: start (10) …"


def test_a_silent_finding_quotes_silence_and_a_note_nothing() -> None:
    report = check(batch_of([1, 3])).with_verdict(Verdict("2", FINE, RUN, UNPACKED))
    assert {f.severity: f.torch for f in report.findings} == {Severity.SILENT: "says nothing", Severity.NOTE: None}


def test_only_the_cause_that_torch_names_is_quoted() -> None:
    report = check(batch_of([9, 0])).with_verdict(Verdict("2", DIED, NOT_RUN, NOT_RUN))
    assert {f.code: f.torch for f in report.findings if f.severity is Severity.ERROR} == {
        "length-exceeds-time": "does not get here: it stops at length-not-positive",
        "length-not-positive": "pack_padded_sequence raises RuntimeError: Length of all samples …",
    }


@pytest.mark.parametrize(
    ("lengths", "enforce_sorted"), [([1, 9, 0], True), ([0, 2, 9], True), ([0, 2], True), ([1, 2, 0, 9], False)]
)
def test_the_quoted_exception_is_about_the_finding(lengths: list[int], enforce_sorted: bool) -> None:
    torch = pytest.importorskip("torch")
    words = {"length-not-positive": "greater than 0", "lengths-unsorted": "sorted", "lengths-count": "(len|index)"}
    x = torch.ones(3, 5)
    call = Call(True, enforce_sorted)
    findings = check(make_batch(x.numpy(), lengths, call)).findings
    [cause] = [f.code for f in findings if f.severity is Severity.ERROR and f.behind is None]
    with pytest.raises((RuntimeError, IndexError), match=words[cause]):
        torch.nn.utils.rnn.pack_padded_sequence(x, torch.tensor(lengths), True, enforce_sorted)


@given(st.lists(st.integers(-1, 5), max_size=4), st.booleans())
def test_a_report_becomes_json_that_says_the_same(lengths: list[int], enforce_sorted: bool) -> None:
    report = check(batch_of(lengths, enforce_sorted)).with_verdict(Verdict("2", FINE, RUN, UNPACKED))
    told = json.loads(json.dumps(report.to_dict()))
    assert told["version"] == 1
    assert told["batch"]["lengths"] == lengths
    assert told["torch"]["pack"] == {"call": FINE.call, "ok": True, "text": FINE.text}
    assert [f["code"] for f in told["findings"]] == [f.code for f in report.findings]
    assert report.layout is not None
    assert told["layout"] == json.loads(json.dumps(report.layout.to_dict()))
    keys = {"code", "severity", "rows", "cells", "cell_count", "title", "detail", "torch", "fix", "instead"}
    assert all(set(f) == keys for f in told["findings"])
    assert (told["batch"]["batch_sizes"] is None) == (report.packing is None)
    assert enforce_sorted <= (told["batch"]["sorted_indices"] is None)


def test_a_report_is_not_ok_where_torch_raises_and_no_finding_says_why() -> None:
    short = Outcome("pad_packed_sequence", False, "ValueError: Expected total_length …")
    report = check(batch_of([2, 3]))
    assert report.with_verdict(Verdict("2", FINE, RUN, UNPACKED)).ok
    raised = report.with_verdict(Verdict("2", FINE, RUN, short))
    assert not raised.ok
    assert raised.unexplained is short
    assert check(batch_of([2, 9])).with_verdict(Verdict("2", FINE, RUN_DIED, short)).unexplained is None


def test_what_torch_raises_is_explained_by_an_error_alone_asked_for_or_not() -> None:
    raises = Verdict("2", FINE, RUN_DIED, UNPACKED)
    error = Finding("a", Severity.ERROR, "t", "d", stage="run")
    silent = replace(error, severity=Severity.SILENT)
    plain = replace(check(batch_of([2, 3])), verdict=raises)
    assert replace(plain, findings=(error,)).unexplained is None
    assert replace(plain, findings=(silent,)).unexplained is RUN_DIED
    assert replace(plain, left_out=(error,)).unexplained is None
    assert replace(plain, left_out=(silent,)).unexplained is RUN_DIED
    assert replace(plain, findings=(replace(error, stage="pack"),)).unexplained is RUN_DIED


def test_of_findings_that_are_as_bad_what_torch_stops_at_comes_first() -> None:
    stop, first = (Finding(code, Severity.ERROR, "t", "d") for code in ("z", "layout-swapped"))
    behind = Finding("a", Severity.ERROR, "t", "d", behind="z")
    leads = replace(first, code="layout-swapped", behind="z")
    note, silent = (Finding("a", severity, "t", "d") for severity in (Severity.NOTE, Severity.SILENT))
    wanted = [stop, leads, behind, silent, note]
    assert sorted((note, behind, leads, silent, stop), key=place) == wanted
    assert sorted((stop, first), key=place) == [first, stop]


@pytest.mark.parametrize(
    ("run", "behind", "severity", "says"),
    [
        (RUN, None, Severity.SILENT, "says nothing"),
        (RUN, "other", Severity.SILENT, "says nothing"),
        (RUN_DIED, None, Severity.ERROR, f"{RUN_DIED.call} raises {RUN_DIED.text}"),
        (RUN_DIED, "other", Severity.ERROR, "does not get here: it stops at other"),
        (Outcome("nn.LSTM", None, "not asked: it is too large"), None, Severity.ERROR, None),
        (Outcome("nn.LSTM", False, f"{CRASHES}: SIGSEGV"), None, Severity.ERROR, f"nn.LSTM {CRASHES}: SIGSEGV"),
    ],
)
def test_of_a_finding_that_torch_is_asked_about_torch_decides_the_severity(
    run: Outcome, behind: str | None, severity: Severity, says: str | None
) -> None:
    finding = Finding("hidden-shape", Severity.ERROR, "t", "d", stage="run", asked=True, behind=behind)
    other = Finding("other", Severity.ERROR, "t", "d", stage="run")
    report = replace(check(batch_of([2, 3])), findings=(finding, other) if behind else (finding,))
    told = next(f for f in report.with_verdict(Verdict("2", FINE, run, UNPACKED)).findings if f.code == "hidden-shape")
    assert (told.severity, told.torch) == (severity, says)


def test_a_report_shows_itself_in_a_console_as_its_text() -> None:
    report = check(make_batch([[1, 2], [3, 0]], [2, 1], Call(True, False)))
    assert repr(report) == str(report)
    assert "array(" not in repr(report)


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("inverted", [True, False])
@pytest.mark.parametrize("turned", [True, False])
@pytest.mark.parametrize("way", ["beside", "in place of lengths", "of fewer steps"])
def test_json_says_how_a_mask_was_read(batch_first: bool, inverted: bool, turned: bool, way: str) -> None:
    mask = np.arange(6) < np.array([3, 4, 2])[:, None]
    x = np.where(mask, 1.5, 0)
    given = mask[:, :4] if way == "of fewer steps" else mask
    given = (~given if inverted else given).T if turned else (~given if inverted else given)
    lengths = given if way == "in place of lengths" else None
    report = packviz.check(
        x if batch_first else x.T,
        lengths,
        mask=None if lengths is not None else given,
        batch_first=batch_first,
        ask=False,
    )
    assert json.loads(json.dumps(report.to_dict()))["batch"]["mask"] == {
        "axes": "TB" if turned else "BT",
        "true_at": "padding" if inverted else "data",
        "steps": 4 if way == "of fewer steps" else None,
    }


def test_json_says_of_no_mask_where_there_is_none() -> None:
    assert packviz.check(np.ones((2, 3)), [3, 2], batch_first=True, ask=False).to_dict()["batch"]["mask"] is None
