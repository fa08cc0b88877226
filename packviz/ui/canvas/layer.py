"""What is painted on a canvas: the cells and what lies over them, and the rulers beside them."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from packviz.core.look.colour import Theme
from packviz.ui.canvas.canvas import Canvas


class CanvasLayer:
    """As large as the cells of its canvas; each kind paints what it shows. Pixels count from the cells' corner.

    `step`: the current one; -1: no scanline. `backward`: the steps above it are still to come, not those below.
    """

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.theme: Theme | None = None
        self.step = -1
        self.backward = False
        canvas.add_layer(self)

    def rect(self) -> QRectF:
        """The pixels of the cells."""
        mapper = self.canvas.mapper
        return QRectF(0, 0, mapper.width, mapper.height)

    def paint(self, p: QPainter) -> None:
        """Paint it, from the map from cells to pixels as it is now."""
        raise NotImplementedError
