"""The length of one row, typed over its number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from packviz.core.batch import Call, make_batch
from packviz.session import actions as act
from packviz.session.state import Look, State
from packviz.session.updates.update import update
from packviz.ui.canvas.canvas import Head

Staged = Callable[..., Any]
BATCH = make_batch([[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]], [3, 2, 4], Call(True, False))
BOTH = pytest.mark.parametrize("orientation", ["down", "right"])


def staged(stage: Staged, orientation: Any = "down") -> Any:
    return stage(update(update(State(), act.SetLook(Look(orientation=orientation))), act.Open(BATCH)))


@BOTH
def test_a_double_click_on_a_heading_opens_the_field_over_it(stage: Staged, qtbot: QtBot, orientation: Any) -> None:
    shown = staged(stage, orientation)
    pane = shown.pane("padded")
    pane.canvas.head_doubled.emit(Head("across", 2, False))
    field = pane.field
    assert field.isVisible()
    assert (field.text(), field.selectedText()) == ("4", "4")
    assert pane.canvas.rect().contains(field.geometry())
    cell = pane.canvas.mapper.rect(0, 2).translated(pane.canvas.cells().topLeft())
    if orientation == "down":
        assert abs(field.geometry().center().x() - cell.center().x()) < 2
        assert field.geometry().bottom() <= pane.canvas.margins[0]
    else:
        assert abs(field.geometry().center().y() - cell.center().y()) < 2
        assert field.geometry().right() <= pane.canvas.margins[1]
    shown.asked.clear()
    field.setText("5")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert shown.asked == [act.SetLength(2, 5)]
    assert field.isHidden()


def test_a_digit_begins_to_type_and_escape_leaves_it(stage: Staged, qtbot: QtBot) -> None:
    shown = staged(stage)
    shown.do(act.Select(1))
    pane = shown.pane("padded")
    qtbot.keyClick(pane.canvas, Qt.Key.Key_5)
    assert pane.field.text() == "5"
    shown.asked.clear()
    qtbot.keyClick(pane.field, Qt.Key.Key_Escape)
    assert pane.field.isHidden()
    assert shown.asked == []


def test_a_field_goes_when_its_place_does_and_other_panes_have_none(stage: Staged, qtbot: QtBot) -> None:
    shown = staged(stage)
    pane = shown.pane("padded")
    qtbot.keyClick(pane.canvas, Qt.Key.Key_3)
    assert pane.field.isVisible()
    shown.wheel("padded", 1, 1, 4)
    assert pane.field.isHidden()
    for name in ("packed", "row"):
        other = shown.pane(name)
        other.canvas.head_doubled.emit(Head("across", 1, False))
        qtbot.keyClick(other.canvas, Qt.Key.Key_3)
        assert other.field.isHidden()


def test_what_is_no_number_can_not_be_taken(stage: Staged, qtbot: QtBot) -> None:
    shown = staged(stage)
    pane = shown.pane("padded")
    pane.canvas.head_doubled.emit(Head("across", 0, False))
    shown.asked.clear()
    pane.field.setText("x")
    qtbot.keyClick(pane.field, Qt.Key.Key_Return)
    assert shown.asked == []
    assert pane.field.isVisible()
