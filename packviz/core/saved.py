"""A session as it is saved: batches with their modules, and what somebody has set up around each of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from packviz.core.batch import Batch
from packviz.core.expressions.parse import Expression
from packviz.core.module import Module
from packviz.core.moments import Moment
from packviz.core.stop_list import Stops
from packviz.core.texts.wording import count

START = Moment(0)


@dataclass(frozen=True)
class Marks:
    """What somebody has set up around a batch: where a run is to stop, what is read off, notes; and where they were.

    `brought`: its module came with it. `moment`, `row`: those of the cursor. `stepped`: they had stepped over it.
    """

    stops: Stops = field(default_factory=Stops)
    watches: tuple[Expression, ...] = ()
    notes: str = ""
    brought: bool = False
    moment: Moment = START
    row: int = 0
    stepped: bool = False


@dataclass(frozen=True, eq=False)
class SavedDocument:
    """A batch with its module and its marks."""

    batch: Batch
    module: Module
    marks: Marks = field(default_factory=Marks)


@dataclass(frozen=True, eq=False, repr=False)
class SavedSession:
    """The documents of a session in their order, and the place of the one that was open; 0 where there are none.

    `file`: of work that was kept by itself, the session file that it belongs to, if any; `identity`: of what that held
    when it was opened or saved last.
    """

    documents: tuple[SavedDocument, ...] = ()
    open: int = 0
    file: str = ""
    identity: str = ""

    def __len__(self) -> int:
        return len(self.documents)

    def __str__(self) -> str:
        listed = [f"{place}  {document.batch.source.shown}" for place, document in enumerate(self.documents)]
        return "\n".join([f"session of {count(len(self.documents), 'batch', 'batches')}", *listed])

    __repr__ = __str__
