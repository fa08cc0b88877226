"""What somebody notes of the open batch, as a part of the scene."""

from __future__ import annotations

from dataclasses import dataclass

from packviz.session.document import Document


@dataclass(frozen=True)
class NotesPart:
    """`text`: what is noted of the document of this `number`; of none where nothing is open."""

    text: str = ""
    number: int | None = None


def notes_part(document: Document | None) -> NotesPart:
    """The part of the scene."""
    return NotesPart() if document is None else NotesPart(document.notes, document.number)
