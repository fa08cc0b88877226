"""The work that a state needs: a request for every result that is not there yet."""

from __future__ import annotations

from packviz.session.requests import (
    UNASKED,
    CheckRequest,
    ProbeRequest,
    Request,
    TorchRequest,
    TraceRequest,
    VerdictRequest,
    loaded_in,
    ordered_by,
    trace_bytes,
)
from packviz.session.state import State


def wanted(state: State) -> dict[str, Request]:
    """The work whose results this state needs and has not got, one request a kind."""
    work: dict[str, Request] = {}
    if state.loading is not None:
        work["load"] = state.loading.request
    if state.torch is None and TorchRequest() not in state.results.failed:
        work["torch"] = TorchRequest()
    batch, results = state.batch, state.results
    if batch is None:
        return work
    check = CheckRequest(batch, ordered_by(state.torch, batch), loaded_in(state.spec))
    if results.report is None or results.report[0] != check:
        work["check"] = check
    if state.torch is not None:
        verdict, trace = VerdictRequest(batch, state.spec), TraceRequest(batch, state.spec)
        if results.verdict is None or results.verdict[0] != verdict:
            work["verdict"] = verdict
        light = not state.spec.held and (state.stepped or trace_bytes(batch, state.spec) <= UNASKED)
        if light and (results.trace is None or results.trace[0] != trace):
            work["trace"] = trace
        probe = ProbeRequest(batch, state.spec)
        if state.probe == probe and (results.probe is None or results.probe[0] != probe):
            work["probe"] = probe
    return {kind: request for kind, request in work.items() if request not in results.failed}
