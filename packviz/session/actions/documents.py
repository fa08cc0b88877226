"""What can be asked of the documents: to open, close and walk them, and of reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from packviz.core.batch import Batch
from packviz.core.module import Module
from packviz.session.loads import Entry, LoadRequest, WeightsRequest
from packviz.session.recordings import CallRequest, ReloadRequest

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
