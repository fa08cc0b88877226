"""What a screen reader is told of the window: names, roles and values, through Qt's own accessibility."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from packviz import app
from packviz.core.samples import sample
from packviz.session import actions as act
from packviz.session.state import showing
from packviz.session.store import Session
from packviz.ui.window import Window

Staged = Callable[..., Any]


def access(widget: QWidget) -> Any:
    return QAccessible.queryAccessibleInterface(widget)


def test_a_canvas_is_a_table_with_the_name_of_its_pane_and_the_cell_as_its_value(stage: Staged) -> None:
    shown = stage(sample("first-batch").load())
    for name in ("padded", "packed", "sizes", "row", "states"):
        told = access(shown.pane(name).canvas)
        assert told.role() is QAccessible.Role.Table
        assert told.text(QAccessible.Text.Name).startswith(shown.pane(name).title.full)
        assert told.text(QAccessible.Text.Value) == shown.scene.status.left
    shown.do(act.Select(2, 3))
    assert access(shown.pane("padded").canvas).text(QAccessible.Text.Value).startswith("x[2, 3] = 9 → data[")


def test_everything_that_takes_the_focus_has_a_name_and_a_role(qtbot: QtBot) -> None:
    session = Session(showing(sample("inconsistent-lengths").load()))
    window = Window(session)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    session.work()
    app.settle(session)
    window.menus.do("part.inspector")
    window.menus.do("lengths")
    app.lay_out()
    nameless = []
    for widget in QApplication.allWidgets():
        if not widget.isVisible() or widget.focusPolicy() == Qt.FocusPolicy.NoFocus or isinstance(widget, QTabBar):
            continue
        told = access(widget)
        if not told.text(QAccessible.Text.Name) or told.role() is QAccessible.Role.NoRole:
            nameless.append(f"{type(widget).__name__} {widget.objectName()}")
    window.close()
    assert nameless == []


def test_tab_goes_through_the_window_as_the_eye_does(window: Window) -> None:
    order, widget = [], window.nextInFocusChain()
    while widget is not window:
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            order.append(widget)
        widget = widget.nextInFocusChain()
    regions = [window.toolbar, window.board, window.states, window.findings, window.verdict, window.parts["python"]]
    seen = [next((i for i, r in enumerate(regions) if r.isAncestorOf(w)), -1) for w in order]
    seen = [place for place in seen if place >= 0]
    assert seen == sorted(seen)
    assert len(set(seen)) >= 5
