"""The matrix: its squares differ in more than colour, lead to their rows, and stay legible for a thousand of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from packviz.core.look.colour import DARK, LIGHT, THEMES
from packviz.core.rows_read import NO, UNTOLD, YES, Crossing
from packviz.session.scene.probe_rows import BLIND, NOT, OPEN, OTHER, OWN, PARTLY
from packviz.ui.cards.row_matrix import KEY, ROOM, RowMatrix, numbered, patterns, squares

EYE = np.eye(3, dtype=np.int8)


def matrix_of(qtbot: QtBot, cells: Any) -> tuple[RowMatrix, list[tuple[int, int]]]:
    array = np.array(cells, dtype=np.int8)
    view = RowMatrix(Crossing("h_n", array, np.zeros(len(array), dtype=bool)))
    qtbot.addWidget(view)
    chosen: list[tuple[int, int]] = []
    view.chosen.connect(lambda row, other: chosen.append((row, other)))
    view.resize(view.sizeHint())
    with qtbot.waitExposed(view):
        view.show()
    return view, chosen


def colour_at(view: RowMatrix, row: int, other: int) -> tuple[int, int, int]:
    place = view.place_of(row, other)
    pixel = view.grab().toImage().pixelColor(place.x() + 3, place.y() + 3)
    return pixel.red(), pixel.green(), pixel.blue()


@given(st.integers(1, 5000))
def test_every_row_has_a_square_that_fits(rows: int) -> None:
    made = squares(rows)
    assert made.length <= ROOM
    assert made.number * made.share >= rows > (made.number - 1) * made.share
    assert made.share == 1 or rows > ROOM
    assert made.place(rows - 1) + made.size == made.length
    assert len(numbered(made, rows, 12)) * 12 <= max(made.length + 12, 24)


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
@pytest.mark.parametrize("size", [26, 12, 8])
def test_the_codes_differ_in_shape_and_not_in_colour_alone(theme: Any, size: int) -> None:
    shapes = set()
    for look in patterns(theme, size)[[NOT, OTHER, BLIND, OPEN]]:
        inside = look[: size - 2, : size - 2]
        shapes.add((inside != inside[0, 0]).any(axis=2).tobytes())
    assert len(shapes) == 4
    assert set(KEY) == {NOT, OWN, OTHER, BLIND, OPEN, PARTLY}


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_however_small_no_code_looks_like_another(size: int) -> None:
    looks = patterns(DARK, size)
    assert len({look.tobytes() for look in looks}) == 6


def test_squares_have_the_colours_of_the_theme(qtbot: QtBot) -> None:
    view, _ = matrix_of(qtbot, [[YES, NO, NO], [NO, NO, YES], [NO, NO, YES]])
    for theme in (DARK, LIGHT):
        view.show_in(theme, -1)
        assert colour_at(view, 0, 0) == theme.rgb("good")
        assert colour_at(view, 0, 1) == theme.rgb("neutral")
        assert colour_at(view, 1, 2) == theme.rgb("error")
        edge = view.place_of(1, 1).topLeft()
        pixel = view.grab().toImage().pixelColor(edge)
        assert (pixel.red(), pixel.green(), pixel.blue()) == theme.rgb("warning")


def test_a_click_names_the_pair_that_is_under_it_and_nothing_beside_the_squares(qtbot: QtBot) -> None:
    view, chosen = matrix_of(qtbot, EYE)
    for row, other in np.ndindex(3, 3):
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.place_of(row, other).center())
    assert chosen == list(np.ndindex(3, 3))
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    qtbot.mouseClick(view, Qt.MouseButton.RightButton, pos=view.place_of(0, 0).center())
    assert len(chosen) == 9


def test_hovering_says_in_a_sentence_what_a_square_means(qtbot: QtBot) -> None:
    view, _ = matrix_of(qtbot, [[NO, YES, NO], [YES, NO, NO], [NO, NO, UNTOLD]])
    assert view.tip(0, 1) == "row 0 of h_n moves with row 1 of x: it reads another row."
    place = view.place_of(0, 1).center()
    QApplication.sendEvent(view, QHelpEvent(QEvent.Type.ToolTip, place, view.mapToGlobal(place)))
    assert QToolTip.text() == view.tip(0, 1)
    QToolTip.hideText()


def test_the_keys_go_from_pair_to_pair(qtbot: QtBot) -> None:
    view, chosen = matrix_of(qtbot, EYE)
    view.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Up):
        qtbot.keyClick(view, key)
    assert view.accessibleDescription() == "row 0 of h_n stays as it is when row 2 of x changes."
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert chosen == [(0, 2)]
    QToolTip.hideText()


def test_a_thousand_rows_share_squares_and_the_one_that_reads_another_is_still_seen(qtbot: QtBot) -> None:
    cells = np.eye(1000, dtype=np.int8)
    cells[700, 13] = YES
    cells[3, 990:] = UNTOLD
    view, chosen = matrix_of(qtbot, cells)
    assert view.squares.share == 7
    assert view.sizeHint().height() < 240
    view.show_in(DARK, 300)
    place = view.place_of(700, 13)
    image = view.grab().toImage()
    pixel = image.pixelColor(place.topLeft())
    assert (pixel.red(), pixel.green(), pixel.blue()) == DARK.rgb("error")
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place.topLeft())
    assert chosen == [(700, 13)]
    assert view.tip(700, 13) == (
        "rows 700 to 706 of h_n, rows 7 to 13 of x: 1 pair in which another row is read, "
        "48 pairs in which nothing is read."
    )
    assert view.pair_at(QPointF(place.topLeft())) == (700, 13)
    assert "row 700 reads" not in view.accessibleName()  # which was not in `foreign`
