"""The open work as a part of the scene: where it is saved, and whether all of it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from packviz.core.texts.quoting import in_line
from packviz.session.document import Document, Documents
from packviz.session.saving import Conflict, modified


@dataclass(frozen=True)
class WorkPart:
    """The open work: its session `file`, or nothing; whether some of it is in no file; and how often it was saved.

    `shown`: what is open, as the title of the window says it. `conflict`: why it was not saved last, where something
    else would have been lost.
    """

    file: str = ""
    modified: bool = False
    saves: int = 0
    shown: str = ""
    conflict: Conflict | None = None


def work_part(
    documents: Documents, clean: Sequence[Document], file: str, saves: int, conflict: Conflict | None = None
) -> WorkPart:
    """The part of the scene, as `modified` takes it."""
    source = "" if documents.current is None else documents.current.source
    shown = f"{in_line(Path(file).name)}: {source}" if file and source else source
    return WorkPart(file, modified(documents, clean, file), saves, shown, conflict)
