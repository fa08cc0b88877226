"""What lies out of view is pointed at from the edge: an arrowhead where the way to it leaves the cells."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

SIZE = 9.0  # pixels of an arrowhead, along its way
INSET = 2.0  # and from its point to the edge


def arrowhead(inside: QRectF, at: QRectF) -> QPolygonF:
    """The arrowhead at the edge of `inside` that points to `at`; none where any of that is in view."""
    if inside.isEmpty() or at.intersects(inside):
        return QPolygonF()
    room = inside.adjusted(INSET, INSET, -INSET, -INSET)
    centre = at.center()
    beside = centre.x() < inside.left() or centre.x() > inside.right()
    below = centre.y() < inside.top() or centre.y() > inside.bottom()
    point = QPointF(min(max(centre.x(), room.left()), room.right()), min(max(centre.y(), room.top()), room.bottom()))
    x = 0.0 if not beside else 1.0 if centre.x() > inside.right() else -1.0
    y = 0.0 if not below else 1.0 if centre.y() > inside.bottom() else -1.0
    length = (x * x + y * y) ** 0.5
    if not length:
        return QPolygonF()
    x, y = x / length, y / length
    back, half = QPointF(point.x() - x * SIZE, point.y() - y * SIZE), SIZE * 0.6
    return QPolygonF(
        [point, QPointF(back.x() - y * half, back.y() + x * half), QPointF(back.x() + y * half, back.y() - x * half)]
    )


def point_to(p: QPainter, inside: QRectF, at: QRectF, ink: QColor, ground: QColor) -> None:
    """Paint it, with a rim of the ground around it, so that it is seen over cells of any colour."""
    head = arrowhead(inside, at)
    if head.isEmpty():
        return
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.setPen(ground)
    p.setBrush(ink)
    p.drawPolygon(head)
    p.setBrush(Qt.BrushStyle.NoBrush)
