"""The requests about a run: what a trace takes, when there is one, and what is asked of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from packviz.core.batch import BatchError, Call, make_batch
from packviz.core.cancel import UNWATCHED
from packviz.core.module import Module
from packviz.core.moments import Moment
from packviz.core.origins import OfState, OfX
from packviz.session.actions import Failed
from packviz.session.requests import TorchInfo, TorchRequest, VerdictRequest
from packviz.session.runs import (
    UNASKED,
    CompareRequest,
    GradientRequest,
    OriginRequest,
    ReachRequest,
    SearchRequest,
    TraceRequest,
    trace_bytes,
)
from packviz.session.state import showing
from packviz.session.updates.update import update

BATCH = make_batch([[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]], [3, 2, 4], Call(True, False))
SPEC = Module()
VERDICT, TRACE = VerdictRequest(BATCH, SPEC), TraceRequest(BATCH, SPEC)


def test_a_batch_that_torch_does_not_pack_can_not_be_traced() -> None:
    with pytest.raises(BatchError, match=r"lengths\[0\] is 0"):
        TraceRequest(BATCH.with_lengths([0, 2, 4]), SPEC).do(UNWATCHED)


@pytest.mark.parametrize("cell", ["LSTM", "GRU", "RNN"])
@pytest.mark.parametrize(("layers", "directions", "projection"), [(1, 1, 0), (2, 2, 0), (3, 1, 2), (1, 2, 3)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_trace_bytes_is_what_the_states_of_a_trace_take(
    cell: Any, layers: int, directions: int, projection: int, dtype: str
) -> None:
    batch = make_batch(BATCH.x.astype(dtype), BATCH.lengths, BATCH.call)
    spec = Module(cell, 5, layers=layers, directions=directions, projection=projection if cell == "LSTM" else 0)
    trace = TraceRequest(batch, spec).do(UNWATCHED)
    held = sum(values.nbytes for states in trace.states.values() for values in states.values())
    assert trace_bytes(batch, spec) == held


def test_a_large_trace_waits_for_the_first_step_and_says_how_much_it_takes() -> None:
    batch = make_batch(np.broadcast_to(np.float32(1), (2000, 1000)), np.full(2000, 1000), Call(True))
    request = TraceRequest(batch, Module(hidden=64))
    now = showing(batch, request.module, torch=TorchInfo("2.x"))
    assert trace_bytes(batch, request.module) > UNASKED
    assert not request.wanted(now)
    assert "MiB: press F10" in request.why_not(now)
    assert f"{2_000_000 * 64 * 6 * 4 / 2**20:,.0f}" in request.why_not(now)
    stepped = replace(now, stepped=True)
    assert request.wanted(stepped)
    assert request.why_not(stepped) == ""


def test_why_there_is_no_trace_is_said_worst_first() -> None:
    there = showing(BATCH, SPEC, torch=TorchInfo("2.x"))
    assert TRACE.why_not(there) == ""
    assert TRACE.why_not(showing(BATCH, SPEC)) == "torch is being imported…"
    lost = update(showing(BATCH, SPEC), Failed(TorchRequest(), "torch can't be imported."))
    assert TRACE.why_not(lost) == VERDICT.why_not(lost) == "torch can't be imported."
    refused = TraceRequest(BATCH.with_lengths([0, 2, 4]), SPEC)
    assert refused.why_not(there) == "Nothing to step: the batch is not packed."


def test_each_answers_of_the_same_run() -> None:
    trace = TRACE.do(UNWATCHED)
    origin = OriginRequest(BATCH, SPEC, trace, OfState("h", Moment(1), 0, 2)).do(UNWATCHED)
    assert origin.value == pytest.approx(float(trace.states[0, 0]["h"][trace.packing.index(0, 1), 2]))
    following = ReachRequest(BATCH, SPEC, trace, OfX(0, 1, 0))
    reach = following.do(UNWATCHED)
    assert (reach.k, reach.length) == (trace.packing.index(0, 1), 3)
    assert following.nbytes(reach) == 3 * 8
    gradient = GradientRequest(BATCH, SPEC)
    found = gradient.do(UNWATCHED)
    assert found.value == pytest.approx(float(trace.final["h_n"].sum()), rel=1e-5)
    assert gradient.nbytes(found) >= found.x.nbytes > 0
    compared = CompareRequest(BATCH, SPEC, trace).do(UNWATCHED)
    assert {one.name for one in compared if one.equal} >= {"out at lengths - 1"}
    searched = SearchRequest(trace, (), ()).do(UNWATCHED)
    assert (searched.truths, searched.numbers) == ({}, {})


def test_no_gradient_is_wanted_of_what_is_not_stepped() -> None:
    there = showing(BATCH, SPEC, torch=TorchInfo("2.x"))
    assert GradientRequest(BATCH, SPEC).wanted(there)
    refused = GradientRequest(BATCH.with_lengths([0, 2, 4]), SPEC)
    assert not refused.wanted(there)
    assert refused.why_not(there) == "gradients: nothing is stepped"
    with pytest.raises(BatchError, match=r"lengths\[0\] is 0"):
        refused.do(UNWATCHED)
