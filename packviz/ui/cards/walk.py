"""The walk over the places of a finding: cell by cell, or row by row, round and round."""

from __future__ import annotations

import re

from PySide6.QtWidgets import QPushButton

from packviz.core.findings import Finding
from packviz.session.actions import Show


class Walk:
    """Where the buttons of a finding lead: to each of its cells, however many there are, and to each of its rows.

    `finding` may be exchanged for the same one of a later check: what is shown next is taken from there.
    """

    def __init__(self, finding: Finding | None) -> None:
        self.finding = finding
        self._cell = -1  # the cell that was shown last, k of Finding.cell; -1 before the first
        self._row = -1  # the place among the rows of the one that was shown last

    @property
    def cells(self) -> int:
        """How many cells there are to go to; where it is 0, only rows can be shown."""
        return 0 if self.finding is None else self.finding.laid_out

    @property
    def rows(self) -> tuple[int, ...]:
        """The rows that there are to go to."""
        return () if self.finding is None else self.finding.rows

    def next_cell(self) -> Show:
        """To the next cell."""
        assert self.finding is not None
        self._cell = (self._cell + 1) % self.cells
        row, step = self.finding.cell(self._cell)
        if row in self.rows:
            self._row = self.rows.index(row)
        return Show(row, step)

    def next_row(self) -> Show:
        """To the next row: to the first of its cells, where it has one."""
        assert self.finding is not None
        self._row = (self._row + 1) % len(self.rows)
        row = self.rows[self._row]
        first = self.finding.first_cell_of(row)
        if first is None:
            return Show(row)
        self._cell = first
        return Show(*self.finding.cell(first))

    def next_place(self) -> Show:
        """To the next cell, or, where there are none, to the next row."""
        return self.next_cell() if self.cells else self.next_row()

    @property
    def place_text(self) -> str:
        """The words of the button for `next_place`: `Show cell`, and then which one is shown."""
        what, at, of = ("cell", self._cell, self.cells) if self.cells else ("row", self._row, len(self.rows))
        return f"Show {what}" if at < 0 or of < 2 else f"Show {what} {at + 1:,} of {of:,}"

    @property
    def row_text(self) -> str:
        """The words of the button for `next_row`."""
        return "Next row" if self._row < 0 else f"Next row: {self._row + 1:,} of {len(self.rows):,}"

    def write(self, show_cell: QPushButton, next_row: QPushButton) -> None:
        """Say on its two buttons what is shown; they have the room of their longest words from the first, so that
        neither moves away from under the pointer while it goes on. Where they are styled: once they are to be shown."""
        cells, rows = self.cells or len(self.rows), len(self.rows)
        _write(show_cell, self.place_text, f"Show cell {cells:,} of {cells:,}" if cells > 1 else "")
        _write(next_row, self.row_text, f"Next row: {rows:,} of {rows:,}")

    @property
    def by_rows(self) -> bool:
        """Whether going row by row leads to other places than going cell by cell."""
        return len(self.rows) > 1 and self.cells not in (0, len(self.rows))


def _write(button: QPushButton, text: str, longest: str) -> None:
    """`longest`: with the largest numbers; no digit may be wider than what there is room for."""
    widest = 0
    for digit in "0123456789" if longest else "":
        button.setText(re.sub(r"\d", digit, longest))
        widest = max(widest, button.sizeHint().width())
    button.setMinimumWidth(widest)
    button.setText(text)
