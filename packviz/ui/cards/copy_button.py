"""A button that copies a text, and says so for a moment."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton, QWidget

COPIED_MS = 1200


class CopyButton(QPushButton):
    """Copies what `text` gives when it is clicked; nothing where that is None."""

    def __init__(self, label: str, text: Callable[[], str | None], parent: QWidget | None = None) -> None:
        super().__init__(label, parent)
        self.setObjectName("link")
        self._text = text
        self.told = QTimer(self)  # while it says that it has copied
        self.told.setSingleShot(True)
        self.told.setInterval(COPIED_MS)
        self.told.timeout.connect(lambda: self.setText(label))
        self.clicked.connect(self._copy)

    def _copy(self) -> None:
        text = self._text()
        if text is not None:
            QGuiApplication.clipboard().setText(text)
            self.setText("Copied")
            self.told.start()
