"""The field in which the length of one row is typed, over its number in the heading."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QIntValidator, QKeyEvent
from PySide6.QtWidgets import QLineEdit

from packviz.ui.canvas.canvas import Canvas

SIZE = (54, 22)  # pixels
MOST = 2**31 - 1


class LengthField(QLineEdit):
    """There while a length is typed. Enter takes it, Escape and going elsewhere leave it. `taken`: row, length."""

    taken = Signal(int, int)

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas, self._row = canvas, -1
        self.setObjectName("length")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setValidator(QIntValidator(-MOST, MOST, self))
        self.setAccessibleName("Length")
        self.returnPressed.connect(self._take)
        canvas.mapped.connect(self.hide)  # its place is another one
        self.hide()

    def open(self, row: int, column: int, length: int | None, typed: str = "") -> None:
        """Over the heading of this column, with the length that there is, or what was typed over it."""
        self._row = row
        top, left = self._canvas.margins
        cell, corner = self._canvas.mapper.rect(0, column), self._canvas.cells().topLeft()
        turned = self._canvas.turned
        middle = (
            QPointF(left - SIZE[0] / 2 - 4, cell.center().y() + corner.y())
            if turned
            else QPointF(cell.center().x() + corner.x(), top - SIZE[1] / 2)
        )
        place = QRect(0, 0, *SIZE)
        place.moveCenter(middle.toPoint())
        self.setGeometry(place.intersected(self._canvas.rect()))
        self.setText(typed or ("" if length is None else str(length)))
        self.setAccessibleDescription(f"of row {row}")
        self.show()
        self.setFocus()
        if not typed:
            self.selectAll()

    def _take(self) -> None:
        self.hide()
        self.taken.emit(self._row, int(self.text()))
        self._canvas.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
            self._canvas.setFocus()
            return
        super().keyPressEvent(event)
        event.accept()  # none of them is the canvas's

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.hide()
