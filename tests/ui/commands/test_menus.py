from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from packviz.core.source import Source
from packviz.session import actions as act
from packviz.ui.commands.menus import TypingKeys
from packviz.ui.commands.table import COMMANDS
from packviz.ui.window import Window

Key, Mod = Qt.Key, Qt.KeyboardModifier


def test_every_command_is_in_its_menu(window: Window) -> None:
    for command in COMMANDS:
        assert window.menus.actions[command.id] in window.menus.menus[command.menu].actions(), command.id


def test_what_cannot_be_done_is_grey(window: Window) -> None:
    actions = window.menus.actions
    assert not actions["undo"].isEnabled()
    window.menus.do("swap")
    assert actions["undo"].isEnabled()
    assert actions["undo"].text() == "Undo swap layout"


def test_ticks_follow_the_scene(window: Window) -> None:
    actions = window.menus.actions
    actions["colour.value"].trigger()
    assert actions["colour.value"].isChecked()
    assert not actions["colour.sequence"].isChecked()
    actions["colour.value"].trigger()
    assert actions["colour.value"].isChecked()


@pytest.mark.parametrize(
    ("make", "key", "mods", "kept"),
    [
        (QLineEdit, Key.Key_Home, Mod.NoModifier, True),
        (QLineEdit, Key.Key_Space, Mod.NoModifier, True),
        (QLineEdit, Key.Key_V, Mod.ControlModifier, True),
        (QLineEdit, Key.Key_F10, Mod.NoModifier, False),
        (QLineEdit, Key.Key_O, Mod.ControlModifier, False),
        (QPushButton, Key.Key_Space, Mod.NoModifier, True),
        (QPushButton, Key.Key_Right, Mod.NoModifier, False),
        (QPlainTextEdit, Key.Key_Z, Mod.ControlModifier, True),
        (QWidget, Key.Key_Space, Mod.NoModifier, False),
    ],
)
def test_keys_are_left_to_where_they_mean_something(qtbot: QtBot, make, key, mods, kept: bool) -> None:
    widget = make()
    qtbot.addWidget(widget)
    event = QKeyEvent(QEvent.Type.ShortcutOverride, key, mods, " " if key == Key.Key_Space else "")
    assert TypingKeys().eventFilter(widget, event) is kept


def test_recent_files_are_listed(window: Window) -> None:
    chosen: list[str] = []
    window.menus.set_recent(["/x/a.npy", "/x/b.npy"], chosen.append)
    window.menus.recent.actions()[1].trigger()
    assert chosen == ["/x/b.npy"]


def test_a_name_with_an_ampersand_is_read_as_it_is(window: Window) -> None:
    window.menus.set_recent(["/x/a & b\nc.npy"], lambda _: None)
    assert window.menus.recent.actions()[0].text() == "/x/a && b\N{REPLACEMENT CHARACTER}c.npy"
    assert window.session.state.batch is not None
    window.session.apply(act.Open(replace(window.session.state.batch, source=Source("a & b.npz"))))
    assert window.menus.actions["undo"].text() == "Undo open a && b.npz"
    assert window.menus.text("undo") == "Undo open a & b.npz"
