"""What somebody notes of the open batch, as a part of the scene."""

from __future__ import annotations

from dataclasses import dataclass

from packviz.session.document import Document


@dataclass(frozen=True)
class NotesPart:
    """`text`: what is noted of the document of this `number`; of none where nothing is open. `left`: somebody has left
    it there; what stands with a sample came with packviz."""

    text: str = ""
    number: int | None = None
    left: bool = False


def notes_part(document: Document | None) -> NotesPart:
    """The part of the scene."""
    if document is None:
        return NotesPart()
    return NotesPart(document.notes, document.number, bool(document.notes) and not document.batch.source.sample)
