"""What is kept of a checked batch, from its report and from the line of JSON that was printed of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import packviz
from packviz.cli.printing import plain
from packviz.core.checked import MOST_ROWS, Checked, line_of, unexplained
from packviz.core.choice import Choice
from packviz.core.errors import BatchError
from packviz.core.findings import Severity
from packviz.core.noted import NotedCall, Site
from packviz.core.samples import finding_samples

X = [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]]


def same(one: Checked, other: Checked) -> bool:
    lengths = (one.lengths is None and other.lengths is None) or np.array_equal(one.lengths, other.lengths)  # type: ignore[arg-type]
    return lengths and all(
        getattr(one, name) == getattr(other, name)
        for name in ("source", "rows", "steps", "findings", "raised", "wrong", "asked", "guessed", "trouble")
    )


def test_it_has_the_codes_with_their_rows_and_the_lengths() -> None:
    report = packviz.check(X, [3, 3, 4], batch_first=True, enforce_sorted=False)
    kept = Checked.of(report)
    assert kept.wrong
    assert kept.asked
    assert (kept.rows, kept.steps) == (3, 5)
    assert kept.lengths is not None
    assert kept.lengths.tolist() == [3, 3, 4]
    told = {told.code: told for told in kept.findings}["length-counts-padding"]
    assert (told.severity, told.rows, told.row_count) == (Severity.SILENT, (1,), 1)


def test_of_many_rows_the_first_are_kept_and_all_are_counted() -> None:
    x = np.zeros((40, 6))
    x[:, :3] = 1
    kept = Checked.of(packviz.check(x, [5] * 40, batch_first=True, ask=False))
    told = kept.findings[0]
    assert len(told.rows) == MOST_ROWS
    assert told.row_count == 40


def test_lengths_that_are_no_number_a_row_are_none() -> None:
    for lengths in ([3, 2], [3, 2, float("nan")]):
        assert Checked.of(packviz.check(X, lengths, batch_first=True, ask=False)).lengths is None


@pytest.mark.parametrize("ask", [False, True])
@pytest.mark.parametrize("code", list(finding_samples())[::6])
def test_a_line_of_json_says_the_same(code: str, ask: bool) -> None:
    report = packviz.check(packviz.load(f"sample:{code}"), ask=ask)
    line = json.loads(json.dumps(plain(report.to_dict()), allow_nan=False))
    assert same(Checked.from_dict(line), Checked.of(report))


def test_a_line_can_be_narrowed_as_a_report_can() -> None:
    report = packviz.check(X, [3, 3, 4], batch_first=True, enforce_sorted=False)
    choice = Choice(ignore=("length-counts-padding",), fail_on=Severity.NOTE)
    assert same(Checked.from_dict(plain(report.to_dict()), choice), Checked.of(choice.of(report), choice))


def test_what_torch_raises_without_a_finding_is_kept() -> None:
    report = replace(packviz.check(X, [3, 2, 4], batch_first=True), findings=())
    kept = Checked.from_dict(report.to_dict())
    assert kept.wrong
    assert kept.raised == "pack_padded_sequence raises, as quoted, and no finding explains it."


@pytest.mark.parametrize("code", ["lengths-one-cause", *list(finding_samples())[::7]])
@pytest.mark.parametrize("select", [("ALL",), ("length-counts-padding", "length-exceeds-time"), ("note",)])
@pytest.mark.parametrize("ignore", [(), ("lengths",), ("ALL",)])
def test_a_line_that_is_narrowed_afterwards_says_what_a_narrowed_one_does(
    code: str, select: tuple[str, ...], ignore: tuple[str, ...]
) -> None:
    choice = Choice(select, ignore)
    report = packviz.check(packviz.load(f"sample:{code}"), ask=True)
    narrow = choice.of(report)
    wanted = Checked.of(narrow, choice)
    for line in (report.to_dict(), narrow.to_dict()):
        assert same(Checked.from_dict(json.loads(json.dumps(plain(line))), choice), wanted)


def test_what_the_program_raised_counts_where_nothing_else_explains_it() -> None:
    call = NotedCall(3, "nn.LSTM", Site("train.py", 9), "RuntimeError: out of memory")
    report = packviz.check(X, [3, 2, 4], batch_first=True, enforce_sorted=False, ask=False)
    kept = Checked.of(report, call=call)
    assert kept.wrong
    assert kept.raised == "nn.LSTM raised in the program, 'RuntimeError: out of memory', and no finding explains it."
    assert same(Checked.from_dict(plain(line_of(report, call))), kept)
    dies = packviz.check(X, [3, 2, 9], batch_first=True, enforce_sorted=False, ask=False)
    assert Checked.of(dies, call=call).raised == ""
    assert same(Checked.from_dict(plain(line_of(dies, call))), Checked.of(dies, call=call))


def test_a_line_of_what_can_not_be_read() -> None:
    kept = Checked.from_dict({"version": 1, "source": "a.npz", "trouble": "a.npz: it is empty."})
    assert (kept.source, kept.trouble) == ("a.npz", "a.npz: it is empty.")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["batch", "findings", "torch", "rows", "lengths", "source"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_any_other_json_is_refused_in_a_sentence(line: Any) -> None:
    with pytest.raises(BatchError, match="it is no line of packviz check --format json"):
        Checked.from_dict(line)


def test_what_the_program_raised_is_said_where_no_error_explains_it_asked_for_or_not() -> None:
    raised = NotedCall(3, "nn.GRU", Site("train.py", 31), "RuntimeError: out of \x1b memory")
    fine = packviz.check(X, [3, 2, 4], batch_first=True, enforce_sorted=False)
    said = unexplained(fine, raised)
    assert said == "nn.GRU raised in the program, 'RuntimeError: out of \\x1b memory', and no finding explains it."
    assert unexplained(fine, raised._replace(error="")) == unexplained(fine) == ""
    assert line_of(fine, raised._replace(error=""))["unexplained"] is None
    assert (Checked.of(fine, call=raised).raised, Checked.of(fine, call=raised).wrong) == (said, True)
    wrong = packviz.check(X, [3, 0, 4], batch_first=True, enforce_sorted=False)
    assert unexplained(wrong, raised) == ""
    assert unexplained(Choice(ignore=("length-not-positive",)).of(wrong), raised) == ""
