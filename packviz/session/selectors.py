"""What has become of what a document needs: its report, verdict, trace and probe.

This is the one place where requests about a document are made; work, scene and words all ask here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from packviz.core.comparing import Comparison
from packviz.core.findings import Severity
from packviz.core.gradients import Gradients
from packviz.core.noted import NotedCall
from packviz.core.origins import Origin
from packviz.core.reach import Reach
from packviz.core.replaying import RowsHeld, Segment, span_of
from packviz.core.report import Report
from packviz.core.stops import Searched
from packviz.core.two_runs import TwoRuns
from packviz.core.verdict import Verdict
from packviz.session.answers import Answer, answer_to
from packviz.session.document import Document
from packviz.session.listing import OpenRecording
from packviz.session.other_runs import other_run
from packviz.session.recordings import CallRequest, ReloadRequest
from packviz.session.requests import (
    CheckRequest,
    ProbeRequest,
    Request,
    ShelfCheckRequest,
    TorchInfo,
    TorchRequest,
    VerdictRequest,
    loaded_in,
    ordered_by,
)
from packviz.session.results import Done, Failed, Results
from packviz.session.runs import (
    AheadRequest,
    CompareRequest,
    GradientRequest,
    OriginRequest,
    OtherReplayRequest,
    OtherTraceRequest,
    ReachRequest,
    ReplayRequest,
    RowsRequest,
    SearchRequest,
    TraceRequest,
    TwoRunsRequest,
)
from packviz.session.state import State

if TYPE_CHECKING:
    from packviz.core.probing import ProbeReport
    from packviz.core.trace import Trace


def torch_of(state: State) -> Answer[TorchInfo]:
    """torch itself."""
    return answer_to(state, TorchRequest())


def report_of(state: State, document: Document | None = None) -> Answer[Report] | None:
    """The findings of the rules on a document, the open one unless given; None in an empty window."""
    document = document or state.document
    return None if document is None else answer_to(state, _check(state, document))


def verdict_of(state: State, document: Document | None = None) -> Answer[Verdict] | None:
    """What torch does with its call."""
    document = document or state.document
    return None if document is None else answer_to(state, VerdictRequest(document.batch, document.module))


def trace_of(state: State, document: Document | None = None) -> Answer[Trace] | None:
    """Every state of its run."""
    document = document or state.document
    return None if document is None else answer_to(state, TraceRequest(document.batch, document.module))


def probe_of(state: State, document: Document | None = None) -> Answer[ProbeReport] | None:
    """Whether its module reads padding."""
    document = document or state.document
    return None if document is None else answer_to(state, ProbeRequest(document.batch, document.module))


def search_of(state: State) -> Answer[Searched] | None:
    """What is looked for in the states of the open run; None where there is nothing to look for, or no run."""
    document, trace = state.document, trace_of(state)
    if document is None or trace is None or trace.result is None:
        return None
    stops = tuple(stop for stop in document.stops.stops if stop.of_states)
    if not stops and not document.watches:
        return None
    return answer_to(state, SearchRequest(trace.result, stops, document.watches))


def origin_of(state: State) -> Answer[Origin] | None:
    """Where the number comes from that somebody has asked for; None where nobody has, or there is no run."""
    document, trace = state.document, trace_of(state)
    if document is None or state.origin is None or trace is None or trace.result is None:
        return None
    return answer_to(state, OriginRequest(document.batch, document.module, trace.result, state.origin))


def reach_of(state: State) -> Answer[Reach] | None:
    """Where the cell of x goes that somebody has asked for; None where nobody has, or there is no run."""
    document, trace = state.document, trace_of(state)
    if document is None or state.reach is None or trace is None or trace.result is None:
        return None
    return answer_to(state, ReachRequest(document.batch, document.module, trace.result, state.reach))


def gradient_of(state: State) -> Answer[Gradients] | None:
    """The gradients at the cells of x and at h, where cells are coloured by them; else None."""
    document = state.document
    if document is None or state.look.colour != "gradient":
        return None
    return answer_to(state, GradientRequest(document.batch, document.module, state.look.gradient))


def compared_of(state: State) -> Answer[tuple[Comparison, ...]] | None:
    """The run compared with others, where somebody wants it and there is one; else None."""
    document, trace = state.document, trace_of(state)
    if document is None or not state.comparing or trace is None or trace.result is None:
        return None
    return answer_to(state, CompareRequest(document.batch, document.module, trace.result))


def other_trace_of(state: State) -> Answer[Trace] | None:
    """Every state of the run that the open one is held against; None where it is held against none, or there is none
    such."""
    run = None if state.other is None else other_run(state, state.other)
    if run is None:
        return None
    same = TraceRequest(run.batch, run.module)
    if not run.unpacked and isinstance(state.results.of(same), Done):
        return answer_to(state, same)
    return answer_to(state, OtherTraceRequest(run.batch, run.module, run.unpacked))


def two_runs_of(state: State) -> Answer[TwoRuns] | None:
    """What the open run and the other one have in common; None before both are there."""
    trace, other = trace_of(state), other_trace_of(state)
    if state.other is None or trace is None or other is None or trace.result is None or other.result is None:
        return None
    run = other_run(state, state.other)
    return None if run is None else answer_to(state, TwoRunsRequest(trace.result, other.result, "This run", run.name))


def segment_of(state: State) -> Answer[Segment] | None:
    """The states of the steps around the current one, of a run that is kept as checkpoints; else None."""
    trace = trace_of(state)
    if trace is None or trace.result is None or trace.result.replays is None:
        return None
    number = span_of(trace.result.spans, state.cursor.step)
    ahead = AheadRequest(trace.result, number)
    known = isinstance(state.results.of(ahead), Done)
    return answer_to(state, ahead if known else ReplayRequest(trace.result, number))


def ahead_of(state: State) -> Answer[Segment] | None:
    """Those of the steps to which the walk comes next, once those around the current one are there."""
    here = segment_of(state)
    if here is None or here.result is None:
        return None
    request = here.request
    assert isinstance(request, ReplayRequest)
    number = request.number + (-1 if state.cursor.moment.direction else 1)
    if not 0 <= number < len(request.trace.spans):
        return None
    known = isinstance(state.results.of(ReplayRequest(request.trace, number)), Done)
    return None if known else answer_to(state, AheadRequest(request.trace, number))


MOST_ROWS = 24
"""Rows whose states over all of their steps are computed again together."""


def rows_of(state: State) -> Answer[RowsHeld] | None:
    """The states of the selected rows over all of their steps, of a run that is kept as checkpoints; else None."""
    here = segment_of(state)
    if here is None or here.result is None:
        return None
    request, cursor = here.request, state.cursor
    assert isinstance(request, ReplayRequest)
    chosen = cursor.block.rows if cursor.block is not None else (cursor.row,)
    rows = tuple(row for row in chosen if row < request.trace.packing.rows)[:MOST_ROWS]
    return answer_to(state, RowsRequest(request.trace, rows)) if rows else None


def other_segment_of(state: State) -> Answer[Segment] | None:
    """The states around the current step of the other run, where that is kept as checkpoints; else None."""
    other = other_trace_of(state)
    if other is None or other.result is None or other.result.replays is None:
        return None
    return answer_to(state, OtherReplayRequest(other.result, span_of(other.result.spans, state.cursor.step)))


MOST_CHECKED = 1000
"""Batches behind the open one that are checked for the list, the first of them: a check of each is kept."""


def shelf_checks(state: State) -> Answer[Report] | None:
    """The findings on the first batch behind the open one of which nothing is known yet; None where all are known."""
    documents = state.documents
    if len(documents) < 2:
        return None
    known = worst_findings(state.results)
    for place, document in enumerate(documents.all[:MOST_CHECKED]):
        if place == documents.open or id(document.batch) in known:
            continue
        request = ShelfCheckRequest(document.batch, False, loaded_in(document.module))
        if not isinstance(state.results.of(request), Failed):
            return answer_to(state, request)
    return None


def call_of(recording: OpenRecording, call: NotedCall, said: str = "") -> CallRequest:
    """What reads the batch of a call of the open recording; `said`: what is said then."""
    return CallRequest(recording.known, call, recording.options, said)


def reload_of(state: State) -> ReloadRequest | None:
    """What reads the calls of the open recording again; None where none is open."""
    recording = state.recording
    return None if recording is None else ReloadRequest(recording)


def worst_findings(results: Results) -> dict[int, Severity | None]:
    """The worst severity that the rules found in each batch, by the id of the batch; None where they found nothing."""
    worst: dict[int, Severity | None] = {}
    for request, told in results.answers.items():
        if isinstance(request, CheckRequest) and isinstance(told, Done):
            findings = told.result.findings
            worst[id(request.batch)] = findings[0].severity if findings else None
    return worst


def answers(state: State) -> Iterator[Answer[Any]]:
    """All that the open document and the window need."""
    yield torch_of(state)
    of_document = (report_of(state), verdict_of(state), trace_of(state), probe_of(state))
    of_run = (search_of(state), origin_of(state), reach_of(state), gradient_of(state), compared_of(state))
    of_two = (other_trace_of(state), two_runs_of(state), other_segment_of(state))
    of_steps = (segment_of(state), ahead_of(state), rows_of(state))
    for found in (*of_document, *of_run, *of_two, *of_steps, shelf_checks(state)):
        if found is not None:
            yield found


def shown(state: State) -> frozenset[Request[Any]]:
    """The requests whose results are shown now: they are kept, whatever memory they take."""
    return frozenset(answer.request for answer in answers(state))


def _check(state: State, document: Document) -> CheckRequest:
    batch = document.batch
    return CheckRequest(batch, ordered_by(state.torch, batch), loaded_in(document.module))
