"""The state: everything that the window knows, in one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from packviz.core.batch import Batch
from packviz.core.findings import Report, Verdict
from packviz.core.look.theme import ThemeName
from packviz.core.module import Module
from packviz.session.history import History
from packviz.session.requests import (
    CheckRequest,
    LoadRequest,
    ProbeRequest,
    Request,
    TraceRequest,
    VerdictRequest,
    WeightsRequest,
)
from packviz.torch_side.stepping.trace import Trace

if TYPE_CHECKING:
    from packviz.core.messages.explain import Explanation
    from packviz.core.probing import ProbeReport

ColourBy = Literal["sequence", "value", "step", "state"]
Orientation = Literal["down", "right"]

COLOURS: tuple[ColourBy, ...] = ("sequence", "value", "step", "state")
SPEEDS = (1.0, 2.0, 5.0, 10.0, 30.0)  # steps a second


@dataclass(frozen=True)
class Place:
    """A cell of the batch: a row and a step; -1 where the pointer is on no row (a bar, an axis)."""

    row: int
    step: int


@dataclass(frozen=True)
class Cursor:
    """The one cursor of all panes: the step, the selected row, and what the pointer is on."""

    step: int = 0
    row: int = 0
    hover: Place | None = None


@dataclass(frozen=True)
class Look:
    """How it is shown: colouring, the direction of time, theme, the state in the row pane, the feature of x."""

    colour: ColourBy = "sequence"
    orientation: Orientation = "down"
    theme: ThemeName = "dark"
    shown: str = "h"
    feature: int = 0


@dataclass(frozen=True)
class Play:
    """Playing: whether, at how many steps a second, and the steps to stop at."""

    on: bool = False
    speed: float = 2.0
    breakpoints: frozenset[int] = frozenset()


@dataclass(frozen=True)
class TorchInfo:
    """What there is once torch is imported: its version, and the devices that can be stepped on."""

    version: str
    devices: tuple[str, ...] = ("cpu",)


@dataclass(frozen=True)
class Message:
    """One sentence for the banner. `bad`: something could not be done."""

    text: str
    bad: bool = False


@dataclass(frozen=True, eq=False)
class Told:
    """What a pasted message means. `alone`: it came without a batch, and may be about another than the open one."""

    explanation: Explanation
    alone: bool = True


@dataclass(frozen=True, eq=False)
class Results:
    """What the jobs have brought, each with the request that it answers."""

    report: tuple[CheckRequest, Report] | None = None
    verdict: tuple[VerdictRequest, Verdict] | None = None
    trace: tuple[TraceRequest, Trace] | None = None
    probe: tuple[ProbeRequest, ProbeReport] | None = None
    failed: Mapping[Request, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Loading:
    """A file, a paste or a sample on its way in; `fraction` of it read, 0 to 1."""

    request: LoadRequest | WeightsRequest
    fraction: float = 0.0


@dataclass(frozen=True, eq=False)
class State:
    """Everything that the window knows. `update` alone makes a new one."""

    batch: Batch | None = None
    spec: Module = field(default_factory=Module)
    cursor: Cursor = field(default_factory=Cursor)
    look: Look = field(default_factory=Look)
    play: Play = field(default_factory=Play)
    history: History = field(default_factory=History)
    results: Results = field(default_factory=Results)
    torch: TorchInfo | None = None
    loading: Loading | None = None
    tracing: float = 0.0  # fraction of the trace that is done
    probe: ProbeRequest | None = None  # what was to be probed, when somebody last asked
    probing: float = 0.0  # fraction of the probe that is done
    told: Told | None = None
    message: Message | None = None
    stepped: bool = False  # somebody has stepped over this batch, so that even a large trace is worth its memory

    @property
    def last_step(self) -> int:
        """The last step that the RNN takes: the longest length that x has steps for, - 1; at least 0."""
        if self.batch is None:
            return 0
        counts, steps = self.batch.row_lengths, self.batch.steps
        longest = int(counts.max()) if len(counts) else steps
        return max(0, min(longest if longest > 0 else steps, steps) - 1)
