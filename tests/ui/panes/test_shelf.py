"""The list of batches: it is there where there are several, follows the walk, and walks when it is asked to."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.findings import Severity
from packviz.session import actions as act
from packviz.session.loads import Entry
from packviz.session.scene.shelf import ShelfEntry
from packviz.ui.panes.shelf import ENTRY, ShelfModel, ShelfView
from packviz.ui.window import Window

Key, Mod = Qt.Key, Qt.KeyboardModifier


def named(name: str, rows: int) -> Batch:
    return make_batch([[1, 2, 0]] * rows, [2] * rows, Call(True, False), source=name)


@pytest.fixture
def shelf(window: Window) -> ShelfView:
    window.session.apply(act.OpenAll(tuple(Entry(named(f"{name}.pt", i + 1)) for i, name in enumerate("abc"))))
    QApplication.processEvents()
    view: ShelfView = window.parts["shelf"]
    return view


def open_one(window: Window) -> str:
    document = window.session.state.document
    assert document is not None
    return document.source


def test_it_comes_with_the_second_batch_and_goes_with_it(window: Window, shelf: ShelfView) -> None:
    assert shelf.isVisible()
    assert window.menus.actions["part.shelf"].isChecked()
    window.menus.do("close_batch")
    assert shelf.isVisible()
    window.menus.do("close_batch")
    assert window.docks["shelf"].isHidden()


def test_it_names_each_batch_and_shows_where_one_is(shelf: ShelfView) -> None:
    said = [shelf.model.index(row).data() for row in range(shelf.model.rowCount())]
    assert said == [f"{name}.pt, {rows} × 3, not checked yet" for rows, name in enumerate("abc", start=1)]
    assert shelf.told.text() == "1 of 3"
    assert shelf.list.currentIndex().row() == 0


def test_the_keys_walk_and_the_list_follows(window: Window, shelf: ShelfView, qtbot: QtBot) -> None:
    qtbot.keyClick(window, Key.Key_PageDown, Mod.ControlModifier)
    assert (open_one(window), shelf.told.text(), shelf.list.currentIndex().row()) == ("b.pt", "2 of 3", 1)
    qtbot.keyClick(window, Key.Key_PageDown, Mod.ControlModifier)
    qtbot.keyClick(window, Key.Key_PageDown, Mod.ControlModifier)
    assert open_one(window) == "c.pt"
    assert not window.menus.actions["next_batch"].isEnabled()
    qtbot.keyClick(window, Key.Key_PageUp, Mod.ControlModifier)
    assert open_one(window) == "b.pt"
    qtbot.keyClick(window, Key.Key_W, Mod.ControlModifier)
    assert (open_one(window), shelf.model.rowCount()) == ("c.pt", 2)
    qtbot.keyClick(window, Key.Key_Z, Mod.ControlModifier)
    assert (open_one(window), shelf.model.rowCount()) == ("b.pt", 3)


def test_a_click_and_the_arrows_of_the_list_walk_and_delete_closes(
    window: Window, shelf: ShelfView, qtbot: QtBot
) -> None:
    at = shelf.list.visualRect(shelf.model.index(2)).center()
    qtbot.mouseClick(shelf.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert open_one(window) == "c.pt"
    shelf.list.setFocus()
    qtbot.keyClick(shelf.list, Key.Key_Up)
    assert open_one(window) == "b.pt"
    qtbot.keyClick(shelf.list, Key.Key_Delete)
    assert [document.source for document in window.session.state.documents.all] == ["a.pt", "c.pt"]


def test_only_what_differs_is_changed_in_a_list_of_the_same_size() -> None:
    model, changed = ShelfModel(), []
    entries = tuple(ShelfEntry(str(i), "1 × 3") for i in range(4))
    model.set(entries)
    model.dataChanged.connect(lambda first, last, _: changed.append((first.row(), last.row())))
    model.set((*entries[:2], ShelfEntry("2", "1 × 3", Severity.ERROR), entries[3]))
    assert changed == [(2, 2)]
    assert model.data(model.index(2)) == "2, 1 × 3, error"
    assert model.rowCount(model.index(0)) == 0
    assert model.data(model.index(1), ENTRY) is entries[1]
    assert not QModelIndex().isValid()


def test_the_mark_of_the_worst_finding_is_painted(window: Window, shelf: ShelfView) -> None:
    shelf.model.set(tuple(ShelfEntry(e.name, e.size, Severity.ERROR) for e in shelf.model.entries))
    theme = window.session.scene.theme
    image = shelf.list.viewport().grab().toImage()
    rect = shelf.list.visualRect(shelf.model.index(1))
    ratio = image.devicePixelRatio()
    at = QPoint(round((rect.x() + 8 + 7) * ratio), round((rect.y() + 5 + 2) * ratio))
    assert image.pixelColor(at).getRgb()[:3] == theme.rgb("error")
