"""Names that are typed over: by which keys and clicks, and what ends it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from packviz.core.expressions.parse import LONGEST
from packviz.ui.cards.in_place import Box, Editor, Name

Key, Reason = Qt.Key, Qt.FocusReason
LEFT = Qt.MouseButton.LeftButton
NO_KEY, CTRL, KEYPAD = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.KeypadModifier,
)


def shown(qtbot: QtBot, made: Name | Box) -> list[str]:
    """What it has asked for since it was shown."""
    asked: list[str] = []
    qtbot.addWidget(made)
    made.set_full("absmax(h) > 5")
    made.resize(200, 22)
    made.show()
    made.asked.connect(lambda: asked.append("asked"))
    return asked


@pytest.mark.parametrize("kind", [Name, Box])
def test_f2_and_enter_ask_and_no_other_key_does(qtbot: QtBot, kind: type[Name | Box]) -> None:
    made = kind()
    if isinstance(made, Box):
        made.open_to_change = True
    asked = shown(qtbot, made)
    for key, held in ((Key.Key_F2, NO_KEY), (Key.Key_Return, NO_KEY), (Key.Key_Enter, KEYPAD)):
        asked.clear()
        qtbot.keyClick(made, key, held)
        assert asked == ["asked"]
    asked.clear()
    for key, held in ((Key.Key_F2, CTRL), (Key.Key_F3, NO_KEY), (Key.Key_A, NO_KEY)):
        qtbot.keyClick(made, key, held)
    assert asked == []
    assert made.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert made.accessibleName() == "absmax(h) > 5"


def test_a_box_that_is_not_open_to_change_asks_for_nothing(qtbot: QtBot) -> None:
    box, doubled = Box(), list[bool]()
    asked = shown(qtbot, box)
    box.doubled.connect(lambda: doubled.append(True))
    qtbot.keyClick(box, Key.Key_F2)
    qtbot.mouseDClick(box, LEFT, pos=QPoint(60, 11))
    assert asked == doubled == []


def test_a_double_click_on_the_text_asks_and_one_on_the_box_itself_switches(qtbot: QtBot) -> None:
    box, doubled = Box(), list[bool]()
    asked = shown(qtbot, box)
    box.open_to_change = True
    box.doubled.connect(lambda: doubled.append(True))
    qtbot.mouseDClick(box, LEFT, pos=QPoint(60, 11))
    assert doubled == [True]
    before = box.isChecked()
    qtbot.mouseDClick(box, LEFT, pos=QPoint(7, 11))
    qtbot.mouseRelease(box, LEFT, pos=QPoint(7, 11))
    assert doubled == [True]
    assert box.isChecked() != before
    assert asked == []
    name = Name()
    asked = shown(qtbot, name)
    qtbot.mouseDClick(name, LEFT)
    assert asked == ["asked"]


def test_a_text_that_is_too_long_ends_in_dots_and_is_whole_where_there_is_room(qtbot: QtBot) -> None:
    box = Box()
    shown(qtbot, box)
    assert box.text() == "absmax(h) > 5"
    box.resize(70, 22)
    assert box.text().endswith("…")
    assert box.accessibleName() == "absmax(h) > 5"
    assert box.minimumSizeHint().width() < 70
    box.resize(300, 22)
    assert box.text() == "absmax(h) > 5"


def test_a_name_has_a_frame_where_it_has_the_focus(qtbot: QtBot) -> None:
    name = Name()
    shown(qtbot, name)
    name.setStyleSheet("QLabel:focus { border: 1px solid #ff0000; }")
    name.clearFocus()
    assert name.grab().toImage().pixelColor(100, 0).getRgb()[:3] != (255, 0, 0)
    name.activateWindow()
    name.setFocus()
    qtbot.waitUntil(name.hasFocus)
    assert name.grab().toImage().pixelColor(100, 0).getRgb()[:3] == (255, 0, 0)


def test_escape_and_going_elsewhere_leave_an_editor_and_another_window_or_a_menu_does_not(qtbot: QtBot) -> None:
    editor, left = Editor(), list[bool]()
    qtbot.addWidget(editor)
    editor.left.connect(lambda: left.append(True))
    assert editor.maxLength() == LONGEST
    for reason in (Reason.ActiveWindowFocusReason, Reason.PopupFocusReason, Reason.MenuBarFocusReason):
        QApplication.sendEvent(editor, QFocusEvent(QFocusEvent.Type.FocusOut, reason))
    assert left == []
    for reason in (Reason.MouseFocusReason, Reason.TabFocusReason):
        QApplication.sendEvent(editor, QFocusEvent(QFocusEvent.Type.FocusOut, reason))
    assert left == [True] * 2
    editor.show()
    qtbot.keyClicks(editor, "h")
    qtbot.keyClick(editor, Key.Key_Escape)
    assert left == [True] * 3
    assert editor.text() == "h"
