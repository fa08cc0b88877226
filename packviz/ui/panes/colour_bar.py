"""The colour bar of a pane: its ends, the colours between them, and those of what is on no scale."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from packviz.core.look.colour import Theme
from packviz.session.scene.scale import Scale
from packviz.ui.look.lettering import number_font
from packviz.ui.look.theme import qcolour

WIDTH, LEAST, HEIGHT, GAP, ODD = 64, 36, 8, 5.0, 7.0  # pixels


class ColourBar(QWidget):
    """Shown where a pane is coloured by value. NaN, -inf, inf and both clipped ends follow as small squares. With less
    room it leaves out the squares, then the numbers, which its tool tip has, and then all of it.

    A click asks for the menu of the scale: where on the screen."""

    asked = Signal(QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale: Scale | None = None
        self._theme: Theme | None = None
        self._room = 1e6  # pixels that it may take
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setVisible(False)

    def show_scale(self, scale: Scale | None, theme: Theme) -> None:
        """Another scale, or none."""
        if scale == self._scale and theme is self._theme:
            return
        self._scale, self._theme = scale, theme
        if scale is not None:
            odd = list(scale.odd(theme))
            self.setToolTip(f"{scale.tip}\nThe squares, from the left: {', '.join(odd)}.")
            self.setAccessibleName(scale.tip)
        self.fit(self._room)
        self.updateGeometry()
        self.update()

    def fit(self, room: float) -> None:
        """Take no more than these pixels."""
        self._room = room
        self.setVisible(self._scale is not None and room >= LEAST)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """As wide as what it shows of the bar, its two numbers and the squares."""
        numbers, squares = self._parts()
        if not numbers:
            return QSize(LEAST, 14)
        return QSize(round(self._wanted(squares)), 14)

    def _parts(self) -> tuple[bool, bool]:
        """Whether there is room for the numbers, and for the squares, too."""
        return self._wanted(False) <= self._room, self._wanted(True) <= self._room

    def _wanted(self, squares: bool) -> float:
        if self._scale is None:
            return LEAST
        numbers = sum(self._width_of(text) for text in (self._scale.low, self._scale.high))
        return numbers + WIDTH + 2 * GAP + (GAP + 5 * (ODD + 1) if squares else 0) + 1

    def _width_of(self, text: str) -> float:
        return QFontMetricsF(number_font(10)).horizontalAdvance(text)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.asked.emit(event.globalPosition().toPoint())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._scale is None or self._theme is None:
            return
        p = QPainter(self)
        p.setFont(number_font(10))
        p.setPen(qcolour(self._theme, "muted"))
        middle, x = self.height() / 2, 0.0
        numbers, squares = self._parts()
        if not numbers:
            self._draw_ramp(p, QRectF(0, middle - HEIGHT / 2, LEAST, HEIGHT))
            return
        left = self._width_of(self._scale.low)
        p.drawText(QRectF(x, 0, left + 1, self.height()), Qt.AlignmentFlag.AlignVCenter, self._scale.low)
        x += left + GAP
        self._draw_ramp(p, QRectF(x, middle - HEIGHT / 2, WIDTH, HEIGHT))
        x += WIDTH + GAP
        right = self._width_of(self._scale.high)
        p.drawText(QRectF(x, 0, right + 1, self.height()), Qt.AlignmentFlag.AlignVCenter, self._scale.high)
        x += right + GAP
        for rgb in self._scale.odd(self._theme).values() if squares else ():
            p.fillRect(QRectF(x, middle - ODD / 2, ODD, ODD), QColor(*rgb))
            x += ODD + 1

    def _draw_ramp(self, p: QPainter, rect: QRectF) -> None:
        assert self._scale is not None and self._theme is not None
        rgba = self._scale.colours(WIDTH, self._theme)
        p.drawImage(rect, QImage(rgba.tobytes(), WIDTH, 1, WIDTH * 4, QImage.Format.Format_RGBA8888))
