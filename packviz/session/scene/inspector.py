"""One cell in full: what the inspector shows of x, of its row, and of every state after its step.

Nothing is computed before it is shown: most of the time the inspector is behind another tab.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.arrays import frozen
from packviz.core.batch import Batch
from packviz.core.moments import Moment, pass_name
from packviz.core.packing import Packing, Refusal
from packviz.core.trace import Pass, Trace
from packviz.session.cursor import Block, Cursor, Place
from packviz.session.scene.grids import shown_of
from packviz.session.scene.numbers import full, number
from packviz.session.scene.pointed import cell_text, state_text


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of numbers, (n,) each or shorter, under their names. `first`: what the numbers of the rows count."""

    first: str
    names: tuple[str, ...]
    columns: tuple[NDArray[Any], ...]

    def __len__(self) -> int:
        return max(map(len, self.columns), default=0)

    def text(self, row: int, column: int) -> str:
        """A number, with all its digits; nothing where the column has ended."""
        held = self.columns[column]
        return full(held[row]) if row < len(held) else ""

    def as_text(self) -> str:
        """All of it, cells between tabs: what a spreadsheet pastes."""
        lines = ["\t".join((self.first, *self.names))]
        columns = range(len(self.columns))
        lines += ["\t".join((str(row), *(self.text(row, c) for c in columns))) for row in range(len(self))]
        return "\n".join(lines)


@dataclass(frozen=True, eq=False)
class Inspected:
    """What the inspector is on. `pinned`: it stays there. `of`: of what the states are, if not of now: "the last
    lengths"; `feature`: the one that is shown in the panes."""

    batch: Batch | None
    packing: Packing | Refusal | None
    place: Place
    feature: int
    trace: Trace | None
    of: str
    places: NDArray[np.int64] | None
    pinned: bool
    block: Block | None = None
    at: Pass = (0, 0)

    @property
    def known(self) -> bool:
        """Whether x has such a cell."""
        batch, place = self.batch, self.place
        if batch is None or batch.x.ndim < 2:
            return False
        return 0 <= place.row < batch.rows and 0 <= place.step < batch.steps

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The state that is pointed at and the cell, as the status bar has them, and the row in numbers."""
        if self.batch is None:
            return ()
        said = cell_text(self.batch, self.packing, self.place, self.feature, self.places)
        state = (
            "" if self.trace is None or self.place.unit < 0 else state_text(self.trace, self.place, self.at, self.of)
        )
        return tuple(line for line in (state, said, self._row(), self._selection()) if line)

    @cached_property
    def features(self) -> Table | None:
        """x of the cell, one number a feature; None where it has one only."""
        if not self.known or self.batch is None or self.batch.feature_count < 2:
            return None
        values = np.asarray(self.batch.grid[self.place.row, self.place.step]).reshape(-1)
        return Table("feature", ("x",), (frozen(values),))

    @cached_property
    def states(self) -> Table | None:
        """Every state of the row after the step, one number a unit; None where there is none."""
        trace, place = self.trace, self.place
        if trace is None or not 0 <= place.row < trace.packing.rows or place.step < 0:
            return None
        row, moment = np.array([place.row]), Moment(place.step, *self.at)
        if not trace.known(moment, row)[0]:
            return None
        return Table("unit", trace.names, tuple(frozen(trace.state(n, moment, row)[0]) for n in trace.names))

    @cached_property
    def states_title(self) -> str:
        """`After t2`, `After t4: row 1 ended at t1`, and of what, if not of now."""
        trace, place = self.trace, self.place
        if self.states is None or trace is None:
            return ""
        last = int(trace.packing.lengths[place.row]) - 1
        verb = "begins" if self.at[1] else "ended"
        ended = f": row {place.row} {verb} at t{last}" if place.step > last else ""
        told = f", {pass_name(*self.at, trace.directions)}" if len(trace.states) > 1 else ""
        return f"After t{place.step}{told}{ended}{f', of {self.of}' if self.of else ''}"

    def as_text(self) -> str:
        """All that is shown, to be copied."""
        parts = ["\n".join(self.lines)]
        parts += [table.as_text() for table in (self.features, self.states) if table is not None]
        return "\n\n".join(parts)

    def _row(self) -> str:
        """`row 0, 3 steps: min 1, max 3, mean 2`, of the feature that is shown, and how many are NaN or infinite."""
        batch, row = self.batch, self.place.row
        if batch is None or not self.known or row >= len(batch.row_lengths):
            return ""
        length = int(min(max(batch.row_lengths[row], 0), batch.steps))
        values = shown_of(batch, self.feature, row, slice(length))
        named = "norm" if self.feature < 0 else f"feature {self.feature}"
        of = f", {named}" if batch.feature_count > 1 else ""
        said = f"row {row}, {length} {'step' if length == 1 else 'steps'}{of}"
        if values.dtype.kind == "c" or not len(values):
            return said
        return f"{said}: {statistics(values)}"

    def _selection(self) -> str:
        """`rows 2, 3, t0 to t7, 16 cells: min 1, …`, of the selected cells, where they are more than one."""
        batch, block = self.batch, self.block
        if batch is None or block is None or block.last >= batch.steps or block.rows[-1] >= batch.rows:
            return ""
        rows, steps = np.array(block.rows)[:, None], np.arange(block.first, block.last + 1)[None, :]
        values = shown_of(batch, self.feature, rows, steps)
        said = f"selected: {block}, {block.cells:,} cells"
        return said if values.dtype.kind == "c" else f"{said}: {statistics(values)}"


def statistics(values: NDArray[Any]) -> str:
    """`min 1, max 3, mean 2, 1 NaN`, of real numbers."""
    values = values.astype(np.float64)
    finite = values[np.isfinite(values)]
    parts = [f"{name} {number(float(of_all(finite)))}" for name, of_all in _STATISTICS] if len(finite) else []
    odd = {"NaN": int(np.isnan(values).sum()), "infinite": int(np.isinf(values).sum())}
    return ", ".join([*parts, *(f"{count} {name}" for name, count in odd.items() if count)])


_STATISTICS = (("min", np.min), ("max", np.max), ("mean", np.mean))


def inspected(
    batch: Batch | None,
    packing: Packing | Refusal | None,
    cursor: Cursor,
    feature: int,
    trace: Trace | None,
    of: str,
    places: NDArray[np.int64] | None,
) -> Inspected:
    """The pinned cell, else the one under the pointer, else the current one."""
    place, pinned = cursor.pinned or cursor.cell, cursor.pinned is not None
    return Inspected(batch, packing, place, feature, trace, of, places, pinned, cursor.block, cursor.shown_pass)
