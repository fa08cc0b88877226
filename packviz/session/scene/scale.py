"""The scale of the values of a pane: where its colours begin and end, and what has a colour of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from packviz.core.look import colour
from packviz.core.look.colour import Pixels, Theme
from packviz.core.trace import Pass, Trace
from packviz.session.scene.grids import CellColours
from packviz.session.scene.numbers import number
from packviz.session.scene.trace_grids import limit_of

ODD: Mapping[str, float] = {"NaN": np.nan, "-inf": -np.inf, "inf": np.inf}
BEYOND = 2.0  # a value beyond either end of a scale from -1 or 0 to 1


@dataclass(frozen=True)
class Scale:
    """`low`, `high`: its ends, as they are told. `through_zero`: from red through 0 to blue. `tip`: all in words."""

    low: str
    high: str
    through_zero: bool
    tip: str

    def colours(self, count: int, theme: Theme) -> Pixels:
        """(count, 4) RGBA, from one end to the other."""
        if self.through_zero:
            return colour.diverging(np.linspace(-1, 1, count), 1, theme)
        return colour.sequential(np.linspace(0, 1, count), 0, 1, theme)

    def odd(self, theme: Theme) -> dict[str, tuple[int, int, int]]:
        """The colours of what is on no scale, by its name: NaN, the infinities, and what lies beyond an end."""
        values = np.array([*ODD.values(), -BEYOND, BEYOND])
        rgba = colour.diverging(values, 1, theme) if self.through_zero else colour.sequential(values, 0, 1, theme)
        names = (*ODD, f"below {self.low}", f"above {self.high}")
        return {name: (int(r), int(g), int(b)) for name, (r, g, b, _) in zip(names, rgba.tolist(), strict=True)}


ITS_OWN = "NaN, infinities and what lies beyond an end have colours of their own."


def scale_of_cells(colours: CellColours | None) -> Scale | None:
    """That of the panes of x; None where they are not coloured by value."""
    if colours is not None and colours.by == "gradient" and colours.gradient is not None:
        most = float(np.nanmax(colours.gradient.norms, initial=0))
        tip = (
            f"Coloured by the norm of the gradient of {colours.gradient.said}, from a millionth of the largest, "
            f"{number(most)}, up to it: padding gets none."
        )
        return Scale("1e-6", number(most), False, tip)
    if colours is None or colours.by != "value":
        return None
    low, high = colours.limits
    if not low < 0 < high:
        told = number(low), number(high)
        return Scale(*told, False, f"Coloured by value, from {told[0]} to {told[1]}. {ITS_OWN}")
    limit = max(-low, high)
    return through_zero(number(limit), "Coloured by value")


def scale_of_states(
    trace: Trace | None, names: tuple[str, ...], at: Pass = (0, 0), linked: bool = False
) -> Scale | None:
    """That of a pane of these states in a layer and direction; where theirs differ, the ends are told without numbers,
    and all in the tip. `linked`: all states have one."""
    if trace is None:
        return None
    ends = {name: number(limit_of(trace, name, at, linked)) for name in names}
    if len(set(ends.values())) == 1:
        return through_zero(next(iter(ends.values())), f"{', '.join(names)} by value")
    each = ", ".join(f"{name} to ±{end}" for name, end in ends.items())
    return Scale("-", "+", True, f"Red below 0, blue above it, each state on a scale of its own: {each}. {ITS_OWN}")


def through_zero(end: str, what: str) -> Scale:
    """From -`end` to `end`; `what`: is coloured, in words."""
    return Scale(f"-{end}", end, True, f"{what}, from -{end} (red) through 0 to {end} (blue). {ITS_OWN}")
