"""Names that are typed over where they stand: a text or a check box, and the field that takes its place meanwhile."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QLineEdit, QSizePolicy, QStyle, QStyleOptionButton

from packviz.core.expressions.parse import LONGEST
from packviz.ui.look.lettering import Elided

CHANGED_BY = "double click, F2 or Enter: change it"
STILL_THERE = (
    Qt.FocusReason.ActiveWindowFocusReason,
    Qt.FocusReason.PopupFocusReason,
    Qt.FocusReason.MenuBarFocusReason,
)
"""The focus goes, but will be back: another window, a menu."""


class Name(Elided):
    """A text that takes the focus. `asked`: somebody wants to type over it."""

    asked = Signal()

    def __init__(self) -> None:
        super().__init__("name")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as p:
            self.drawFrame(p)
        super().paintEvent(event)

    def event(self, event: QEvent) -> bool:
        if not _asks(event):
            return super().event(event)
        event.accept()
        if event.type() is QEvent.Type.KeyPress:
            self.asked.emit()
        return True

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.asked.emit()


class Box(QCheckBox):
    """A check box whose text ends in … where it is too long, and can be typed over, while it is `open_to_change`.

    `asked`: somebody wants to; `doubled`: by a double click on the text, whose first click has switched the box.
    """

    asked = Signal()
    doubled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.open_to_change, self.full = False, ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_full(self, text: str) -> None:
        """The text, whole."""
        self.full = text
        self.setAccessibleName(text)
        self._fit()

    def _fit(self) -> None:
        room = self.style().subElementRect(QStyle.SubElement.SE_CheckBoxContents, self._option(), self).width()
        self.setText(self.fontMetrics().elidedText(self.full, Qt.TextElideMode.ElideRight, room))

    def _option(self) -> QStyleOptionButton:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        return option

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(40, super().minimumSizeHint().height())

    def event(self, event: QEvent) -> bool:
        if not self.open_to_change or not _asks(event):
            return super().event(event)
        event.accept()
        if event.type() is QEvent.Type.KeyPress:
            self.asked.emit()
        return True

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        box = self.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, self._option(), self)
        if self.open_to_change and not box.contains(event.position().toPoint()):
            self.doubled.emit()
        else:
            super().mouseDoubleClickEvent(event)


def _asks(event: QEvent) -> bool:
    """Whether it is a key by which what has the focus is typed over, before the window takes it for a shortcut, too."""
    if event.type() not in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress) or not isinstance(event, QKeyEvent):
        return False
    plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    return plain and event.key() in (Qt.Key.Key_F2, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Editor(QLineEdit):
    """There while a name is typed over. `left`: by Escape, or by going elsewhere in the window."""

    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("name")
        self.setMaxLength(LONGEST)
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return
        super().keyPressEvent(event)
        event.accept()  # none of them is the panel's

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in STILL_THERE:
            self.left.emit()
