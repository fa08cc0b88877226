"""Undo and redo of every edit, as snapshots: a batch shares its x with the one before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from packviz.session.document import Documents
from packviz.session.memory import Xs

DEPTH = 200
MOST_BYTES = 1 << 30  # of all x together; an edit shares its x with the one before, an opened batch brings its own


@dataclass(frozen=True)
class Snapshot:
    """The documents as they stood before or after the edit that `label` names."""

    documents: Documents
    label: str


@dataclass(frozen=True)
class History:
    """What can be undone and redone.

    `past`: how it was before each edit, oldest first. `future`: how it was after each undone edit, the next one last.
    `gesture`: the drag that made the newest edit; more of the same drag belongs to that edit.
    """

    past: tuple[Snapshot, ...] = ()
    future: tuple[Snapshot, ...] = ()
    gesture: int | None = None

    def record(self, before: Snapshot, gesture: int | None = None) -> History:
        """One more edit; it empties the redo list. Edits of one gesture count as one."""
        if gesture is not None and gesture == self.gesture and self.past:
            return History(self.past, (), gesture)
        return History(_bounded((*self.past, before)), (), gesture)

    def undo(self, now: Documents) -> tuple[History, Documents] | None:
        """The history one edit back and the documents to show; None where there is nothing to undo."""
        if not self.past:
            return None
        then = self.past[-1]
        return History(self.past[:-1], (*self.future, Snapshot(now, then.label))), then.documents

    def redo(self, now: Documents) -> tuple[History, Documents] | None:
        """The history one edit on and the documents to show; None where there is nothing to redo."""
        if not self.future:
            return None
        then = self.future[-1]
        return History((*self.past, Snapshot(now, then.label)), self.future[:-1]), then.documents

    def mapped(self, change: Callable[[Documents], Documents]) -> History:
        """Each of the documents' states changed: what came meanwhile came before and after each edit."""
        past = tuple(Snapshot(change(one.documents), one.label) for one in self.past)
        return History(past, tuple(Snapshot(change(one.documents), one.label) for one in self.future), self.gesture)

    @property
    def undo_label(self) -> str | None:
        """What an undo would undo, or None."""
        return self.past[-1].label if self.past else None

    @property
    def redo_label(self) -> str | None:
        """What a redo would redo, or None."""
        return self.future[-1].label if self.future else None


def _bounded(past: tuple[Snapshot, ...]) -> tuple[Snapshot, ...]:
    """The newest of these, as many as DEPTH and MOST_BYTES allow; the newest one always."""
    seen = Xs()
    for kept, snapshot in enumerate(reversed(past)):
        for document in snapshot.documents.all:
            seen.add(document.batch)
        if kept and (kept == DEPTH or seen.nbytes > MOST_BYTES):
            return past[len(past) - kept :]
    return past
