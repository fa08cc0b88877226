"""What can be asked of the session: each action a small frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from packviz.core.batch import Batch, Call
from packviz.core.expressions.parse import Expression
from packviz.core.findings import Edit
from packviz.core.module import Module
from packviz.core.origins import OfState
from packviz.core.stops import Stop
from packviz.session.loads import Entry, LoadRequest, WeightsRequest
from packviz.session.requests import Request
from packviz.session.state import Look, Message, Place

R = TypeVar("R")


@dataclass(frozen=True)
class Load:
    """Open a file, a paste or a sample; the open batch stays until it has been read."""

    request: LoadRequest | WeightsRequest


@dataclass(frozen=True)
class CancelLoad:
    """Stop reading; the open batch stays."""


@dataclass(frozen=True)
class Open:
    """Show this batch; `module` is the one to step, where the batch brings one."""

    batch: Batch
    module: Module | None = None


@dataclass(frozen=True)
class OpenAll:
    """Open these batches as documents, and show the first of them."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class GoTo:
    """Show the document at this place of the list."""

    place: int


@dataclass(frozen=True)
class GoBy:
    """Walk so many documents on, or back."""

    places: int


@dataclass(frozen=True)
class Close:
    """Take a document off the list; None is the open one. An undo brings it back."""

    place: int | None = None


@dataclass(frozen=True)
class SetLength:
    """Give one row another length; `gesture` numbers the drag that it is part of."""

    row: int
    length: int
    gesture: int | None = None


@dataclass(frozen=True)
class SetLengths:
    """Give the whole vector of lengths, (n,), as typed."""

    lengths: tuple[int, ...]


@dataclass(frozen=True)
class SetValue:
    """Give one cell of x another number, of x's dtype, in the feature of that number."""

    row: int
    step: int
    feature: int
    value: Any


@dataclass(frozen=True)
class SetOption:
    """Change an option of the call: a name of `core.batch.Call` and its value."""

    name: Literal["batch_first", "enforce_sorted", "padding_value", "total_length"]
    value: Any


@dataclass(frozen=True)
class SwapLayout:
    """Transpose x and turn batch_first: the same rows in the other layout."""


@dataclass(frozen=True)
class GuessLengths:
    """Take the lengths from the padding."""


@dataclass(frozen=True)
class ApplyFix:
    """Apply the edit that a finding offers."""

    edit: Edit


@dataclass(frozen=True)
class SetUsual:
    """Read what says no options itself with these from now on, and the open batch too."""

    call: Call


@dataclass(frozen=True)
class SetModel:
    """Step another module."""

    module: Module


@dataclass(frozen=True)
class Undo:
    """Take the newest edit back."""


@dataclass(frozen=True)
class Redo:
    """Do the newest undone edit again."""


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
class AskOrigin:
    """Where does this number come from? The walk goes to where it is; None puts the answer away."""

    of: OfState | None


@dataclass(frozen=True)
class StepInto:
    """Gate by gate: from one state of the selected row to the next in the order in which they are computed."""


@dataclass(frozen=True)
class StepOut:
    """Out of the gates; or out of the layer and direction, to the first step of the next."""


@dataclass(frozen=True)
class Compare:
    """Compare the run with others, or no more."""

    on: bool = True


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
class ClearStops:
    """Take all breakpoints away."""


@dataclass(frozen=True)
class Pin:
    """Keep the inspector on a cell, or on the one that it is on; or let it go."""

    place: Place | None = None


@dataclass(frozen=True)
class SetLook:
    """Show it another way."""

    look: Look


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


@dataclass(frozen=True, eq=False)
class Computed(Generic[R]):
    """A job has its result."""

    request: Request[R]
    result: R


@dataclass(frozen=True)
class Failed:
    """A job could not be done; `text` is the sentence to show, `choices` what it may be done with."""

    request: Request[Any]
    text: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Progressed:
    """A job is so far, 0 to 1."""

    request: Request[Any]
    fraction: float


Action = (
    Load | CancelLoad | Open | OpenAll | GoTo | GoBy | Close
    | SetLength | SetLengths | SetValue | SetOption | SwapLayout | GuessLengths | ApplyFix | SetUsual | SetModel
    | Undo | Redo | StepBy | StepTo | GoToPass | RunToBreakpoint | RunToHover | ToggleBreakpoint | ClearStops
    | ToggleStop | SwitchStop | StopFrom | ReplaceStop | ToggleWatch | ReplaceWatch
    | AskOrigin | StepInto | StepOut | Compare
    | TogglePlay | Tick | SetSpeed
    | Hover | Select | SelectBlock | ToggleRow | Show | WalkFindings | Pin | SetLook
    | Probe | CancelProbe | DismissExplanation | Say
    | Computed[Any] | Failed | Progressed
)  # fmt: skip
