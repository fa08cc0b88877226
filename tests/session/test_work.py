"""Which work a state wants."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.cancel import UNWATCHED
from packviz.core.findings import Severity
from packviz.core.module import Module
from packviz.core.samples import sample
from packviz.session import actions as act
from packviz.session.loads import Entry, LoadRequest
from packviz.session.requests import CheckRequest, Request, TorchInfo, TorchRequest, VerdictRequest
from packviz.session.runs import UNASKED, TraceRequest, trace_bytes
from packviz.session.scene.resolve import resolve
from packviz.session.state import State
from packviz.session.updates.update import update
from packviz.session.work import wanted
from tests.session.fakes import answered

BATCH = make_batch([[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]], [3, 2, 4], Call(True, False))
OTHER = make_batch([[1, 2], [4, 0]], [2, 1], Call(True, False))
SPEC = Module()
CHECK, VERDICT, TRACE = CheckRequest(BATCH), VerdictRequest(BATCH, SPEC), TraceRequest(BATCH, SPEC)


def ready(batch: Batch = BATCH) -> State:
    return update(replace(State(), torch=TorchInfo("2.x")), act.Open(batch, SPEC))


def test_an_empty_window_wants_torch_only() -> None:
    assert wanted(State()) == {"torch": TorchRequest()}


def test_before_torch_is_there_only_the_rules_are_wanted() -> None:
    assert wanted(update(State(), act.Open(BATCH))) == {"torch": TorchRequest(), "check": CheckRequest(BATCH, False)}


def test_with_torch_verdict_and_trace_are_wanted_and_no_check_again_where_the_order_was_certain() -> None:
    assert wanted(ready()) == {"check": CHECK, "verdict": VERDICT, "trace": TRACE}
    state = answered(ready(), CHECK)
    assert wanted(state) == {"verdict": VERDICT, "trace": TRACE}


def test_with_torch_the_check_is_repeated_where_only_torch_knows_the_order() -> None:
    batch = make_batch(np.ones((17, 3)), [3, 3, *range(1, 4), *[1] * 12], Call(True, False))
    state = answered(ready(batch), CheckRequest(batch, False))
    assert wanted(state)["check"] == CheckRequest(batch, True)


@given(st.permutations([CHECK, VERDICT, TRACE]), st.lists(st.booleans(), min_size=3, max_size=3))
def test_what_is_there_or_has_failed_is_not_wanted_again(done: list[Request[Any]], failed: list[bool]) -> None:
    state = ready()
    left = {request.kind for request in done}
    for request, bad in zip(done, failed, strict=True):
        state = update(state, act.Failed(request, "no")) if bad else answered(state, request)
        left.discard(request.kind)
        assert set(wanted(state)) == left


def test_every_edit_wants_all_results_anew_and_an_undo_finds_them_again() -> None:
    state = answered(ready(), CHECK, VERDICT, TRACE)
    assert wanted(state) == {}
    edited = update(state, act.SetLength(0, 1))
    assert set(wanted(edited)) == {"check", "verdict", "trace"}
    edited = answered(edited, *wanted(edited).values())
    undone = update(edited, act.Undo())
    assert wanted(undone) == {}
    assert wanted(update(undone, act.Redo())) == {}


def test_a_walk_from_one_document_to_another_and_back_finds_what_was_found_out() -> None:
    state = update(ready(), act.OpenAll((Entry(BATCH), Entry(OTHER))))
    state = answered(state, *wanted(state).values())
    there = update(state, act.GoBy(1))
    assert {request.about for request in wanted(there).values()} == {OTHER}
    assert wanted(update(answered(there, *wanted(there).values()), act.GoBy(-1))) == {}


def test_batches_behind_the_open_one_are_checked_one_after_the_other_for_the_list() -> None:
    third = make_batch([[1, 2], [4, 5]], [2, 9], Call(True, False))
    state = update(ready(), act.OpenAll((Entry(BATCH), Entry(OTHER), Entry(third))))
    seen = []
    for _ in range(4):
        request = wanted(state).get("shelf")
        if request is None:
            break
        seen.append(request.about)
        assert resolve(state, None).shelf.entries[1 + len(seen) - 1].checked is False
        state = update(state, act.Computed(request, request.do(UNWATCHED)))
    assert seen == [OTHER, third]
    entries = resolve(state, None).shelf.entries
    assert [entry.checked for entry in entries] == [False, True, True]
    assert entries[2].worst is Severity.ERROR
    failed = update(ready(), act.OpenAll((Entry(BATCH), Entry(OTHER))))
    request = wanted(failed)["shelf"]
    assert "shelf" not in wanted(update(failed, act.Failed(request, "no")))
    assert "shelf" not in wanted(ready())


def test_another_module_wants_no_new_check() -> None:
    state = answered(ready(), CHECK)
    assert set(wanted(update(state, act.SetModel(Module("GRU"))))) == {"verdict", "trace"}


def test_looking_and_stepping_want_nothing() -> None:
    state = answered(ready(), CHECK, VERDICT, TRACE)
    for action in (act.StepBy(1), act.Select(2), act.TogglePlay(), act.Hover(None)):
        assert wanted(update(state, action)) == {}


def test_a_load_is_wanted_until_it_is_there_or_stopped() -> None:
    request = LoadRequest(1, text="[[1]]")
    state = update(State(), act.Load(request))
    assert wanted(state)["load"] is request
    assert "load" not in wanted(update(state, act.CancelLoad()))
    assert "load" not in wanted(update(state, act.Failed(request, "no")))


def test_torch_that_can_not_be_imported_is_not_asked_for_again() -> None:
    state = update(update(State(), act.Open(BATCH)), act.Failed(TorchRequest(), "no torch"))
    assert set(wanted(state)) == {"check"}


def test_a_large_trace_is_wanted_only_once_somebody_steps() -> None:
    batch = make_batch(np.broadcast_to(np.float32(0), (4000, 1000)), np.full(4000, 1000), Call(True))
    state = ready(batch)
    assert trace_bytes(batch, SPEC) > UNASKED
    assert "trace" not in wanted(state)
    for action in (act.StepBy(1), act.StepTo(-1)):
        assert "trace" in wanted(update(state, action))
    playing = update(update(state, act.TogglePlay()), act.Tick())
    assert "trace" in wanted(playing)


def test_of_a_module_that_somebody_holds_the_states_are_asked_for_where_its_kind_is_known() -> None:
    found = sample("hidden-shape")
    of_no_kind = replace(found.module, cell=None, class_name="Mine")
    mine = update(replace(State(), torch=TorchInfo("2.x")), act.Open(found.load(), of_no_kind))
    assert set(wanted(mine)) == {"check", "verdict"}
    state = update(replace(State(), torch=TorchInfo("2.x")), act.Open(found.load(), found.module))
    work = wanted(state)
    assert set(work) == {"check", "verdict", "trace"}
    assert work["check"].loaded == found.module  # type: ignore[union-attr]
    assert set(wanted(update(state, act.SetModel(Module("GRU"))))) == {"check", "verdict", "trace"}
