"""The panel of breakpoints and watches."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from packviz.core.batch import Call, make_batch
from packviz.core.expressions.parse import parse
from packviz.core.module import Module
from packviz.core.stops import NotFinite, Where
from packviz.session.actions import Open, RunToBreakpoint, ToggleStop
from packviz.ui.cards.stops import StopsView
from packviz.ui.window import Window

X = np.array([[[1.0], [2], [3], [0]], [[4], [5], [0], [0]], [[6], [np.nan], [8], [9]]], dtype=np.float32)


@pytest.fixture
def panel(window: Window, qtbot: QtBot) -> StopsView:
    window.session.apply(Open(make_batch(X, [3, 2, 4], Call(True, False)), Module("GRU", 3)))
    window.session.work()
    qtbot.waitUntil(lambda: window.session.scene.states.grid is not None, timeout=20_000)
    window.menus.do("break_where")
    QApplication.processEvents()
    found: StopsView = window.parts["stops"]
    return found


def test_what_is_typed_is_stopped_at_and_watched(window: Window, panel: StopsView, qtbot: QtBot) -> None:
    panel.field.setText("isnan(h)")
    qtbot.keyClick(panel.field, Qt.Key.Key_Return)
    panel.watch.setText("absmax(h)")
    qtbot.keyClick(panel.watch, Qt.Key.Key_Return)
    document = window.session.state.document
    assert document is not None
    assert document.stops.stops == (Where(parse("isnan(h)")),)
    assert document.watches == (parse("absmax(h)"),)
    assert (panel.field.text(), panel.watch.text()) == ("", "")
    qtbot.waitUntil(lambda: panel.stop_rows[0].told.text() == "0 of 3", timeout=10_000)
    window.session.apply(RunToBreakpoint(1))
    assert window.session.state.cursor.step == 1
    assert panel.stop_rows[0].told.text() == "1 of 3"
    assert panel.watch_rows[0].value.text() != ""
    panel.stop_rows[0].on.click()
    assert window.session.state.document is not None
    assert window.session.state.document.stops.on == ()
    panel.watch_rows[0].cross.click()
    panel.stop_rows[0].cross.click()
    assert window.session.state.document.watches == ()
    assert panel.stop_rows == panel.watch_rows == []


def test_a_wrong_expression_is_said_and_the_cursor_stands_at_its_character(
    window: Window, panel: StopsView, qtbot: QtBot
) -> None:
    panel.field.setText("absmax(hh) > 5")
    qtbot.keyClick(panel.field, Qt.Key.Key_Return)
    assert panel.sentence.isVisible()
    assert "at character 8: there is no 'hh'" in panel.sentence.text()
    assert panel.field.cursorPosition() == 7
    assert panel.field.text() == "absmax(hh) > 5"
    assert window.session.state.document is not None
    assert window.session.state.document.stops.stops == ()
    qtbot.keyClicks(panel.field, "x")
    assert not panel.sentence.isVisible()


def test_the_usual_ones_are_a_click_away_until_they_are_set(window: Window, panel: StopsView) -> None:
    button = panel.usual[NotFinite()]
    button.click()
    assert window.session.state.document is not None
    assert window.session.state.document.stops.stops == (NotFinite(),)
    assert button.isHidden()
    window.session.apply(ToggleStop(NotFinite()))
    assert not button.isHidden()
