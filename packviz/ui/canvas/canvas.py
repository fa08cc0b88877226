"""The canvas that all panes of cells share: a surface, and what pointer and keys ask of it."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QWidget

from packviz.ui.canvas.gesture import Gesture, begun
from packviz.ui.canvas.surface import Surface, TimeAxis

REACH = 6.0  # how far from the end of a row its handle can still be caught
GUTTER = 15.0  # pixels of the time ruler, at its outer edge, that take breakpoints
WHEEL = 1.02 ** (-1 / 8)  # a range shrinks by this for each unit that the wheel turns; 120 are a notch
PULL = 1.02  # and by this for each pixel that the right button pulls
Key = Qt.Key
WAYS = {Key.Key_Left: (-1, 0), Key.Key_Right: (1, 0), Key.Key_Up: (0, -1), Key.Key_Down: (0, 1)}  # x, y
ENTER = (Key.Key_Return, Key.Key_Enter)


class Head(NamedTuple):
    """A place on a ruler: of which axis, its place on it, and whether it is at the outer edge."""

    along: Literal["down", "across"]
    place: int
    gutter: bool


class Canvas(Surface):
    """A surface that is pointed at. Signals carry (step or row down, column across); a column or step outside the grid
    may come, too; -1 is none."""

    hovered = Signal(object)  # (down, across) or None
    clicked = Signal(int, int, object)  # down, across, the mouse event
    doubled = Signal(int, int)  # a double click
    head_clicked = Signal(object)  # a Head
    head_doubled = Signal(object)  # a Head across
    typed = Signal(str)  # a digit
    end_dragged = Signal(int, int, int)  # column, where to, number of the drag
    menu_asked = Signal(int, int, QPoint)  # and where on the screen
    walked = Signal(int, int)  # arrow keys: so many down, so many across
    stretched = Signal(int, int)  # with Shift
    entered = Signal()  # Enter

    def __init__(
        self, parent: QWidget | None = None, *, time: TimeAxis | None = None, margins: tuple[int, int]
    ) -> None:
        super().__init__(parent, time=time, margins=margins)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.ends: Any = None
        self.spoken = ""  # the cell that is pointed at, as a screen reader says it
        self.access: Any = None
        self._place: tuple[int, int] | None = None
        self._gesture: Gesture | None = None

    # ---- where it is pointed ---------------------------------------------------------------------------------------

    def end_at(self, at: QPointF) -> int:
        """The column whose end can be caught at this pixel of the cells, or -1."""
        mapper = self.mapper
        if self.ends is None or not self._inside(at):
            return -1
        down, across = mapper.place(at)
        column = int(across // 1)
        if not 0 <= column < len(self.ends):
            return -1
        near = abs(down - float(self.ends[column])) * mapper.down_scale <= min(REACH, max(3.0, mapper.down_scale / 3))
        return column if near else -1

    def head_at(self, at: QPointF) -> Head | None:
        """The place on a ruler at this pixel of the cells, which lies outside of them; None beside both rulers."""
        mapper = self.mapper
        top, left = self.margins
        on_top, on_left = at.y() < 0 <= at.x() <= mapper.width, at.x() < 0 <= at.y() <= mapper.height
        if not (on_top or on_left):
            return None
        down, across = mapper.place(at)
        outer = at.y() < GUTTER - top if on_top else at.x() < GUTTER - left
        if on_left != self.turned:
            return Head("down", int(down // 1), outer) if 0 <= down < self.size_down else None
        return Head("across", int(across // 1), outer) if 0 <= across < self.size_across else None

    def pixel(self, event: Any) -> QPointF:
        """Where a mouse event is, in pixels of the cells."""
        return QPointF(event.position()) - self.cells().topLeft()

    def _inside(self, at: QPointF) -> bool:
        mapper = self.mapper
        return 0 <= at.x() <= mapper.width and 0 <= at.y() <= mapper.height

    def _cell(self, at: QPointF) -> tuple[int, int]:
        down, across = self.mapper.place(at)
        return int(down // 1), int(across // 1)

    # ---- the mouse -------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: Any) -> None:
        at = self.pixel(event)
        if self._gesture is not None:
            return
        if self._inside(at):
            self._gesture = begun(event.button(), at, self.end_at(at))
            return
        head = self.head_at(at)
        if head is None:
            return
        if event.button() == Qt.MouseButton.LeftButton:
            self.head_clicked.emit(head)
        elif event.button() == Qt.MouseButton.RightButton:
            down, across = (head.place, -1) if head.along == "down" else (-1, head.place)
            self.menu_asked.emit(down, across, event.globalPosition().toPoint())

    def mouseDoubleClickEvent(self, event: Any) -> None:
        at = self.pixel(event)
        left, head = event.button() == Qt.MouseButton.LeftButton, None if self._inside(at) else self.head_at(at)
        if left and self._inside(at):
            self.doubled.emit(*self._cell(at))
        elif left and head is not None and head.along == "across":
            self.head_doubled.emit(head)
        else:
            self.mousePressEvent(event)  # two clicks, as far as the steps are concerned

    def mouseMoveEvent(self, event: Any) -> None:
        at = self.pixel(event)
        if self._gesture is not None:
            self._drag(self._gesture, at)
        over = self.end_at(at) >= 0
        shape = Qt.CursorShape.SizeHorCursor if self.turned else Qt.CursorShape.SizeVerCursor
        inside = self._inside(at)
        if not over:
            on_head = not inside and self.head_at(at) is not None
            shape = Qt.CursorShape.PointingHandCursor if on_head else Qt.CursorShape.ArrowCursor
        if self.cursor().shape() is not shape:
            self.setCursor(shape)
        self._hover(self._cell(at) if inside else None)

    def mouseReleaseEvent(self, event: Any) -> None:
        gesture = self._gesture
        if gesture is None or event.button() != gesture.button:
            return
        self._gesture = None
        if gesture.moved:
            self._drag(gesture, self.pixel(event))
        elif gesture.button == Qt.MouseButton.RightButton:
            self.menu_asked.emit(*self._cell(gesture.start), event.globalPosition().toPoint())
        else:
            self.clicked.emit(*self._cell(gesture.start), event)

    def _drag(self, gesture: Gesture, at: QPointF) -> None:
        """The end of a row, or the cells under the pointer; with the right button their size."""
        way = gesture.follow(at)
        if way is None:
            return
        if gesture.column >= 0:
            down, _ = self.mapper.place(at)
            self.end_dragged.emit(gesture.column, round(down), gesture.number)
        elif gesture.button == Qt.MouseButton.RightButton:
            self.zoom_axes(gesture.start, PULL ** -way.x(), PULL ** way.y())
        elif not way.isNull():
            (x0, x1), (y0, y1) = self.ranges.x, self.ranges.y
            dx, dy = way.x() * (x1 - x0) / self.mapper.width, way.y() * (y1 - y0) / self.mapper.height
            self.zoomed()
            self.ranges.set((x0 - dx, x1 - dx), (y0 - dy, y1 - dy))

    def wheelEvent(self, event: Any) -> None:
        """Zoom about the pointer: both axes; with Shift only across, with Ctrl only along time."""
        at, turns = self.pixel(event), event.angleDelta()
        if not self._inside(at):
            event.ignore()
            return
        by = WHEEL ** (turns.x() if abs(turns.x()) > abs(turns.y()) else turns.y())
        across = not event.modifiers() & Qt.KeyboardModifier.ControlModifier
        along = not event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if not along:
            across = True
        x, y = (along, across) if self.turned else (across, along)
        self.zoom_axes(at, by if x else None, by if y else None)
        event.accept()

    def leaveEvent(self, event: Any) -> None:
        self._hover(None)

    def _hover(self, place: tuple[int, int] | None) -> None:
        if place != self._place:
            self._place = place
            self.hovered.emit(place)

    # ---- the keys --------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Arrows and Enter belong to the cells while these have the focus, whatever they mean to the window."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.ShortcutOverride and _is_own(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text().isdecimal() and event.text().isascii():
            self.typed.emit(event.text())
        elif not _is_own(event):
            super().keyPressEvent(event)
        elif event.key() in ENTER:
            self.entered.emit()
        elif event.key() == Key.Key_Menu:
            self.menu_asked.emit(-1, -1, self.mapToGlobal(self.cells().topLeft().toPoint()))
        else:
            x, y = WAYS[Key(event.key())]
            moved = self.stretched if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else self.walked
            moved.emit(*((x, y) if self.turned else (y, x)))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()


def _is_own(event: QKeyEvent) -> bool:
    keys = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if keys == Qt.KeyboardModifier.ShiftModifier:
        return event.key() in WAYS
    return not keys and (event.key() in WAYS or event.key() in ENTER or event.key() == Key.Key_Menu)
