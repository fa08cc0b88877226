from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from packviz.ui.commands.palette import score
from packviz.ui.window import Window


@pytest.mark.parametrize(
    ("query", "better", "worse"),
    [("step", "Step back", "Guess the padding steps"), ("sf", "Step forward", "Use of it")],
)
def test_whole_words_and_their_beginnings_come_first(query: str, better: str, worse: str) -> None:
    assert (score(query, better) or 0) < (score(query, worse) or 0)


def test_letters_that_are_not_there_are_no_hit() -> None:
    assert score("xyz", "Step back") is None


@given(st.text(max_size=8), st.text(max_size=30))
def test_any_query_has_a_score_or_none(query: str, text: str) -> None:
    score(query, text)


def test_arrows_move_and_escape_closes(window: Window, qtbot: QtBot) -> None:
    window.show_palette()
    popup = window.palette_popup
    qtbot.keyClick(popup.field, Qt.Key.Key_Down)
    assert popup.list.currentRow() == 1
    qtbot.keyClick(popup.field, Qt.Key.Key_Up)
    qtbot.keyClick(popup.field, Qt.Key.Key_Up)
    assert popup.list.currentRow() == 0
    qtbot.keyClick(popup, Qt.Key.Key_Escape)
    assert not popup.isVisible()


def test_every_command_is_in_it(window: Window) -> None:
    window.show_palette()
    assert set(window.palette_popup.shown()) == set(window.menus.commands) - {"palette"}
    window.palette_popup.hide()
