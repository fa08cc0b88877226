"""Both pictures side by side or one under the other, of all results or of the one that is chosen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from packviz.core.look.colour import DARK, LIGHT
from packviz.core.rows_read import Crossing
from packviz.core.steps_read import Reached
from packviz.session import actions as act
from packviz.session.scene.probe_rows import MAYBE, NOT, OTHER, OWN, READ, UNREAD
from packviz.ui.cards.law_card import BROKEN, NO_STATE, Key, LawCard

EYE = np.eye(3, dtype=np.int8)


def crossing(cells: Any, of: str = "h_n") -> Crossing:
    array = np.array(cells, dtype=np.int8)
    return Crossing(of, array, ((array == 1) & ~np.eye(len(array), dtype=bool)).any(axis=1), "It was tried.")


def reached(of: str, first: int = 0) -> Reached:
    lengths = np.array([4, 3, 2])
    begins, ends = np.full((3, 1), first), (lengths - 1)[:, None]
    return Reached(of, ("all units",), lengths, begins, begins, ends, ends, "So it was.")


def drawn(
    qtbot: QtBot, crossings: list[Crossing], results: list[Reached], width: int = 800, broken: bool = False
) -> tuple[LawCard, list[Any]]:
    card, asked = LawCard(crossings, results, broken), list[Any]()
    qtbot.addWidget(card)
    card.intent.connect(asked.append)
    card.resize(width, 400)
    card.show_in(DARK, 0, 0)
    with qtbot.waitExposed(card):
        card.show()
    QApplication.processEvents()
    return card, asked


def codes(key: Any) -> set[int]:
    assert isinstance(key, Key)
    return set(key.swatches)


def test_a_click_on_a_pair_selects_the_row_that_is_read_and_the_one_that_reads_it(qtbot: QtBot) -> None:
    card, asked = drawn(qtbot, [crossing(EYE[[1, 0, 2]])], [])
    assert card.matrix is not None
    qtbot.mouseClick(card.matrix, Qt.MouseButton.LeftButton, pos=card.matrix.place_of(0, 1).center())
    assert asked == [act.Select(1), act.ToggleRow(0)]
    qtbot.mouseClick(card.matrix, Qt.MouseButton.LeftButton, pos=card.matrix.place_of(2, 2).center())
    assert asked[2:] == [act.Select(2)]


def test_a_click_on_a_step_goes_there(qtbot: QtBot) -> None:
    card, asked = drawn(qtbot, [crossing(EYE)], [reached("h_n")])
    assert card.steps is not None
    qtbot.mouseClick(card.steps, Qt.MouseButton.LeftButton, pos=card.steps.place_of(0, 1, 2).center())
    assert asked == [act.Select(1, 2)]


def test_the_keys_say_what_is_in_the_pictures_and_no_more(qtbot: QtBot) -> None:
    card, _ = drawn(qtbot, [crossing([[1, 1, 0], [0, 1, 0], [0, 0, 1]])], [reached("h_n")])
    assert codes(card.rows_key) == {OWN, OTHER, NOT}
    assert codes(card.steps_key) == {READ}
    later, _ = drawn(qtbot, [crossing(EYE)], [reached("h_n", first=1)])
    assert codes(later.steps_key) == {READ, UNREAD}
    assert MAYBE not in codes(later.steps_key)
    assert "each row reads its own row of x and no other" in later.words.toPlainText()
    assert later.words.toolTip() == "It was tried."


@pytest.mark.parametrize(("width", "beside"), [(400, False), (800, True)])
def test_the_pictures_stand_beside_each_other_where_there_is_room(qtbot: QtBot, width: int, beside: bool) -> None:
    card, _ = drawn(qtbot, [crossing(EYE)], [reached("h_n")], width)
    assert card.matrix is not None
    assert card.steps is not None
    assert (card.steps.y() == card.matrix.y()) == beside
    assert card.steps.x() + card.steps.width() <= card.width()
    if beside:  # the lines of the rows are those of the matrix
        assert card.steps.place_of(0, 2, 0).y() == card.matrix.place_of(2, 0).y()


def test_all_results_stand_side_by_side_where_they_fit_else_one_is_chosen(qtbot: QtBot) -> None:
    results = [reached(f"h_n, layer {layer}") for layer in range(6)]
    wide, _ = drawn(qtbot, [crossing(EYE)], results, 1200)
    assert wide.steps is not None
    assert len(wide.steps.panels) == 6
    assert not wide.of.isVisible()
    narrow, _ = drawn(qtbot, [crossing(EYE)], results, 600)
    assert narrow.of.isVisible()
    narrow.of.setCurrentIndex(4)
    assert narrow.steps is not None
    assert [panel.title for panel in narrow.steps.panels] == ["h_n, layer 4"]
    narrow.resize(1200, 400)
    QApplication.processEvents()
    assert len(narrow.steps.panels) == 6


def test_results_that_read_other_rows_each_have_a_matrix(qtbot: QtBot) -> None:
    card, _ = drawn(qtbot, [crossing(EYE, "out"), crossing(EYE[::-1], "state")], [])
    assert card.which.isVisible()
    card.which.setCurrentIndex(1)
    assert card.matrix is not None
    assert card.matrix.crossing.of == "state"
    assert "row 0 reads row 2" in card.words.toPlainText()
    card.show_in(LIGHT, 1, 0)
    assert card.matrix._theme is LIGHT


@pytest.mark.parametrize(("broken", "said"), [(True, BROKEN), (False, NO_STATE)])
def test_without_steps_it_says_that_they_were_not_looked_at(qtbot: QtBot, broken: bool, said: str) -> None:
    card, _ = drawn(qtbot, [crossing(EYE)], [], broken=broken)
    assert card.steps is None
    assert card.steps_words.isVisible()
    assert card.steps_words.toPlainText() == said
    assert card.rows_key.width() > card.width() // 2  # nothing stands beside it
    alone, _ = drawn(qtbot, [], [reached("h_n")])
    assert alone.matrix is None
    assert not alone.words.isVisible()
    assert not alone.rows_head.isVisible()


@pytest.mark.parametrize(("room", "high"), [(30, 80), (100, 80), (130, 120), (900, 160)])
def test_in_a_low_pane_the_rows_are_lower(qtbot: QtBot, room: int, high: int) -> None:
    eye = np.eye(80, dtype=np.int8)
    lengths = np.full(80, 3)
    begins, ends = np.zeros((80, 1), dtype=int), np.full((80, 1), 2)
    results = [Reached("h_n", ("all units",), lengths, begins, begins, ends, ends)]
    card, _ = drawn(qtbot, [crossing(eye)], results)
    card.set_room(room)
    assert card.matrix is not None
    assert card.steps is not None
    assert card.matrix.squares == card.steps.squares
    assert card.matrix.squares.length <= high
    assert card.matrix.squares.length > high - 80
    shown = card.matrix
    card.set_room(room)
    assert card.matrix is shown
