"""The parts of the scene: what each view is handed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.arrays import ReadOnly
from packviz.core.batch import Batch
from packviz.core.comparing import Comparison
from packviz.core.findings import Finding
from packviz.core.look.colour import Theme
from packviz.core.module import Module
from packviz.core.origins import OfState, Origin
from packviz.core.report import Meant
from packviz.core.verdict import Verdict
from packviz.session.cursor import Block
from packviz.session.scene.calls import CallsPart
from packviz.session.scene.grids import Pixels
from packviz.session.scene.inspector import Inspected
from packviz.session.scene.notes import NotesPart
from packviz.session.scene.pane import NO_MARKS, Pane
from packviz.session.scene.probe import ProbeSays
from packviz.session.scene.reach import ReachPart
from packviz.session.scene.shelf import Shelf
from packviz.session.scene.stops import StopsPart
from packviz.session.scene.two_runs import TwoRunsPart
from packviz.session.scene.work import WorkPart
from packviz.session.state import Look, Offer, Play

if TYPE_CHECKING:
    from packviz.core.messages.explain import Explanation


@dataclass(frozen=True, eq=False)
class Bars(ReadOnly):
    """batch_sizes as bars: `sizes`, (L,) int64; steps from `steps` on have no data. `down`: steps of the time axis."""

    title: str
    subtitle: str
    footer: str
    sizes: NDArray[np.int64]
    rows: int
    steps: int
    down: int
    empty: str = ""


@dataclass(frozen=True, eq=False)
class Ribbons(ReadOnly):
    """The sort order: sorted row s comes from row `order[s]`, (n,) int64, drawn in that row's colour, (n, 4)."""

    order: NDArray[np.int64]
    rgb: Pixels


@dataclass(frozen=True)
class Pointer:
    """The one cursor, as each pane draws it: step, and (step, column) of the selected and of the hovered cell.

    `layer`, `direction`: those whose states are shown, of so many `layers` and `directions`: backward the walk goes
    from the last step to 0. A column of -1 is no column: only the step is marked. None is nothing at all. `state`,
    `unit`: of a state pane, what is hovered of its row; a unit of -1 is none. `shown`: (step, row, sorted row) of the
    cell that somebody asked to be shown, and how many before it; a sorted row of -1 is none. `block`: the selected
    cells, where they are several.
    """

    step: int
    row: int
    padded: tuple[int, int] | None
    packed: tuple[int, int] | None
    hover: tuple[int, int] | None
    hover_packed: tuple[int, int] | None
    breakpoints: tuple[int, ...]
    last_step: int
    layer: int = 0
    direction: int = 0
    layers: int = 1
    directions: int = 1
    state: str = ""
    unit: int = -1
    shown: tuple[int, int, int, int] | None = None
    block: Block | None = None


@dataclass(frozen=True, eq=False)
class Findings:
    """The cards, worst first, and the line above them; `checking`: the rules are still at work on this batch.

    `unexplained`: the sentence about an exception of torch's that no card explains, or nothing. `of`: of what the cards
    are, where that is not the present batch: "the last lengths". `meant`: the call that the batch is meant for, where
    several of them follow from its options. `walked`: the code of the one that somebody has walked to, or nothing.
    """

    cards: tuple[Finding, ...]
    summary: str
    checking: bool
    unexplained: str = ""
    of: str = ""
    meant: Meant | None = None
    walked: str = ""


@dataclass(frozen=True, eq=False)
class TorchSays:
    """What torch does with this call; `waiting` says why there is no verdict yet; `asking`: one is on its way.

    `of`: of what the verdict is, where that is not the present call: "the last lengths". `silent`: something is wrong
    with the batch of which torch says nothing: that it raises nothing is no good news.
    """

    title: str
    verdict: Verdict | None
    waiting: str
    asking: bool = False
    of: str = ""
    silent: bool = False


@dataclass(frozen=True, eq=False)
class Controls:
    """What the toolbar and the menus show of the state."""

    batch: Batch | None
    module: Module
    look: Look
    play: Play
    devices: tuple[str, ...]
    undo: str | None
    redo: str | None
    lengths: str

    @property
    def own_module(self) -> str:
        """The name of the module that the batch brings along; nothing of one that packviz makes."""
        return self.module.name if self.module.held else ""


@dataclass(frozen=True)
class Status:
    """The status bar: what the pointer is on, and what the batch is."""

    left: str
    right: str


@dataclass(frozen=True)
class Banner:
    """The line over the panes: a message, with what can be done about it, or a load on its way (`fraction` 0 to 1)."""

    text: str = ""
    bad: bool = False
    loading: bool = False
    fraction: float = 0.0
    offers: tuple[Offer, ...] = ()


@dataclass(frozen=True, eq=False)
class Trouble(ReadOnly):
    """Where something is wrong: the rows with an error or a silent finding, and the marks, (n, 4), as in Pane."""

    rows: frozenset[int] = frozenset()
    marks: NDArray[np.int64] = field(default_factory=lambda: NO_MARKS)


@dataclass(frozen=True, eq=False)
class OriginPart:
    """Where a number comes from, that somebody has asked for: the `origin`, or `why` there is none yet, or at all."""

    of: OfState | None = None
    origin: Origin | None = None
    why: str = ""


@dataclass(frozen=True, eq=False)
class ComparedPart:
    """The run compared with others, or `why` there is nothing to show yet, or at all."""

    found: tuple[Comparison, ...] = ()
    why: str = ""


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything that is drawn. `down`: steps of the shared time axis; `made_from`: the inputs of each part."""

    theme: Theme
    down: int
    padded: Pane
    packed: Pane
    ribbons: Ribbons | None
    sizes: Bars
    row: Pane
    states: Pane
    pointer: Pointer
    findings: Findings
    explanation: Explanation | None
    torch: TorchSays
    probe: ProbeSays
    python: str
    controls: Controls
    shelf: Shelf
    calls: CallsPart
    work: WorkPart
    inspector: Inspected
    stops: StopsPart
    notes: NotesPart
    origin: OriginPart
    reach: ReachPart
    compared: ComparedPart
    two: TwoRunsPart
    status: Status
    banner: Banner
    made_from: Mapping[str, tuple[tuple[Any, ...], Any]]
