"""The scanline: one frame around the current step that crosses all time panes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from packviz.core.look.colour import Theme
from packviz.ui.canvas.beyond import arrowhead
from packviz.ui.canvas.canvas import Canvas
from packviz.ui.canvas.ruler import HALF_LINE
from packviz.ui.look.theme import qcolour

OVERHANG = 12.0  # how far it runs on beyond the last pane's cells, for the arrow
THIN = 2 * HALF_LINE  # steps of fewer pixels are marked beside their label, which a frame would strike through


class Scanline(QWidget):
    """Lies over the board and lets the mouse through. `canvases`: those whose panes are shown, in order."""

    def __init__(self, board: QWidget, canvases: Callable[[], list[Canvas]]) -> None:
        super().__init__(board)
        self._board, self.canvases = board, canvases
        self.theme: Theme | None = None
        self.step = -1
        self.backward = False
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)

    def set(self, theme: Theme, step: int, backward: bool = False) -> None:
        """Mark this step. `backward`: the walk goes on above it, not below."""
        if theme is not self.theme or step != self.step or backward != self.backward:
            self.update(self._reach())
            self.theme, self.step, self.backward = theme, step, backward
            self.update(self._reach())

    def _reach(self) -> QRect:
        """The pixels that the frame touches."""
        reach = self._band().united(self._head().boundingRect())
        return reach.toAlignedRect().adjusted(-3, -3, 3, 3)

    def _draw_thin(self, p: QPainter, theme: Theme, band: QRectF, turned: bool) -> None:
        """A line through a step of a pixel or two, a line on either side of a thicker one; labels stay free."""
        thick = band.width() if turned else band.height()
        lines = [band]
        if thick >= 3:
            x, y = (1.0, 0.0) if turned else (0.0, 1.0)
            before = QRectF(
                band.x() - x, band.y() - y, 1.0 if turned else band.width(), band.height() if turned else 1.0
            )
            lines = [before, before.translated(x * (thick + 1), y * (thick + 1))]
        for canvas in self.canvases():
            for line in lines:
                p.fillRect(line.intersected(self._cells(canvas)), qcolour(theme, "accent"))

    def _cells(self, canvas: Canvas) -> QRectF:
        """The pixels of a canvas from its cells on to the next pane: what a thin line may cross, no label."""
        origin = canvas.cells().topLeft() + QPointF(canvas.mapTo(self._board, QPoint(0, 0)))
        end = QPointF(canvas.mapTo(self._board, canvas.rect().bottomRight()))
        return QRectF(origin, end + QPointF(OVERHANG, OVERHANG))

    def _band(self) -> QRectF:
        """The pixels of the frame on the board; empty where the step is out of view."""
        canvases = self.canvases()
        if not canvases or self.step < 0:
            return QRectF()
        canvas = canvases[0]
        mapper = canvas.mapper
        origin = canvas.cells().topLeft() + QPointF(canvas.mapTo(self._board, QPoint(0, 0)))
        cells = QRectF(origin.x(), origin.y(), mapper.width, mapper.height)
        band = mapper.band(self.step, self.step + 1).translated(origin)
        if not band.intersects(cells.adjusted(1, 1, -1, -1)):
            return QRectF()
        band = band.intersected(cells)
        last = canvases[-1]
        end = QPointF(last.mapTo(self._board, last.rect().bottomRight()))
        first = QPointF(canvas.mapTo(self._board, canvas.rect().topLeft()))
        if mapper.turned:
            return QRectF(band.x(), first.y() - 3, max(band.width(), 2.0), end.y() - first.y() + OVERHANG)
        return QRectF(first.x() - 3, band.y(), end.x() - first.x() + OVERHANG, max(band.height(), 2.0))

    def _head(self) -> QPolygonF:
        """The arrowhead beside the last pane that points to a step out of view; none where it is in view."""
        canvases = self.canvases()
        if not canvases or self.step < 0:
            return QPolygonF()
        canvas, last = canvases[0], canvases[-1]
        mapper = canvas.mapper
        corner = canvas.cells().topLeft() + QPointF(canvas.mapTo(self._board, QPoint(0, 0)))
        end = QPointF(last.mapTo(self._board, last.rect().bottomRight()))
        band = mapper.band(self.step, self.step + 1).translated(corner)
        if mapper.turned:
            inside = QRectF(corner.x(), end.y() - OVERHANG, mapper.width, 2 * OVERHANG)
            return arrowhead(inside, QRectF(band.x(), inside.y(), band.width(), inside.height()))
        inside = QRectF(end.x() - OVERHANG, corner.y(), 2 * OVERHANG, mapper.height)
        return arrowhead(inside, QRectF(inside.x(), band.y(), inside.width(), band.height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        band = self._band()
        if self.theme is None:
            return
        p = QPainter(self)
        p.setClipRect(QRect(event.rect()))
        if band.isEmpty():
            p.setRenderHint(QPainter.RenderHint.Antialiasing)
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(qcolour(self.theme, "accent"))
            p.drawPolygon(self._head())
            return
        turned = self.canvases()[0].turned
        if (band.width() if turned else band.height()) < THIN:
            self._draw_thin(p, self.theme, band, turned)
            return
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setPen(QPen(qcolour(self.theme, "accent"), 1.6))
        p.drawRoundedRect(band.adjusted(0.8, 0, -0.8, 0), 5, 5)
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(qcolour(self.theme, "accent"))
        x, y = (band.center().x(), band.bottom() - 2) if turned else (band.right() - 2, band.center().y())
        if self.backward:  # it points to where the walk goes on
            tip = [QPointF(x - 6, y - 4), QPointF(x + 3, y - 9), QPointF(x + 3, y + 1)]
            up = [QPointF(x - 3, y - 5), QPointF(x - 7, y + 2), QPointF(x + 1, y + 2)]
            p.drawPolygon(tip if turned else up)
        elif turned:
            p.drawPolygon([QPointF(x, y - 7), QPointF(x - 5, y), QPointF(x + 5, y)])
        else:
            p.drawPolygon([QPointF(x - 7, y), QPointF(x, y - 5), QPointF(x, y + 5)])
