"""A dock that looks like a panel on the window's background: a slim grip instead of a title bar."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from packviz.core.look.colour import DARK, Theme
from packviz.ui.look.icons import icon
from packviz.ui.look.theme import qcolour

GRIP = 14
HEADING = 44  # pixels below the grip that belong to the heading of what the dock holds
FLOATING = Qt.DockWidgetArea.NoDockWidgetArea
DRAGS = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease)
MARGINS = {  # left, top, right, bottom
    Qt.DockWidgetArea.LeftDockWidgetArea: (10, 0, 0, 2),
    Qt.DockWidgetArea.RightDockWidgetArea: (0, 0, 10, 2),
    Qt.DockWidgetArea.BottomDockWidgetArea: (10, 0, 4, 2),
    Qt.DockWidgetArea.TopDockWidgetArea: (10, 0, 4, 2),
}


class Grip(QWidget):
    """The strip above a dock: a drag on it resizes, one on its handle moves the dock; the handle and two buttons, which
    float and close it, show while the pointer is over it. A double click asks for all the room. `dragged`: by how many
    pixels down."""

    dragged = Signal(int)
    doubled = Signal()

    def __init__(self, dock: QDockWidget) -> None:
        super().__init__(dock)
        self._theme = DARK
        self._over = False
        self._from: QPointF | None = None
        self.setToolTip(f"{dock.windowTitle()}: drag to resize, double click for all the room")
        self.setCursor(Qt.CursorShape.SplitVCursor)
        self.buttons: list[QToolButton] = []
        self.handle = QLabel(self)
        self.handle.setFixedSize(GRIP, GRIP)
        self.handle.setCursor(Qt.CursorShape.SizeAllCursor)
        self.handle.setToolTip(f"{dock.windowTitle()}: drag to move it")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 4, 0)
        row.setSpacing(2)
        row.addStretch(1)
        row.addWidget(self.handle)
        for name, tip, slot in (
            ("float", "Float", lambda: dock.setFloating(not dock.isFloating())),
            ("close", "Hide (the View menu brings it back)", dock.close),
        ):
            button = QToolButton(self)
            button.setObjectName("grip")
            button.setProperty("icon_name", name)
            button.setToolTip(tip)
            button.setAccessibleName(f"{tip}: {dock.windowTitle()}")
            button.setFixedSize(GRIP, GRIP)
            button.setIconSize(QSize(12, 12))
            button.setCursor(Qt.CursorShape.ArrowCursor)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(slot)
            self.buttons.append(button)
            row.addWidget(button)
        self._show(False)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._show(self._over)

    def _show(self, over: bool) -> None:
        """The icons come and go; the buttons stay, so that nothing moves."""
        self._over = over
        for button in self.buttons:
            button.setIcon(icon(button.property("icon_name"), self._theme))
            button.setVisible(over)
        self.handle.setPixmap(icon("move", self._theme).pixmap(12, 12))
        self.handle.setVisible(over)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.handle.geometry().contains(event.position().toPoint()) or event.button() != Qt.MouseButton.LeftButton:
            event.ignore()  # the dock moves itself
            return
        self._from = event.globalPosition()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is None:
            event.ignore()
            return
        way = event.globalPosition() - self._from
        self._from = event.globalPosition()
        self.dragged.emit(round(way.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._from is None:
            event.ignore()
        self._from = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.doubled.emit()

    def sizeHint(self) -> QSize:
        return QSize(60, GRIP)

    def minimumSizeHint(self) -> QSize:
        return QSize(40, GRIP)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._show(True)

    def leaveEvent(self, event: QEvent) -> None:
        self._show(False)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(qcolour(self._theme, "accent" if self._over else "panel_border"))
        p.drawRoundedRect((self.width() - 36) // 2, GRIP // 2 - 1, 36, 3, 1.5, 1.5)


class Dock(QDockWidget):
    """A movable, closable, floatable part of the window; its name is what the layout remembers it by.

    It is moved by the handle of its grip, and by its heading: by what lies there and wants no mouse itself.
    """

    def __init__(self, name: str, title: str, view: QWidget, parent: QWidget) -> None:
        super().__init__(title, parent)
        self.setObjectName(name)
        self._body = QWidget()
        box = QVBoxLayout(self._body)
        box.setSizeConstraint(QVBoxLayout.SizeConstraint.SetMinAndMaxSize)  # a view that takes no more leaves no gap
        box.addWidget(view)
        self.setWidget(self._body)
        self._raised = 0.0  # pixels from where the present drag began up to the grip
        self.grip = Grip(self)
        self.setTitleBarWidget(self.grip)
        self.dockLocationChanged.connect(self._set_margins)
        self.topLevelChanged.connect(lambda floats: self._set_margins(FLOATING if floats else self._area))
        self._set_margins(Qt.DockWidgetArea.BottomDockWidgetArea)

    def event(self, event: QEvent) -> bool:
        """To Qt only the grip is a title bar: a drag that begins on the heading is told as one that begins there."""
        if isinstance(event, QMouseEvent) and event.type() in DRAGS:
            if event.type() is QEvent.Type.MouseButtonPress:
                self._raised = self._below(event) + GRIP / 2 if self._on_heading(event) else 0.0
            if self._raised:
                return super().event(_raised(event, self._raised))
        return super().event(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._on_heading(event):
            self.grip.doubled.emit()

    def _below(self, event: QMouseEvent) -> float:
        """Pixels below the grip."""
        return event.position().y() - self.grip.geometry().bottom()

    def _on_heading(self, event: QMouseEvent) -> bool:
        return 0 < self._below(event) <= HEADING

    def _set_margins(self, area: Qt.DockWidgetArea) -> None:
        """Air between the panel and the window's edge, on the sides where the edge is."""
        if area is not FLOATING:
            self._area = area
        box = self._body.layout()
        if box is not None:
            box.setContentsMargins(*MARGINS.get(area, (8, 0, 8, 8)))


def _raised(event: QMouseEvent, by: float) -> QMouseEvent:
    """The same of a place so many pixels further up in the widget, and the same one on the screen."""
    return QMouseEvent(
        event.type(),
        event.position() - QPointF(0, by),
        event.scenePosition(),
        event.globalPosition(),
        event.button(),
        event.buttons(),
        event.modifiers(),
    )
