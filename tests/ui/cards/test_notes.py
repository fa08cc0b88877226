"""Notes are typed in a dock that comes when it is asked for, and follow the batch."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from packviz.core.batch import Call, make_batch
from packviz.session import actions as act
from packviz.ui.cards.notes import NotesView
from packviz.ui.window import Window


@pytest.fixture
def view(window: Window) -> NotesView:
    found: NotesView = window.parts["notes"]
    return found


def noted(window: Window) -> str:
    document = window.session.state.document
    assert document is not None
    return document.notes


def test_it_is_hidden_until_it_is_asked_for_and_then_typed_into(window: Window, view: NotesView) -> None:
    assert window.docks["notes"].isHidden()
    window.menus.do("notes")
    assert not window.docks["notes"].isHidden()
    assert view.field.hasFocus()
    QTest.keyClicks(view.field, "row 2 <b>")
    assert noted(window) == "row 2 <b>"


def test_it_follows_the_batch_and_leaves_what_is_typed(window: Window, view: NotesView, qtbot: QtBot) -> None:
    window.type_into("notes")
    QTest.keyClicks(view.field, "one")
    view.field.moveCursor(view.field.textCursor().MoveOperation.Start)
    QTest.keyClicks(view.field, "a")
    assert noted(window) == "aone"
    assert view.field.textCursor().position() == 1
    QTest.keyClick(view.field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert noted(window) == view.field.toPlainText() == "one"
    first = window.session.state.batch
    assert first is not None
    window.session.apply(act.Open(first.with_lengths([1] * first.rows)))
    qtbot.waitUntil(lambda: view.field.toPlainText() == "")
    assert not view.field.document().isUndoAvailable()
    window.session.apply(act.GoBy(-1))
    qtbot.waitUntil(lambda: view.field.toPlainText() == "one")


def test_what_somebody_has_left_is_shown_once_its_batch_is(window: Window, view: NotesView, qtbot: QtBot) -> None:
    plain = make_batch([[1, 2]], [2], Call(batch_first=True))
    window.session.apply(act.Open(plain))
    assert window.docks["notes"].isHidden()
    window.session.apply(act.SetNotes("mine"))
    assert window.docks["notes"].isHidden()
    window.session.apply(act.Open(plain.with_lengths([1])))
    window.session.apply(act.GoBy(-1))
    qtbot.waitUntil(lambda: not window.docks["notes"].isHidden())
    assert view.field.toPlainText() == "mine"
    assert view.field.textCursor().position() == 4
    window.layout_keeper.set_shown("notes", False)
    window.session.apply(act.SetNotes("mine, too"))
    assert window.docks["notes"].isHidden()


def test_without_a_batch_nothing_is_typed(window: Window, view: NotesView, qtbot: QtBot) -> None:
    window.session.apply(act.Close())
    qtbot.waitUntil(lambda: not view.field.isEnabled())
