"""The cell ↔ pixel map that painting and pointing share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from PySide6.QtCore import QPointF, QRectF


@dataclass(frozen=True)
class Mapper:
    """The cell ↔ pixel map of one canvas: the visible ranges of both axes, and the pixels they fill.

    `turned`: time runs right, so that down is x and across is y. Pixels are logical ones, from the top left corner of
    the cells. One is made for each range and size, and all that is painted on a canvas is placed by it.
    """

    down: tuple[float, float]
    across: tuple[float, float]
    width: float
    height: float
    turned: bool

    @cached_property
    def down_scale(self) -> float:
        """Pixels a step."""
        return (self.width if self.turned else self.height) / max(self.down[1] - self.down[0], 1e-9)

    @cached_property
    def across_scale(self) -> float:
        """Pixels a column."""
        return (self.height if self.turned else self.width) / max(self.across[1] - self.across[0], 1e-9)

    def rect(self, down: float, across: float, n_down: float = 1, n_across: float = 1) -> QRectF:
        """The pixels of a block of cells."""
        d = (down - self.down[0]) * self.down_scale
        c = (across - self.across[0]) * self.across_scale
        size_d, size_c = n_down * self.down_scale, n_across * self.across_scale
        return QRectF(d, c, size_d, size_c) if self.turned else QRectF(c, d, size_c, size_d)

    def place(self, at: QPointF) -> tuple[float, float]:
        """(down, across) of a pixel, with fractions."""
        x, y = (at.y(), at.x()) if self.turned else (at.x(), at.y())
        return self.down[0] + y / self.down_scale, self.across[0] + x / self.across_scale

    def band(self, first: float, stop: float) -> QRectF:
        """The pixels of the steps first to stop, over the whole width of the canvas."""
        d = (first - self.down[0]) * self.down_scale
        size = (stop - first) * self.down_scale
        return QRectF(d, 0, size, self.height) if self.turned else QRectF(0, d, self.width, size)
