"""One unit of a state over all steps, a line for each of some rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.arrays import ReadOnly, frozen
from packviz.core.columns import known, taken
from packviz.core.trace import Pass, Trace

MOST_LINES = 24
"""Rows that are drawn together: more can't be told apart."""


@dataclass(frozen=True, eq=False)
class Line(ReadOnly):
    """The values, (length,), after each step of one row; NaN where they are not at hand, then it is not `whole`."""

    row: int
    values: NDArray[Any]
    whole: bool = True


def lines_of(trace: Trace | None, name: str, unit: int, rows: tuple[int, ...], at: Pass) -> tuple[Line, ...]:
    """The lines of these rows, as far as torch packs them; none where there is no such state or unit."""
    if trace is None or name not in trace.names or not 0 <= unit < trace.width(name):
        return ()
    packed = [row for row in rows if 0 <= row < trace.packing.rows][:MOST_LINES]
    layer, direction = at
    states = trace.states[layer, direction][name]
    cells = [trace.packing.index(row, np.arange(trace.packing.lengths[row])) for row in packed]
    chosen = np.array([unit])
    return tuple(
        Line(row, frozen(taken(states, k, chosen)[:, 0]), bool(known(states, k).all()))
        for row, k in zip(packed, cells, strict=True)
    )
