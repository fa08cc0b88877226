"""The state: everything that the window knows, in one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from packviz.core.batch import Batch, Call
from packviz.core.expressions.parse import Expression
from packviz.core.gradients import Of
from packviz.core.look.theme import ThemeName
from packviz.core.module import Module
from packviz.core.moments import Moment, Moments
from packviz.core.noted import NotedCall
from packviz.core.origins import OfState, OfX
from packviz.core.stop_list import Stops
from packviz.session.cursor import START, Cursor
from packviz.session.document import Document, Documents, OfCall, next_number
from packviz.session.history import History
from packviz.session.listing import OpenRecording
from packviz.session.loads import LoadRequest, WeightsRequest
from packviz.session.others import Other
from packviz.session.recordings import CallRequest, ReloadRequest
from packviz.session.requests import Request, TorchInfo, TorchRequest
from packviz.session.results import Results
from packviz.session.saving import Conflict, DropRequest, KeepRequest, SaveRequest

if TYPE_CHECKING:
    from packviz.core.messages.explain import Explanation

ColourBy = Literal["sequence", "value", "step", "state", "gradient"]
Orientation = Literal["down", "right"]

NORM = -1
"""In place of a feature: the norm over all of them."""

COLOURS: tuple[ColourBy, ...] = ("sequence", "value", "step", "state", "gradient")
SPEEDS = (1.0, 2.0, 5.0, 10.0, 30.0)  # steps a second


@dataclass(frozen=True)
class Range:
    """Where the colours of x begin and end, as somebody has set it; `locked`: for other features and batches, too."""

    low: float
    high: float
    locked: bool = False


@dataclass(frozen=True)
class Look:
    """How it is shown: colouring, the direction of time, theme, the state in the row pane, the feature of x or NORM.

    `range`: that of the values of x; None follows them. `linked`: all states have one scale. `gradient`: of what the
    gradient is that cells are coloured by; `at_h`: at the hidden state after each of them, not at x.
    """

    colour: ColourBy = "sequence"
    orientation: Orientation = "down"
    theme: ThemeName = "dark"
    shown: str = "h"
    feature: int = 0
    range: Range | None = None
    linked: bool = False
    gradient: Of = "h_n"
    at_h: bool = False

    def at_feature(self, feature: int) -> Look:
        """The same, another feature shown; a range that is not locked was that of the last one."""
        kept = self.range if self.range is not None and (self.range.locked or feature == self.feature) else None
        return replace(self, feature=feature, range=kept)

    def afresh(self) -> Look:
        """The look at another batch: its first feature, no range but one that is locked, and no gradient of one of the
        outputs of the last one."""
        kept = self.range if self.range is not None and self.range.locked else None
        return replace(self, feature=0, range=kept, gradient=self.gradient if isinstance(self.gradient, str) else "h_n")


@dataclass(frozen=True)
class Play:
    """Playing: whether, and at how many steps a second."""

    on: bool = False
    speed: float = 2.0


@dataclass(frozen=True)
class Visit:
    """Where somebody was in a document that is not open now: the moment and the row, and whether they had stepped."""

    moment: Moment = START
    row: int = 0
    stepped: bool = False


@dataclass(frozen=True)
class Offer:
    """Something to do, on a button beside a sentence: its words, and the action that is asked for."""

    label: str
    action: Any


@dataclass(frozen=True)
class Message:
    """One sentence for the banner. `bad`: something could not be done. `offers`: what can be done about it."""

    text: str
    bad: bool = False
    offers: tuple[Offer, ...] = ()


@dataclass(frozen=True, eq=False)
class Told:
    """What a pasted message means. `alone`: it came without a batch, and may be about another than the open one."""

    explanation: Explanation
    alone: bool = True


@dataclass(frozen=True)
class Loading:
    """A file, a paste or a sample on its way in; `fraction` of it read, 0 to 1."""

    request: LoadRequest | WeightsRequest | CallRequest | ReloadRequest
    fraction: float = 0.0


@dataclass(frozen=True, eq=False)
class State:
    """Everything that the window knows. `update` alone makes a new one.

    `documents` is what is undone and saved; all else belongs to the window alone. `spare`: the module of an empty
    window, which the first batch gets. `visits`: where somebody was in the other documents, by their number. `asked`:
    what somebody has asked for by hand. `stepped`: somebody has stepped over the open batch. `usual`: the options with
    which is read what says none itself: torch's defaults, until somebody has chosen others; `usual_said`: that has been
    said. `walked`: the code of the finding that somebody has walked to, or nothing. `origin`: the number of a run that
    somebody wants to know the origin of; `reach`: the cell of x of which they want to know where it goes, a feature of
    -1 being all of them. `comparing`: somebody wants the run compared with others. `other`: the run that somebody wants
    the open one held against; `kept`: what somebody has kept for that. `spare_stops`, `spare_watches`: those of an
    empty window, which the first batch gets. `recording`: the one whose calls are listed; the open document is one of
    them, or none; `recordings`: others that are at hand. `file`: the session file of the open work, or nothing;
    `file_identity`: of what it held when it was opened or saved here last; `conflict`: why it was not saved last, where
    something else would have been lost; `clean`: its documents as they came, or were saved last; `saves`: how often it
    was saved. `saving`, `keeping`, `dropping`: what is being written or removed; `unkept`: the work could not be kept
    for a crash; `restored`: the file of work that was kept by an earlier process, and is open here. `saved_up_to`:
    documents of this number and below were open when the work was saved. `put_away`: how many batches that programs
    have shown made room for newer ones.
    """

    documents: Documents = field(default_factory=Documents)
    spare: Module = field(default_factory=Module)
    cursor: Cursor = field(default_factory=Cursor)
    look: Look = field(default_factory=Look)
    play: Play = field(default_factory=Play)
    history: History = field(default_factory=History)
    results: Results = field(default_factory=Results)
    torch: TorchInfo | None = None
    loading: Loading | None = None
    asked: Request[Any] | None = None
    told: Told | None = None
    message: Message | None = None
    stepped: bool = False
    visits: Mapping[int, Visit] = field(default_factory=dict)
    usual: Call = field(default_factory=Call)
    usual_said: bool = False
    walked: str = ""
    origin: OfState | None = None
    reach: OfX | None = None
    comparing: bool = False
    other: Other | None = None
    kept: Document | None = None
    spare_stops: Stops = field(default_factory=Stops)
    spare_watches: tuple[Expression, ...] = ()
    recording: OpenRecording | None = None
    recordings: tuple[OpenRecording, ...] = ()
    file: str = ""
    file_identity: str = ""
    conflict: Conflict | None = None
    clean: tuple[Document, ...] = ()
    saves: int = 0
    saving: SaveRequest | None = None
    keeping: KeepRequest | None = None
    dropping: DropRequest | None = None
    unkept: bool = False
    restored: str = ""
    saved_up_to: int = 0
    put_away: int = 0

    @property
    def document(self) -> Document | None:
        """The open document; None in an empty window."""
        return self.documents.current

    @property
    def batch(self) -> Batch | None:
        """The open batch."""
        document = self.documents.current
        return None if document is None else document.batch

    @property
    def call(self) -> NotedCall | None:
        """The call of the open recording whose batch is open; None where that is no call of it."""
        document, recording = self.document, self.recording
        if document is None or document.of is None or recording is None:
            return None
        return document.of.call if document.of.place == recording.recording.place else None

    @property
    def module(self) -> Module:
        """The module that is stepped."""
        document = self.documents.current
        return self.spare if document is None else document.module

    @property
    def torch_missing(self) -> str:
        """Why torch can't be asked, yet or at all; nothing where it can."""
        if self.torch is not None:
            return ""
        return self.results.failed(TorchRequest()) or TorchRequest.waiting

    @property
    def moments(self) -> Moments:
        """The order of the walk through the module that is stepped, over the steps that the RNN takes."""
        module = self.module
        return Moments(self.last_step + 1, module.layers, module.directions)

    @property
    def last_step(self) -> int:
        """The last step that the RNN takes: the longest length that x has steps for, - 1; at least 0."""
        if self.batch is None:
            return 0
        counts, steps = self.batch.row_lengths, self.batch.steps
        longest = int(counts.max()) if len(counts) else steps
        return max(0, min(longest if longest > 0 else steps, steps) - 1)


def showing(
    batch: Batch, module: Module | None = None, notes: str = "", of: NotedCall | None = None, **more: Any
) -> State:
    """The state of a window that opens with this batch, stepped by `module`; `of`: the call that it is of; `more`:
    fields of State."""
    stepped = module or Module()
    read = None if of is None else OfCall(batch.source.name, of, batch, stepped)
    document = Document(batch, stepped, notes=notes, brought=module is not None, number=next_number(), of=read)
    return State(documents=Documents((document,)), **{"clean": (document,), **more})
