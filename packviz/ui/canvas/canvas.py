"""The canvas that all panes of cells share: the range in view, the shared time axis, the pointer.

A plain widget that paints all its parts, cells and rulers, in one go and from one map from cells to pixels: no label
can stand beside cells that it does not name.
"""

from __future__ import annotations

from typing import Any, Protocol

from PySide6.QtCore import QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from packviz.core.look.colour import Theme
from packviz.ui.canvas.gesture import Gesture, begun
from packviz.ui.canvas.mapper import Mapper
from packviz.ui.canvas.picture import Picture
from packviz.ui.canvas.ranges import Limits, Ranges
from packviz.ui.canvas.reveal import READABLE, revealed
from packviz.ui.look.theme import qcolour

CELL = 54.0  # the largest cell, in logical pixels along time
CELL_ACROSS = 60.0
REACH = 6.0  # how far from the end of a row its handle can still be caught
SMALLEST_RANGE = 2.0
WHEEL = 1.02 ** (-1 / 8)  # a range shrinks by this for each unit that the wheel turns; 120 are a notch
PULL = 1.02  # and by this for each pixel that the right button pulls


class Part(Protocol):
    """Something that is painted at one place of a canvas, its pixels counted from its own corner."""

    def rect(self) -> QRectF: ...

    def paint(self, p: QPainter) -> None: ...


class TimeAxis(QObject):
    """The one time axis of all time panes: the visible steps. Whoever zooms or pans sets it; everybody follows."""

    changed = Signal(float, float)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.range = (0.0, 1.0)
        self.fitted = True  # nobody has zoomed or panned since the last fit
        self.shown: tuple[int, bool] | None = None  # the steps that it was fitted to, and whether time ran right
        self.labels = Picture()  # the time rulers of all panes look the same, and share it

    def set(self, first: float, stop: float) -> None:
        """Show the steps from first to stop in every pane."""
        if abs(first - self.range[0]) + abs(stop - self.range[1]) > 1e-6:
            self.range = (first, stop)
            self.changed.emit(first, stop)


class Canvas(QWidget):
    """One pane's drawing surface: cells, and a ruler on two sides of them. `margins`: pixels above and left of them.

    Signals carry (step or row down, column across); a column or step outside the grid may come, too.
    """

    hovered = Signal(object)  # (down, across) or None
    clicked = Signal(int, int, object)  # down, across, the mouse event
    end_dragged = Signal(int, int, int)  # column, where to, number of the drag
    mapped = Signal()  # the cell ↔ pixel map has changed

    def __init__(
        self, parent: QWidget | None = None, *, time: TimeAxis | None = None, margins: tuple[int, int]
    ) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(QSize(60, 60))
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.time, self.margins = time, margins
        self.turned = False
        self.size_down, self.size_across = 1, 1
        self.most_across = CELL_ACROSS
        self.most_down = CELL
        self.ends: Any = None
        self.fitted = True
        self.ground = QColor()
        self.layers: list[Part] = []
        self.top: Part | None = None
        self.left: Part | None = None
        self._place: tuple[int, int] | None = None
        self._gesture: Gesture | None = None
        self._mapper: Mapper | None = None
        self.ranges = Ranges(self._ranged)
        if time is not None:
            time.changed.connect(self._follow)

    def add_layer(self, layer: Part) -> None:
        """Paint this over the cells, after all layers that are there."""
        self.layers.append(layer)

    def set_rulers(self, top: Part, left: Part) -> None:
        """Put these on the top and the left of the cells."""
        self.top, self.left = top, left
        self._remapped()

    def set_theme(self, theme: Theme) -> None:
        """Paint on the theme's panel."""
        self.ground = qcolour(theme, "panel")
        self.update()

    def refresh(self) -> None:
        """Paint anew, once, in the next frame: what has not changed is a blit."""
        self.update()

    # ---- painting ------------------------------------------------------------------------------------------

    def cells(self) -> QRectF:
        """The pixels of the canvas that its cells fill."""
        top, left = self.margins
        return QRectF(left, top, max(0, self.width() - left), max(0, self.height() - top))

    def paintEvent(self, event: Any) -> None:
        cells, dirty = self.cells(), QRectF(event.rect())
        places = [(layer, cells.topLeft()) for layer in self.layers]
        rulers = ((self.top, QPointF(cells.x(), 0)), (self.left, QPointF(0, cells.y())))
        places += [(part, at) for part, at in rulers if part is not None]
        p = QPainter(self)
        p.fillRect(dirty, self.ground)
        for part, at in places:
            if part.rect().translated(at).intersects(dirty):
                p.save()
                p.translate(at)
                part.paint(p)
                p.restore()

    # ---- ranges --------------------------------------------------------------------------------------------

    @property
    def mapper(self) -> Mapper:
        """The map as it is now."""
        if self._mapper is None or self._mapper.turned != self.turned:
            x, y = self.ranges.x, self.ranges.y
            down, across = (x, y) if self.turned else (y, x)
            cells = self.cells()
            self._mapper = Mapper(down, across, cells.width(), cells.height(), self.turned)
        return self._mapper

    def _remapped(self) -> None:
        self._mapper = None
        self.update()
        self.mapped.emit()

    def set_size(self, down: int, across: int, turned: bool) -> None:
        """The grid has other sizes, or time runs another way."""
        if (down, across, turned) == (self.size_down, self.size_across, self.turned):
            return
        self.size_down, self.size_across, self.turned = down, across, turned
        if self.time is not None and self.time.shown != (down, turned):
            self.time.shown, self.time.fitted = (down, turned), True
        self._fit()

    def fit(self) -> None:
        """Show the whole grid, with cells no larger than they need to be."""
        if self.time is not None:
            self.time.fitted = True
        self._fit()

    def _fit(self) -> None:
        """Fit the grid; a time axis that somebody has zoomed stays: other columns are no reason to lose one's place."""
        self.fitted = True
        cells = self.cells()
        if cells.width() < 2 or cells.height() < 2:
            return
        along, beside = (cells.width(), cells.height()) if self.turned else (cells.height(), cells.width())
        down = (0.0, max(float(self.size_down), along / self.most_down))
        across = (0.0, max(float(self.size_across), beside / self.most_across))
        self._limit(down[1], across[1])
        if self.time is not None and self.time.fitted and self.isVisible():
            # A hidden canvas does not know its height; it follows the others.
            self.time.set(*down)
        elif self.time is not None:
            down = self.time.range
        self._set(down, across)

    def _limit(self, down: float, across: float) -> None:
        x, y = (down, across) if self.turned else (across, down)
        limits = [Limits(-0.5, size + 0.5, min(SMALLEST_RANGE, size)) for size in (x, y)]
        self.ranges.limit(*limits)

    def _set(self, down: tuple[float, float] | None, across: tuple[float, float] | None) -> None:
        x, y = (down, across) if self.turned else (across, down)
        self.ranges.set(x, y)

    def _follow(self, first: float, stop: float) -> None:
        self._set((first, stop), None)

    def reveal(self, down: int | None, across: int | None, *, closely: bool = False) -> None:
        """Have this cell in view, or this step or column; `closely`: so that it can be read."""
        mapper = self.mapper
        if min(mapper.width, mapper.height) < 2 or not self.isVisible():
            return
        along, beside = (mapper.width, mapper.height) if self.turned else (mapper.height, mapper.width)
        least = READABLE if closely else (0.0, 0.0)
        wish = mapper.down if down is None else revealed(mapper.down, down, along, least[0])
        wide = mapper.across if across is None else revealed(mapper.across, across, beside, least[1])
        if wish != mapper.down:
            self.zoomed()
        if (wish, wide) != (mapper.down, mapper.across):
            self.fitted = False
            self._set(wish, wide)

    def zoomed(self) -> None:
        """Somebody zooms or pans: from here on a resize keeps what is in view."""
        self.fitted = False
        if self.time is not None:
            self.time.fitted = False

    def _ranged(self) -> None:
        self._mapper = None
        if self.time is not None and not self.time.fitted:
            self.time.set(*self.mapper.down)
        self._remapped()

    def resizeEvent(self, event: Any) -> None:
        self._resized()

    def showEvent(self, event: Any) -> None:
        self._resized()  # a hidden one was not asked how much of the time axis it has room for

    def _resized(self) -> None:
        self._mapper = None
        if self.fitted and (self.time is None or self.time.fitted):
            self.fit()
        self._remapped()

    # ---- the pointer ---------------------------------------------------------------------------------------

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

    def pixel(self, event: Any) -> QPointF:
        """Where a mouse event is, in pixels of the cells."""
        return QPointF(event.position()) - self.cells().topLeft()

    def _inside(self, at: QPointF) -> bool:
        mapper = self.mapper
        return 0 <= at.x() <= mapper.width and 0 <= at.y() <= mapper.height

    def mousePressEvent(self, event: Any) -> None:
        at = self.pixel(event)
        if self._gesture is None and self._inside(at):
            self._gesture = begun(event.button(), at, self.end_at(at))

    def mouseMoveEvent(self, event: Any) -> None:
        at = self.pixel(event)
        if self._gesture is not None:
            self._drag(self._gesture, at)
        over = self.end_at(at) >= 0
        shape = Qt.CursorShape.SizeHorCursor if self.turned else Qt.CursorShape.SizeVerCursor
        shape = shape if over else Qt.CursorShape.ArrowCursor
        if self.cursor().shape() is not shape:
            self.setCursor(shape)
        place = None
        if self._inside(at):
            down, across = self.mapper.place(at)
            place = (int(down // 1), int(across // 1))
        self._hover(place)

    def mouseReleaseEvent(self, event: Any) -> None:
        gesture = self._gesture
        if gesture is None or event.button() != gesture.button:
            return
        self._gesture = None
        at = self.pixel(event)
        if gesture.moved:
            self._drag(gesture, at)
        else:
            down, across = self.mapper.place(gesture.start)
            self.clicked.emit(int(down // 1), int(across // 1), event)

    def _drag(self, gesture: Gesture, at: QPointF) -> None:
        """The end of a row, or the cells under the pointer; with the right button their size."""
        way = gesture.follow(at)
        if way is None:
            return
        if gesture.column >= 0:
            down, _ = self.mapper.place(at)
            self.end_dragged.emit(gesture.column, round(down), gesture.number)
        elif gesture.button == Qt.MouseButton.RightButton:
            self._zoom(gesture.start, PULL ** -way.x(), PULL ** way.y())
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
        self._zoom(at, by if x else None, by if y else None)
        event.accept()

    def _zoom(self, at: QPointF, x: float | None, y: float | None) -> None:
        """Multiply the ranges by these; the pixel stays where it is."""
        self.zoomed()
        shares = at.x() / self.mapper.width, at.y() / self.mapper.height
        ranges: list[tuple[float, float] | None] = []
        for by, share, (first, stop) in zip((x, y), shares, (self.ranges.x, self.ranges.y), strict=True):
            centre = first + share * (stop - first)
            ranges.append(None if by is None else (centre + (first - centre) * by, centre + (stop - centre) * by))
        self.ranges.set(ranges[0], ranges[1])

    def leaveEvent(self, event: Any) -> None:
        self._hover(None)

    def _hover(self, place: tuple[int, int] | None) -> None:
        if place != self._place:
            self._place = place
            self.hovered.emit(place)
