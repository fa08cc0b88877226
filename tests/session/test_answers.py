"""What has become of a request, and what is shown while its result is on its way."""

from __future__ import annotations

import numpy as np
import pytest

from packviz.core.batch import Call, make_batch
from packviz.core.module import Module
from packviz.session import actions as act
from packviz.session.answers import earlier
from packviz.session.selectors import report_of, trace_of, verdict_of
from packviz.session.updates.update import update
from packviz.session.work import wanted
from tests.session.fakes import answered
from tests.session.test_selectors import done, ready


def test_an_answer_says_whether_it_is_wanted_how_far_it_is_and_why_it_is_not_there() -> None:
    state = ready()
    trace = trace_of(state)
    assert trace is not None
    assert (trace.wanted, trace.result, trace.fraction, trace.why) == (True, None, 0.0, "stepping…")
    begun = trace_of(update(state, act.Progressed(trace.request, 0.0)))
    assert begun is not None
    assert (begun.wanted, begun.fraction, begun.why) == (True, 0.0, "stepping…")
    half = trace_of(update(state, act.Progressed(trace.request, 0.42)))
    assert half is not None
    assert (half.wanted, half.fraction, half.why) == (True, 0.42, "stepping… 42%")
    failed = trace_of(update(state, act.Failed(trace.request, "too large")))
    assert failed is not None
    assert (failed.wanted, failed.failed, failed.why) == (False, True, "too large")
    there = trace_of(answered(state, trace.request))
    assert there is not None
    assert (there.wanted, there.why, there.fraction) == (False, "", 1.0)
    assert there.result is not None


@pytest.mark.parametrize(
    ("action", "of"),
    [
        (act.SetLength(0, 1), "the last lengths"),
        (act.SetOption("enforce_sorted", True), "the last options"),
        (act.SetModel(Module("GRU")), "the last module"),
    ],
)
def test_while_a_result_is_on_its_way_the_one_before_says_of_what_it_is(action: act.Action, of: str) -> None:
    state = update(done(), action)
    verdict = earlier(state, verdict_of(state))
    assert verdict is not None
    assert verdict.of == of
    report = earlier(state, report_of(state))
    assert (None if report is None else report.of) == (None if "module" in of else of)
    again = answered(state, *wanted(state).values())
    assert earlier(again, verdict_of(again)) is None
    back = update(state, act.Undo())
    assert earlier(back, verdict_of(back)) is None
    assert verdict_of(back).result is not None  # type: ignore[union-attr]


def test_two_changes_at_once_are_both_said() -> None:
    state = update(update(done(), act.SetLength(0, 1)), act.SetModel(Module("GRU")))
    found = earlier(state, trace_of(state))
    assert found is not None
    assert found.of == "the last lengths and module"


def test_nothing_of_another_x_is_shown_nor_anything_that_will_not_be_replaced() -> None:
    other = update(done(), act.Open(make_batch(np.ones((3, 5)), [3, 2, 4], Call(True, False))))
    assert earlier(other, verdict_of(other)) is None
    refused = update(done(), act.SetLength(0, 0))
    assert earlier(refused, trace_of(refused)) is None
    failed = update(done(), act.SetLength(0, 1))
    failed = update(failed, act.Failed(verdict_of(failed).request, "no"))  # type: ignore[union-attr]
    assert earlier(failed, verdict_of(failed)) is None


def test_of_fewer_rows_of_the_same_x_nothing_is_shown() -> None:
    state = done()
    assert state.batch is not None
    few = make_batch(state.batch.x[:2], state.batch.lengths[:2], state.batch.call)
    assert few.x.__array_interface__["data"] == state.batch.x.__array_interface__["data"]
    other = update(state, act.Open(few))
    assert earlier(other, verdict_of(other)) is None
    again = update(state, act.Open(make_batch(state.batch.x, [1] * state.batch.rows, state.batch.call)))
    assert earlier(again, verdict_of(again)) is not None
