from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF

from packviz.ui.canvas.beyond import arrowhead

INSIDE = QRectF(0, 0, 200, 100)


@given(st.floats(-500, 700), st.floats(-500, 600))
def test_it_lies_at_the_edge_inside_and_points_outwards(x: float, y: float) -> None:
    at = QRectF(x, y, 20, 20)
    head = arrowhead(INSIDE, at)
    if at.intersects(INSIDE):
        assert head.isEmpty()
        return
    if head.isEmpty():  # it only touches the edge
        assert at.adjusted(-10, -10, 10, 10).intersects(INSIDE)
        return
    assert INSIDE.adjusted(-6, -6, 6, 6).contains(head.boundingRect())
    point, *back = (head[i] for i in range(3))
    middle = (back[0] + back[1]) / 2
    way, far = point - middle, at.center() - middle
    assert QPointF.dotProduct(way, far) > 0
