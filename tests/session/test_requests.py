"""What each request does on its worker thread, and when torch is asked for the order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence

from packviz.core.batch import Call, make_batch
from packviz.core.cancel import UNWATCHED, Cancelled, Watch
from packviz.core.carrier import Packed
from packviz.core.module import Module, Stored
from packviz.core.packing import Packing, Refusal
from packviz.core.report import Report
from packviz.core.trace import Trace
from packviz.core.verdict import Verdict
from packviz.session.requests import (
    HINT,
    CheckRequest,
    ProbeRequest,
    TorchInfo,
    TorchRequest,
    VerdictRequest,
    loaded_in,
    ordered_by,
    packing_of,
)
from packviz.session.runs import TraceRequest
from packviz.session.state import showing

BATCH = make_batch([[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]], [3, 2, 4], Call(True, False))
SPEC = Module()
CHECK, VERDICT, TRACE = CheckRequest(BATCH, True), VerdictRequest(BATCH, SPEC), TraceRequest(BATCH, SPEC)


def test_check_verdict_trace_and_torch_answer() -> None:
    report, verdict, trace = (request.do(UNWATCHED) for request in (CHECK, VERDICT, TRACE))
    assert isinstance(report, Report)
    assert report.verdict is None
    assert isinstance(verdict, Verdict)
    assert verdict.pack.ok
    assert isinstance(trace, Trace)
    assert trace.agrees
    found = TorchRequest().do(UNWATCHED)
    assert found.version == torch.__version__
    assert found.devices[0] == "cpu"


def test_requests_are_equal_where_they_ask_for_the_same() -> None:
    assert CheckRequest(BATCH) == CheckRequest(BATCH)
    assert CheckRequest(BATCH) != CheckRequest(BATCH.with_lengths(BATCH.lengths))
    assert len({CheckRequest(BATCH), CheckRequest(BATCH, True), VERDICT, TRACE}) == 4


def test_a_check_depends_on_the_module_only_where_it_was_loaded_or_the_way_in_was_chosen() -> None:
    assert loaded_in(Module("GRU", 3, seed=4)) is None
    assert loaded_in(Module("GRU", 3, seed=4, inputs="cast")) == loaded_in(Module(inputs="cast")) is not None
    gru = torch.nn.GRU(3, 4)
    weights = Stored("model.pt", {name: tensor.numpy() for name, tensor in gru.state_dict().items()})
    spec = Module("GRU", 4, weights=weights)
    request = CheckRequest(BATCH, False, loaded_in(spec))
    assert request == CheckRequest(BATCH, False, loaded_in(Module("GRU", 4, seed=7, weights=weights)))
    assert request != CheckRequest(BATCH, False, loaded_in(Module("GRU", 4, inputs="cast", weights=weights)))
    report = request.do(UNWATCHED)
    assert report.batch is BATCH
    assert "module-input-size" in {finding.code for finding in report.findings}
    told = report.with_verdict(VerdictRequest(BATCH, spec).do(UNWATCHED))
    assert told.verdict.run.ok is False
    assert told.unexplained is None


def test_a_padding_value_that_fits_what_x_is_cast_to_is_no_finding() -> None:
    batch = make_batch(BATCH.x.astype("float16"), BATCH.lengths, replace(BATCH.call, padding_value=1e5))
    codes = {}
    for inputs in ("auto", "cast"):
        request = CheckRequest(batch, False, loaded_in(Module(inputs=inputs)))
        codes[inputs] = {finding.code for finding in request.do(UNWATCHED).findings}
        unpack = VerdictRequest(batch, Module(inputs=inputs)).do(UNWATCHED).unpack
        assert ("padding-value-too-large" in codes[inputs]) == (unpack.ok is False), unpack
    assert "padding-value-too-large" in codes["auto"] - codes["cast"]


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
    assert ordered_by(TorchInfo("2.x"), batch) is asked
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
    batch = make_batch(np.zeros((3, 2)), [2, 2, 1], Call(True, False), carrier=Packed(np.array([1, 0, 2])))
    packing = packing_of(batch, True)
    assert isinstance(packing, Packing)
    assert packing.sorted_indices.tolist() == [1, 0, 2]


def test_a_probe_comes_as_a_report_and_stops_when_it_is_told_to() -> None:
    report = ProbeRequest(BATCH, SPEC).do(UNWATCHED)
    assert report.ok
    assert report.batch is BATCH
    with pytest.raises(Cancelled):
        ProbeRequest(BATCH, SPEC).do(Watch(None, lambda: True))


def test_each_kind_says_itself_whether_it_waits_for_a_pause_in_the_edits() -> None:
    patient = {
        kind.kind: kind.patient for kind in (CheckRequest, VerdictRequest, TraceRequest, ProbeRequest, TorchRequest)
    }
    assert patient == {"check": True, "verdict": True, "trace": True, "probe": False, "torch": False}


def test_what_a_result_takes_is_what_its_arrays_take() -> None:
    report, trace = CHECK.do(UNWATCHED), TRACE.do(UNWATCHED)
    assert CHECK.nbytes(report) == sum(finding.spans.nbytes for finding in report.findings)
    assert TRACE.nbytes(trace) == sum(values.nbytes for values in trace.values.values()) > 0
    assert VERDICT.nbytes(VERDICT.do(UNWATCHED)) == 0


def test_a_probe_is_wanted_only_by_whom_asked_for_this_very_one() -> None:
    probe = ProbeRequest(BATCH, SPEC)
    now = showing(BATCH, SPEC, torch=TorchInfo("2.x"))
    assert not probe.wanted(now)
    assert probe.why_not(now) == HINT
    assert probe.wanted(replace(now, asked=probe))
    other = replace(now, asked=ProbeRequest(BATCH, Module("GRU")))
    assert not probe.wanted(other)
    assert "has changed since it was probed" in probe.why_not(other)
