"""The window of the final states: which are shown, and that its numbers lead to where they come from."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from packviz.core.batch import Call, make_batch
from packviz.core.module import Module
from packviz.core.moments import Moment
from packviz.core.origins import OfState, OfX
from packviz.session.actions import Open, Select, SetModel
from packviz.session.scene.final_grid import FinalNumber
from packviz.ui.dialogs.final_states import HINT, FinalDialog
from packviz.ui.window import Window

X = np.random.default_rng(0).normal(size=(3, 5, 2)).astype(np.float32)


@pytest.fixture
def dialog(window: Window, qtbot: QtBot) -> FinalDialog:
    batch = make_batch(X, [5, 3, 4], Call(True, False))
    window.session.apply(Open(batch, Module("LSTM", 3, layers=2, directions=2)))
    window.session.work()
    window.menus.do("final_states")
    found = window.beside.final
    assert found is not None
    qtbot.waitUntil(lambda: found.view.grid is not None, timeout=20_000)
    return found


def test_h_n_and_c_n_are_chosen(window: Window, dialog: FinalDialog) -> None:
    assert [dialog.of.itemData(i) for i in range(dialog.of.count())] == ["h_n", "c_n"]
    assert dialog.said.text() == HINT
    dialog.view._hovered((1, 2))
    assert dialog.said.text().startswith("h_n[0, 1, 2] = ")
    assert window.session.state.cursor.hover is not None
    dialog.of.setCurrentIndex(1)
    dialog.of.activated.emit(1)
    assert dialog.view.grid is not None
    assert dialog.view.grid.shown == "c_n"
    assert dialog.said.text().startswith("c_n[0, 1, 2] = ")
    window.session.apply(Select(2))
    assert dialog.view.grid.shown == "c_n"
    dialog.view._hovered(None)
    assert dialog.said.text() == HINT


def test_w_shows_where_a_number_comes_from(window: Window, dialog: FinalDialog, qtbot: QtBot) -> None:
    assert dialog.view.grid is not None
    dialog.view._hovered((2, dialog.view.grid.column(FinalNumber(3, 2, 1))))
    dialog.activateWindow()
    qtbot.keyClick(dialog.view.canvas, Qt.Key.Key_W)
    assert window.session.state.origin == OfState("h", Moment(0, 1, 1), 2, 1)
    assert window.session.state.cursor.moment == Moment(0, 1, 1)
    origin = window.beside.origin
    assert origin is not None
    assert origin.isVisible()
    qtbot.waitUntil(lambda: "h[2, 1] = " in origin.said.text(), timeout=20_000)


def test_shift_w_shows_where_its_cell_goes(window: Window, dialog: FinalDialog, qtbot: QtBot) -> None:
    assert dialog.view.grid is not None
    dialog.view._hovered((2, dialog.view.grid.column(FinalNumber(2, 2, 1))))
    dialog.activateWindow()
    qtbot.keyClick(dialog.view.canvas, Qt.Key.Key_W, Qt.KeyboardModifier.ShiftModifier)
    assert window.session.state.reach == OfX(2, 3, 0)  # forward the row ends after t3
    reach = window.beside.reach
    assert reach is not None
    assert reach.isVisible()
    qtbot.waitUntil(lambda: "read at t3 by layer 0 →" in reach.words.text(), timeout=20_000)
    assert window.session.state.origin is None


def test_a_click_leads_to_the_moment(window: Window, dialog: FinalDialog) -> None:
    assert dialog.view.grid is not None
    dialog.view._go_to(1, dialog.view.grid.column(FinalNumber(2, 1, 0)))
    assert window.session.state.cursor.moment == Moment(2, 1, 0)
    assert window.session.state.cursor.row == 1
    assert dialog.view.layer.lit == 2


def test_a_module_without_c_has_h_n_alone(window: Window, dialog: FinalDialog, qtbot: QtBot) -> None:
    dialog.of.setCurrentIndex(1)
    dialog.of.activated.emit(1)
    window.session.apply(SetModel(Module("GRU", 2)))
    qtbot.waitUntil(lambda: dialog.view.grid is not None and dialog.view.grid.slots == 1, timeout=20_000)
    assert dialog.view.shown == "h_n"
    assert not dialog.of.isVisible()


def test_closing_it_lets_go_of_what_was_pointed_at(window: Window, dialog: FinalDialog) -> None:
    dialog.view._hovered((1, 2))
    assert window.session.state.cursor.hover is not None
    dialog.close()
    assert window.session.state.cursor.hover is None
