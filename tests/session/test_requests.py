"""What each request does on its worker thread, and when torch is asked for the order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence

from packviz.core.batch import BatchError, Call, make_batch
from packviz.core.cancel import UNWATCHED, Cancelled, Watch
from packviz.core.findings import Report, Verdict
from packviz.core.model import ModelSpec, Weights
from packviz.core.packing import Packing, Refusal
from packviz.core.samples import SAMPLES
from packviz.files.paste.pasted import Pasted
from packviz.session.requests import (
    CheckRequest,
    LoadRequest,
    ProbeRequest,
    TorchRequest,
    TraceRequest,
    VerdictRequest,
    WeightsRequest,
    loaded_in,
    ordered_by,
    packing_of,
    trace_bytes,
)
from packviz.torch_side.stepping.trace import Trace

BATCH = make_batch([[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]], [3, 2, 4], Call(True, False))
SPEC = ModelSpec()
CHECK, VERDICT, TRACE = CheckRequest(BATCH, True), VerdictRequest(BATCH, SPEC), TraceRequest(BATCH, SPEC)


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


def test_a_check_depends_on_the_module_only_where_its_weights_were_loaded() -> None:
    assert loaded_in(ModelSpec("GRU", 3, seed=4, inputs="cast")) is None
    gru = torch.nn.GRU(3, 4)
    weights = Weights("model.pt", {name: tensor.numpy() for name, tensor in gru.state_dict().items()})
    spec = ModelSpec("GRU", 4, weights=weights)
    request = CheckRequest(BATCH, False, loaded_in(spec))
    assert request == CheckRequest(BATCH, False, loaded_in(ModelSpec("GRU", 4, seed=7, weights=weights)))
    assert request != CheckRequest(BATCH, False, loaded_in(ModelSpec("GRU", 4, inputs="cast", weights=weights)))
    report = request.do(UNWATCHED)
    assert report.batch is BATCH
    assert "module-input-size" in {finding.code for finding in report.findings}
    told = report.with_verdict(VerdictRequest(BATCH, spec).do(UNWATCHED))
    assert told.verdict.run.ok is False
    assert told.unexplained is None


@pytest.mark.parametrize("cell", ["LSTM", "GRU", "RNN"])
def test_trace_bytes_is_what_the_values_of_a_trace_take(cell: Any) -> None:
    batch = make_batch(BATCH.x.astype("float32"), BATCH.lengths, BATCH.call)
    spec = ModelSpec(cell, 5)
    trace = TraceRequest(batch, spec).do(UNWATCHED)
    assert trace_bytes(batch, spec) == sum(values.nbytes for values in trace.values.values())


# ---- the packed order ------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 3), min_size=17, max_size=60))
def test_the_ordered_packing_has_torchs_own_order_of_equal_lengths(lengths: list[int]) -> None:
    batch = make_batch(np.zeros((len(lengths), 3)), lengths, Call(True, False))
    packing = packing_of(batch, True)
    theirs = pack_padded_sequence(torch.zeros(len(lengths), 3), torch.tensor(lengths), True, enforce_sorted=False)
    assert isinstance(packing, Packing)
    assert theirs.sorted_indices is not None
    assert packing.sorted_indices.tolist() == theirs.sorted_indices.tolist()


@pytest.mark.parametrize(
    ("lengths", "call", "asked"),
    [
        ([2] * 17, Call(True, False), True),
        ([2] * 16, Call(True, False), False),
        (list(range(1, 21)), Call(True, False), False),
        ([2] * 17, Call(True, True), False),
    ],
)
def test_torch_is_asked_for_the_order_only_where_it_is_not_certain(lengths: list[int], call: Call, asked: bool) -> None:
    batch = make_batch(np.zeros((len(lengths), 20)), lengths, call)
    assert ordered_by("torch", batch) is asked
    assert not ordered_by(None, batch)
    if not asked:
        one, other = packing_of(batch, True), packing_of(batch, False)
        assert isinstance(one, Packing)
        assert isinstance(other, Packing)
        assert one.sorted_indices.tolist() == other.sorted_indices.tolist()


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


def test_a_probe_comes_as_a_report_and_stops_when_it_is_told_to() -> None:
    report = ProbeRequest(BATCH, SPEC).do(UNWATCHED)
    assert report.ok
    assert report.batch is BATCH
    with pytest.raises(Cancelled):
        ProbeRequest(BATCH, SPEC).do(Watch(None, lambda: True))


TWO = '[{"y": 3}, {"x": [[1, 2], [3, 0]], "lengths": [2, 1]}, {"x": [[4, 5]], "lengths": [2]}]'


@pytest.mark.parametrize("way", ["path", "data", "text"])
def test_of_several_batches_the_first_that_can_be_read_comes_with_all(tmp_path: Path, way: str) -> None:
    (tmp_path / "two.json").write_text(TWO)
    given: dict[str, Any] = {"path": str(tmp_path / "two.json"), "data": TWO.encode(), "text": TWO}
    pasted = LoadRequest(1, **{way: given[way]}).do(UNWATCHED)
    assert isinstance(pasted, Pasted)
    assert [loaded.batch is not None for loaded in pasted.batches] == [False, True, True]
    assert pasted.batch is pasted.batches[1].batch
    if way != "text":
        batch, _ = LoadRequest(1, **{way: given[way]}, entry="2").do(UNWATCHED)
        assert batch.x.tolist() == [[4, 5]]
