"""Icons, painted: no font and no file is needed for them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from packviz.core.look.colour import Theme
from packviz.ui.look.theme import qcolour

SIZE = 16
SCALES = (1, 2)


def icon(name: str, theme: Theme) -> QIcon:
    """The icon of that name, in the theme's colours, also for screens with twice the pixels."""
    made = QIcon()
    for mode, colour in ((QIcon.Mode.Normal, "accent"), (QIcon.Mode.Disabled, "ended")):
        for scale in SCALES:
            made.addPixmap(QPixmap.fromImage(_painted(name, qcolour(theme, colour).rgba(), scale)), mode)
    return made


@cache
def _painted(name: str, rgba: int, scale: int) -> QImage:
    """An icon in one colour and size: a window has 67 icons of 12 kinds. An image may outlive the application."""
    image = QImage(SIZE * scale, SIZE * scale, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(scale)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ICONS[name](painter, QColor.fromRgba(rgba))
    painter.end()
    return image


def _triangle(p: QPainter, left: float, right: float, colour: QColor) -> None:
    """A triangle from its base at x = left to its tip at x = right."""
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(colour)
    p.drawPolygon(QPolygonF([QPointF(left, 3), QPointF(right, 8), QPointF(left, 13)]))


def _bar(p: QPainter, left: float, colour: QColor) -> None:
    p.fillRect(QRectF(left, 3, 2, 10), colour)


def _forward(p: QPainter, colour: QColor) -> None:
    _triangle(p, 4, 12, colour)


def _back(p: QPainter, colour: QColor) -> None:
    _triangle(p, 12, 4, colour)


def _last(p: QPainter, colour: QColor) -> None:
    _triangle(p, 3, 11, colour)
    _bar(p, 11.5, colour)


def _first(p: QPainter, colour: QColor) -> None:
    _triangle(p, 13, 5, colour)
    _bar(p, 2.5, colour)


def _play(p: QPainter, colour: QColor) -> None:
    path = QPainterPath()
    path.addEllipse(QRectF(1, 1, 14, 14))
    p.setPen(QPen(colour, 1.4))
    p.drawPath(path)
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(colour)
    p.drawPolygon(QPolygonF([QPointF(6.4, 4.8), QPointF(11.6, 8), QPointF(6.4, 11.2)]))


def _pause(p: QPainter, colour: QColor) -> None:
    p.fillRect(QRectF(4, 3, 3, 10), colour)
    p.fillRect(QRectF(9, 3, 3, 10), colour)


def _down(p: QPainter, colour: QColor) -> None:
    p.setPen(QPen(colour, 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    p.drawPolyline(QPolygonF([QPointF(4, 6.5), QPointF(8, 10.5), QPointF(12, 6.5)]))


def _more(p: QPainter, colour: QColor) -> None:
    p.setPen(QPen(colour, 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    for left in (3.5, 8.5):
        p.drawPolyline(QPolygonF([QPointF(left, 4.5), QPointF(left + 3.5, 8), QPointF(left, 11.5)]))


def _close(p: QPainter, colour: QColor) -> None:
    p.setPen(QPen(colour, 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    p.drawLine(QPointF(4.5, 4.5), QPointF(11.5, 11.5))
    p.drawLine(QPointF(11.5, 4.5), QPointF(4.5, 11.5))


def _float(p: QPainter, colour: QColor) -> None:
    p.setPen(QPen(colour, 1.3))
    p.drawRoundedRect(QRectF(3, 6, 7, 7), 1, 1)
    p.drawPolyline(QPolygonF([QPointF(6.5, 3.5), QPointF(12.5, 3.5), QPointF(12.5, 9.5)]))


def _app(p: QPainter, colour: QColor) -> None:
    """The program's own: a padded batch, ragged at its end."""
    p.setPen(Qt.PenStyle.NoPen)
    for column, (height, name) in enumerate(((2, "#4a9eff"), (1, "#f0a040"), (3, "#4dd0a0"))):
        for step in range(3):
            p.setBrush(QColor(name) if step < height else QColor(120, 130, 150, 80))
            p.drawRoundedRect(QRectF(1 + column * 5, 1 + step * 5, 4, 4), 1, 1)


def _move(p: QPainter, colour: QColor) -> None:
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(colour)
    for x in (5.5, 10.5):
        for y in (3.5, 8, 12.5):
            p.drawEllipse(QPointF(x, y), 1.3, 1.3)


ICONS: dict[str, Callable[[QPainter, QColor], None]] = {
    "first": _first,
    "back": _back,
    "forward": _forward,
    "last": _last,
    "play": _play,
    "pause": _pause,
    "down": _down,
    "more": _more,
    "close": _close,
    "float": _float,
    "move": _move,
    "app": _app,
}
