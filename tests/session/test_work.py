"""What is wanted of a state, and what each request does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence

from packviz.core.batch import Batch, BatchError, Call, make_batch
from packviz.core.cancel import UNWATCHED, Cancelled, Watch
from packviz.core.findings import Report, Verdict
from packviz.core.model import ModelSpec
from packviz.core.packing import Packing, Refusal
from packviz.core.samples import SAMPLES
from packviz.session import actions as act
from packviz.session.state import State, TorchInfo
from packviz.session.update import update
from packviz.session.work import (
    UNASKED,
    CheckRequest,
    LoadRequest,
    Request,
    TorchRequest,
    TraceRequest,
    VerdictRequest,
    WeightsRequest,
    packing_of,
    trace_bytes,
    wanted,
)
from packviz.torch_side.trace import Trace

BATCH = make_batch([[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]], [3, 2, 4], Call(True, False))
SPEC = ModelSpec()
CHECK, VERDICT, TRACE = CheckRequest(BATCH, True), VerdictRequest(BATCH, SPEC), TraceRequest(BATCH, SPEC)


def ready(batch: Batch = BATCH) -> State:
    return update(replace(State(), torch=TorchInfo("2.x")), act.Open(batch, SPEC))


# ---- what is wanted --------------------------------------------------------------------------------------------------


def test_an_empty_window_wants_torch_only() -> None:
    assert wanted(State()) == {"torch": TorchRequest()}


def test_before_torch_is_there_only_the_rules_are_wanted() -> None:
    assert wanted(update(State(), act.Open(BATCH))) == {"torch": TorchRequest(), "check": CheckRequest(BATCH, False)}


def test_with_torch_the_check_is_repeated_in_its_order_and_verdict_and_trace_are_wanted() -> None:
    state = update(ready(), act.Computed(CheckRequest(BATCH, False), "report"))
    assert wanted(state) == {"check": CHECK, "verdict": VERDICT, "trace": TRACE}


@given(st.permutations([CHECK, VERDICT, TRACE]), st.lists(st.booleans(), min_size=3, max_size=3))
def test_what_is_there_or_has_failed_is_not_wanted_again(done: list[Request], failed: list[bool]) -> None:
    state = ready()
    left = {request.kind for request in done}
    for request, bad in zip(done, failed, strict=True):
        state = update(state, act.Failed(request, "no") if bad else act.Computed(request, "result"))
        left.discard(request.kind)
        assert set(wanted(state)) == left


def test_every_edit_wants_all_results_anew_and_an_undo_too() -> None:
    state = ready()
    for request in (CHECK, VERDICT, TRACE):
        state = update(state, act.Computed(request, "result"))
    assert wanted(state) == {}
    edited = update(state, act.SetLength(0, 1))
    assert set(wanted(edited)) == {"check", "verdict", "trace"}
    for request in wanted(edited).values():
        edited = update(edited, act.Computed(request, "result"))
    assert set(wanted(update(edited, act.Undo()))) == {"check", "verdict", "trace"}


def test_another_module_wants_no_new_check() -> None:
    state = update(ready(), act.Computed(CHECK, "report"))
    assert set(wanted(update(state, act.SetModel(ModelSpec("GRU"))))) == {"verdict", "trace"}


def test_looking_and_stepping_want_nothing() -> None:
    state = ready()
    for request in (CHECK, VERDICT, TRACE):
        state = update(state, act.Computed(request, "result"))
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


@pytest.mark.parametrize("cell", ["LSTM", "GRU", "RNN"])
def test_trace_bytes_is_what_the_values_of_a_trace_take(cell: Any) -> None:
    batch = make_batch(BATCH.x.astype("float32"), BATCH.lengths, BATCH.call)
    spec = ModelSpec(cell, 5)
    trace = TraceRequest(batch, spec).do(UNWATCHED)
    assert trace_bytes(batch, spec) == sum(values.nbytes for values in trace.values.values())


# ---- what requests do ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [sample.name for sample in SAMPLES])
def test_a_sample_comes_with_the_module_that_it_is_for(name: str) -> None:
    request = LoadRequest(1, sample=name)
    batch, spec = request.do(UNWATCHED)
    assert batch.source == name == request.name
    assert isinstance(spec, ModelSpec)


def test_a_paste_is_read_under_the_call_that_is_set() -> None:
    call = Call(batch_first=True, enforce_sorted=False)
    batch, spec = LoadRequest(1, text="[[1, 2, 0], [3, 0, 0]]", call=call, typed=frozenset({"batch_first"})).do(
        UNWATCHED
    )
    assert batch.grid.tolist() == [[1, 2, 0], [3, 0, 0]]
    assert spec is None


def test_a_file_is_read_by_its_path_and_bytes_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    path.write_text('{"x": [[1, 2, 0], [3, 0, 0]], "lengths": [2, 1], "batch_first": true, "enforce_sorted": false}')
    by_path, piped = LoadRequest(1, path=str(path)), LoadRequest(2, data=path.read_bytes())
    assert (by_path.name, piped.name) == ("b.json", "standard input")
    for request in (by_path, piped):
        batch, _ = request.do(UNWATCHED)
        assert batch.lengths.tolist() == [2, 1]
        assert batch.call == Call(True, False)


def test_lengths_that_were_typed_win_over_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    path.write_text('{"x": [[1, 2, 0], [3, 0, 0]], "lengths": [2, 1], "batch_first": true}')
    batch, _ = LoadRequest(1, path=str(path), lengths=(3, 3)).do(UNWATCHED)
    assert batch.lengths.tolist() == [3, 3]


def test_what_can_not_be_read_is_a_sentence_with_the_files_name(tmp_path: Path) -> None:
    with pytest.raises(BatchError, match=r"nowhere\.pt"):
        LoadRequest(1, path=str(tmp_path / "nowhere.pt")).do(UNWATCHED)


def test_a_load_that_is_stopped_stops(tmp_path: Path) -> None:
    path = tmp_path / "b.npy"
    np.save(path, np.zeros((3, 4)))
    with pytest.raises(Cancelled):
        LoadRequest(1, path=str(path)).do(Watch(None, lambda: True))
    with pytest.raises(Cancelled):
        LoadRequest(1, text="x = [[1, 2], [3, 0]]").do(Watch(None, lambda: True))


def test_weights_are_read_from_a_state_dict(tmp_path: Path) -> None:
    path = tmp_path / "gru.pt"
    torch.save(torch.nn.GRU(2, 3).state_dict(), path)
    request = WeightsRequest(1, str(path))
    weights = request.do(UNWATCHED)
    assert (request.name, weights.cell, weights.hidden, weights.inputs) == ("gru.pt", "GRU", 3, 2)


def test_check_verdict_trace_and_torch_answer() -> None:
    report, verdict, trace = (request.do(UNWATCHED) for request in (CHECK, VERDICT, TRACE))
    assert isinstance(report, Report)
    assert report.verdict is None
    assert isinstance(verdict, Verdict)
    assert verdict.pack.ok
    assert isinstance(trace, Trace)
    assert trace.agrees
    version, devices = TorchRequest().do(UNWATCHED)
    assert version == torch.__version__
    assert devices[0] == "cpu"


def test_a_batch_that_torch_does_not_pack_can_not_be_traced() -> None:
    with pytest.raises(BatchError, match=r"lengths\[0\] is 0"):
        TraceRequest(BATCH.with_lengths([0, 2, 4]), SPEC).do(UNWATCHED)


def test_requests_are_equal_where_they_ask_for_the_same() -> None:
    assert CheckRequest(BATCH) == CheckRequest(BATCH)
    assert CheckRequest(BATCH) != CheckRequest(BATCH.with_lengths(BATCH.lengths))
    assert LoadRequest(1, path="a") != LoadRequest(2, path="a")
    assert len({CheckRequest(BATCH), CheckRequest(BATCH, True), VERDICT, TRACE}) == 4


# ---- the packed order ------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 3), min_size=17, max_size=60))
def test_the_ordered_packing_has_torchs_own_order_of_equal_lengths(lengths: list[int]) -> None:
    batch = make_batch(np.zeros((len(lengths), 3)), lengths, Call(True, False))
    packing = packing_of(batch, True)
    theirs = pack_padded_sequence(torch.zeros(len(lengths), 3), torch.tensor(lengths), True, enforce_sorted=False)
    assert isinstance(packing, Packing)
    assert theirs.sorted_indices is not None
    assert packing.sorted_indices.tolist() == theirs.sorted_indices.tolist()


@pytest.mark.parametrize("lengths", [[], [0, 1, 1], [1, 1, 1, 1], [-1, 2, 2]])
def test_lengths_that_torch_refuses_are_refused_with_or_without_torch(lengths: list[int]) -> None:
    batch = BATCH.with_lengths(np.array(lengths, dtype=np.int64))
    for ordered in (False, True):
        assert isinstance(packing_of(batch, ordered), Refusal)


def test_a_packed_sequence_keeps_the_order_that_it_brought_along() -> None:
    batch = make_batch(np.zeros((3, 2)), [2, 2, 1], Call(True, False), kind="packed", order=[1, 0, 2])
    packing = packing_of(batch, True)
    assert isinstance(packing, Packing)
    assert packing.sorted_indices.tolist() == [1, 0, 2]
