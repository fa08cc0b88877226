"""resolve(state, last) → scene: everything that is drawn, already as arrays, colours and strings.

A part whose inputs are the same objects as in the last scene is the same object: a view redraws only where `is` says
that something has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np

from packviz.core.batch import Batch
from packviz.core.cells.layout import Layout
from packviz.core.findings import Report, Severity, Verdict
from packviz.core.look import colour
from packviz.core.module import Module
from packviz.core.packing import Packing, Refusal, has_one_order
from packviz.core.texts.snippet import python_for
from packviz.session.requests import CheckRequest, TraceRequest, VerdictRequest, loaded_in, ordered_by, packing_of
from packviz.session.scene import panes, words
from packviz.session.scene.parts import (
    NO_MARKS,
    Banner,
    Bars,
    Controls,
    Findings,
    Pane,
    Pointer,
    Ribbons,
    Scene,
    Status,
    TorchSays,
    Trouble,
)
from packviz.session.scene.probe import probe_part, probe_says
from packviz.session.state import State
from packviz.session.updates.explaining import explanation_part

__all__ = ["NO_MARKS", "Bars", "Controls", "Pane", "Pointer", "Ribbons", "Scene", "TorchSays", "resolve"]

T = TypeVar("T")
MOST_MISSING = 64  # steps that x does not have, of a batch that is not packed


class _Memo:
    """Makes each part once: the old one where its inputs are the same objects or equal small values."""

    def __init__(self, last: Scene | None) -> None:
        self.old: Mapping[str, tuple[tuple[Any, ...], Any]] = last.made_from if last else {}
        self.new: dict[str, tuple[tuple[Any, ...], Any]] = {}

    def __call__(self, name: str, make: Callable[..., T], *inputs: Any) -> T:
        before = self.old.get(name)
        if before is None or not _same(before[0], inputs):
            before = (inputs, make(*inputs))
        self.new[name] = before
        part: T = before[1]
        return part


def _same(old: tuple[Any, ...], new: tuple[Any, ...]) -> bool:
    return len(old) == len(new) and all(map(_alike, old, new))


def _alike(a: Any, b: Any) -> bool:
    # Arrays are alike only if they are the same one: comparing the cells of x costs more than what it would save.
    return a is b or (type(a) is type(b) and not isinstance(a, np.ndarray) and bool(a == b))


def resolve(state: State, last: Scene | None) -> Scene:
    """The scene of this state; unchanged parts are those of the last scene."""
    memo = _Memo(last)
    batch, spec, look, cursor = state.batch, state.spec, state.look, state.cursor
    theme = memo("theme", colour.THEMES.__getitem__, look.theme)
    ordered = batch is not None and ordered_by(state.torch, batch)
    packing = memo("packing", _packing, batch, ordered)
    down = memo("down", _down, batch, packing)
    report = _current(state.results.report, batch and CheckRequest(batch, ordered, loaded_in(spec)))
    verdict = _current(state.results.verdict, batch and VerdictRequest(batch, spec))
    trace_request = batch and TraceRequest(batch, spec)
    trace = _current(state.results.trace, trace_request)
    trace_failed = state.results.failed.get(trace_request) if trace_request else None
    old_trace = state.results.trace[1] if state.results.trace else None
    coming = trace_failed is None and not spec.held
    shown_trace = trace or (old_trace if coming and old_trace and look.shown in old_trace.names else None)
    x = batch.x if batch else None
    finite = memo("finite", panes.all_finite, x)
    limits = memo("limits", panes.value_limits, x, look.feature, look.colour)
    step_colour = cursor.step if look.colour == "state" else 0
    colours = memo("colours", panes.cell_colours, batch, look.colour, theme, look.feature, limits, finite, step_colour)
    report_known = memo("report", _with_verdict, report, verdict)
    trouble = memo("trouble", _trouble, report_known)
    layout = _layout(report, state)
    provisional = memo("ties", _provisional, batch, packing, ordered)
    why_no_trace = words.no_trace(state, packing, trace_failed)

    rows = batch.rows if batch else 0
    row_grid = memo("row_grid", panes.row_grid, shown_trace, look.shown, cursor.row, theme, down)
    states_grid = memo("states_grid", panes.states_grid, shown_trace, cursor.step, rows, theme)

    controls = (batch, spec, look, state.play, state.torch, state.history.undo_label, state.history.redo_label)
    return Scene(
        theme=theme,
        down=down,
        padded=memo("padded", panes.padded_pane, batch, colours, trouble, down, look.orientation, layout),
        packed=memo("packed", panes.packed_pane, batch, colours, packing, trouble, down, provisional),
        ribbons=memo("ribbons", panes.ribbons, packing, colours),
        sizes=memo("sizes", panes.size_bars, batch, packing, down),
        row=memo("row", panes.row_pane, row_grid, cursor.row, trace is None, why_no_trace, shown_trace is not None),
        states=memo("states", panes.states_pane, states_grid, cursor.step, trace is None, why_no_trace),
        pointer=memo("pointer", _pointer, batch, packing, cursor, state.play.breakpoints, state.last_step),
        findings=memo("findings", _findings, report_known, batch),
        explanation=memo("explanation", explanation_part, state.told, report_known),
        torch=memo("torch", _torch_says, verdict, state.torch, batch, words.no_verdict(state)),
        probe=memo("probe", probe_part, *probe_says(state)),
        python=memo("python", _python, batch, spec),
        controls=memo("controls", _controls, *controls),
        status=memo("status", Status, *memo("words", words.status, batch, packing, cursor, spec)),
        banner=memo("banner", Banner, *words.banner(state)),
        made_from=memo.new,
    )


def _layout(report: Report | None, state: State) -> Layout | None:
    """How x lies; while another length of the same x is being checked, what was said of it before."""
    if report is None and state.batch is not None and state.results.report is not None:
        last = state.results.report[1]
        same = last.batch.x is state.batch.x and last.batch.call.batch_first == state.batch.call.batch_first
        report = last if same else None
    return report.layout if report else None


def _current(found: tuple[Any, T] | None, request: Any) -> T | None:
    """The result, if it answers this very request."""
    return found[1] if found is not None and found[0] == request else None


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


def _with_verdict(report: Report | None, verdict: Verdict | None) -> Report | None:
    return report.with_verdict(verdict) if report and verdict else report


def _trouble(report: Report | None) -> Trouble:
    if report is None:
        return Trouble()
    worse = [f for f in report.findings if f.severity is not Severity.NOTE]
    rows = frozenset(r for f in worse for r in f.rows if f.severity is not Severity.WARNING)
    spans = [np.column_stack([f.spans, np.full(len(f.spans), f.severity.rank)]) for f in worse if len(f.spans)]
    return Trouble(rows, np.concatenate(spans) if spans else NO_MARKS)


def _pointer(
    batch: Batch | None, packing: Packing | Refusal | None, cursor: Any, breakpoints: frozenset[int], last: int
) -> Pointer:
    hover = cursor.hover
    return Pointer(
        cursor.step,
        cursor.row,
        None if batch is None else (cursor.step, cursor.row),
        _packed_place(packing, cursor.row, cursor.step),
        None if hover is None else (hover.step, hover.row),
        None if hover is None else _packed_place(packing, hover.row, hover.step),
        tuple(sorted(breakpoints)),
        last,
    )


def _packed_place(packing: Packing | Refusal | None, row: int, step: int) -> tuple[int, int] | None:
    """(step, sorted row) of a cell, or (step, -1) where it is not packed."""
    if not isinstance(packing, Packing):
        return None
    packed = 0 <= row < packing.rows and 0 <= step < int(packing.lengths[row])
    return step, int(packing.unsorted_indices[row]) if packed else -1


def _findings(report: Report | None, batch: Batch | None) -> Findings:
    if report is None:
        return Findings((), "" if batch is None else "checking…", batch is not None)
    return Findings(report.findings, words.findings_summary(report), False, report.unexplained_text)


def _torch_says(verdict: Verdict | None, torch: Any, batch: Batch | None, waiting: str) -> TorchSays:
    version = "" if torch is None else " " + torch.version
    return TorchSays(f"What torch{version} does with this call", verdict, waiting, waiting == words.ASKING)


def _python(batch: Batch | None, spec: Module) -> str:
    return "" if batch is None else python_for(batch, spec)


def _controls(batch: Any, spec: Any, look: Any, play: Any, torch: Any, undo: Any, redo: Any) -> Controls:
    devices = ("cpu",) if torch is None else torch.devices
    return Controls(batch, spec, look, play, devices, undo, redo, words.lengths_text(batch))
