"""Two runs side by side as a part of the scene: the state of each after this moment, and how far they are apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.look import colour
from packviz.core.moments import Moment, pass_name
from packviz.core.texts.wording import rows_listed
from packviz.core.trace import CARRIED, Trace
from packviz.core.two_runs import TwoRuns, active_in_both, check_alike, difference
from packviz.session.cursor import Place
from packviz.session.others import BeforeEdit, Kept, Other
from packviz.session.scene.grids import DATA, VOID, Index, Pixels
from packviz.session.scene.numbers import full, number, state_text
from packviz.session.scene.pane import Pane
from packviz.session.scene.scale import Scale
from packviz.session.scene.trace_grids import StatesGrid

GONE: dict[type[Other], str] = {
    Kept: "The run that is kept is the open one: change the lengths, the module or the device, and both stand here.",
    BeforeEdit: "Nothing of this batch was edited yet: change its lengths or the module, and both runs stand here.",
}
"""Why there is none such, and what makes one."""

SMALL = 0.005
"""What two digits after the point round to 0."""


@dataclass(frozen=True, eq=False)
class DifferenceGrid(StatesGrid):
    """How far every state is apart in two runs after a moment. `other`: the other one; `most`: where the scale ends."""

    other: Trace | None = None
    most: float = 0.0

    def kinds(self, d: Index, c: Index) -> Pixels:
        """A gate is compared where both runs compute it."""
        kinds = super().kinds(d, c)
        assert self.other is not None
        both = active_in_both(self.trace, self.other, self.step)
        rows = np.minimum(d, self.trace.packing.rows - 1)
        names = np.array([name not in CARRIED for name in self.trace.names])
        if self.other.replays is not None:
            kinds[~self.other.known(self.moment, rows)[:, None] & (kinds == DATA)] = VOID
        kinds[(~both[rows])[:, None] & names[self._block_of(c)][None, :] & (kinds == DATA)] = VOID
        return kinds

    def _values(self, d: Index, c: Index) -> NDArray[Any]:
        assert self.other is not None
        rows = np.minimum(d, self.trace.packing.rows - 1)
        values = np.zeros((len(d), len(c)))
        for name, here, units in self._blocks(c):
            values[:, here] = difference(self.trace, self.other, name, self.moment, rows, units)
        return values

    def fills(self, d: Index, c: Index) -> Pixels:
        values = self._values(d, c)
        rgba = colour.sequential(values, 0, self.most, self.theme)
        rgba[values == 0] = (*self.theme.rgb("neutral"), 255)
        return rgba

    def texts(self, d: Index, c: Index, short: bool = False) -> list[list[str]]:
        """Nothing where the two are equal; `≈0` where they differ by less than two digits show."""
        inside = self.kinds(d, c) == DATA
        return [
            ["" if not here else _apart_text(value, short) for value, here in zip(row, ins, strict=True)]
            for row, ins in zip(self._values(d, c).tolist(), inside.tolist(), strict=True)
        ]


@dataclass(frozen=True, eq=False)
class TwoRunsPart:
    """The open run and another one.

    `offered`: those that there are, with their words; `chosen`: the one that is shown. `this`, `that`, `between`: the
    panes of the open run, of the other, and of how far they are apart. `found`: what they have in common, once it is
    there; `said`: in a sentence, or why it is not. `pointed`: the number under the pointer in both.
    """

    offered: tuple[tuple[Other, str], ...] = ()
    chosen: Other | None = None
    this: Pane = field(default_factory=lambda: Pane("this", "This run"))
    that: Pane = field(default_factory=lambda: Pane("that", "The other run"))
    between: Pane = field(default_factory=lambda: Pane("between", "How far they are apart"))
    found: TwoRuns | None = None
    differ: frozenset[int] = frozenset()
    said: str = ""
    pointed: str = ""


def two_runs_part(
    offered: tuple[tuple[Other, str], ...],
    chosen: Other | None,
    other: Trace | None,
    found: TwoRuns | None,
    why: str,
    grid: StatesGrid | None,
    hover: Place | None,
) -> TwoRunsPart:
    """The part of the scene. `grid`: what the state pane shows; `why`: why something is not there yet, or at all."""
    if chosen is None:
        return TwoRunsPart()
    name = dict(offered).get(chosen, "")
    if not name:
        return TwoRunsPart(offered, chosen, said=GONE.get(type(chosen), "There is no such run of this batch."))
    if grid is None or other is None:
        return TwoRunsPart(offered, chosen, that=Pane("that", "The other run", name, empty=why), said=why)
    moment, trace = grid.moment, grid.trace
    there = Moment(moment.step, min(moment.layer, other.layers - 1), min(moment.direction, other.directions - 1))
    alike = _alike(trace, other)
    shared = other if alike else None
    this = StatesGrid(trace, moment, grid.rows, grid.theme, grid.linked, shared)
    that = StatesGrid(other, there, grid.rows, grid.theme, grid.linked, trace if alike else None)
    most = 0.0 if found is None else found.most
    between = DifferenceGrid(trace, moment, grid.rows, grid.theme, other=other, most=most) if alike else None
    differ = frozenset[int]() if found is None else found.rows(moment)
    after = f"after t = {moment.step}"
    if trace.layers * trace.directions > 1:
        after += f" · {pass_name(moment.layer, moment.direction, trace.directions)}"
    rows = f"{rows_listed(sorted(differ))} differ{'s' * (len(differ) == 1)}" if differ else "no row differs"
    scale = Scale("0", number(most), False, f"How far two numbers are apart, from 0 to {number(most)}.")
    return TwoRunsPart(
        offered,
        chosen,
        Pane("this", f"This run {after}", _active(trace, moment), grid=this),
        Pane("that", f"The other run {after}", f"{name} · {_active(other, moment)}", grid=that),
        Pane("between", f"How far they are apart {after}", rows, grid=between, scale=scale)
        if found is not None
        else Pane("between", f"How far they are apart {after}", empty=why),
        found,
        differ,
        why if found is None else found.comparison.told,
        _pointed(trace, other, moment, hover) if alike else "",
    )


def _apart_text(value: float, short: bool) -> str:
    if value == 0:
        return ""
    return state_text(value, short) if value >= SMALL else "≈0"


def _alike(one: Trace, other: Trace) -> bool:
    try:
        check_alike(one, other)
    except ValueError:
        return False
    return True


def _active(trace: Trace, moment: Moment) -> str:
    return f"{int((trace.packing.lengths > moment.step).sum())} of {trace.packing.rows} rows active"


def _pointed(one: Trace, other: Trace, moment: Moment, hover: Place | None) -> str:
    """`h[2, 3] after t1: 0.19 in this run, 0.21 in the other, 0.02 apart`."""
    if hover is None or hover.unit < 0 or not 0 <= hover.row < one.packing.rows or hover.unit >= one.width(hover.state):
        return ""
    at = (hover.state, moment, np.array([hover.row]), np.array([hover.unit]))
    here, there = one.state(*at)[0, 0], other.state(*at)[0, 0]
    told = f"{full(here)} in this run, {full(there)} in the other, {abs(float(here) - float(there)):.2g} apart"
    return f"{hover.state}[{hover.row}, {hover.unit}] after t{moment.step}: {told}"
