"""The words of the scene: titles, subtitles, footers, the status bar. Functions of a state's parts, to text."""

from __future__ import annotations

from typing import Any

import numpy as np

from packviz.core.batch import Batch
from packviz.core.findings import Report, Severity
from packviz.core.layout import Layout
from packviz.core.model import ModelSpec
from packviz.core.packing import Packing, Refusal
from packviz.core.padding import padding_share
from packviz.core.wording import abridged, cells_named, length_told
from packviz.session.numbers import number
from packviz.session.requests import UNASKED, LoadRequest, TorchRequest, VerdictRequest, trace_bytes
from packviz.session.state import Cursor, Place, State
from packviz.torch_side.trace import Trace

FROM = {
    "guessed": "lengths guessed from the padding",
    "mask": "lengths from the mask",
    "packed": "lengths from batch_sizes",
}


ASKING = "asking torch…"


def shape_text(shape: tuple[int, ...]) -> str:
    """`(4, 5)`, `(15,)`."""
    return str(tuple(int(n) for n in shape))


def short_list(values: Any, most: int = 12) -> str:
    """A list of numbers, its middle left out where it is long: `[6, 4, 4, …, 1]`."""
    return f"[{abridged(values, most)}]"


def lengths_text(batch: Batch | None) -> str:
    """The lengths as they are typed: `3, 2, 4`."""
    if batch is None or not batch.lengths_known:
        return ""
    real = batch.lengths.real.tolist()
    return ", ".join(f"{v:g}" if v % 1 else f"{v:.0f}" for v in real)


def padded_subtitle(batch: Batch, orientation: str, feature: int = 0) -> str:
    """`(4, 5) float32 · batch_first · time ↓`."""
    layout = "batch_first" if batch.call.batch_first else "time first"
    arrow = "↓" if orientation == "down" else "→"
    shown = f" · feature {feature} of {batch.feature_count}" if batch.feature_count > 1 else ""
    return f"{shape_text(batch.x.shape)} {batch.dtype} · {layout} · time {arrow}{shown}"


def padded_footer(batch: Batch, layout: Layout | None = None) -> str:
    """Where the lengths come from, or how to change them; then how x lies, for which there is room in the tool tip."""
    first = FROM.get(batch.lengths_from, "drag a row's end: its length")
    return first if layout is None else f"{first} · {layout}"


def packed_subtitle(batch: Batch, packing: Packing) -> str:
    """`(15,) · reading order = memory order`."""
    return f"{shape_text((packing.size, *batch.features))} · reading order = memory order"


def packed_footer(packing: Packing, batch: Batch, provisional: bool) -> str:
    """sorted and unsorted indices; whether torch still has to be asked for the order of equal lengths."""
    if provisional:
        return "the order of equal lengths: asking torch…"
    if batch.call.enforce_sorted and batch.order is None:
        return "sorted_indices None · the order of the batch"
    most = 8
    return f"sorted {short_list(packing.sorted_indices, most)} · unsorted {short_list(packing.unsorted_indices, most)}"


def sizes_lines(packing: Packing) -> tuple[str, str]:
    """batch_sizes in brackets, and their sum."""
    total = int(packing.batch_sizes.sum())
    missing = "" if total == packing.size else f", but data has {packing.size}"
    return short_list(packing.batch_sizes, 8), f"sum {total}{missing}"


def row_lines(trace: Trace, row: int) -> tuple[str, str]:
    """How many units there are, and where the row ends."""
    length = int(trace.packing.lengths[row])
    units = f"{trace.hidden} unit{'s' if trace.hidden != 1 else ''}"
    return units, f"ends at t{length - 1} = h_n[0, {row}]"


def states_lines(trace: Trace, step: int) -> tuple[str, str]:
    """How many rows are active after this step; the agreement with torch's own module."""
    packing = trace.packing
    active = np.flatnonzero(packing.lengths > step)
    ended = np.flatnonzero(packing.lengths <= step)
    subtitle = f"rows in the order of the batch · {len(active)} of {packing.rows} active"
    if len(ended):
        row = int(ended[np.argmax(packing.lengths[ended])])
        subtitle += f" · row {row} ended at t{packing.lengths[row] - 1}, its h is final"
    subtitle += f" · input: {trace.inputs}"
    said = f"max |Δ| against torch's {trace.module} {trace.difference:.1e} {'✓' if trace.agrees else '✗ they differ'}"
    return subtitle, f"active rows {short_list(active, 10)} · h[:{len(active)}] updated · {said}"


def findings_summary(report: Report) -> str:
    """`1 silent · 1 note`."""
    plural = {severity: "" if severity is Severity.SILENT else "s" for severity in Severity}
    return " · ".join(f"{n} {severity}{plural[severity] if n > 1 else ''}" for severity, n in report.counts().items())


def no_trace(state: State, packing: Packing | Refusal | None, failed: str | None) -> str:
    """Why no state is shown, or nothing where one is or will be at once."""
    if state.batch is None:
        return ""
    if isinstance(packing, Refusal):
        return "Nothing to step: the batch is not packed."
    if state.batch.module is not None:
        name = state.batch.module.name
        return f"This batch brings its own {name}: choose one in the menu Module to step that instead."
    if failed is not None:
        return failed
    if state.torch is None:
        return torch_missing(state)
    size = trace_bytes(state.batch, state.spec)
    if size > UNASKED and not state.stepped:
        return f"All states of this run take {size / 2**20:,.0f} MiB: press F10 to step, and they are computed."
    return f"stepping… {state.tracing:.0%}" if state.tracing else "stepping…"


def no_verdict(state: State) -> str:
    """Why there is no verdict yet."""
    if state.batch is None:
        return ""
    if state.torch is None:
        return torch_missing(state)
    return state.results.failed.get(VerdictRequest(state.batch, state.spec), ASKING)


def torch_missing(state: State) -> str:
    """Why torch can't be asked yet, or at all."""
    return state.results.failed.get(TorchRequest(), "torch is being imported…")


def banner(state: State) -> tuple[str, bool, bool, float]:
    """(text, bad, loading, fraction)."""
    if state.loading is not None:
        request = state.loading.request
        return f"Reading {request.name}…", False, True, state.loading.fraction
    if state.message is not None:
        return state.message.text, state.message.bad, False, 0.0
    return "", False, False, 0.0


def status(batch: Batch | None, packing: Packing | Refusal | None, cursor: Cursor, spec: ModelSpec) -> tuple[str, str]:
    """The status bar: the hovered (else the current) cell and its packed index; what the batch is."""
    if batch is None:
        return "", ""
    place = cursor.hover or Place(cursor.row, cursor.step)
    share = padding_share(batch)
    padding = "" if share is None else f" · {share:.0%} padding"
    features = "".join(f" × {n}" for n in batch.features)
    shape = f"{batch.rows} × {batch.steps}{features}" if batch.x.ndim >= 2 else shape_text(batch.x.shape)
    right = f"{batch.source} · {shape}{padding} · {spec.device} · {batch.dtype}"
    return cell_text(batch, packing, place), right


def cell_text(batch: Batch, packing: Packing | Refusal | None, place: Place) -> str:
    """`x[2, 4] = 0 → data[13] (t4, sorted row 0)`, indices in x's own layout."""
    row, step = place.row, place.step
    if row < 0 or step < 0:
        return f"t{step}" if step >= 0 else ""
    name = cells_named(batch, row, step, step + 1)
    if row >= batch.rows:
        return ""
    if step >= batch.steps:
        counted = row < len(batch.counts) and step < batch.counts[row]
        why = f", but lengths[{row}] is {batch.counts[row]}" if counted else ""
        return f"{name} does not exist: x has {batch.steps} steps{why}"
    values = np.atleast_1d(batch.grid[row, step]).reshape(-1)
    shown = number(values[0].item()) if not batch.features else _features(values)
    if not batch.lengths_known:
        return f"{name} = {shown} · not packed"
    if row >= len(batch.counts):
        dropped = ": torch drops it" if isinstance(packing, Packing) else ""
        return f"{name} = {shown} · row {row} has no length{dropped}"
    if step >= batch.counts[row]:
        return f"{name} = {shown} · padding (length {length_told(batch, row)}): not packed"
    if not isinstance(packing, Packing):
        return f"{name} = {shown} · not packed"
    k = int(packing.index(row, step))
    return f"{name} = {shown} → data[{k}] (t{step}, sorted row {packing.unsorted_indices[row]})"


def _features(values: Any) -> str:
    items = [number(v) for v in values[:6].tolist()]
    return f"[{', '.join(items)}{', …' if len(values) > 6 else ''}]"


def layout_note(batch: Batch, request: LoadRequest) -> str:
    """What to say where both the lengths and the layout of a batch were left to packviz; else nothing."""
    if batch.lengths_from != "guessed" or batch.call.batch_first or "batch_first" in request.typed:
        return ""
    name = f"{request.name[:1].upper()}{request.name[1:]}"
    return (
        f"{name} says neither lengths nor batch_first: x is read as (T, B), torch's default, and its lengths are "
        "guessed. If its rows are the sequences, switch batch_first on."
    )
