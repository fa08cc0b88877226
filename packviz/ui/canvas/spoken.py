"""What a canvas is to a screen reader: a table that bears its pane's name, and whose value is the cell pointed at."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface, QAccessibleValueChangeEvent
from PySide6.QtWidgets import QAccessibleWidget

from packviz.ui.canvas.canvas import Canvas


class CanvasAccess(QAccessibleWidget):
    """The interface of one canvas, which keeps it."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas, QAccessible.Role.Table, "")
        self._canvas = canvas

    def text(self, kind: QAccessible.Text) -> str:
        if kind == QAccessible.Text.Value:
            return self._canvas.spoken
        return super().text(kind)


def _made(key: str, widget: QObject) -> QAccessibleInterface | None:
    if not isinstance(widget, Canvas):
        return None
    if widget.access is None:
        widget.access = CanvasAccess(widget)
    made: QAccessibleInterface = widget.access
    return made


def install() -> None:
    """Have Qt ask here first; once a process."""
    if not _installed:
        _installed.append(True)
        QAccessible.installFactory(_made)


def speak(canvas: Canvas, text: str) -> None:
    """The cell that is pointed at, in words."""
    if text == canvas.spoken:
        return
    canvas.spoken = text
    if QAccessible.isActive() and canvas.hasFocus():
        QAccessible.updateAccessibility(QAccessibleValueChangeEvent(canvas, text))


_installed: list[bool] = []
