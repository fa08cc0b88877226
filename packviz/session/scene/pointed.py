"""What the pointer is on, in words: a cell of x, a state of one unit, a bar. The left side of the status bar."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import Batch
from packviz.core.cells.padding import padding_share
from packviz.core.gradients import Norms
from packviz.core.module import STATE_NAMES, Module
from packviz.core.moments import Moment, pass_name
from packviz.core.packing import Packing, Refusal
from packviz.core.texts.wording import cells_named, length_told, rows_listed
from packviz.core.trace import Pass, Trace
from packviz.session.cursor import Cursor, Place
from packviz.session.scene.grids import norm_of
from packviz.session.scene.numbers import full, number
from packviz.session.scene.words import shape_text

MOST_FEATURES = 6
"""Of a cell, that are listed beside the one that is shown."""

Packed = Packing | Refusal | None
Places = NDArray[np.int64] | None


def what_it_is(batch: Batch | None, module: Module) -> str:
    """The batch and the module's device: `picture · 4 rows × 5 steps · 25% padding · cpu · int64`."""
    if batch is None:
        return ""
    share = padding_share(batch) if batch.contradictory is None else None  # what is filled there, is no padding
    padding = "" if share is None else f" · {share:.0%} padding"
    features = "".join(f" × {n}" for n in batch.features)
    shape = f"{batch.rows} rows × {batch.steps} steps{features}" if batch.x.ndim >= 2 else shape_text(batch.x.shape)
    return f"{batch.source} · {shape}{padding} · {module.device} · {batch.dtype}"


def pointed(
    batch: Batch | None,
    packing: Packed,
    cursor: Cursor,
    feature: int = 0,
    trace: Trace | None = None,
    of: str = "",
    places: Places = None,
    norms: Norms | None = None,
) -> str:
    """The state, bar or cell that is pointed at; the current cell, where nothing is. `feature`: the one of x that is
    shown. `of`: of what the trace is, if not of now. `places`: as of `contradicted.places`. `norms`: of the gradient
    that cells are coloured by."""
    if batch is None:
        return ""
    place = cursor.hover or Place(cursor.row, cursor.step)
    if place.unit >= 0:
        return "" if trace is None else state_text(trace, place, cursor.shown_pass, of)
    if place.row < 0:
        return bar_text(packing, place.step)
    said = cell_text(batch, packing, place, feature, places)
    if norms is None or not said or place.step >= norms.norms.shape[1]:
        return said
    return f"{said} · gradient of {norms.said} {float(norms.norms[place.row, place.step]):.3g}"


def state_text(trace: Trace, place: Place, at: Pass = (0, 0), of: str = "") -> str:
    """`h[2, 3] = 0.1903 after t1 · hidden state h of unit 3`; the value in full. `at`: the layer and the direction."""
    row, step, lengths = place.row, place.step, trace.packing.lengths
    if not 0 <= row < len(lengths):
        return f"row {row} has no length: torch drops it"
    name, last = place.state, int(lengths[row]) - 1
    layer, direction = at
    if place.unit >= trace.width(name):
        return ""
    if not trace.known(Moment(step, *at), np.array([row]))[0]:
        return f"{name}[{row}, {place.unit}] after t{step} is being computed again…"
    value = trace.state(name, Moment(step, *at), np.array([row]), np.array([place.unit]))[0, 0]
    ended = f" · row {row} ended at t{last}, where it got this" if step > last else ""
    if step > last and direction:
        ended = f" · row {row} begins at t{last}: this is before its first step"
    whose = f" · of {of}" if of else ""
    here = f", {pass_name(layer, direction, trace.directions)}" if len(trace.states) > 1 else ""
    said = f"{name}[{row}, {place.unit}] = {full(value)} after t{step}{here}"
    return f"{said} · {STATE_NAMES[name]}, unit {place.unit}{ended}{whose}"


def bar_text(packing: Packed, step: int) -> str:
    """`batch_sizes[2] = 2 · active: rows 0, 2`; `t4` of a step that is not packed."""
    if step < 0:
        return ""
    if not isinstance(packing, Packing):
        return f"t{step}"
    if step >= packing.longest:
        return f"t{step} · no row is active"
    size = int(packing.batch_sizes[step])
    data = "" if step < packing.steps else f" · x has {packing.steps} steps: no data"
    return f"batch_sizes[{step}] = {size} · active: {rows_listed(np.sort(packing.sorted_indices[:size]))}{data}"


def cell_text(batch: Batch, packing: Packed, place: Place, feature: int = 0, places: Places = None) -> str:
    """`x[2, 4] = 0 → data[13] (t4, sorted row 0)`, indices in x's own layout; of one with features, the one that is
    shown and the first few: `x[2, 4, 1] = 0.5, of [0.25, 0.5, 1]`."""
    row, step = place.row, place.step
    if step < 0 or not 0 <= row < batch.rows:
        return ""
    name = cells_named(batch, row, step, step + 1)
    if step >= batch.steps:
        counted = row < len(batch.counts) and step < batch.counts[row]
        why = f", but lengths[{row}] is {batch.counts[row]}" if counted else ""
        return f"{name} does not exist: x has {batch.steps} steps{why}"
    name, shown = _value(batch, name, np.atleast_1d(batch.grid[row, step]).reshape(-1), feature)
    if not batch.given.known:
        return f"{name} = {shown} · not packed"
    if places is not None:
        k = int(places[row, step])
        return f"{name} = {shown} · {'in data nowhere: filled here' if k < 0 else f'read from data[{k}]'}"
    if not batch.given.is_vector and not len(batch.row_lengths):
        return f"{name} = {shown} · no length of its own: not packed"
    if row >= len(batch.counts):
        dropped = ": torch drops it" if isinstance(packing, Packing) else ""
        return f"{name} = {shown} · row {row} has no length{dropped}"
    if step >= batch.counts[row]:
        return f"{name} = {shown} · padding (length {length_told(batch, row)}): not packed"
    if not isinstance(packing, Packing):
        return f"{name} = {shown} · not packed"
    k = int(packing.index(row, step))
    return f"{name} = {shown} → data[{k}] (t{step}, sorted row {packing.unsorted_indices[row]})"


def _value(batch: Batch, name: str, values: NDArray[Any], feature: int) -> tuple[str, str]:
    """The name of a cell, with the index of its feature where it has some, and its value, with the first of them."""
    if not len(values):
        return name, "[]"
    if feature < 0 and len(values) > 1:
        few = ", ".join(number(v) for v in values[:MOST_FEATURES].tolist())
        rest = ", …" if len(values) > MOST_FEATURES else ""
        return f"‖{name}‖", f"{full(np.float64(norm_of(values, 1)))}, of [{few}{rest}]"
    feature = max(feature, 0)
    shown = full(values[min(feature, len(values) - 1)])
    if not batch.features:
        return name, shown
    at = ", ".join(str(int(index)) for index in np.unravel_index(min(feature, len(values) - 1), batch.features))
    few = ", ".join(number(v) for v in values[:MOST_FEATURES].tolist())
    rest = ", …" if len(values) > MOST_FEATURES else ""
    return f"{name[:-1]}, {at}]", f"{shown}, of [{few}{rest}]" if len(values) > 1 else shown
