"""What lies over all cells of a canvas and is painted anew whenever the map from cells to pixels changes."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QRectF

from packviz.core.look.colour import Theme
from packviz.ui.canvas.canvas import Canvas


class CanvasLayer(pg.GraphicsObject):
    """As large as the cells of its canvas; each kind paints what it shows."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas.box)
        self.canvas = canvas
        self.theme: Theme | None = None
        self.step = -1  # -1: no scanline
        self.setZValue(10)
        canvas.mapped.connect(self._remapped)

    def boundingRect(self) -> QRectF:
        return QRectF(self.canvas.box.rect())

    def _remapped(self) -> None:
        self.prepareGeometryChange()
        self.update()
