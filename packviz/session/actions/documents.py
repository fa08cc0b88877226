"""What can be asked of the documents: to open, close and walk them, and of reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from packviz.core.batch import Batch
from packviz.core.module import Module
from packviz.session.loads import Entry, Loaded, LoadRequest, WeightsRequest
from packviz.session.recordings import CallRequest, ReloadRequest

if TYPE_CHECKING:
    from packviz.files.kept.sessions import SessionLog

R = TypeVar("R")


@dataclass(frozen=True)
class Load:
    """Open a file, a paste or a sample; the open batch stays until it has been read."""

    request: LoadRequest | WeightsRequest | CallRequest | ReloadRequest


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
class OpenSession:
    """Show the documents of a session in the place of all that are open, whatever of these is in no file. `kept`: they
    are work that was kept when packviz ended."""

    found: Loaded
    kept: bool = False


@dataclass(frozen=True)
class SetNotes:
    """Note this of the open batch, in the place of what was noted of it."""

    text: str


@dataclass(frozen=True)
class Receive:
    """Add batches that programs show, in the order in which they came, and show the last one: not where it is not to
    come to the `front`, since somebody is typing, or in a dialog. `lost`: so many before them have been put away."""

    entries: tuple[Entry, ...]
    front: bool = True
    lost: int = 0


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
class Save:
    """Save the open work as a session file. `over`: the identity of what somebody has said may be replaced there;
    `anything`: they have said so of whatever there is."""

    path: str
    over: str = ""
    anything: bool = False


@dataclass(frozen=True)
class Keep:
    """Keep the open work for a crash, in this file of the process's own."""

    log: SessionLog


@dataclass(frozen=True)
class DropKept:
    """Remove work that was kept, and that nobody wants."""

    path: str
