"""The question when a session that has changed is closed; and a save that is waited for."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from packviz.files.kept.sessions import read_session
from packviz.session import actions as act
from packviz.ui.dialogs.closing import Wish, ask_to_save, saved_now
from packviz.ui.window import Window


@pytest.mark.parametrize("wish", Wish)
def test_each_answer_is_a_button(window: Window, qtbot: QtBot, wish: Wish) -> None:
    said: list[str] = []

    def answer() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        said.extend([box.text(), box.informativeText()])
        box.button(wish.value).click()

    QTimer.singleShot(0, answer)
    assert ask_to_save(window, "/home/a/work.packviz") is wish
    assert said == [
        "work.packviz has changed since it was saved.",
        "What is not saved is kept, and offered at the next start.",
    ]


def test_a_save_is_waited_for(window: Window, tmp_path: Path) -> None:
    window.session.work()
    window.session.apply(act.SetLength(0, 1))
    assert saved_now(window.session, str(tmp_path / "a.packviz"))
    assert read_session(tmp_path / "a.packviz").documents[0].batch.lengths.tolist()[0] == 1


def test_a_save_that_fails_is_said(window: Window, tmp_path: Path) -> None:
    window.session.work()
    window.session.apply(act.SetLength(0, 1))
    assert not saved_now(window.session, str(tmp_path / "nowhere" / "a.packviz"))
    assert "can't be written" in window.banner.text.toPlainText()
