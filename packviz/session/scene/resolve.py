"""resolve(state, last) → scene: everything that is drawn, already as arrays, colours and strings.

A part whose inputs are the same objects as in the last scene is the same object: a view redraws only where `is` says
that something has changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from packviz.core.batch import Batch
from packviz.core.cells.layout import Layout
from packviz.core.comparing import Comparison
from packviz.core.look import colour
from packviz.core.module import Module
from packviz.core.moments import Moment, Moments
from packviz.core.origins import OfX
from packviz.core.packing import Packing, Refusal, has_one_order
from packviz.core.reach import Reach
from packviz.core.replaying import RowsHeld, Segment
from packviz.core.report import Report
from packviz.core.stop_list import Stops
from packviz.core.texts.python.snippet import python_for
from packviz.core.two_runs import TwoRuns
from packviz.core.verdict import Verdict
from packviz.session import selectors
from packviz.session.answers import Answer, Earlier, earlier
from packviz.session.cursor import Place
from packviz.session.document import Documents
from packviz.session.other_runs import others
from packviz.session.others import Other
from packviz.session.recordings import CallRequest
from packviz.session.requests import ordered_by, packing_of
from packviz.session.results import Results
from packviz.session.scene import contradicted, panes, told, words
from packviz.session.scene.calls import calls_part
from packviz.session.scene.inspector import inspected
from packviz.session.scene.memo import Memo
from packviz.session.scene.notes import notes_part
from packviz.session.scene.pane import NO_MARKS, Pane
from packviz.session.scene.parts import (
    Banner,
    Bars,
    ComparedPart,
    Controls,
    OriginPart,
    Pointer,
    Ribbons,
    Scene,
    Status,
    TorchSays,
)
from packviz.session.scene.pointed import pointed as _pointed
from packviz.session.scene.pointed import what_it_is
from packviz.session.scene.pointer import pointer
from packviz.session.scene.probe import probe_part
from packviz.session.scene.reach import reach_part
from packviz.session.scene.shelf import MANY, Worst, shelf_part
from packviz.session.scene.stops import stops_part
from packviz.session.scene.trace_grids import StatesGrid
from packviz.session.scene.two_runs import two_runs_part
from packviz.session.scene.work import work_part
from packviz.session.state import State
from packviz.session.updates.explaining import explanation_part

if TYPE_CHECKING:
    from packviz.core.probing import ProbeReport
    from packviz.core.trace import Trace

__all__ = ["NO_MARKS", "Bars", "Controls", "Pane", "Pointer", "Ribbons", "Scene", "TorchSays", "resolve"]

T = TypeVar("T")
MOST_MISSING = 64  # steps that x does not have, of a batch that is not packed


def resolve(state: State, last: Scene | None) -> Scene:
    """The scene of this state; unchanged parts are those of the last scene."""
    memo = Memo(last)
    batch, module, look, cursor = state.batch, state.module, state.look, state.cursor
    theme = memo("theme", colour.THEMES.__getitem__, look.theme)
    ordered = batch is not None and ordered_by(state.torch, batch)
    packing = memo("packing", _packing, batch, ordered)
    down = memo("down", _down, batch, packing)
    places = memo("places", contradicted.places, batch)
    report, verdict, trace = selectors.report_of(state), selectors.verdict_of(state), selectors.trace_of(state)
    x = batch.x if batch else None
    finite = memo("finite", panes.all_finite, x)
    limits = memo("limits", panes.value_limits, x, look.feature, look.colour)
    limits = limits if look.range is None else (look.range.low, look.range.high)
    step_colour = cursor.step if look.colour == "state" else 0
    grads = selectors.gradient_of(state)
    norms = memo("norms", panes.norms_shown, result_of(grads), cursor.shown_pass if look.at_h else None)
    graded = memo("graded", panes.gradient_told, norms, "" if grads is None else grads.why)
    how = (look.colour, theme, look.feature, limits, finite, step_colour, norms)
    colours = memo("colours", panes.cell_colours, batch, *how)
    checked = memo("report", told.with_verdict, result_of(report), result_of(verdict))
    silent = told.is_silent(checked)
    trouble = memo("trouble", told.trouble, checked)
    provisional = memo("ties", _provisional, batch, packing, ordered)
    cards, asked = earlier(state, report), earlier(state, verdict)

    run, of = _seen(state, trace)
    segment = selectors.segment_of(state)
    held = (None, None) if of else (result_of(segment), result_of(selectors.rows_of(state)))
    seen = memo("seen", _at_hand, run, *held)
    why = "" if trace is None else trace.why
    waiting = segment.why if segment is not None and segment.result is None else ""
    rows = batch.rows if batch else 0
    moment, moments = cursor.moment, state.moments
    row = (seen, look.shown, cursor.row, theme, down, look.linked, cursor.shown_pass)
    row_grid = memo("row_grid", panes.row_grid, *row)
    states_grid = memo("states_grid", panes.states_grid, seen, moment, rows, theme, look.linked)

    other = result_of(selectors.other_trace_of(state))
    there = memo("there", _at_hand, other, result_of(selectors.other_segment_of(state)), None)
    on = (batch, packing, cursor, look.feature, seen, of, places)
    pointed = memo("pointed", _pointed, *on, norms)
    stops = Stops() if state.document is None else state.document.stops
    watches = () if state.document is None else state.document.watches
    written = () if state.document is None else state.document.written
    search = selectors.search_of(state)
    origin = selectors.origin_of(state)
    found, searching = result_of(search), search is not None and search.wanted
    controls = (batch, module, look, state.play, state.torch, state.history.undo_label, state.history.redo_label)
    layout = _layout(report, cards)
    padded = (batch, colours, trouble, down, look.orientation, layout, places)
    return Scene(
        theme=theme,
        down=down,
        padded=memo("padded", panes.padded_pane, *padded, graded),
        packed=memo("packed", panes.packed_pane, batch, colours, packing, trouble, down, provisional),
        ribbons=memo("ribbons", panes.ribbons, packing, colours),
        sizes=memo("sizes", panes.size_bars, batch, packing, down),
        row=memo("row", panes.row_pane, row_grid, cursor.row, of, why, seen is not None),
        states=memo("states", panes.states_pane, states_grid, moment, moments, of, why, waiting),
        pointer=memo("pointer", pointer, batch, packing, cursor, stops, moments),
        findings=memo("findings", told.findings, checked, cards, "" if report is None else report.why, state.walked),
        explanation=memo("explanation", explanation_part, state.told, checked),
        torch=memo("torch", told.torch_says, result_of(verdict), asked, state.torch, *_waiting(verdict), silent),
        probe=memo("probe", probe_part, *_probe(state)),
        python=memo("python", _python, batch, module),
        controls=memo("controls", _controls, *controls),
        shelf=memo("shelf", shelf_part, state.documents, memo("worst", _severities, state.documents, state.results)),
        calls=memo("calls", calls_part, state.recording, *_numbers(state)),
        work=memo("work", work_part, state.documents, state.clean, state.file, state.saves, state.conflict),
        inspector=memo("inspector", inspected, *on),
        stops=memo("stops", stops_part, stops, watches, found, packing, moment, moments, searching, written),
        notes=memo("notes", notes_part, state.document),
        compared=memo("compared", ComparedPart, *_compared(state)),
        two=memo("two", two_runs_part, *_two_runs(state, there), *_where(state, states_grid)),
        origin=memo("origin", OriginPart, state.origin, result_of(origin), "" if origin is None else origin.why),
        reach=memo("reach", reach_part, *_reach(state, packing, why)),
        status=memo("status", Status, pointed, memo("what", what_it_is, batch, module)),
        banner=memo("banner", Banner, *words.banner(state)),
        made_from=memo.new,
    )


def result_of(answer: Answer[T] | None) -> T | None:
    """The result, where there is a batch and it is there."""
    return None if answer is None else answer.result


def _seen(state: State, trace: Answer[Trace] | None) -> tuple[Trace | None, str]:
    """The trace that is shown, and of what it is where that is not the present batch and module."""
    if trace is None or trace.result is not None:
        return result_of(trace), ""
    before = earlier(state, trace)
    if before is None or state.look.shown not in before.result.names:
        return None, ""
    if before.result.states.keys() != {(m.layer, m.direction) for m in _passes(state.moments)}:
        return None, ""
    return before.result, before.of


def _at_hand(trace: Trace | None, segment: Segment | None, rows: RowsHeld | None) -> Trace | None:
    """A run of which all is at hand as it is; of one that is kept as checkpoints, what has been computed again."""
    return trace if trace is None or trace.replays is None else trace.through(segment, rows)


def _waiting(verdict: Answer[Verdict] | None) -> tuple[str, bool]:
    """What stands where the verdict will be, and whether it is on its way."""
    return ("", False) if verdict is None else (verdict.why, verdict.wanted)


def _probe(state: State) -> tuple[ProbeReport | None, str, bool, float, bool, bool]:
    """What `probe_part` takes: the result for the batch and module that are open, else why there is none."""
    answer = selectors.probe_of(state)
    if answer is None:
        return None, "There is no batch to probe: open one first.", False, 0.0, False, False
    failed = answer.failed or (state.asked == answer.request and state.torch is None and torch_failed(state))
    return answer.result, answer.why, answer.wanted, answer.fraction, True, failed


def torch_failed(state: State) -> bool:
    """Whether torch can't be imported at all."""
    return selectors.torch_of(state).failed


def _numbers(state: State) -> tuple[int, int]:
    """The number of the call that is open, and of the one on its way; 0 of none."""
    request = None if state.loading is None else state.loading.request
    ahead = request.call.number if isinstance(request, CallRequest) else 0
    return 0 if state.call is None else state.call.number, ahead


def _severities(documents: Documents, results: Results) -> tuple[Worst, ...]:
    """The worst that is known of each document; nothing where there is only one, which the cards show."""
    if len(documents) < MANY:
        return ()
    known = selectors.worst_findings(results)
    found = (id(document.batch) for document in documents.all)
    return tuple((known.get(batch), batch in known) for batch in found)


def _layout(report: Answer[Report] | None, before: Earlier[Report] | None) -> Layout | None:
    """How x lies; while another length of the same x is being checked, what was said of it before."""
    if report is None:
        return None
    if report.result is not None:
        return report.result.layout
    batch = report.request.about
    same = before is not None and batch is not None and before.result.batch.call.batch_first == batch.call.batch_first
    return before.result.layout if before is not None and same else None


def _packing(batch: Batch | None, ordered: bool) -> Packing | Refusal | None:
    return None if batch is None else packing_of(batch, ordered)


def _provisional(batch: Batch | None, packing: Packing | Refusal | None, ordered: bool) -> bool:
    """Whether torch, not imported yet, may put equal lengths in another order."""
    return batch is not None and isinstance(packing, Packing) and not ordered and not has_one_order(batch)


def _down(batch: Batch | None, packing: Packing | Refusal | None) -> int:
    if batch is None:
        return 1
    if isinstance(packing, Packing):
        return max(batch.steps, packing.longest)
    # Not packed: a length beyond the end is shown as what it is, but a mad one must not leave a batch no room.
    longest = int(batch.counts.max(initial=0))
    return max(batch.steps, min(longest, batch.steps + MOST_MISSING), 1)


def _reach(
    state: State, packing: Packing | Refusal | None, why: str
) -> tuple[OfX | None, Reach | None, str, Batch | None, Packing | Refusal | None]:
    """What `reach_part` takes; `why`: why there is no run."""
    if state.reach is None:
        return None, None, "", None, None
    answer = selectors.reach_of(state)
    why = why if answer is None else answer.why
    return state.reach, result_of(answer), why, state.batch, packing


def _compared(state: State) -> tuple[tuple[Comparison, ...], str]:
    answer = selectors.compared_of(state)
    if answer is None:
        return (), "Nothing is stepped that could be compared." if state.comparing else ""
    return answer.result or (), answer.why


def _two_runs(
    state: State, there: Trace | None
) -> tuple[tuple[tuple[Other, str], ...], Other | None, Trace | None, TwoRuns | None, str]:
    """What `two_runs_part` takes of the other run."""
    if state.other is None:
        return (), None, None, None, ""
    answers = (selectors.trace_of(state), selectors.other_trace_of(state), selectors.two_runs_of(state))
    why = next((answer.why for answer in answers if answer is not None and answer.result is None), "")
    return others(state), state.other, there, result_of(answers[2]), why


def _where(state: State, grid: StatesGrid | None) -> tuple[StatesGrid | None, Place | None]:
    """What is looked at in both runs; nothing where there is no other one."""
    return (None, None) if state.other is None else (grid, state.cursor.hover)


def _passes(moments: Moments) -> list[Moment]:
    """The first step of each layer and direction."""
    return [Moment(0, layer, d) for layer in range(moments.layers) for d in range(moments.directions)]


def _python(batch: Batch | None, module: Module) -> str:
    return "" if batch is None else python_for(batch, module)


def _controls(batch: Any, spec: Any, look: Any, play: Any, torch: Any, undo: Any, redo: Any) -> Controls:
    devices = ("cpu",) if torch is None else torch.devices
    return Controls(batch, spec, look, play, devices, undo, redo, words.lengths_text(batch))
