"""What differs between two calls of a site is said; of two alike nothing is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from packviz.core.calls.differing import CLOSENESS, before, differences
from packviz.core.findings import Severity
from packviz.core.noted import NotedCall
from tests.core.test_noted import calls as noted_calls
from tests.recorded import EVAL, call_of

ONE = call_of(1)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ()),
        ({"number": 2, "time": 3.0, "thread": "T", "reason": "", "tier": "torch"}, ()),
        ({"rows": 1200, "steps": 80}, ("B 3 → 1,200", "T 6 → 80")),
        ({"features": (4, 5)}, ("F 2 → 4 × 5",)),
        ({"features": ()}, ("F 2 → none",)),
        ({"shortest": 0, "longest": 7, "total": 9}, ("shortest 2 → 0", "longest 6 → 7", "N 12 → 9")),
        ({"dtype": "float16", "device": "cuda:0"}, ("float32 → float16", "cpu → cuda:0")),
        ({"module": "nn.GRU(2, 4)", "fingerprint": "b"}, ("nn.LSTM(2, 4) → nn.GRU(2, 4)",)),
        ({"fingerprint": "b"}, ("other weights",)),
        ({"error": "ValueError: no"}, ("it raised",)),
        (
            {"findings": (("padding-left", Severity.SILENT), ("a", Severity.NOTE))},
            ("now padding-left and a",),
        ),
    ],
)
def test_each_fact_that_changed_is_said(changes: dict[str, Any], said: tuple[str, ...]) -> None:
    assert differences(ONE, ONE._replace(**changes)) == said


def test_lengths_that_could_not_be_told_are_not_held_against_others() -> None:
    untold = ONE._replace(number=2, total=0, shortest=0, longest=0)
    assert (differences(ONE, untold), differences(untold, ONE)) == ((), ())


def test_what_is_gone_is_said_too() -> None:
    bad = ONE._replace(error="ValueError: no", findings=(("padding-left", Severity.SILENT),))
    assert differences(bad, ONE) == ("no longer padding-left", "it returned")


def test_what_was_found_comes_before_what_differs_from_batch_to_batch() -> None:
    bad = ONE._replace(number=2, steps=80, error="ValueError: no", findings=(("padding-left", Severity.SILENT),))
    assert differences(ONE, bad) == ("now padding-left", "it raised", "T 6 → 80")


def test_of_calls_that_were_looked_at_less_closely_it_is_not_said_that_something_was_not_there() -> None:
    brief = ONE._replace(tier="invariants")
    whole = ONE._replace(tier="rules", findings=(("last-output", Severity.NOTE),))
    assert differences(brief, whole) == ("found last-output",)
    assert differences(whole, brief) == ()
    assert differences(brief._replace(tier="torch"), whole) == ("now last-output",)
    assert differences(whole, brief._replace(tier="torch")) == ("no longer last-output",)


FACTS = ("rows", "steps", "features", "dtype", "device", "module", "fingerprint")
OF_LENGTHS = ("total", "shortest", "longest")
"""What is a fact only of a call whose lengths could be told."""


@given(noted_calls, noted_calls)
@example(ONE._replace(rows=0, longest=0), ONE._replace(rows=0, longest=1))
def test_there_is_something_to_say_just_where_a_fact_differs(one: NotedCall, other: NotedCall) -> None:
    facts = FACTS + OF_LENGTHS if one.measured and other.measured else FACTS
    same = all(getattr(one, name) == getattr(other, name) for name in facts) and one.outcome == other.outcome
    codes = [{code for code, _ in call.findings} for call in (one, other)]
    looked = CLOSENESS.index(other.tier) >= CLOSENESS.index(one.tier)
    found = codes[1] - codes[0] or (codes[0] - codes[1] if looked else set())
    assert (differences(one, other) == ()) == (same and not found)


@given(st.lists(noted_calls, max_size=8, unique_by=lambda call: call.number), st.integers(0, 7))
def test_the_call_before_is_the_last_one_of_the_same_site(some: list[NotedCall], at: int) -> None:
    calls = sorted(some, key=lambda call: call.number)
    if at >= len(calls):
        return
    found = before(calls, calls[at])
    alike = [
        other
        for other in calls[:at]
        if (other.site, other.call, other.process, other.worker)
        == (calls[at].site, calls[at].call, calls[at].process, calls[at].worker)
    ]
    assert found is (alike[-1] if alike else None)


def test_calls_of_other_sites_functions_and_workers_are_passed_over() -> None:
    calls = (
        ONE,
        call_of(2, site=EVAL),
        call_of(3)._replace(call="pack_sequence"),
        call_of(4)._replace(worker=1),
        call_of(5),
    )
    assert before(calls, calls[4]) is ONE
    assert before(calls, calls[1]) is None
