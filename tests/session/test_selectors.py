"""Selectors: what has become of what a document needs."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

from packviz.core.batch import Call, make_batch
from packviz.core.cancel import UNWATCHED
from packviz.core.findings import Severity
from packviz.core.samples import sample
from packviz.session import actions as act
from packviz.session import selectors
from packviz.session.loads import Entry
from packviz.session.requests import CheckRequest, TorchInfo, TorchRequest
from packviz.session.selectors import probe_of, report_of, shown, torch_of, trace_of, verdict_of
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
