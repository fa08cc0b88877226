"""Where a batch came from, and what has been done to its x since."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from packviz.core.places import entry_place
from packviz.core.texts.quoting import in_line

Change = Literal["swapped", "shifted", "as one row", "edited"]


@dataclass(frozen=True)
class Source:
    """Where a batch came from.

    `name`: a path, the name of a sample, or a word. `sample`: it is the name of a built-in sample. `entry`: which batch
    of it, where `name` holds several. `tensor`: which of several tensors in it is x, where their names did not tell.
    `axes`: how its dimensions were read, "BFT" say, where somebody chose it or x was turned; `changes`: what was done
    to x since, oldest first: what `name` holds is x before it.
    """

    name: str = "x"
    sample: bool = False
    entry: str | None = None
    changes: tuple[Change, ...] = ()
    tensor: str | None = None
    axes: str | None = None

    @property
    def shown(self) -> str:
        """What it is called: `batch.npz (swapped)`, `ten.pt[3]`."""
        place = self.name if self.entry is None else entry_place(self.name, self.entry)
        named = [] if self.tensor is None else [self.tensor]
        return " ".join([place, *(f"({said})" for said in (*named, *self.changes))])

    def __str__(self) -> str:
        """The same as it stands in a line: the name of a file may hold line breaks."""
        return in_line(self.shown)

    @property
    def untouched(self) -> bool:
        """Whether x is still what `name` holds."""
        return not self.changes

    def swapped(self) -> Source:
        """The source of x with rows and steps swapped; swapped back, it is as it was."""
        if self.changes[-1:] == ("swapped",):
            return replace(self, changes=self.changes[:-1])
        return self._changed("swapped")

    def shifted(self) -> Source:
        """The source of x with rows moved towards t0."""
        return self if self.changes[-1:] == ("shifted",) else self._changed("shifted")

    def as_one_row(self) -> Source:
        """The source of an x of fewer than two dimensions, made one row."""
        return self._changed("as one row")

    def edited(self) -> Source:
        """The source of x with a cell that somebody has typed."""
        return self if self.changes[-1:] == ("edited",) else self._changed("edited")

    def _changed(self, change: Change) -> Source:
        return replace(self, changes=(*self.changes, change))
