"""One press of a mouse button on a canvas, until it is let go: a click, a drag of a row's end, a pan or a zoom."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from time import monotonic

from PySide6.QtCore import QPointF, Qt

STILL = 5.0  # pixels that a hand moves while it clicks
LONG = 0.5  # seconds; who holds a button longer means every pixel
DRAGS = count(1)  # numbers the drags of all canvases, so that no two have the same


@dataclass
class Gesture:
    """`start`, `last`: pixels of the cells. `column`: whose end is dragged, or -1. `moved`: it is no click any more."""

    button: Qt.MouseButton
    start: QPointF
    last: QPointF
    column: int
    since: float
    number: int = 0
    moved: bool = False

    def follow(self, at: QPointF) -> QPointF | None:
        """How far the pointer has moved since the last time; None while it may still become a click."""
        if not self.moved:
            way = at - self.start
            far = (way.x() ** 2 + way.y() ** 2) ** 0.5
            if far == 0 or (far < STILL and monotonic() - self.since < LONG):
                return None
            self.moved, self.number = True, next(DRAGS)
        step = at - self.last
        self.last = at
        return step


def begun(button: Qt.MouseButton, at: QPointF, column: int) -> Gesture:
    """A button has been pressed at this pixel of the cells; `column`: whose end lies there, or -1."""
    return Gesture(button, at, at, column if button == Qt.MouseButton.LeftButton else -1, monotonic())
