"""The question before a file is replaced that is not the one that was opened or saved here last."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QMessageBox, QWidget

from packviz.session.saving import Conflict


class Replacing(QMessageBox):
    """Save anyway, save somewhere else, or leave it; open over its window, which goes on meanwhile.

    `anyway`, `elsewhere`: what is done then. Once it is answered it goes.
    """

    def __init__(
        self, window: QWidget, conflict: Conflict, anyway: Callable[[], None], elsewhere: Callable[[], None]
    ) -> None:
        super().__init__(window)
        self._do: dict[QAbstractButton, Callable[[], None]] = {}
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setIcon(QMessageBox.Icon.NoIcon)
        self.setWindowTitle("packviz")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(conflict.text)
        self.setInformativeText("It is as it was, and your work is not saved yet.")
        self.anyway = self.addButton("Save anyway", QMessageBox.ButtonRole.DestructiveRole)
        self.elsewhere = self.addButton("Save as…", QMessageBox.ButtonRole.AcceptRole)
        self.leave = self.addButton(QMessageBox.StandardButton.Cancel)
        self._do = {self.anyway: anyway, self.elsewhere: elsewhere}
        self.setDefaultButton(self.elsewhere)
        self.setEscapeButton(self.leave)
        self.buttonClicked.connect(self._answered)

    def _answered(self, button: QAbstractButton) -> None:
        self.close()
        do = self._do.get(button)
        if do is not None:
            do()
