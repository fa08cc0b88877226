"""The walk through a run: steps, stops, watches, play."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeVar

from packviz.core.expressions.parse import Expression
from packviz.core.stops import Stop

R = TypeVar("R")


@dataclass(frozen=True)
class StepBy:
    """Move the step forward or back by so many steps."""

    steps: int


@dataclass(frozen=True)
class StepTo:
    """Move the step to t; -1 is the last step that the RNN takes."""

    step: int


@dataclass(frozen=True)
class GoToPass:
    """Show this layer and direction, 0 or 1, at the same step; the nearest ones where there are none such."""

    layer: int
    direction: int = 0


@dataclass(frozen=True)
class RunToBreakpoint:
    """Move to the next (+1) or previous (-1) breakpoint; to the last or first step where there is none."""

    direction: Literal[1, -1]


@dataclass(frozen=True)
class RunToHover:
    """Move to the step that the pointer is on."""


@dataclass(frozen=True)
class ToggleBreakpoint:
    """Set or clear a breakpoint on a step; None is the current one."""

    step: int | None = None


@dataclass(frozen=True)
class ClearStops:
    """Take all breakpoints away."""


@dataclass(frozen=True)
class ToggleStop:
    """Stop there, too, or no more."""

    stop: Stop


@dataclass(frozen=True)
class SwitchStop:
    """Keep a stop, but do not stop at it for now; or stop at it again."""

    stop: Stop


@dataclass(frozen=True)
class StopFrom:
    """Stop there only from its n-th hit on, counted from the start of the walk; 1 is every hit."""

    stop: Stop
    n: int


@dataclass(frozen=True)
class ReplaceStop:
    """Another stop in the place of an old one."""

    old: Stop
    new: Stop


@dataclass(frozen=True)
class ToggleWatch:
    """Read this number off at every moment, or no more."""

    expression: Expression


@dataclass(frozen=True)
class ReplaceWatch:
    """Read another number off in the place of an old one."""

    old: Expression
    new: Expression


@dataclass(frozen=True)
class StepInto:
    """Gate by gate: from one state of the selected row to the next in the order in which they are computed."""


@dataclass(frozen=True)
class StepOut:
    """Out of the gates; or out of the layer and direction, to the first step of the next."""


@dataclass(frozen=True)
class TogglePlay:
    """Start or stop playing; at the last step it starts from the first."""


@dataclass(frozen=True)
class Tick:
    """One step of playing."""


@dataclass(frozen=True)
class SetSpeed:
    """Play at so many steps a second."""

    speed: float
