from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from packviz.ui.window import Window


def drag(widget: QWidget, start: QPoint, way: QPoint) -> None:
    """Press there, move on in steps and let go: what Qt sees of a hand."""
    QTest.mousePress(widget, Qt.MouseButton.LeftButton, pos=start)
    for part in (4, 2, 1):
        QTest.mouseMove(widget, start + way / part)
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=start + way)


def test_a_dock_is_closed_and_floated_by_its_grip(window: Window) -> None:
    dock = window.docks["python"]
    floats, closes = dock.grip.buttons
    floats.click()
    assert dock.isFloating()
    floats.click()
    assert not dock.isFloating()
    closes.click()
    assert dock.isHidden()
    assert not window.menus.actions["part.python"].isChecked()
    window.menus.do("part.python")
    assert not dock.isHidden()
    assert window.menus.actions["part.python"].isChecked()


@pytest.mark.parametrize("name", ["states", "findings", "torch", "python", "inspector"])
def test_a_dock_is_moved_by_its_heading_and_by_nothing_below(window: Window, name: str) -> None:
    dock = window.docks[name]
    dock.setVisible(True)
    dock.raise_()
    floats: list[bool] = []
    dock.topLevelChanged.connect(floats.append)
    body = window.parts[name]
    drag(body, QPoint(3, body.height() - 3), QPoint(-60, -60))
    assert floats == []
    drag(body, QPoint(12, 16), QPoint(-60, 60))
    assert floats[:1] == [True]
    dock.setFloating(False)


def test_a_double_click_on_a_heading_gives_all_the_room_and_one_below_does_nothing(window: Window) -> None:
    window.resize(1600, 1000)
    body = window.parts["findings"]
    asked: list[bool] = []
    window.docks["findings"].grip.doubled.connect(lambda: asked.append(True))
    QTest.mouseDClick(body, Qt.MouseButton.LeftButton, pos=QPoint(3, body.height() - 3))
    assert asked == []
    QTest.mouseDClick(body, Qt.MouseButton.LeftButton, pos=QPoint(3, 16))
    assert asked == [True]
    assert not window.board.isVisible()
