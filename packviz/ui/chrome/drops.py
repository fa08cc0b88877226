"""Dropping files and text anywhere on the window, with a hint of what will happen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from packviz.core.look.colour import DARK
from packviz.ui.look.theme import qcolour, sans

if TYPE_CHECKING:
    from packviz.ui.window import Window


class DropHint(QWidget):
    """Lies over the whole window while something that can be opened is dragged over it, and takes the drop."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._opening = window.opening
        self.theme = DARK
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        window.installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The window's drag and drop events."""
        kind = event.type()
        if isinstance(event, QDragEnterEvent) and kind is QEvent.Type.DragEnter:
            if self._opening.takes(event.mimeData()):
                event.setDropAction(Qt.DropAction.CopyAction)
                event.accept()
                self.setGeometry(self._window.rect())
                self.raise_()
                self.show()
            return True
        if kind is QEvent.Type.DragLeave:
            self.hide()
            return True
        if isinstance(event, QDropEvent) and kind is QEvent.Type.Drop:
            self.hide()
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self._opening.take(event.mimeData())
            return True
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = qcolour(self.theme, "background")
        veil.setAlpha(205)
        p.fillRect(self.rect(), veil)
        p.setPen(QPen(qcolour(self.theme, "accent"), 2, Qt.PenStyle.DashLine))
        p.drawRoundedRect(self.rect().adjusted(16, 16, -16, -16), 12, 12)
        p.setPen(qcolour(self.theme, "text"))
        p.setFont(sans(18, bold=True))
        p.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "Drop to open")
