"""Which findings are asked for, and when a batch is wrong."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import packviz
from packviz.core.catalogue import CODES
from packviz.core.choice import ALL, EVERYTHING, Choice, codes_named
from packviz.core.errors import BatchError
from packviz.core.findings import Severity

X = [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]]


def test_everything_is_taken_unless_something_is_said() -> None:
    assert all(EVERYTHING.takes(code) for code in CODES)
    assert not EVERYTHING.narrows


@pytest.mark.parametrize(
    ("select", "ignore", "code", "taken"),
    [
        ("padding-left", "", "padding-left", True),
        ("padding-left", "", "padding-waste", False),
        ("padding", "", "padding-waste", True),
        ("padding", "padding-waste", "padding-waste", False),
        ("padding-waste", "padding", "padding-waste", True),
        ("padding-left", "padding-left", "padding-left", False),
        ("ALL", "padding", "padding-left", False),
        ("ALL", "padding", "last-output", True),
        ("padding-left", "ALL", "padding-left", True),
        ("", "ALL", "padding-left", False),
    ],
)
def test_the_longer_name_decides(select: str, ignore: str, code: str, taken: bool) -> None:
    choice = Choice(codes_named(select) if select else (ALL,), codes_named(ignore) if ignore else ())
    assert choice.takes(code) is taken


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("padding-left", ("padding-left",)),
        (" Padding-Left , lengths-guessed,", ("padding-left", "lengths-guessed")),
        ("padding-*,all", ("padding", ALL)),
    ],
)
def test_names_are_read_as_they_are_typed(text: str, names: tuple[str, ...]) -> None:
    assert codes_named(text) == names


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("padding-lft", "there is no finding 'padding-lft': did you mean padding-left?"),
        ("pad", "there is no finding 'pad': did you mean padding?"),
        ("qqqq", "there is no finding 'qqqq': packviz explain --codes lists them."),
        ("", "'' names no code"),
        ("padding-left,*", "names no code"),
        ("reads-padding-x", "there is no finding"),
    ],
)
def test_what_means_no_code_is_refused_with_what_was_probably_meant(text: str, said: str) -> None:
    with pytest.raises(BatchError, match=re.escape(said)):
        codes_named(text)


@given(st.text(max_size=30))
def test_any_text_is_names_or_one_sentence(text: str) -> None:
    try:
        found: object = codes_named(text)
    except BatchError as error:
        found = str(error)
    assert found
    assert len(str(found)) < 300


@pytest.mark.parametrize(
    ("fail_on", "wrong"),
    [
        ("error", {"error"}),
        ("silent", {"error", "silent"}),
        ("note", {"error", "silent", "warning", "note"}),
        (None, set()),
    ],
)
def test_a_batch_is_wrong_where_a_finding_is_as_bad(fail_on: str | None, wrong: set[str]) -> None:
    choice = Choice(fail_on=None if fail_on is None else Severity(fail_on))
    assert {severity.value for severity in Severity if choice.fails([severity])} == wrong
    assert not choice.fails([])
    assert choice.fails([], raised=True) is (fail_on is not None)


def test_what_is_left_out_is_kept_aside_and_torch_stays_explained() -> None:
    report = packviz.check(X, [3, 2, 4], batch_first=True)  # not sorted: torch raises
    assert [finding.code for finding in report.findings][:1] == ["lengths-not-sorted"] or not report.ok
    raised = {finding.code for finding in report.findings if finding.severity is Severity.ERROR}
    narrowed = Choice(ignore=tuple(raised)).of(report)
    assert not raised & {finding.code for finding in narrowed.findings}
    assert raised <= {finding.code for finding in narrowed.left_out}
    assert narrowed.unexplained is None
    assert narrowed.ok
    assert "left out: " in str(narrowed)
    for code in raised:
        assert code in str(narrowed)


def test_what_stands_in_the_place_of_what_was_selected_is_taken() -> None:
    x = np.tril(np.ones((4, 9)), 2)
    report = packviz.check(x, [4, 5, 6, 7], batch_first=True, enforce_sorted=False, ask=False)
    [one] = [finding for finding in report.findings if finding.code == "lengths-one-cause"]
    assert "length-counts-padding" in one.instead
    assert Choice(("length-counts-padding",)).of(report).findings == (one,)
    assert one not in Choice(("padding-left",)).of(report).findings


def test_a_report_of_which_nothing_is_left_out_is_the_same_object() -> None:
    report = packviz.check(X, [3, 2, 4], batch_first=True, ask=False)
    assert EVERYTHING.of(report) is report


def test_what_is_ignored_is_not_asked_for_in_the_place_of_another_one() -> None:
    ignoring = Choice(ignore=("lengths-one-cause",))
    assert not ignoring.wants("lengths-one-cause", ("length-exceeds-time",))
    selecting = Choice(select=("length-exceeds-time",))
    assert selecting.wants("lengths-one-cause", ("length-exceeds-time",))
    assert not selecting.wants("lengths-one-cause", ("length-not-positive",))
