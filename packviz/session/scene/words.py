"""The words of the scene: titles, subtitles, footers, the status bar. Functions of a state's parts, to text."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import Batch
from packviz.core.carrier import PackedFields
from packviz.core.cells.layout import Layout
from packviz.core.findings import Severity
from packviz.core.moments import Moment
from packviz.core.packing import Packing
from packviz.core.report import Report
from packviz.core.texts.trace import memory_of, place_in_results
from packviz.core.texts.wording import abridged, count, rows_counted, rows_listed
from packviz.core.trace import Pass, Trace
from packviz.session.loads import LoadRequest
from packviz.session.recordings import CallRequest
from packviz.session.state import Offer, State

FROM = {
    "guessed": "lengths guessed from the padding",
    "mask": "lengths from the mask",
    "packed": "lengths from batch_sizes",
}


MOST_ENDED = 3  # so many rows are named by number
DRAG = "drag a row's end: its length"


def shape_text(shape: tuple[int, ...]) -> str:
    """`(4, 5)`, `(15,)`."""
    return str(tuple(int(n) for n in shape))


def short_list(values: Any, most: int = 12) -> str:
    """A list of numbers, its middle left out where it is long: `[6, 4, 4, …, 1]`."""
    return f"[{abridged(values, most)}]"


def lengths_text(batch: Batch | None) -> str:
    """The lengths as they are typed: `3, 2, 4`."""
    if batch is None or not batch.given.known:
        return ""
    real = batch.lengths.real.tolist()
    return ", ".join(f"{v:g}" if v % 1 else f"{v:.0f}" for v in real)


def padded_subtitle(batch: Batch, orientation: str, feature: int = 0) -> str:
    """`(4, 5) float32 · batch_first · time ↓`."""
    layout = "batch_first" if batch.call.batch_first else "time first"
    arrow = "↓" if orientation == "down" else "→"
    count = batch.feature_count
    named = f"feature {feature} of {count}" if feature >= 0 else f"norm over {count} features"
    shown = f" · {named}" if count > 1 else ""
    return f"{shape_text(batch.x.shape)} {batch.dtype} · {layout} · time {arrow}{shown}"


def padded_footer(batch: Batch, layout: Layout | None = None) -> str:
    """Where the lengths come from, if not from the caller; how x lies, and why; how to change a length.

    What there is no room for stands in the tool tip."""
    said = [FROM[batch.given.origin]] if batch.given.origin in FROM else []
    said += batch.read_as
    if layout is not None:
        said += [layout_head(layout), *layout.reasons]
    return " · ".join([*said, DRAG])


def layout_head(layout: Layout) -> str:
    """How x lies, and how sure that is: `batch_first, padded right: certain`."""
    side = {"right": ", padded right", "left": ", padded left", "none": ", not padded", None: ""}[layout.side]
    if layout.batch_first is None:
        return f"batch_first undecidable{side}"
    return f"{'batch_first' if layout.batch_first else 'time first'}{side}: {layout.certainty}"


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
    return _sizes_lines(packing.batch_sizes, packing.size)


def given_sizes_lines(fields: PackedFields) -> tuple[str, str]:
    """The same of a PackedSequence that contradicts itself."""
    return _sizes_lines(fields.batch_sizes, len(np.atleast_1d(fields.data)))


def _sizes_lines(sizes: NDArray[Any], count: int) -> tuple[str, str]:
    total = sum(sizes.tolist())  # of Python's own numbers: what contradicts itself may be as large as it likes
    return short_list(sizes, 8), f"sum {total}" + ("" if total == count else f", but data has {count}")


def row_lines(trace: Trace, row: int, shown: str = "h", at: Pass = (0, 0)) -> tuple[str, str]:
    """How many units there are, and where the row ends."""
    length, (layer, direction) = int(trace.packing.lengths[row]), at
    units = count(trace.width(shown), "unit")
    slot = layer * trace.directions + direction
    if direction:
        return units, f"begins at t{length - 1}, ends at t0 = h_n[{slot}, {row}]"
    return units, f"ends at t{length - 1} = h_n[{slot}, {row}]"


def states_lines(trace: Trace, moment: Moment) -> tuple[str, str]:
    """How many rows are active after this moment; the agreement with torch's own module."""
    packing, step = trace.packing, moment.step
    active = np.flatnonzero(packing.lengths > step)
    others = np.flatnonzero(packing.lengths <= step)
    subtitle = f"rows in the order of the batch · {len(active)} of {packing.rows} active"
    if len(others) and moment.direction:
        subtitle += f" · {rows_counted(others.tolist())} not begun: a row begins at its own last step"
    elif len(others):
        subtitle += f" · {ended_rows(packing, others)}"
    subtitle += f" · input: {trace.inputs if moment.layer == 0 else input_of(trace, moment.layer)}"
    return subtitle, f"active rows {short_list(active, 10)} updated · {memory_of(trace)} · {agreement(trace)}"


def ended_rows(packing: Packing, ended: NDArray[np.int64]) -> str:
    """`row 1 ended at t1, its h is final`, `rows 1, 4 ended, the last at t3: their h is final`, `12 rows ended, …`."""
    last = int(packing.lengths[ended].max()) - 1
    if len(ended) == 1:
        return f"row {ended[0]} ended at t{last}, its h is final"
    named = rows_listed(ended) if len(ended) <= MOST_ENDED else f"{len(ended):,} rows"
    return f"{named} ended, the last at t{last}: their h is final"


def input_of(trace: Trace, layer: int) -> str:
    """What a layer above the first reads: `h of layer 0, forward and backward side by side`."""
    return f"h of layer {layer - 1}{', forward and backward side by side' if trace.directions > 1 else ''}"


def agreement(trace: Trace) -> str:
    """`max |Δ| against torch's nn.LSTM(1, 6) 1.2e-07 at h_n[0, 2, 3] ✓`."""
    where = f" at {place_in_results(trace.furthest)}" if trace.furthest is not None else ""
    said = "✓" if trace.agrees else "✗ they differ"
    return f"max |Δ| against torch's {trace.module} {trace.difference:.1e}{where} {said}"


def findings_summary(report: Report) -> str:
    """`1 silent · 1 note`."""
    plural = {severity: "" if severity is Severity.SILENT else "s" for severity in Severity}
    return " · ".join(f"{n} {severity}{plural[severity] if n > 1 else ''}" for severity, n in report.counts().items())


def of_line(of: str, line: str) -> str:
    """A line about something that is not of now says so first: `of the last lengths · 6 units`."""
    return f"of {of} · {line}" if of else line


def banner(state: State) -> tuple[str, bool, bool, float, tuple[Offer, ...]]:
    """(text, bad, loading, fraction, offers)."""
    if state.loading is not None:
        request = state.loading.request
        if isinstance(request, CallRequest) and not state.loading.fraction:
            return "", False, True, 0.0, ()  # it takes a moment: the list says which one it is
        return f"Reading {request.name}…", False, True, state.loading.fraction, ()
    if state.message is not None:
        return state.message.text, state.message.bad, False, 0.0, state.message.offers
    return "", False, False, 0.0, ()


def layout_note(batch: Batch, request: LoadRequest) -> str:
    """What to say where both the lengths and the layout of a batch were left to packviz; else nothing."""
    if batch.given.origin != "guessed" or batch.call.batch_first or "batch_first" in request.typed:
        return ""
    name = request.name if request.paths else f"{request.name[:1].upper()}{request.name[1:]}"
    if len(request.paths) > 1:
        name = str(batch.source)
    return (
        f"{name} says neither lengths nor batch_first: x is read as (T, B), torch's default, and its lengths are "
        "guessed. If its rows are the sequences, switch batch_first on."
    )
