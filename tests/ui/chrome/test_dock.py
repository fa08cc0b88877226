from __future__ import annotations

from packviz.ui.window import Window


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
