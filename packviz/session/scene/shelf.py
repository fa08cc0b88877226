"""The documents as a part of the scene: a list to walk through, with what is known of each."""

from __future__ import annotations

from dataclasses import dataclass

from packviz.core.findings import Severity
from packviz.session.document import Document, Documents

Worst = tuple[Severity | None, bool]
"""The worst finding on a batch, None where there is none; and whether it has been checked."""

MANY = 2  # documents from which the list is worth its place


@dataclass(frozen=True)
class ShelfEntry:
    """One document: its name, its size in a few words, and the worst finding that is known of it; `checked`: whether
    anything is. `short`: of a call, the name without its recording; nothing of others."""

    name: str
    size: str
    worst: Severity | None = None
    checked: bool = True
    short: str = ""


@dataclass(frozen=True)
class Shelf:
    """The list, and the place of the document that is open."""

    entries: tuple[ShelfEntry, ...] = ()
    open: int = 0

    @property
    def told(self) -> str:
        """`2 of 5`, or nothing."""
        return f"{self.open + 1} of {len(self.entries)}" if len(self.entries) >= MANY else ""


def shelf_part(documents: Documents, worst: tuple[Worst, ...]) -> Shelf:
    """The part of the scene. `worst`: of each document; () of one alone."""
    known: tuple[Worst, ...] = worst or ((None, True),) * len(documents)
    entries = (
        ShelfEntry(d.source, d.size, *found, short=_short(d)) for d, found in zip(documents.all, known, strict=True)
    )
    return Shelf(tuple(entries), documents.open)


def _short(document: Document) -> str:
    """What a call is called in its recording; in a session, too. The number of a batch alone would name nothing."""
    source = document.batch.source
    if document.of is not None:
        return document.of.call.name
    number, space, _ = (source.entry or "").partition(" ")
    return source.entry or "" if source.name.endswith(".packviz") and space and number.isdecimal() else ""
