"""Gestures: a press becomes a click or a drag, and a drag follows every pixel."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt

from packviz.ui.canvas import gesture as module
from packviz.ui.canvas.gesture import STILL, begun

LEFT = Qt.MouseButton.LeftButton


def test_a_hand_that_trembles_still_clicks() -> None:
    made = begun(LEFT, QPointF(10, 10), -1)
    assert made.follow(QPointF(10, 10)) is None
    assert made.follow(QPointF(10 + STILL - 1, 10)) is None
    assert not made.moved


def test_a_drag_follows_from_where_it_began() -> None:
    made = begun(LEFT, QPointF(10, 10), 3)
    assert made.follow(QPointF(10, 10 + STILL + 1)) == QPointF(0, STILL + 1)
    assert made.follow(QPointF(12, 10)) == QPointF(2, -STILL - 1)
    assert (made.moved, made.column) == (True, 3)


def test_who_holds_a_button_long_means_every_pixel(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(module, "monotonic", lambda: now)
    made = begun(LEFT, QPointF(10, 10), -1)
    now += module.LONG + 0.1
    assert made.follow(QPointF(11, 10)) == QPointF(1, 0)


def test_no_two_drags_have_one_number_and_only_the_left_button_drags_an_end() -> None:
    numbers = []
    for _ in range(2):
        made = begun(LEFT, QPointF(0, 0), 0)
        made.follow(QPointF(50, 0))
        numbers.append(made.number)
    assert numbers[0] != numbers[1]
    assert begun(Qt.MouseButton.RightButton, QPointF(0, 0), 2).column == -1
