"""Undo and redo of every edit, as snapshots: a batch shares its x with the one before."""

from __future__ import annotations

from dataclasses import dataclass

from packviz.core.batch import Batch
from packviz.core.module import Module

DEPTH = 200
MOST_BYTES = 1 << 30  # of all x together; an edit shares its x with the one before, an opened batch brings its own


@dataclass(frozen=True)
class Snapshot:
    """What an edit may change, as it stood before or after the edit that `label` names."""

    batch: Batch | None
    spec: Module
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

    def undo(self, now: Snapshot) -> tuple[History, Snapshot] | None:
        """The history one edit back and the snapshot to show; None where there is nothing to undo."""
        if not self.past:
            return None
        then = self.past[-1]
        return History(self.past[:-1], (*self.future, Snapshot(now.batch, now.spec, then.label))), then

    def redo(self, now: Snapshot) -> tuple[History, Snapshot] | None:
        """The history one edit on and the snapshot to show; None where there is nothing to redo."""
        if not self.future:
            return None
        then = self.future[-1]
        return History((*self.past, Snapshot(now.batch, now.spec, then.label)), self.future[:-1]), then

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
    places: set[int] = set()
    total = 0
    for kept, snapshot in enumerate(reversed(past)):
        x = snapshot.batch.x if snapshot.batch is not None else None
        if x is not None and (place := x.__array_interface__["data"][0]) not in places:
            places.add(place)
            total += x.nbytes
        if kept and (kept == DEPTH or total > MOST_BYTES):
            return past[len(past) - kept :]
    return past
