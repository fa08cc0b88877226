from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, QRect, QSettings, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QScrollArea, QToolTip
from pytestqt.qtbot import QtBot

from packviz.app import lay_out
from packviz.core.batch import Call, make_batch
from packviz.core.look.colour import DARK
from packviz.core.rules import check
from packviz.core.stop_list import Stops
from packviz.core.stops import AtStep
from packviz.session.actions import Say
from packviz.session.cursor import Place
from packviz.session.loads import LoadRequest
from packviz.session.state import Message
from packviz.session.store import Session
from packviz.ui.dialogs.entry import EntryDialog
from packviz.ui.dialogs.help import help_html
from packviz.ui.window import Window
from tests.ui.conftest import state_of

Key, Mod = Qt.Key, Qt.KeyboardModifier


def press(qtbot: QtBot, window: Window, key: Qt.Key, mods: Qt.KeyboardModifier = Mod.NoModifier) -> None:
    qtbot.keyClick(window, key, mods)


def test_the_keys_step(window: Window, qtbot: QtBot) -> None:
    def step() -> int:
        return window.session.state.cursor.step

    press(qtbot, window, Key.Key_F10)
    press(qtbot, window, Key.Key_Right)
    assert step() == 2
    press(qtbot, window, Key.Key_F9)
    assert window.session.state.document.stops == Stops((AtStep(2),))
    press(qtbot, window, Key.Key_End)
    assert step() == 3
    press(qtbot, window, Key.Key_F5, Mod.ShiftModifier)
    assert step() == 2
    press(qtbot, window, Key.Key_F10, Mod.ShiftModifier)
    press(qtbot, window, Key.Key_Left)
    assert step() == 0
    press(qtbot, window, Key.Key_F5)
    assert step() == 2
    press(qtbot, window, Key.Key_Home)
    assert step() == 0
    press(qtbot, window, Key.Key_Space)
    assert window.session.state.play.on
    press(qtbot, window, Key.Key_Space)
    assert not window.session.state.play.on


def test_text_fields_keep_their_keys(window: Window, qtbot: QtBot) -> None:
    field = window.toolbar.padding_value
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    field.setText("12")
    QGuiApplication.clipboard().setText("7")
    qtbot.keyClick(field, Key.Key_Home)
    qtbot.keyClick(field, Key.Key_Right)
    qtbot.keyClick(field, Key.Key_V, Mod.ControlModifier)
    assert field.text() == "172"
    qtbot.keyClick(field, Key.Key_Z, Mod.ControlModifier)
    assert field.text() == "12"
    assert window.session.state.cursor.step == 0
    assert window.session.state.loading is None


def test_an_edit_is_undone_by_its_key_and_named_in_the_menu(window: Window, qtbot: QtBot) -> None:
    window.menus.do("enforce_sorted")
    assert window.session.state.batch.call.enforce_sorted
    assert window.menus.actions["undo"].text() == "Undo enforce_sorted"
    press(qtbot, window, Key.Key_Z, Mod.ControlModifier)
    assert not window.session.state.batch.call.enforce_sorted
    press(qtbot, window, Key.Key_Z, Mod.ControlModifier | Mod.ShiftModifier)
    assert window.session.state.batch.call.enforce_sorted


def test_the_palette_is_used_with_the_keyboard_alone(window: Window, qtbot: QtBot) -> None:
    press(qtbot, window, Key.Key_P, Mod.ControlModifier | Mod.ShiftModifier)
    popup = window.palette_popup
    qtbot.waitUntil(popup.isVisible)
    qtbot.keyClicks(popup.field, "last step")
    assert popup.shown()[0] == "last"
    qtbot.keyClick(popup.field, Key.Key_Return)
    assert not popup.isVisible()
    assert window.session.state.cursor.step == 3


def test_a_dropped_file_is_asked_for(window: Window, tmp_path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "x.npy"))])
    at, left, none = QPointF(300, 300), Qt.MouseButton.LeftButton, Mod.NoModifier
    enter = QDragEnterEvent(at.toPoint(), Qt.DropAction.CopyAction, data, left, none)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    assert window.drop_hint.isVisible()
    QApplication.sendEvent(window, QDropEvent(at, Qt.DropAction.CopyAction, data, left, none))
    assert not window.drop_hint.isVisible()
    request = window.session.state.loading.request
    assert isinstance(request, LoadRequest)
    assert request.paths == (str(tmp_path / "x.npy"),)


def test_an_empty_clipboard_is_answered_with_a_sentence(window: Window, qtbot: QtBot) -> None:
    QGuiApplication.clipboard().clear()
    press(qtbot, window, Key.Key_V, Mod.ControlModifier)
    assert window.banner.isVisible()
    assert "no text on the clipboard" in window.banner.text.toPlainText()
    window.banner.button.click()
    assert not window.banner.isVisible()


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "packviz.ini"), QSettings.Format.IniFormat)


def opened(qtbot: QtBot, settings: QSettings) -> Window:
    window = Window(Session(state_of("first-batch")), settings)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    return window


def test_the_layout_is_remembered_and_can_be_reset(qtbot: QtBot, settings: QSettings) -> None:
    first = opened(qtbot, settings)
    first.toggle_part("python")
    first.toggle_part("sizes")
    assert not first.menus.actions["part.python"].isChecked()
    first.close()
    second = opened(qtbot, settings)
    keeper = second.layout_keeper
    assert not keeper.is_shown("python")
    assert not keeper.is_shown("sizes")
    assert not second.menus.actions["part.sizes"].isChecked()
    second.reset_layout()
    assert all(keeper.is_shown(name) for name in ("python", "sizes", "states", "findings", "torch"))
    second.close()


def test_the_leak_probe_of_the_last_time_is_not_there_at_the_next(qtbot: QtBot, settings: QSettings) -> None:
    window = opened(qtbot, settings)
    window.probe()
    assert window.docks["probe"].isVisible()
    window.close()
    again = opened(qtbot, settings)
    assert not again.docks["probe"].isVisible()
    assert again.docks["states"].isVisible()
    again.close()


def test_a_chosen_theme_is_remembered(qtbot: QtBot, settings: QSettings) -> None:
    first = opened(qtbot, settings)
    first.menus.do("theme.light")
    assert first.scene.theme.name == "light"
    first.close()
    second = opened(qtbot, settings)
    assert second.scene.theme.name == "light"
    assert second.menus.actions["theme.light"].isChecked()
    second.close()


def test_the_title_names_the_source(window: Window) -> None:
    assert window.windowTitle() == "first-batch[*] — packviz"
    assert not window.isWindowModified()


def test_nothing_in_the_toolbar_is_cut(window: Window) -> None:
    window.resize(1280, 720)
    QApplication.processEvents()
    for widget in window.toolbar.findChildren(type(window.toolbar.cell)):
        if widget.isVisible() and widget.text():
            assert widget.width() >= widget.sizeHint().width(), widget.text()


@pytest.fixture(autouse=True)
def _no_tips() -> Iterator[None]:
    yield
    QToolTip.hideText()


def test_a_message_moves_nothing(window: Window) -> None:
    window.resize(1280, 720)
    lay_out()
    stood = {name: pane.geometry().getRect() for name, pane in window.board.panes.items()}
    for text in ("It can't be read.", "It can't be read. " * 30, ""):
        window.session.apply(Say(Message(text, bad=True) if text else None))
        lay_out()
        assert {name: pane.geometry().getRect() for name, pane in window.board.panes.items()} == stood
        assert window.banner.isVisible() is bool(text)
        assert window.centre.rect().contains(window.banner.geometry()) or not text


def test_four_cards_are_seen_at_once_at_1600_by_1000(qtbot: QtBot) -> None:
    lengths = np.full(40, 3)
    lengths[5:9] = 6
    x = np.zeros((40, 6), np.float32)
    x[:, :3], x[2, 4], x[7, 1] = 1, 5, np.nan
    session = Session(state_of("first-batch"))
    made = Window(session)
    qtbot.addWidget(made)
    made.resize(1600, 1000)
    with qtbot.waitExposed(made):
        made.show()
    made.reset_layout()  # the screen of the tests is smaller: as on one that has the room
    cards = check(make_batch(x, lengths, Call(True, True))).findings
    assert len(cards) >= 4
    scene = session.scene
    made.draw(replace(scene, findings=replace(scene.findings, cards=cards, meant=None)))
    lay_out()
    seen = made.findings.findChild(QScrollArea).viewport()
    for card in made.findings.cards[:4]:
        assert seen.rect().contains(QRect(card.mapTo(seen, QPoint(0, 0)), card.size())), card.finding.code


def test_one_types_where_to_go_and_the_next_time_it_stands_there(window: Window, qtbot: QtBot) -> None:
    press(qtbot, window, Key.Key_G, Mod.ControlModifier)
    dialog = window.findChild(EntryDialog)
    dialog.field.setText("row 9")
    dialog.accept()
    assert dialog.isVisible()
    assert dialog.sentence.text() == "There is no row 9: the batch has 3 rows, from 0."
    dialog.field.setText("x[2, 3]")
    dialog.accept()
    cursor = window.session.state.cursor
    assert (cursor.row, cursor.step) == (2, 3)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    press(qtbot, window, Key.Key_F, Mod.ControlModifier)
    assert window.findChild(EntryDialog).field.text() == "x[2, 3]"
    window.findChild(EntryDialog).reject()


def test_the_findings_are_walked_with_one_key(window: Window, qtbot: QtBot) -> None:
    press(qtbot, window, Key.Key_F8)
    first = window.findings.cards[0]
    assert window.session.state.walked == first.finding.code
    assert first.isVisible()  # though it was folded away
    assert first.unfolded
    press(qtbot, window, Key.Key_F8, Mod.ShiftModifier)
    assert window.session.state.walked == window.findings.cards[-1].finding.code


def test_keys_zoom_the_board_or_the_pane_that_has_the_focus(window: Window, qtbot: QtBot) -> None:
    padded, states = window.board.panes["padded"].canvas, window.states.canvas
    before, beside = padded.mapper, states.mapper
    window.zoom("in")
    assert padded.mapper.down_scale > before.down_scale
    assert padded.mapper.across_scale > before.across_scale
    assert states.mapper == beside
    press(qtbot, window, Key.Key_0, Mod.ControlModifier)
    assert padded.mapper == before
    press(qtbot, window, Key.Key_F)
    assert padded.mapper.down_scale >= before.down_scale


def test_pycharms_keys_can_be_chosen_and_are_remembered(qtbot: QtBot, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
    for turn in range(2):
        made = Window(Session(state_of("first-batch")), settings)
        qtbot.addWidget(made)
        with qtbot.waitActive(made):
            made.show()
            made.activateWindow()
        if turn == 0:
            made.menus.do("keys.pycharm")
        press(qtbot, made, Key.Key_F8)
        assert made.session.state.cursor.step == 1
        assert [made.menus.actions[f"keys.{name}"].isChecked() for name in ("standard", "pycharm")] == [False, True]
        assert "F8" in help_html(DARK, made.menus.keys)
        made.close()


def test_the_menu_of_the_right_button_does_what_it_says(window: Window) -> None:
    window.board.panes["padded"].menu_asked.emit(Place(2, 1), QPoint(10, 10))
    lines = {action.text(): action for action in window.context.actions()}
    lines["Breakpoint on t1"].trigger()
    assert window.session.state.document.stops == Stops((AtStep(1),))
    lines["Copy x[2, 1]"].trigger()
    assert QGuiApplication.clipboard().text() == "7.0"
    window.context.close()
    window.menus.do("clear_breakpoints")
    assert window.session.state.document.stops == Stops()


def test_escape_puts_the_message_away(window: Window, qtbot: QtBot) -> None:
    window.session.apply(Say(Message("It can't be read.", bad=True)))
    assert window.banner.isVisible()
    press(qtbot, window, Key.Key_Escape)
    assert window.banner.isHidden()


def test_escape_leaves_a_length_that_is_being_typed(window: Window, qtbot: QtBot) -> None:
    pane = window.board.panes["padded"]
    window.session.apply(Say(Message("It can't be read.", bad=True)))
    qtbot.keyClick(pane.canvas, Key.Key_7)
    assert pane.field.isVisible()
    qtbot.keyClick(pane.field, Key.Key_Escape)
    assert pane.field.isHidden()
    assert window.banner.isVisible()


def test_alt_and_a_letter_open_a_menu(window: Window) -> None:
    titles = [action.text() for action in window.menuBar().actions()]
    letters = [title[title.index("&") + 1] for title in titles]
    assert len(set(letters)) == len(letters)
