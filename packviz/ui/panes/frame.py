"""What every pane has around its body: a heading that is elided where it is long, and a footer."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QFontMetrics, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QBoxLayout, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from packviz.ui.look.lettering import Elided
from packviz.ui.panes.colour_bar import ColourBar

HEADING_HEIGHT = 38  # one for all panes, so that their cells begin at the same height
APART = 12  # pixels at least between a title and the colour bar
HEADING_WIDTH = 176  # of the heading beside the cells, where time runs right


class Heading(QWidget):
    """The lines above the body; a double click asks for all the room. `dragged`, `dropped`: the pane is being moved by
    it, and is let go; where on the screen."""

    doubled = Signal()
    dragged = Signal(QPoint)
    dropped = Signal(QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pressed: QPoint | None = None
        self._dragging = False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._pressed, self._dragging = None, False
        self.doubled.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed = event.globalPosition().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        at = event.globalPosition().toPoint()
        far = (at - self._pressed).manhattanLength() >= QApplication.startDragDistance()
        self._dragging = self._dragging or far
        if self._dragging:
            self.dragged.emit(at)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        dragging, self._pressed, self._dragging = self._dragging, None, False
        if dragging:
            self.dropped.emit(event.globalPosition().toPoint())


class PaneFrame(QFrame):
    """Heading, body, footer. Where time runs right the heading stands beside the body, so that bodies stay aligned."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pane")
        self.setProperty("pane", name)
        self.name = name
        self.title, self.subtitle, self.footer = Elided("paneTitle"), Elided("paneSubtitle"), Elided("paneFooter")
        self.extra = QHBoxLayout()
        self.extra.setSpacing(3)
        self.extra.setContentsMargins(0, 0, 0, 0)
        self.empty = QLabel()
        self.empty.setObjectName("paneEmpty")
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.heading = Heading()
        self.heading.setFixedHeight(HEADING_HEIGHT)
        top = QVBoxLayout(self.heading)
        top.setContentsMargins(0, 0, 0, 0)
        top.setSpacing(1)
        self.line = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self.line.setContentsMargins(0, 0, 0, 0)
        self.line.addWidget(self.subtitle, 1)
        self.line.addLayout(self.extra)
        self.bar = ColourBar()
        first = QHBoxLayout()
        first.setContentsMargins(0, 0, 0, 0)
        first.addWidget(self.title, 1)
        first.addWidget(self.bar, 0, Qt.AlignmentFlag.AlignVCenter)
        top.addLayout(first)
        top.addLayout(self.line)
        self.box = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self.box.setContentsMargins(11, 8, 11, 6)
        self.box.setSpacing(2)
        self.box.addWidget(self.heading)
        self.box.addWidget(self.empty, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """The title goes before the colour bar."""
        turned = self.box.direction() == QBoxLayout.Direction.LeftToRight
        sides = self.box.contentsMargins()
        width = HEADING_WIDTH if turned else self.width() - sides.left() - sides.right()
        self.bar.fit(width - QFontMetrics(self.title.font()).horizontalAdvance(self.title.full) - APART)

    def set_body(self, body: QWidget) -> None:
        """The widget between heading and footer."""
        self.body = body
        self.box.addWidget(body, 1)
        self.box.addWidget(self.footer)

    def set_turned(self, turned: bool) -> None:
        """Heading on top, or beside the body."""
        direction = QBoxLayout.Direction.LeftToRight if turned else QBoxLayout.Direction.TopToBottom
        if self.box.direction() == direction:
            return
        self.box.setDirection(direction)
        upright = QBoxLayout.Direction.TopToBottom
        self.line.setDirection(upright if turned else QBoxLayout.Direction.LeftToRight)
        heading = self.heading.layout()
        assert isinstance(heading, QVBoxLayout)
        if turned:
            self.box.removeWidget(self.footer)
            heading.addWidget(self.footer)
            heading.addStretch(1)
            self.heading.setMinimumHeight(0)
            self.heading.setMaximumHeight(16777215)
            self.heading.setFixedWidth(HEADING_WIDTH)
        else:
            heading.takeAt(heading.count() - 1)
            heading.removeWidget(self.footer)
            self.box.addWidget(self.footer)
            self.heading.setMinimumWidth(0)
            self.heading.setMaximumWidth(16777215)
            self.heading.setFixedHeight(HEADING_HEIGHT)
        self._make_room()

    def blank(self, on: bool) -> None:
        """Show nothing but the heading, where there is nothing to label either; or the body again."""
        if not self.empty.text():
            self.body.setVisible(not on)
            self.empty.setVisible(on)

    def write(self, title: str, subtitle: str, footer: str, empty: str) -> None:
        """Set all texts; `empty`, if any, takes the body's place."""
        self.body.setAccessibleName(f"{title}, {subtitle}" if subtitle else title)
        self.title.set_full(title)
        self.subtitle.set_full(subtitle)
        self.footer.set_full(footer)
        self._make_room()
        if empty != self.empty.text():
            self.empty.setText(empty)
        self.empty.setVisible(bool(empty))
        self.body.setVisible(not empty)
