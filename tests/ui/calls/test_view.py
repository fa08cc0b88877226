"""The dock of a recording: it comes with one, and every wish of its parts reaches the session."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from packviz.core.calls.choosing import Which
from packviz.ui.calls.view import CallsView
from packviz.ui.window import Window
from tests.recorded import EVAL

Key, Mod = Qt.Key, Qt.KeyboardModifier


def test_it_comes_with_a_recording_and_goes_with_it(calls_window: Window, view: CallsView) -> None:
    assert view.isVisible()
    assert calls_window.menus.actions["part.calls"].isChecked()
    assert view.told.full == "run.packviz · 60 calls · 9 kept"
    calls_window.menus.do("reset_layout")
    assert view.isVisible()
    calls_window.menus.do("close_recording")
    assert calls_window.docks["calls"].isHidden()
    assert not calls_window.menus.actions["next_call"].isEnabled()


def test_it_stands_to_the_left_of_the_states(calls_window: Window) -> None:
    calls, states = (calls_window.docks[name].geometry() for name in ("calls", "states"))
    assert calls.right() < states.left()
    assert abs(calls.top() - states.top()) <= 1


def test_the_keys_walk_down_and_up_the_list(calls_window: Window, view: CallsView, qtbot: QtBot) -> None:
    qtbot.keyClick(calls_window, Key.Key_PageDown, Mod.AltModifier)
    assert calls_window.session.scene.calls.ahead == 7
    assert view.table.currentIndex().row() == calls_window.session.scene.calls.listed(7)
    qtbot.keyClick(calls_window, Key.Key_PageDown, Mod.AltModifier)
    assert calls_window.session.scene.calls.ahead == 14
    qtbot.keyClick(calls_window, Key.Key_PageUp, Mod.AltModifier)
    assert calls_window.session.scene.calls.ahead == 7


def test_a_click_in_the_list_and_in_the_strip_asks_for_a_call(calls_window: Window, view: CallsView) -> None:
    view.table.chosen.emit(14)
    assert calls_window.session.scene.calls.ahead == 14
    view.strip.chosen.emit(12)
    assert calls_window.session.scene.calls.ahead == 14  # the nearest that was kept
    view.choosers.changed.emit(Which(site=EVAL))
    assert view.told.full == "run.packviz · 21 of 60 calls · 3 of 9 kept"
    view.table.ordered.emit("number")
    assert calls_window.session.scene.calls.order.by == "number"


def test_what_differs_and_what_is_wrong_with_the_recording_are_said(calls_window: Window, view: CallsView) -> None:
    assert view.differs.full.startswith("Since call 29: now length-not-positive, it raised, shortest 2 → 0")
    assert view.differs.height() > 8
    assert "no end" not in view.told.full
