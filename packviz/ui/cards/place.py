"""What a card of a finding and a cause of a message have in common: a question mark, and buttons under the words."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QPushButton, QToolButton, QWidget

from packviz.core.findings import Finding
from packviz.session.actions import Show
from packviz.ui.cards.copy_button import CopyButton
from packviz.ui.cards.prose import Flow
from packviz.ui.cards.walk import Walk


class PlaceCard(QFrame):
    """Leads to the cells and rows of a finding, where there is one. `help_asked` brings the code, when its help is
    wanted."""

    intent = Signal(object)
    help_asked = Signal(str)

    def __init__(self, code: str, finding: Finding | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.walk = Walk(finding)
        self.buttons = Flow()
        self.what = QToolButton()
        self.what.setObjectName("what")
        self.what.setText("?")
        self.what.setToolTip(f"What is {code}?")
        self.what.setAccessibleName(self.what.toolTip())
        self.what.clicked.connect(lambda: self.help_asked.emit(code))

    def add_button(self, text: str, slot: Callable[[], None], wanted: bool) -> QPushButton:
        """One more button under the words; hidden where it is not wanted."""
        button = QPushButton(text, self)
        button.setObjectName("link")
        button.clicked.connect(slot)
        return self._added(button, wanted)

    def add_places(self, copy: str, fix: str | None) -> None:
        """The buttons that lead to its places, and the one called `copy`, which copies the fix."""
        self.show_cell = self.add_button(self.walk.place_text, self._show, bool(self.walk.cells or self.walk.rows))
        self.next_row = self.add_button(self.walk.row_text, self._show_row, self.walk.by_rows)
        self.copy = CopyButton(copy, lambda: fix, self)
        self._added(self.copy, fix is not None)

    def _added(self, button: QPushButton, wanted: bool) -> QPushButton:
        button.setVisible(wanted)
        if wanted:
            self.buttons.addWidget(button)
        return button

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.walk.write(self.show_cell, self.next_row)

    def _show(self) -> None:
        """The next of its cells, or rows."""
        self._go(self.walk.next_place())

    def _show_row(self) -> None:
        """The next of its rows."""
        self._go(self.walk.next_row())

    def _go(self, place: Show) -> None:
        self.intent.emit(place)
        self.walk.write(self.show_cell, self.next_row)
