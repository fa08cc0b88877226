"""The surface that all panes of cells are painted on: the range in view, and the shared time axis.

A plain widget that paints all its parts, cells and rulers, in one go and from one map from cells to pixels: no label
can stand beside cells that it does not name.
"""

from __future__ import annotations

from typing import Any, Protocol

from PySide6.QtCore import QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from packviz.core.look.colour import Theme
from packviz.ui.canvas.mapper import Mapper
from packviz.ui.canvas.picture import Picture
from packviz.ui.canvas.ranges import Limits, Ranges
from packviz.ui.canvas.reveal import READABLE, revealed
from packviz.ui.look.theme import qcolour

CELL = 54.0  # the largest cell, in logical pixels along time
CELL_ACROSS = 60.0
SMALLEST_RANGE = 2.0
RING = 1.5  # pixels of the line around what has the focus


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


class Surface(QWidget):
    """One pane's drawing surface: cells, and a ruler on two sides of them. `margins`: pixels above and left of them."""

    mapped = Signal()  # the cell ↔ pixel map has changed

    def __init__(
        self, parent: QWidget | None = None, *, time: TimeAxis | None = None, margins: tuple[int, int]
    ) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(QSize(60, 60))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.time, self.margins = time, margins
        self.turned = False
        self.size_down, self.size_across = 1, 1
        self.most_across = CELL_ACROSS
        self.most_down = CELL
        self.fitted = True
        self.ground, self.ring = QColor(), QColor()
        self.layers: list[Part] = []
        self.top: Part | None = None
        self.left: Part | None = None
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
        self.ground, self.ring = qcolour(theme, "panel"), qcolour(theme, "accent")
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
        if self.hasFocus():
            p.setRenderHint(QPainter.RenderHint.Antialiasing)
            p.setPen(QPen(self.ring, RING))
            p.drawRoundedRect(cells.adjusted(RING, RING, -RING, -RING), 4, 4)

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

    def zoom(self, by: float) -> None:
        """Multiply what is in view by this on both axes; the middle of the cells stays where it is."""
        self.zoom_axes(QPointF(self.mapper.width / 2, self.mapper.height / 2), by, by)

    def zoom_axes(self, at: QPointF, x: float | None, y: float | None) -> None:
        """Multiply the ranges by these; the pixel of the cells stays where it is."""
        if min(self.mapper.width, self.mapper.height) < 2:
            return
        self.zoomed()
        shares = at.x() / self.mapper.width, at.y() / self.mapper.height
        ranges: list[tuple[float, float] | None] = []
        for by, share, (first, stop) in zip((x, y), shares, (self.ranges.x, self.ranges.y), strict=True):
            centre = first + share * (stop - first)
            ranges.append(None if by is None else (centre + (first - centre) * by, centre + (stop - centre) * by))
        self.ranges.set(ranges[0], ranges[1])
