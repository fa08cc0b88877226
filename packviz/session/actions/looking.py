"""Where somebody looks, and what they ask about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from packviz.core.origins import OfState, OfX
from packviz.session.cursor import Place
from packviz.session.others import Other
from packviz.session.state import Look, Message

R = TypeVar("R")


@dataclass(frozen=True)
class Hover:
    """The pointer is on a cell, or on none."""

    place: Place | None


@dataclass(frozen=True)
class Select:
    """Select a row and, if it is not None, move to a step."""

    row: int
    step: int | None = None


@dataclass(frozen=True)
class SelectBlock:
    """Select these rows at the steps from `first` to `last`; the cursor stays."""

    rows: tuple[int, ...]
    first: int
    last: int


@dataclass(frozen=True)
class ToggleRow:
    """Take one more row into the selection, or out of it."""

    row: int


@dataclass(frozen=True)
class Show:
    """Select a row and, if it is not None, move to a step, and bring that cell so close that it can be read."""

    row: int
    step: int | None = None


@dataclass(frozen=True)
class WalkFindings:
    """Go so many findings on, or back, round and round: to the first cell of each."""

    by: int


@dataclass(frozen=True)
class Pin:
    """Keep the inspector on a cell, or on the one that it is on; or let it go."""

    place: Place | None = None


@dataclass(frozen=True)
class SetLook:
    """Show it another way."""

    look: Look


@dataclass(frozen=True)
class AskOrigin:
    """Where does this number come from? The walk goes to where it is; None puts the answer away."""

    of: OfState | None


@dataclass(frozen=True)
class AskReach:
    """Where does this cell of x go? The walk goes to where it is read; None puts the answer away."""

    of: OfX | None


@dataclass(frozen=True)
class Compare:
    """Compare the run with others, or no more."""

    on: bool = True


@dataclass(frozen=True)
class HoldAgainst:
    """Hold the run against this other one; None puts the other one away."""

    other: Other | None


@dataclass(frozen=True)
class KeepRun:
    """Keep the batch and the module as they are now, to compare later ones with."""


@dataclass(frozen=True)
class Probe:
    """Probe the module for leaks: does it read the padding of the batch?"""


@dataclass(frozen=True)
class CancelProbe:
    """Stop probing, or put the result of the probe away."""


@dataclass(frozen=True)
class DismissExplanation:
    """Put away what a message means."""


@dataclass(frozen=True)
class Say:
    """Put a sentence in the banner; None clears it."""

    message: Message | None
