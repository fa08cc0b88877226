"""The mark of each severity: a shape of its own, so that it is told without its colour, too."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

from packviz.core.findings import Severity
from packviz.core.look.colour import Theme
from packviz.ui.look.theme import qcolour

SIZE = 14
SCALES = (1, 2)


def severity_mark(severity: Severity, theme: Theme) -> QIcon:
    """A disc with a cross, a disc with a bar, a triangle or a ring, in the theme's colour of that severity."""
    made = QIcon()
    for scale in SCALES:
        pixmap = QPixmap(SIZE * scale, SIZE * scale)
        pixmap.setDevicePixelRatio(scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        SHAPES[severity](painter, qcolour(theme, severity.value), qcolour(theme, "panel"))
        painter.end()
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected, QIcon.Mode.Disabled):
            made.addPixmap(pixmap, mode)
    return made


def _disc(p: QPainter, colour: QColor, ink: QColor) -> None:
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(colour)
    p.drawEllipse(QRectF(1, 1, 12, 12))
    p.setPen(QPen(ink, 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))


def _error(p: QPainter, colour: QColor, ink: QColor) -> None:
    _disc(p, colour, ink)
    p.drawLine(QPointF(4.8, 4.8), QPointF(9.2, 9.2))
    p.drawLine(QPointF(9.2, 4.8), QPointF(4.8, 9.2))


def _silent(p: QPainter, colour: QColor, ink: QColor) -> None:
    _disc(p, colour, ink)
    p.drawLine(QPointF(4.2, 7), QPointF(9.8, 7))


def _warning(p: QPainter, colour: QColor, ink: QColor) -> None:
    p.setPen(QPen(colour, 1, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    p.setBrush(colour)
    p.drawPolygon(QPolygonF([QPointF(7, 1.5), QPointF(13, 12.5), QPointF(1, 12.5)]))
    p.setPen(QPen(ink, 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    p.drawLine(QPointF(7, 5.5), QPointF(7, 8.3))
    p.drawPoint(QPointF(7, 10.7))


def _note(p: QPainter, colour: QColor, ink: QColor) -> None:
    p.setPen(QPen(colour, 1.5))
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.drawEllipse(QRectF(1.75, 1.75, 10.5, 10.5))
    p.drawLine(QPointF(7, 6.4), QPointF(7, 9.8))
    p.drawPoint(QPointF(7, 4.3))


SHAPES: dict[Severity, Callable[[QPainter, QColor, QColor], None]] = {
    Severity.ERROR: _error,
    Severity.SILENT: _silent,
    Severity.WARNING: _warning,
    Severity.NOTE: _note,
}
