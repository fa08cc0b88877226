"""The question before another window's work is replaced, and what each answer does."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from packviz.session.saving import Conflict
from packviz.ui.dialogs.replacing import Replacing
from packviz.ui.window import Window

CONFLICT = Conflict("/home/a/<b>work</b>.packviz", "/home/a/<b>work</b>.packviz is another file.", "0a1b")


@pytest.mark.parametrize("answer", ["anyway", "elsewhere", "leave"])
def test_each_answer_does_what_it_says_and_the_question_goes(window: Window, qtbot: QtBot, answer: str) -> None:
    done: list[str] = []
    box = Replacing(window, CONFLICT, lambda: done.append("anyway"), lambda: done.append("elsewhere"))
    box.open()
    assert box.isVisible()
    assert (box.text(), box.textFormat()) == (CONFLICT.text, Qt.TextFormat.PlainText)
    with qtbot.waitSignal(box.destroyed):
        getattr(box, answer).click()
    assert done == ([] if answer == "leave" else [answer])


def test_escape_leaves_it(window: Window, qtbot: QtBot) -> None:
    done: list[str] = []
    box = Replacing(window, CONFLICT, lambda: done.append("anyway"), lambda: done.append("elsewhere"))
    box.open()
    with qtbot.waitSignal(box.destroyed):
        qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert done == []
