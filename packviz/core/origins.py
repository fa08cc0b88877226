"""Where a number of a run comes from: the equation of its unit, filled in, its terms, the largest first, and where each
of them can be followed to."""

from __future__ import annotations

from dataclasses import dataclass

from packviz.core.moments import Moment, pass_name
from packviz.core.texts.wording import number

MOST_TERMS = 8
"""Products of a sum that are named; the others are added up."""


@dataclass(frozen=True)
class OfState:
    """A unit of a state of a row after a moment."""

    name: str
    moment: Moment
    row: int
    unit: int


@dataclass(frozen=True)
class OfX:
    """A feature of a cell of x."""

    row: int
    step: int
    feature: int


Followed = OfState | OfX | None
"""Where a number can be followed to; None of weights, and of an initial state."""


@dataclass(frozen=True)
class Term:
    """A part of an equation: `symbol`, as torch's documentation has it, its number, and where that comes from."""

    symbol: str
    value: float
    leads: Followed = None

    @property
    def told(self) -> str:
        """`f[3] = 0.55`."""
        return f"{self.symbol} = {short(self.value)}"


@dataclass(frozen=True)
class Origin:
    """Where one number comes from.

    `of`: which it is; `value`: as the run has it. `equation`: in symbols, `filled`: the same in numbers. `terms`: the
    factors of the equation, or the products that are summed in it, the largest first; `rest`: what the products that
    are not named add up to, and how many they are. `computed`: what the equation gives, in float64.
    """

    of: OfState
    value: float
    equation: str
    filled: str
    terms: tuple[Term, ...]
    computed: float
    rest: float = 0.0
    others: int = 0

    def title(self, directions: int, several: bool) -> str:
        """`h[2, 3] = 0.19 after t1, layer 0 →`."""
        here = f", {pass_name(self.of.moment.layer, self.of.moment.direction, directions)}" if several else ""
        return f"{self.of.name}[{self.of.row}, {self.of.unit}] = {short(self.value)} after t{self.of.moment.step}{here}"


def short(value: float) -> str:
    """A number in a few digits."""
    return number(float(f"{value:.4g}")) if value == value and abs(value) != float("inf") else str(value)


def largest(terms: list[Term], most: int = MOST_TERMS) -> tuple[tuple[Term, ...], float, int]:
    """The terms whose numbers are furthest from 0, or NaN, and what the others add up to, and how many they are."""
    ranked = sorted(terms, key=lambda term: -abs(term.value) if term.value == term.value else -float("inf"))
    kept, rest = tuple(ranked[:most]), ranked[most:]
    return kept, sum(term.value for term in rest), len(rest)
