"""The grids of a trace: one state of one row over time, and every state after one step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.look import colour
from packviz.core.look.colour import Theme
from packviz.core.module import GATES
from packviz.core.trace import Trace
from packviz.session.scene.grids import DATA, NONE, VOID, Head, Index, Kind, Pixels
from packviz.session.scene.numbers import state_text


@dataclass(frozen=True, eq=False)
class RowGrid:
    """One state of the selected row over time: down = time, across = units."""

    trace: Trace
    shown: str
    row: int
    theme: Theme
    down: int
    linked: bool = False
    name = "row"
    dims = True

    @property
    def across(self) -> int:
        return self.trace.hidden

    @property
    def drawn_from(self) -> tuple[object, ...]:
        return (self,)

    @property
    def length(self) -> int:
        """The steps of this row; 0 where torch dropped the row."""
        lengths = self.trace.packing.lengths
        return int(lengths[self.row]) if self.row < len(lengths) else 0

    def kinds(self, d: Index, c: Index) -> Pixels:
        kinds = np.where(d < self.length, DATA, np.where(d < self.down, VOID, NONE))
        return np.broadcast_to(kinds[:, None], (len(d), len(c))).astype(np.uint8)

    def _values(self, d: Index, c: Index) -> NDArray[Any]:
        if self.length == 0:
            return np.zeros((len(d), len(c)))
        k = self.trace.packing.index(self.row, np.minimum(d, self.length - 1))
        return np.asarray(self.trace.values[self.shown][k[:, None], c[None, :]])

    def fills(self, d: Index, c: Index) -> Pixels:
        limit = limit_of(self.trace, self.shown, self.linked)
        return colour.diverging(self._values(d, c), limit, self.theme)

    def texts(self, d: Index, c: Index, short: bool = False) -> list[list[str]]:
        return [[state_text(v, short) for v in row] for row in self._values(d, c).tolist()]

    def notes(self, d: Index, c: Index) -> list[list[str]] | None:
        return None

    def heads(self, c: Sequence[int]) -> list[Head]:
        return [Head(f"{self.shown}{u}") for u in c]


@dataclass(frozen=True, eq=False)
class StatesGrid:
    """Every state after step t: down = rows in the order of the batch, across = units of h, c, i, f, g, o in turn."""

    trace: Trace
    step: int
    rows: int
    theme: Theme
    linked: bool = False
    name = "states"
    dims = False

    @property
    def down(self) -> int:
        return self.rows

    @property
    def drawn_from(self) -> tuple[object, ...]:
        return (self,)

    @property
    def gap(self) -> int:
        """Empty columns between two states."""
        return max(1, self.trace.hidden // 12)

    @property
    def across(self) -> int:
        return len(self.trace.names) * (self.trace.hidden + self.gap) - self.gap

    def block(self, index: int) -> tuple[int, int]:
        """(first column, column after the last) of the state of that number."""
        start = index * (self.trace.hidden + self.gap)
        return start, start + self.trace.hidden

    def kinds(self, d: Index, c: Index) -> Pixels:
        inside = c % (self.trace.hidden + self.gap) < self.trace.hidden
        packed = d < self.trace.packing.rows
        return np.asarray(np.where(packed[:, None] & inside[None, :], DATA, NONE))

    def unit(self, column: int) -> tuple[str, int]:
        """The state and the unit in a column; ("", -1) between two states."""
        block, unit = divmod(column, self.trace.hidden + self.gap)
        inside = 0 <= block < len(self.trace.names) and unit < self.trace.hidden
        return (self.trace.names[block], unit) if inside else ("", -1)

    def column(self, name: str, unit: int) -> int:
        """The column of a unit of a state; -1 where there is none."""
        known = name in self.trace.names and 0 <= unit < self.trace.hidden
        return self.block(self.trace.names.index(name))[0] + unit if known else -1

    def _blocks(self, c: Index) -> Iterator[tuple[str, slice | Index, Index]]:
        """For each state in view: its name, its columns among c (a slice where they adjoin), and their units."""
        block, unit = np.divmod(c, self.trace.hidden + self.gap)
        for b in np.unique(block):
            here = np.flatnonzero((block == b) & (unit < self.trace.hidden))
            if len(here):
                adjoin = here[-1] - here[0] + 1 == len(here)
                yield self.trace.names[b], slice(here[0], here[-1] + 1) if adjoin else here, unit[here]

    def _values(self, d: Index, c: Index) -> NDArray[Any]:
        rows = np.minimum(d, self.trace.packing.rows - 1)
        values = np.zeros((len(d), len(c)), dtype=self.trace.values["h"].dtype)
        for name, here, units in self._blocks(c):
            values[:, here] = self.trace.state(name, self.step, rows, units)
        return values

    def fills(self, d: Index, c: Index) -> Pixels:
        rows, lengths = np.minimum(d, self.trace.packing.rows - 1), self.trace.packing.lengths
        ended = (lengths[rows] <= self.step)[:, None]
        rgba = np.zeros((len(d), len(c), 4), dtype=np.uint8)
        for name, here, units in self._blocks(c):
            values = self.trace.state(name, self.step, rows, units)
            rgba[:, here] = colour.diverging(values, limit_of(self.trace, name, self.linked), self.theme, ended)
        return rgba

    def texts(self, d: Index, c: Index, short: bool = False) -> list[list[str]]:
        inside = self.kinds(d, c) == Kind.DATA
        values = self._values(d, c).tolist()
        return [
            [state_text(v, short) if here else "" for v, here in zip(row, ins, strict=True)]
            for row, ins in zip(values, inside, strict=True)
        ]

    def notes(self, d: Index, c: Index) -> list[list[str]] | None:
        return None

    def heads(self, c: Sequence[int]) -> list[Head]:
        return [Head("")] * len(c)


def limit_of(trace: Trace, name: str, linked: bool = False) -> float:
    """Where the scale of a state ends: a gate's at 1, another's at its largest; `linked`: at that of them all."""
    if linked:
        return max(limit_of(trace, each) for each in trace.names)
    return 1.0 if name in GATES else trace.limit(name)
