"""The grids of a trace: one state of one row over time, and every state after one step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.arrays import frozen
from packviz.core.columns import known
from packviz.core.look import colour
from packviz.core.look.colour import Theme
from packviz.core.module import GATES
from packviz.core.moments import Moment
from packviz.core.trace import CARRIED, Pass, Trace
from packviz.session.scene.grids import DATA, NONE, VOID, Head, Index, Kind, Pixels
from packviz.session.scene.numbers import state_text


@dataclass(frozen=True, eq=False)
class RowGrid:
    """One state of the selected row over time: down = time, across = units. `at`: the layer and direction."""

    trace: Trace
    shown: str
    row: int
    theme: Theme
    down: int
    linked: bool = False
    at: Pass = (0, 0)
    name = "row"
    dims = True

    @property
    def across(self) -> int:
        return self.trace.width(self.shown)

    @property
    def drawn_from(self) -> tuple[object, ...]:
        return (self,)

    @property
    def length(self) -> int:
        """The steps of this row; 0 where torch dropped the row."""
        lengths = self.trace.packing.lengths
        return int(lengths[self.row]) if self.row < len(lengths) else 0

    def kinds(self, d: Index, c: Index) -> Pixels:
        inside = d < self.length
        if self.length and self.trace.replays is not None:
            k = self.trace.packing.index(self.row, np.minimum(d, self.length - 1))
            inside = inside & known(self.trace.states[self.at][self.shown], k)
        kinds = np.where(inside, DATA, np.where(d < self.down, VOID, NONE))
        return np.broadcast_to(kinds[:, None], (len(d), len(c))).astype(np.uint8)

    def _values(self, d: Index, c: Index) -> NDArray[Any]:
        if self.length == 0:
            return np.zeros((len(d), len(c)))
        k = self.trace.packing.index(self.row, np.minimum(d, self.length - 1))
        return np.asarray(self.trace.states[self.at][self.shown][k[:, None], c[None, :]])

    def fills(self, d: Index, c: Index) -> Pixels:
        limit = limit_of(self.trace, self.shown, self.at, self.linked)
        return colour.diverging(self._values(d, c), limit, self.theme)

    def texts(self, d: Index, c: Index, short: bool = False) -> list[list[str]]:
        return [[state_text(v, short) for v in row] for row in self._values(d, c).tolist()]

    def notes(self, d: Index, c: Index) -> list[list[str]] | None:
        return None

    def heads(self, c: Sequence[int]) -> list[Head]:
        return [Head(f"{self.shown}{u}") for u in c]


@dataclass(frozen=True, eq=False)
class StatesGrid:
    """Every state after a moment: down = rows in the order of the batch, across = units of h, c, i, f, g, o in turn.

    `beside`: another run, with which it has its scales in common."""

    trace: Trace
    moment: Moment
    rows: int
    theme: Theme
    linked: bool = False
    beside: Trace | None = None
    name = "states"
    dims = False

    @property
    def step(self) -> int:
        return self.moment.step

    @property
    def at(self) -> Pass:
        """The layer and the direction."""
        return self.moment.layer, self.moment.direction

    @property
    def down(self) -> int:
        return self.rows

    @property
    def drawn_from(self) -> tuple[object, ...]:
        return (self,)

    @cached_property
    def _starts(self) -> Index:
        """The first column of each state, and behind the last one where another would begin."""
        gap = max(1, self.trace.hidden // 12)  # empty columns between two states
        widths = [self.trace.width(name) + gap for name in self.trace.names]
        return frozen(np.cumsum([0, *widths]))

    @cached_property
    def _stops(self) -> Index:
        """The column after the last of each state."""
        widths = np.array([self.trace.width(name) for name in self.trace.names])
        return frozen(self._starts[:-1] + widths)

    @property
    def across(self) -> int:
        return int(self._stops[-1])

    def block(self, index: int) -> tuple[int, int]:
        """(first column, column after the last) of the state of that number."""
        return int(self._starts[index]), int(self._stops[index])

    def active(self, rows: Index) -> NDArray[np.bool_]:
        """(n,) whether each of these rows takes this step; forward the others have ended, backward not begun."""
        lengths = self.trace.packing.lengths
        known = np.minimum(rows, len(lengths) - 1)
        return np.asarray((rows < len(lengths)) & (lengths[known] > self.step))

    def kinds(self, d: Index, c: Index) -> Pixels:
        block = self._block_of(c)
        inside = c < self._stops[block]
        packed = d < self.trace.packing.rows
        kinds = np.where(packed[:, None] & inside[None, :], DATA, NONE)
        if self.moment.direction:  # a row that has not begun has no gates yet
            gates = np.array([name not in CARRIED for name in self.trace.names])[block]
            kinds[(packed & ~self.active(d))[:, None] & (gates & inside)[None, :]] = VOID
        kinds[~self.known(d)[:, None] & (kinds == DATA)] = VOID
        return kinds

    def known(self, rows: Index) -> NDArray[np.bool_]:
        """(n,) whether the state of each of these rows is at hand, and need not be computed again."""
        if self.trace.replays is None:
            return np.ones(len(rows), dtype=bool)
        return self.trace.known(self.moment, np.minimum(rows, self.trace.packing.rows - 1))

    def unit(self, column: int) -> tuple[str, int]:
        """The state and the unit in a column; ("", -1) between two states."""
        if not 0 <= column < self.across:
            return "", -1
        block = int(self._block_of(np.array([column]))[0])
        inside = column < self._stops[block]
        return (self.trace.names[block], column - int(self._starts[block])) if inside else ("", -1)

    def column(self, name: str, unit: int) -> int:
        """The column of a unit of a state; -1 where there is none."""
        known = name in self.trace.names and 0 <= unit < self.trace.width(name)
        return self.block(self.trace.names.index(name))[0] + unit if known else -1

    def _block_of(self, c: Index) -> Index:
        """The number of the state whose columns these are, with the empty ones behind it."""
        found = np.searchsorted(self._starts, c, side="right") - 1
        return np.clip(found, 0, len(self._stops) - 1)

    def _blocks(self, c: Index) -> Iterator[tuple[str, slice | Index, Index]]:
        """For each state in view: its name, its columns among c (a slice where they adjoin), and their units."""
        block = self._block_of(c)
        inside = c < self._stops[block]
        for b in np.unique(block):
            here = np.flatnonzero((block == b) & inside)
            if len(here):
                adjoin = here[-1] - here[0] + 1 == len(here)
                units = c[here] - self._starts[b]
                yield self.trace.names[b], slice(here[0], here[-1] + 1) if adjoin else here, units

    def _values(self, d: Index, c: Index) -> NDArray[Any]:
        rows = np.minimum(d, self.trace.packing.rows - 1)
        values = np.zeros((len(d), len(c)), dtype=self.trace.values["h"].dtype)
        for name, here, units in self._blocks(c):
            values[:, here] = self.trace.state(name, self.moment, rows, units)
        return values

    def fills(self, d: Index, c: Index) -> Pixels:
        rows = np.minimum(d, self.trace.packing.rows - 1)
        faded = ~self.active(rows)[:, None]
        rgba = np.zeros((len(d), len(c), 4), dtype=np.uint8)
        for name, here, units in self._blocks(c):
            values = self.trace.state(name, self.moment, rows, units)
            rgba[:, here] = colour.diverging(values, self.limit(name), self.theme, faded)
        return rgba

    def limit(self, name: str) -> float:
        """Where the scale of a state ends."""
        own = limit_of(self.trace, name, self.at, self.linked)
        there = self.beside is not None and self.at in self.beside.states and name in self.beside.names
        return max(own, limit_of(self.beside, name, self.at, self.linked)) if there and self.beside else own

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


def limit_of(trace: Trace, name: str, at: Pass = (0, 0), linked: bool = False) -> float:
    """Where the scale of a state ends in a layer and direction: a gate's at 1, another's at its largest; `linked`: at
    that of them all."""
    if linked:
        return max(limit_of(trace, each, at) for each in trace.names)
    return 1.0 if name in GATES else trace.limit(name, layer=at[0], direction=at[1])
