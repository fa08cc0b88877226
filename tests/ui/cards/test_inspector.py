"""The inspector in the window: it fills when it is seen, follows the pointer, stays where it is pinned, and copies."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from packviz.session import actions as act
from packviz.session.cursor import Place
from packviz.session.runs import TraceRequest
from packviz.ui.cards.inspector import InspectorView
from packviz.ui.window import Window
from tests.ui.conftest import UNWATCHED, Computed


def shown(window: Window) -> InspectorView:
    window.layout_keeper.set_shown("inspector", True)
    QApplication.processEvents()
    view = window.parts["inspector"]
    assert isinstance(view, InspectorView)
    return view


def stepped(window: Window) -> None:
    document = window.session.state.document
    assert document is not None
    request = TraceRequest(document.batch, document.module)
    window.session.apply(Computed(request, request.do(UNWATCHED)))


def test_behind_its_tab_it_does_nothing_and_is_full_once_it_is_seen(window: Window) -> None:
    stepped(window)
    view = window.parts["inspector"]
    assert view.visibleRegion().isEmpty()
    assert not hasattr(view, "states")
    view = shown(window)
    assert view.said.text().startswith("x[0, 0] = 1 → data[1]")
    assert view.states.numbers.rowCount() == 6
    assert view.states.numbers.columnCount() == 6
    assert view.features.isHidden()


def test_it_follows_the_pointer_and_stays_where_it_is_pinned(window: Window, qtbot: QtBot) -> None:
    stepped(window)
    view = shown(window)
    window.session.apply(act.Hover(Place(2, 1)))
    assert view.said.text().startswith("x[2, 1] = 7")
    number = view.states.numbers.index(3, 1).data()
    qtbot.mouseClick(view.pin, Qt.MouseButton.LeftButton)
    assert (view.pin.text(), view.pin.isChecked()) == ("Pinned", True)
    window.session.apply(act.Hover(Place(0, 0)))
    assert view.said.text().startswith("x[2, 1] = 7")
    assert view.states.numbers.index(3, 1).data() == number
    qtbot.mouseClick(view.pin, Qt.MouseButton.LeftButton)
    assert view.said.text().startswith("x[0, 0] = 1")
    assert view.states.numbers.index(3, 1).data() != number


def test_it_is_pinned_from_the_menu_too(window: Window) -> None:
    window.menus.do("pin")
    assert window.session.state.cursor.pinned == Place(0, 0)
    assert shown(window).pin.isChecked()


def test_what_it_shows_is_copied(window: Window, qtbot: QtBot) -> None:
    stepped(window)
    view = shown(window)
    qtbot.mouseClick(view.copy, Qt.MouseButton.LeftButton)
    text = QGuiApplication.clipboard().text()
    assert text == window.session.scene.inspector.as_text()
    assert "unit\th\tc\ti\tf\tg\to" in text


def test_a_long_table_writes_only_the_numbers_in_view(window: Window, monkeypatch) -> None:
    stepped(window)
    view, written = shown(window), []
    table = view.states.numbers.table
    assert table is not None
    monkeypatch.setattr(type(table), "text", lambda self, row, column: written.append((row, column)) or "1")
    view.states.resize(300, 60)
    view.states.viewport().repaint()
    assert len(written) < 2 * 6 * (60 // view.states.rowHeight(0) + 2)
