"""The final states as torch returns them, as a grid: slot after slot, rows in the order of the batch; and where each of
their numbers stands in the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import Batch
from packviz.core.look import colour
from packviz.core.look.colour import Theme
from packviz.core.moments import Moment, pass_name
from packviz.core.origins import OfState
from packviz.core.texts.wording import cells_named
from packviz.core.trace import Pass, Trace
from packviz.session.scene.grids import DATA, NONE, Head, Index, Kind, Pixels
from packviz.session.scene.numbers import full, state_text


class FinalNumber(NamedTuple):
    """One number of h_n or c_n, as it is indexed."""

    slot: int
    row: int
    unit: int


@dataclass(frozen=True, eq=False)
class FinalGrid:
    """h_n or c_n, which `shown` says: down = rows in the order of the batch, across = the units of slot after slot."""

    trace: Trace
    shown: str
    rows: int
    theme: Theme
    name = "final"
    dims = False

    @property
    def values(self) -> NDArray[Any]:
        """(layers × directions, n, H)."""
        return np.asarray(self.trace.final[self.shown])

    @property
    def state(self) -> str:
        """The state whose last ones these are: h or c."""
        return self.shown.removesuffix("_n")

    @property
    def slots(self) -> int:
        """layers × directions."""
        return len(self.values)

    @property
    def width(self) -> int:
        """The units of a slot."""
        return int(self.values.shape[2])

    @property
    def _apart(self) -> int:
        """From the first column of a slot to that of the next: between two are empty ones."""
        return self.width + max(1, round(self.width / 10))

    @property
    def down(self) -> int:
        return self.rows

    @property
    def across(self) -> int:
        return self.slots * self._apart - (self._apart - self.width)

    @property
    def drawn_from(self) -> tuple[object, ...]:
        return (self,)

    def block(self, slot: int) -> tuple[int, int]:
        """(first column, column after the last) of a slot."""
        return slot * self._apart, slot * self._apart + self.width

    def at(self, slot: int) -> Pass:
        """The layer and the direction of a slot."""
        layer, direction = divmod(slot, self.trace.directions)
        return layer, direction

    def slot_of(self, layer: int, direction: int) -> int:
        """The slot of a layer and direction; -1 where there is none."""
        known = layer < self.trace.layers and direction < self.trace.directions
        return layer * self.trace.directions + direction if known else -1

    def number(self, row: int, column: int) -> FinalNumber | None:
        """The number in a cell; None between two slots, and of a row that has no length."""
        slot, unit = divmod(column, self._apart)
        if not (0 <= row < min(self.rows, self.trace.packing.rows) and 0 <= column < self.across and unit < self.width):
            return None
        return FinalNumber(slot, row, unit)

    def column(self, number: FinalNumber) -> int:
        """The column that it stands in."""
        return self.block(number.slot)[0] + number.unit

    def moment(self, number: FinalNumber) -> Moment:
        """The one after which the row has it: forward that of its last step, backward that of step 0."""
        layer, direction = self.at(number.slot)
        return Moment(0 if direction else int(self.trace.packing.lengths[number.row]) - 1, layer, direction)

    def of(self, number: FinalNumber) -> OfState:
        """The same number, as a state of the run."""
        return OfState(self.state, self.moment(number), number.row, number.unit)

    def told(self, number: FinalNumber, batch: Batch) -> str:
        """`h_n[1, 2, 3] = 0.19 · layer 0 ←, after t0 of row 2 = data[4] = x[2, 0]`."""
        step, layer, direction = self.moment(number)
        slot, row, unit = number
        here = pass_name(layer, direction, self.trace.directions)
        k, cell = int(self.trace.packing.index(row, step)), cells_named(batch, row, step, step + 1)
        named = f"{self.shown}[{slot}, {row}, {unit}] = {full(self.values[slot, row, unit])}"
        return f"{named} · {here}, after t{step} of row {row} = data[{k}] = {cell}"

    # ---- cells -----------------------------------------------------------------------------------------------------

    def kinds(self, d: Index, c: Index) -> Pixels:
        inside, packed = c % self._apart < self.width, d < self.trace.packing.rows
        return np.where(packed[:, None] & inside[None, :], DATA, NONE)

    def _sampled(self, d: Index, c: Index) -> NDArray[Any]:
        rows = np.minimum(d, self.trace.packing.rows - 1)
        slots, units = np.divmod(c, self._apart)
        found: NDArray[Any] = self.values[slots[None, :], rows[:, None], np.minimum(units, self.width - 1)[None, :]]
        return found

    @property
    def limit(self) -> float:
        """Where the one scale of all slots ends: at the largest of this state in the whole run."""
        return max(self.trace.limit(self.state, layer=layer, direction=d) for layer, d in self.trace.states)

    def fills(self, d: Index, c: Index) -> Pixels:
        return colour.diverging(self._sampled(d, c), self.limit, self.theme)

    def texts(self, d: Index, c: Index, short: bool = False) -> list[list[str]]:
        inside = self.kinds(d, c) == Kind.DATA
        return [
            [state_text(value, short) if here else "" for value, here in zip(row, ins, strict=True)]
            for row, ins in zip(self._sampled(d, c).tolist(), inside.tolist(), strict=True)
        ]

    def notes(self, d: Index, c: Index) -> list[list[str]] | None:
        return None

    def heads(self, c: Sequence[int]) -> list[Head]:
        return [Head("")] * len(c)


def finals_of(trace: Trace | None) -> tuple[str, ...]:
    """What a run returns beside its output: h_n, and c_n of an LSTM."""
    return () if trace is None else tuple(trace.final)
