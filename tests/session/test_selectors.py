"""Selectors: what has become of what a document needs, and of what it is while that is on its way."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from packviz.core.batch import Call, make_batch
from packviz.core.cancel import UNWATCHED
from packviz.core.findings import Severity
from packviz.core.module import Module
from packviz.core.samples import sample
from packviz.session import actions as act
from packviz.session import selectors
from packviz.session.loads import Entry
from packviz.session.requests import CheckRequest, TorchInfo, TorchRequest
from packviz.session.selectors import earlier, probe_of, report_of, shown, torch_of, trace_of, verdict_of
from packviz.session.state import State, showing
from packviz.session.updates.update import update
from packviz.session.work import wanted
from tests.session.fakes import answered

PACKVIZ = Path(selectors.__file__).parents[1]
BATCH = make_batch([[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]], [3, 2, 4], Call(True, False))
MADE_HERE_ALONE = {"CheckRequest", "VerdictRequest", "TraceRequest", "ProbeRequest", "TorchRequest"}


def ready() -> State:
    return showing(BATCH, torch=TorchInfo("2.x"))


def done() -> State:
    state = ready()
    return answered(state, *wanted(state).values())


def test_requests_about_a_document_are_made_in_the_selectors_alone() -> None:
    makers = {
        path.relative_to(PACKVIZ).as_posix()
        for path in PACKVIZ.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MADE_HERE_ALONE
    }
    assert makers <= {"session/selectors.py", "session/state.py"}  # the state asks whether torch could be imported


def test_an_empty_window_needs_torch_alone() -> None:
    assert [answer.request for answer in selectors.answers(State())] == [TorchRequest()]
    assert report_of(State()) is verdict_of(State()) is trace_of(State()) is probe_of(State()) is None


def test_an_answer_says_whether_it_is_wanted_how_far_it_is_and_why_it_is_not_there() -> None:
    state = ready()
    trace = trace_of(state)
    assert trace is not None
    assert (trace.wanted, trace.result, trace.fraction, trace.why) == (True, None, 0.0, "stepping…")
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


def test_without_torch_what_needs_it_waits_and_says_so() -> None:
    state = showing(BATCH)
    for answer in (verdict_of(state), trace_of(state)):
        assert answer is not None
        assert (answer.wanted, answer.why) == (False, "torch is being imported…")
    lost = update(state, act.Failed(TorchRequest(), "no torch here"))
    assert torch_of(lost).why == "no torch here"
    verdict = verdict_of(lost)
    assert verdict is not None
    assert verdict.why == "no torch here"


def test_any_document_can_be_asked_about() -> None:
    other = make_batch([[1, 2], [4, 0]], [2, 1], Call(True, False))
    state = update(done(), act.OpenAll((Entry(other), Entry(BATCH))))
    first = report_of(state, state.documents.all[1])
    assert first is not None
    assert first.result is not None
    now = report_of(state)
    assert now is not None
    assert now.result is None
    assert {request.about for request in shown(state)} == {None, other}


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


def test_the_worst_finding_of_each_batch_is_known_once_it_is_checked() -> None:
    found = sample("beyond-the-end").load()
    state = update(showing(found), act.Open(BATCH))
    for batch in (found, BATCH):
        request = CheckRequest(batch)
        state = update(state, act.Computed(request, request.do(UNWATCHED)))
    known = selectors.worst_findings(state.results)
    assert known[id(found)] is Severity.ERROR
    assert known[id(BATCH)] in (None, Severity.NOTE)
    assert selectors.worst_findings(replace(state, results=type(state.results)()).results) == {}
