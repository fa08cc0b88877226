"""The run that the open one is held against: which are offered, of what each is, and that it is held."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence

from packviz.core.batch import Batch, BatchError, Call, make_batch
from packviz.core.cancel import UNWATCHED
from packviz.core.module import Module, held_module
from packviz.session import actions as act
from packviz.session.other_runs import other_run, others
from packviz.session.others import BeforeEdit, Kept, OnDevice, Other, OtherWeights, Unpacked
from packviz.session.requests import TorchInfo
from packviz.session.runs import OtherTraceRequest, TraceRequest
from packviz.session.selectors import other_trace_of, trace_of, two_runs_of
from packviz.session.state import State, showing
from packviz.session.updates.update import update
from packviz.session.work import wanted

X = np.random.default_rng(0).normal(size=(3, 4, 2)).astype(np.float32)
BATCH = make_batch(X, [4, 2, 3], Call(True, False))
SPEC = Module("GRU", 3, directions=2)


def opened(*actions: act.Action, batch: Batch = BATCH, module: Module = SPEC) -> State:
    state = update(State(torch=TorchInfo("2.x", ("cpu", "cuda:0"))), act.Open(batch, module))
    for action in actions:
        state = update(state, action)
    return state


def worked(state: State) -> State:
    while requests := wanted(state):
        for request in requests.values():
            try:
                state = update(state, act.Computed(request, request.do(UNWATCHED)))
            except BatchError as error:
                state = update(state, act.Failed(request, str(error)))
    return state


def offered(state: State) -> list[type[Other]]:
    return [type(other) for other, _ in others(state)]


def test_those_that_there_are_are_offered() -> None:
    assert others(State()) == ()
    assert offered(opened()) == [Unpacked, OtherWeights, OnDevice]
    assert offered(opened(act.SetLength(0, 3))) == [Unpacked, BeforeEdit, OtherWeights, OnDevice]
    assert offered(opened(act.KeepRun())) == [Unpacked, OtherWeights, OnDevice]  # it is the open one
    kept = opened(act.KeepRun(), act.SetLength(0, 3))
    assert offered(kept) == [Unpacked, BeforeEdit, Kept, OtherWeights, OnDevice]
    assert dict(others(kept))[Kept()] == "kept: lengths 4, 2, 3 · nn.GRU, seed 0"
    assert dict(others(kept))[BeforeEdit()] == "before the edit: length of row 0"
    assert OtherWeights not in offered(opened(module=held_module("GRU")))


def test_the_run_before_the_last_edit_is_that_of_the_batch_that_is_open() -> None:
    state = opened(act.SetLength(0, 3), act.SetModel(Module("GRU", 5)))
    before = other_run(state, BeforeEdit())
    assert before is not None
    assert before.module.hidden == 3
    assert before.batch.counts.tolist() == [3, 2, 3]
    another = update(state, act.Open(make_batch(X, [1, 1, 1], Call(True, False))))
    assert other_run(another, BeforeEdit()) is None
    back = update(update(another, act.GoTo(0)), act.Undo())
    assert other_run(back, BeforeEdit()) is None or back.document is not None


def test_the_other_run_is_stepped_and_both_are_compared() -> None:
    state = worked(opened(act.KeepRun(), act.SetLength(2, 4)))
    assert other_trace_of(state) is None
    held = update(state, act.HoldAgainst(Kept()))
    request = wanted(held)
    assert set(request) == {"two runs"} or set(request) == {"other"}
    held = worked(held)
    found = two_runs_of(held)
    assert found is not None
    assert found.result is not None
    assert found.result.comparison.rows == (2,)
    assert found.result.comparison.first == (3, 2, 0, 0)
    assert two_runs_of(update(held, act.HoldAgainst(None))) is None
    assert update(held, act.HoldAgainst(Kept())) is held


def test_what_has_been_stepped_before_an_edit_is_not_stepped_again() -> None:
    state = worked(opened())
    state = worked(update(update(state, act.SetLength(2, 4)), act.HoldAgainst(BeforeEdit())))
    answer = other_trace_of(state)
    assert answer is not None
    assert type(answer.request) is TraceRequest
    assert not any(isinstance(request, OtherTraceRequest) for request in state.results.answers)


def test_the_unpacked_run_is_that_of_torch_over_the_padded_batch() -> None:
    state = worked(opened(act.HoldAgainst(Unpacked())))
    answer = other_trace_of(state)
    assert answer is not None
    assert answer.result is not None
    torch.manual_seed(0)
    module = torch.nn.GRU(2, 3, bidirectional=True, batch_first=True)
    with torch.inference_mode():
        _, h_n = module(torch.from_numpy(X))
    torch.testing.assert_close(torch.from_numpy(np.array(answer.result.final["h_n"])), h_n)
    mine = trace_of(state)
    assert mine is not None
    assert mine.result is not None
    with torch.inference_mode():
        _, packed = module(pack_padded_sequence(torch.from_numpy(X), torch.tensor([4, 2, 3]), True, False))
    torch.testing.assert_close(torch.from_numpy(np.array(mine.result.final["h_n"])), packed)


def test_other_weights_are_those_of_the_next_seed() -> None:
    run = other_run(opened(), OtherWeights())
    assert run is not None
    assert (run.module.seed, run.name) == (1, "the run of seed 1")


def test_a_device_that_is_missing_is_said_and_nothing_else_changes() -> None:
    state = worked(opened())
    held = update(state, act.HoldAgainst(OnDevice("cuda:0")))
    request = wanted(held)["other"]
    if torch.cuda.is_available():
        pytest.skip("there is such a device")
    with pytest.raises(ValueError, match="cuda:0"):
        request.do(UNWATCHED)
    failed = update(held, act.Failed(request, "there is no cuda:0"))
    answer = other_trace_of(failed)
    assert answer is not None
    assert answer.why == "there is no cuda:0"
    assert not wanted(failed)


def test_a_state_of_a_large_unpacked_run_waits_until_somebody_steps() -> None:
    wide = make_batch(np.zeros((64, 3000, 1), np.float32), [1] * 64, Call(True, False))
    state = showing(wide, Module("LSTM", 128), torch=TorchInfo("2.x"))
    state = update(state, act.HoldAgainst(Unpacked()))
    assert "other" not in wanted(state)
    answer = other_trace_of(state)
    assert answer is not None
    assert "press F10 to step" in answer.why
    assert "other" in wanted(update(state, act.StepBy(1)))
