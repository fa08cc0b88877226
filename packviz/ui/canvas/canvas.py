"""The canvas that all panes of cells share: pyqtgraph's set-up, the shared time axis, the pointer.

pyqtgraph's ViewBox holds the visible range, and zooms and pans it; what is drawn inside is `layer.py`'s.
"""

from __future__ import annotations

from itertools import count
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QObject, QPointF, QSize, Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from packviz.core.look.colour import Theme
from packviz.ui.canvas.mapper import Mapper
from packviz.ui.canvas.picture import Picture
from packviz.ui.look.theme import qcolour

pg.setConfigOptions(imageAxisOrder="row-major", antialias=False)

CELL = 54.0  # the largest cell, in logical pixels along time
CELL_ACROSS = 60.0
REACH = 6.0  # how far from the end of a row its handle can still be caught
SMALLEST_RANGE = 2.0
DRAGS = count(1)  # numbers the drags of all canvases, so that no two have the same


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


class CellBox(pg.ViewBox):
    """A ViewBox that tells cells apart: clicks, drags of a row's end, hovering; the rest pans and zooms as ever."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(enableMenu=False, defaultPadding=0.0)
        self.canvas = canvas
        self.invertY(True)
        self.disableAutoRange()
        self._drag = 0
        self._column = -1

    def mouseDragEvent(self, ev: Any, axis: Any = None) -> None:
        if ev.button() == Qt.MouseButton.LeftButton and (self._column >= 0 or ev.isStart()):
            if ev.isStart():
                self._column = self.canvas.end_at(self.pixel(ev.buttonDownScenePos()))
                self._drag = next(DRAGS)
            if self._column >= 0:
                ev.accept()
                down, _ = self.canvas.mapper.place(self.pixel(ev.scenePos()))
                self.canvas.end_dragged.emit(self._column, round(down), self._drag)
                if ev.isFinish():
                    self._column = -1
                return
        self.canvas.zoomed()
        super().mouseDragEvent(ev, axis)

    def mouseClickEvent(self, ev: Any) -> None:
        ev.accept()
        down, across = self.canvas.mapper.place(self.pixel(ev.scenePos()))
        self.canvas.clicked.emit(int(down // 1), int(across // 1), ev)

    def wheelEvent(self, ev: Any, axis: Any = None) -> None:
        """Zoom about the pointer: both axes; with Shift only across, with Ctrl only along time."""
        self.canvas.zoomed()
        keys = ev.modifiers()
        turned = self.canvas.turned
        if keys & Qt.KeyboardModifier.ShiftModifier:
            axis = 1 if turned else 0
        elif keys & Qt.KeyboardModifier.ControlModifier:
            axis = 0 if turned else 1
        super().wheelEvent(ev, axis)

    def pixel(self, scene_pos: Any) -> QPointF:
        """A position in the scene as a pixel of the cells."""
        return QPointF(self.mapFromScene(QPointF(scene_pos.x(), scene_pos.y())))


class Canvas(pg.GraphicsView):
    """One pane's drawing surface: cells in a ViewBox, a ruler on two sides of it.

    Signals carry (step or row down, column across); a column or step outside the grid may come, too.
    """

    hovered = Signal(object)  # (down, across) or None
    clicked = Signal(int, int, object)  # down, across, the mouse event
    end_dragged = Signal(int, int, int)  # column, where to, number of the drag
    mapped = Signal()  # the cell ↔ pixel map has changed

    def __init__(
        self, parent: QWidget | None = None, *, time: TimeAxis | None = None, margins: tuple[int, int]
    ) -> None:
        super().__init__(parent, background=None)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(QSize(60, 60))
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.time, self.margins = time, margins
        self.turned = False
        self.size_down, self.size_across = 1, 1
        self.most_across = CELL_ACROSS
        self.most_down = CELL
        self.ends: Any = None
        self.fitted = True
        self._place: tuple[int, int] | None = None
        self.layout_ = pg.GraphicsLayout()
        self.layout_.setContentsMargins(0, 0, 0, 0)
        self.layout_.setSpacing(0)
        self.setCentralItem(self.layout_)
        self.box = CellBox(self)
        self.top, self.left = pg.GraphicsWidget(), pg.GraphicsWidget()
        self.box.sigRangeChanged.connect(self._ranged)
        self.box.sigResized.connect(self._resized)
        self.viewport().setMouseTracking(True)
        if time is not None:
            time.changed.connect(self._follow)
        self._arrange()

    def set_rulers(self, top: pg.GraphicsWidget, left: pg.GraphicsWidget) -> None:
        """Put these on the top and the left of the cells."""
        for item in (self.top, self.left, self.box):
            if item in self.layout_.items:
                self.layout_.removeItem(item)
        self.top, self.left = top, left
        self._arrange()

    def _arrange(self) -> None:
        top, left = self.margins
        self.top.setFixedHeight(top)
        self.left.setFixedWidth(left)
        self.layout_.addItem(self.top, 0, 1)
        self.layout_.addItem(self.left, 1, 0)
        self.layout_.addItem(self.box, 1, 1)
        self.layout_.layout.setColumnStretchFactor(1, 1)
        self.layout_.layout.setRowStretchFactor(1, 1)

    def set_theme(self, theme: Theme) -> None:
        """Paint on the theme's panel."""
        self.setBackground(qcolour(theme, "panel"))

    def refresh(self) -> None:
        """Paint anew, once, in the next frame: what has not changed is a blit."""
        self.viewport().update()

    # ---- ranges --------------------------------------------------------------------------------------------

    @property
    def mapper(self) -> Mapper:
        """The map as it is now."""
        (x0, x1), (y0, y1) = self.box.viewRange()
        down, across = ((x0, x1), (y0, y1)) if self.turned else ((y0, y1), (x0, x1))
        return Mapper(down, across, self.box.width(), self.box.height(), self.turned)

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
        width, height = self.box.width(), self.box.height()
        if width < 2 or height < 2:
            return
        along, beside = (width, height) if self.turned else (height, width)
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
        self.box.setLimits(
            xMin=-0.5,
            xMax=x + 0.5,
            yMin=-0.5,
            yMax=y + 0.5,
            minXRange=min(SMALLEST_RANGE, x),
            minYRange=min(SMALLEST_RANGE, y),
        )

    def _set(self, down: tuple[float, float] | None, across: tuple[float, float] | None) -> None:
        x, y = (down, across) if self.turned else (across, down)
        if x is not None:
            self.box.setXRange(*x, padding=0)
        if y is not None:
            self.box.setYRange(*y, padding=0)

    def _follow(self, first: float, stop: float) -> None:
        self._set((first, stop), None)

    def zoomed(self) -> None:
        """Somebody zooms or pans: from here on a resize keeps what is in view."""
        self.fitted = False
        if self.time is not None:
            self.time.fitted = False

    def _ranged(self) -> None:
        if self.time is not None and not self.time.fitted:
            self.time.set(*self.mapper.down)
        self.mapped.emit()

    def _resized(self) -> None:
        if self.fitted and (self.time is None or self.time.fitted):
            self.fit()
        self.mapped.emit()

    # ---- the pointer ---------------------------------------------------------------------------------------

    def end_at(self, at: QPointF) -> int:
        """The column whose end can be caught at this pixel, or -1."""
        if self.ends is None or not self.box.rect().contains(at):
            return -1
        mapper = self.mapper
        down, across = mapper.place(at)
        column = int(across // 1)
        if not 0 <= column < len(self.ends):
            return -1
        near = abs(down - float(self.ends[column])) * mapper.down_scale <= min(REACH, max(3.0, mapper.down_scale / 3))
        return column if near else -1

    def mouseMoveEvent(self, ev: Any) -> None:
        super().mouseMoveEvent(ev)
        at = self.box.pixel(self.mapToScene(ev.position().toPoint()))
        over = self.end_at(at) >= 0
        shape = Qt.CursorShape.SizeHorCursor if self.turned else Qt.CursorShape.SizeVerCursor
        self.viewport().setCursor(shape if over else Qt.CursorShape.ArrowCursor)
        place = None
        if self.box.rect().contains(at):
            down, across = self.mapper.place(at)
            place = (int(down // 1), int(across // 1))
        self._hover(place)

    def leaveEvent(self, ev: Any) -> None:
        super().leaveEvent(ev)
        self._hover(None)

    def _hover(self, place: tuple[int, int] | None) -> None:
        if place != self._place:
            self._place = place
            self.hovered.emit(place)
