from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from packviz.ui.chrome.copies import MOST_SAID
from packviz.ui.window import Window

Key, Mod = Qt.Key, Qt.KeyboardModifier


def test_ctrl_c_copies_the_cell_as_it_would_be_typed(window: Window, qtbot: QtBot) -> None:
    qtbot.keyClick(window, Key.Key_F10)
    qtbot.keyClick(window, Key.Key_C, Mod.ControlModifier)
    assert float(QGuiApplication.clipboard().text()) == 2
    qtbot.keyClick(window, Key.Key_C, Mod.ControlModifier | Mod.ShiftModifier)
    assert QGuiApplication.clipboard().text() == "[1.0, 2.0, 3.0]"


def test_what_was_copied_is_said_cut_short_and_nothing_is_copied_where_there_is_nothing(window: Window) -> None:
    long = "1234567890" * 20
    window.copies.put(long)
    assert QGuiApplication.clipboard().text() == long
    assert window.status.currentMessage() == f"Copied {long[:MOST_SAID]}…"
    window.copies.put("[1, 2]")
    assert window.status.currentMessage() == "Copied [1, 2]"
    window.copies.put("")
    assert QGuiApplication.clipboard().text() == "[1, 2]"


def test_a_picture_is_the_window_and_one_that_can_not_be_written_is_said(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save_as(path: str) -> str:
        monkeypatch.setattr(window.opening, "choose_picture", lambda: path)
        window.menus.do("save_picture")
        return window.status.currentMessage()

    there, nowhere = str(tmp_path / "w.png"), str(tmp_path / "none" / "w.png")
    assert save_as(there) == f"Written: {there}"
    assert QImage(there).size() == window.grab().toImage().size()
    assert save_as(nowhere) == f"{nowhere} can't be written: choose another folder."
    window.status.clearMessage()
    assert save_as("") == ""
    assert [path.name for path in tmp_path.iterdir()] == ["w.png"]
