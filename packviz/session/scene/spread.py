"""The numbers of a pane as a histogram shows them: x in its valid cells, or a state of all active rows after a step."""

from __future__ import annotations

from math import ceil, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import Batch
from packviz.core.look.spread import Spread, spread_of
from packviz.core.module import GATES, STATE_NAMES
from packviz.core.moments import Moment
from packviz.core.texts.wording import count
from packviz.core.trace import CARRIED, Trace
from packviz.session.scene.grids import shown_of

MOST = 250_000
"""Cells of x that are looked at: of more, every second, third, … row and step."""

SATURATED = 0.01
"""A sigmoid nearer to 0 or 1 than this, or a tanh nearer to -1 or 1, lets next to no gradient through."""


def spread_of_cells(batch: Batch | None, feature: int) -> Spread | None:
    """Of the feature of x that is shown, in its valid cells; None where there are none to count."""
    if batch is None or batch.x.ndim < 2 or batch.x.dtype.kind == "c" or not batch.x.size:
        return None
    stride = stride_of(batch)
    rows, steps = np.arange(0, batch.rows, stride), np.arange(0, batch.steps, stride)
    values = shown_of(batch, feature, rows[:, None], steps[None, :])
    lengths = batch.row_lengths
    ends = np.full(batch.rows, batch.steps if not batch.given.known else 0, dtype=np.int64)
    ends[: len(lengths)] = lengths[: batch.rows]
    return spread_of(values[steps[None, :] < ends[rows][:, None]])


def stride_of(batch: Batch) -> int:
    """Every how many rows and steps are looked at."""
    return max(1, ceil(sqrt(batch.rows * batch.steps / MOST)))


def spread_of_state(trace: Trace, name: str, moment: Moment) -> Spread:
    """Of a state of the rows that take this step, right after it."""
    return spread_of(_active(trace, name, moment))


def saturated(trace: Trace, name: str, moment: Moment) -> str:
    """`3 of 18 are saturated: nearer than 0.01 to 0 or 1`, of a gate; nothing of h and c."""
    if name in CARRIED:
        return ""
    values = _active(trace, name, moment)
    least = 0.0 if name in GATES else -1.0
    near = (values < least + SATURATED) | (values > 1 - SATURATED)
    ends = f"{least:g} or 1"
    verb = "is" if int(near.sum()) == 1 else "are"
    return f"{int(near.sum()):,} of {values.size:,} {verb} saturated: nearer than {SATURATED:g} to {ends}"


def told(spread: Spread, what: str) -> str:
    """`1,234 numbers of x, 2 NaN, 1 infinite`."""
    odd = [f"{n:,} {name}" for n, name in ((spread.nan, "NaN"), (spread.infinite, "infinite")) if n]
    return ", ".join([f"{count(spread.total, 'number')} of {what}", *odd])


def names_of(trace: Trace | None) -> tuple[tuple[str, str], ...]:
    """(state, its name in words) of each state that there is."""
    return () if trace is None else tuple((name, STATE_NAMES[name]) for name in trace.names)


def _active(trace: Trace, name: str, moment: Moment) -> NDArray[Any]:
    rows = np.flatnonzero(trace.packing.lengths > moment.step)
    return trace.state(name, moment, rows)
