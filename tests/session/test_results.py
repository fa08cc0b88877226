"""The store of results: what is there is found again, within its bytes."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import Batch, make_batch
from packviz.core.module import Module
from packviz.session import results as module
from packviz.session.requests import CheckRequest, TorchRequest
from packviz.session.results import Done, Failed, Results, Running
from packviz.session.runs import TraceRequest

BATCHES = [make_batch(np.full((2, 5), i, dtype=np.float64), [1, 1]) for i in range(8)]  # 80 bytes each
CHECKS = [CheckRequest(batch) for batch in BATCHES]


def trace_of(batch: Batch) -> TraceRequest:
    return TraceRequest(batch, Module())


def test_an_answer_is_found_by_an_equal_request_and_no_other() -> None:
    results = Results().with_answer(CHECKS[0], Done("report"))
    assert results.done(CheckRequest(BATCHES[0])) == "report"
    assert results.done(CheckRequest(BATCHES[0], True)) is None
    assert results.of(CHECKS[1]) is None
    assert Results().with_answer(TorchRequest(), Failed("no torch")).failed(TorchRequest()) == "no torch"


def test_it_is_a_value_that_nothing_changes() -> None:
    before = Results().with_answer(CHECKS[0], Running(0.5))
    after = before.with_answer(CHECKS[0], Done("report"))
    assert before.of(CHECKS[0]) == Running(0.5)
    assert after.done(CHECKS[0]) == "report"
    with pytest.raises(FrozenInstanceError):
        after.answers = {}  # type: ignore[misc]


def test_what_runs_is_forgotten_when_something_else_is_shown_and_all_else_stays() -> None:
    results = Results().with_answer(CHECKS[0], Done("report")).with_answer(CHECKS[1], Failed("no"))
    assert results.at_rest() is results
    assert list(results.with_answer(CHECKS[2], Running(0.5)).at_rest().answers) == CHECKS[:2]


def test_taking_one_out_leaves_the_others() -> None:
    results = Results().with_answer(CHECKS[0], Done("a")).with_answer(CHECKS[1], Done("b"))
    assert list(results.without(CHECKS[0]).answers) == [CHECKS[1]]
    assert results.without(CHECKS[2]) is results


def test_the_newest_of_a_kind_that_fits_is_found() -> None:
    results = Results()
    for i, check in enumerate(CHECKS[:3]):
        results = results.with_answer(check, Done(i))
    results = results.with_answer(trace_of(BATCHES[1]), Done("trace")).with_answer(CHECKS[3], Running())
    assert results.newest(CheckRequest, lambda request: True) == (CHECKS[2], 2)
    assert results.newest(CheckRequest, lambda request: request.batch is BATCHES[0]) == (CHECKS[0], 0)
    assert results.newest(CheckRequest, lambda request: request.batch is BATCHES[3]) is None


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 60)), max_size=20), st.integers(0, 300))
def test_the_newest_stay_while_they_fit_and_what_is_shown_always(told: list[tuple[int, int]], budget: int) -> None:
    shown = trace_of(BATCHES[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MOST_BYTES", budget)
        results, order = Results().with_answer(shown, Done("shown", 50), frozenset({shown})), [shown]
        for place, size in told:
            request: Any = CHECKS[place]
            results = results.with_answer(request, Done(place, size), frozenset({shown}))
            order = [known for known in order if known != request] + [request]
        left = list(results.answers)
    assert left == [request for request in order if request in results.answers]
    assert shown in results.answers
    if told:
        assert CHECKS[told[-1][0]] in results.answers
    others = [request for request in order if request != shown and request in results.answers][:-1]
    batches = {id(request.about): 80 for request in others if request.about is not BATCHES[0]}
    if others:
        newest = order[-1]
        batches.pop(id(newest.about), None)
        assert results.nbytes + sum(batches.values()) <= budget
    kept = {request for request in order if request in results.answers} - {shown}
    assert kept == set([request for request in order if request != shown][-len(kept) :] if kept else [])


def test_thousands_of_small_answers_make_room_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ANSWERS", 3)
    results = Results()
    for check in CHECKS:
        results = results.with_answer(check, Done(None))
    assert list(results.answers) == CHECKS[-3:]
