"""The menu of the right button over a cell, a row or a step."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from packviz.ui.commands.context import Entry


class ContextMenu(QMenu):
    """Goes when something was chosen, or not. `intent` brings the action, `copied` the text to copy, `called` the
    method that shows the window of what was asked."""

    intent = Signal(object)
    copied = Signal(str)
    called = Signal(str)

    def __init__(self, entries: Sequence[Entry], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        group = entries[0].group if entries else 0
        for entry in entries:
            if entry.group != group:
                self.addSeparator()
                group = entry.group
            line = self.addAction(entry.text)
            if entry.ticked is not None:
                line.setCheckable(True)
                line.setChecked(entry.ticked)
            line.triggered.connect(partial(self._choose, entry))

    def _choose(self, entry: Entry, _: bool = False) -> None:
        if entry.action is not None:
            self.intent.emit(entry.action)
        if entry.copies:
            self.copied.emit(entry.copies)
        if entry.shows:
            self.called.emit(entry.shows)
