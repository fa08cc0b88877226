"""Where a cell of x goes: how far every state of its row moves with it, and what of that arrives in h_n."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from packviz.core.arrays import frozen
from packviz.core.gradients import VANISHED
from packviz.core.moments import Moment, Moments, pass_name
from packviz.core.origins import OfX, short
from packviz.core.texts.wording import listed
from packviz.core.trace import Pass

FAINT = 0.05
"""What is left of a cell, as a share of the most that there was, below which it has nearly vanished."""

TINY = 1e-6
"""A share that is told as a number: as a percentage it would be all zeros."""


@dataclass(frozen=True)
class Way:
    """What becomes of a cell in one layer and direction.

    `peak`: after which moment the most of it is there, and `most`: how much, 0 where nothing is. `end`: the moment
    whose h is h_n[slot, row], and `final`: how much of it is in that. `begins`: the first step, in the order of the
    walk, that hangs on it; -1 where none does. `starts`: the step at which that walk begins. `odd`: the first step
    there after which it is NaN, -1 where there is none.
    """

    name: str
    row: int
    slot: int
    peak: Moment
    most: float
    end: Moment
    final: float
    begins: int
    starts: int
    odd: int = -1

    @property
    def place(self) -> str:
        """`h_n[1, 2]`."""
        return f"h_n[{self.slot}, {self.row}]"

    @property
    def largest(self) -> str:
        """`largest after t3, 0.41; 0 before t3`: where it is, where it is largest, and where nothing of it is."""
        if self.begins < 0:
            return "nothing of it arrives"
        told = f"largest after t{self.peak.step}, {short(self.most)}" if self.most else "no number"
        if self.begins != self.starts:
            told += f"; 0 {'after' if self.end.direction else 'before'} t{self.begins}"
        if self.odd >= 0:
            told += f"; NaN from t{self.odd} on"
        return told

    @property
    def arrival(self) -> str:
        """`h_n[0, 2] gets 0.02, 2% of what it had after t3: it has nearly vanished`."""
        if self.final != self.final:
            return f"{self.place} is NaN: nothing can be said of it"
        if not self.final:
            return f"{self.place} gets 0: nothing of it is left" if self.begins >= 0 else f"{self.place} gets 0"
        if self.final == self.most or self.odd >= 0:
            return f"{self.place} gets {short(self.final)}"
        share = self.final / self.most
        lost = "" if share >= FAINT else ": it has vanished" if share < VANISHED else ": it has nearly vanished"
        return f"{self.place} gets {short(self.final)}, {_percent(share)} of what it had after t{self.peak.step}{lost}"

    @property
    def told(self) -> str:
        """All in a sentence."""
        return f"{self.name}: {self.largest}. {self.arrival}."


@dataclass(frozen=True, eq=False)
class Reach:
    """How far the states of one row move with one of its cells of x. Arrays are read-only, float64.

    `of`: the cell; a feature of -1 is all of them. `k`: its packed index. `influence`: (layer, direction) → (length,),
    after each step t of the row the Frobenius norm of ∂h_t / ∂x[cell], by all ways that lead there; NaN where h is no
    number. `numbers`: of the cell as the module takes it, over which the norm goes; `embedded`: they are its embedding.
    """

    of: OfX
    k: int
    influence: Mapping[Pass, NDArray[np.float64]]
    numbers: int = 1
    embedded: bool = False

    def __post_init__(self) -> None:
        held = {at: frozen(values) for at, values in sorted(self.influence.items())}
        object.__setattr__(self, "influence", MappingProxyType(held))

    @property
    def length(self) -> int:
        """The steps of the row."""
        return len(next(iter(self.influence.values())))

    @cached_property
    def moments(self) -> Moments:
        """The walk over the row."""
        layers, directions = zip(*self.influence, strict=True)
        return Moments(self.length, max(layers) + 1, max(directions) + 1)

    @property
    def finals(self) -> NDArray[np.float64]:
        """What arrives in each slot of h_n, (layers × directions,): the norm of ∂h_n[slot, row] / ∂x[cell]."""
        return frozen(np.array([way.final for way in self.ways]))

    @cached_property
    def ways(self) -> tuple[Way, ...]:
        """What becomes of it in each layer and direction, in the order of the slots of h_n."""
        return tuple(self._way(layer, direction) for layer, direction in self.influence)

    def _way(self, layer: int, direction: int) -> Way:
        values, moments = self.influence[layer, direction], self.moments
        walked = values[::-1] if direction else values
        steps = np.arange(self.length)[::-1] if direction else np.arange(self.length)
        touched, odd = np.flatnonzero(walked != 0), np.flatnonzero(np.isnan(walked))
        peak = int(np.argmax(np.where(np.isnan(walked), -1.0, walked)))
        most = float(walked[peak])
        return Way(
            pass_name(layer, direction, moments.directions),
            self.of.row,
            layer * moments.directions + direction,
            Moment(int(steps[peak]), layer, direction),
            0.0 if most != most else most,
            Moment(int(steps[-1]), layer, direction),
            float(walked[-1]),
            int(steps[touched[0]]) if len(touched) else -1,
            int(steps[0]),
            int(steps[odd[0]]) if len(odd) else -1,
        )

    @property
    def read(self) -> str:
        """`data[11], read at t3 by layer 0 → and layer 0 ←`."""
        directions = self.moments.directions
        readers = listed([pass_name(0, direction, directions) for direction in range(directions)])
        return f"data[{self.k}], read at t{self.of.step} by {readers}"

    @property
    def measured(self) -> str:
        """What the numbers are, in a sentence."""
        what = "it" if self.numbers == 1 else f"its {self.numbers} numbers"
        if self.embedded:
            what = "its embedding" if self.numbers == 1 else f"the {self.numbers} numbers of its embedding"
        return f"How far h moves with {what}, to first order: the norm of the derivative of h after each step."

    @property
    def sentences(self) -> tuple[str, ...]:
        """What reads it, and what becomes of it in each layer and direction."""
        return (f"{self.read}.", *(way.told for way in self.ways))


def _percent(share: float) -> str:
    """`63%`, `2%`, `0.031%`, `1e-09`: of what there was."""
    if share < TINY:
        return f"{share:.1g}"
    return f"{100 * share:.0f}%" if share >= 0.0995 else f"{100 * share:.2g}%"
