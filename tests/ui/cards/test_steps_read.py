"""The lines of the steps that are read: exact, open and unread look different, and lead to their rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from packviz.core.look.colour import DARK, LIGHT, Theme
from packviz.core.steps_read import NONE, Reached
from packviz.session.scene.probe_rows import MAYBE, READ, UNREAD
from packviz.ui.cards.steps_read import StepsRead, across, looks, needed


def reached(bounds: list[tuple[int, int, int, int]], lengths: list[int], of: str = "h_n") -> Reached:
    arrays = [np.array([[bound[at]] for bound in bounds]) for at in range(4)]
    return Reached(of, ("all units",), np.array(lengths), *arrays)


ROWS = reached([(0, 0, 4, 4), (2, 2, 2, 2), (3, NONE, NONE, 2), (1, 3, 3, 3)], [5, 3, 3, 4])


def view_of(qtbot: QtBot, *results: Reached, width: int = 400) -> tuple[StepsRead, list[tuple[int, int]]]:
    view = StepsRead(results)
    qtbot.addWidget(view)
    chosen: list[tuple[int, int]] = []
    view.chosen.connect(lambda row, step: chosen.append((row, step)))
    view.resize(width, view.sizeHint().height())
    with qtbot.waitExposed(view):
        view.show()
    return view, chosen


def colours(view: StepsRead, row: int, step: int) -> set[tuple[int, int, int]]:
    place, image = view.place_of(0, row, step), view.grab().toImage()
    found = set()
    for x in range(place.x() + 3, place.x() + 12):
        pixel = image.pixelColor(x, place.y() + 4)
        found.add((pixel.red(), pixel.green(), pixel.blue()))
    return found


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_what_is_read_unread_and_untold_looks_different(qtbot: QtBot, theme: Theme) -> None:
    view, _ = view_of(qtbot, ROWS)
    view.show_in(theme, -1, -1)
    read, unread = {theme.rgb("accent")}, {theme.rgb("ended")}
    assert [colours(view, 0, step) == read for step in range(5)] == [True] * 5
    assert [colours(view, 1, step) for step in range(3)] == [unread, unread, read]
    assert [colours(view, 2, step) for step in range(3)] == [unread] * 3
    assert colours(view, 3, 0) == unread
    assert len(colours(view, 3, 1)) == 2  # hatched
    assert colours(view, 3, 3) == read
    assert not colours(view, 1, 4) & (read | unread)  # beyond its length
    assert len({looks(theme)[kind].tobytes() for kind in (READ, UNREAD, MAYBE)}) == 3


def test_a_click_goes_to_the_row_and_the_step_and_never_beyond_its_length(qtbot: QtBot) -> None:
    view, chosen = view_of(qtbot, ROWS, reached([(0, 0, 2, 2)] * 4, [5, 3, 3, 4], "out[:, -1]"))
    for panel, row, step in ((0, 1, 2), (1, 3, 0), (0, 2, 4)):
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.place_of(panel, row, step).center())
    assert chosen == [(1, 2), (3, 0), (2, 2)]
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    assert len(chosen) == 3


def test_every_place_leads_back_to_itself(qtbot: QtBot) -> None:
    view, _ = view_of(qtbot, ROWS, ROWS, width=357)
    for panel, row, step in np.ndindex(2, 4, 5):
        assert view.place_at(QPointF(view.place_of(panel, row, step).center())) == (panel, row, step)
    assert view.place_at(QPointF(view.left(1) - 2, 40)) is None


def test_hovering_says_in_a_sentence_what_is_read(qtbot: QtBot) -> None:
    view, _ = view_of(qtbot, ROWS)
    place = view.place_of(0, 1, 0).center()
    QApplication.sendEvent(view, QHelpEvent(QEvent.Type.ToolTip, place, view.mapToGlobal(place)))
    assert QToolTip.text() == "row 1 of h_n: reads t2 alone, of 3 steps."
    QToolTip.hideText()
    assert "h_n:" in view.accessibleName()


def test_a_thousand_rows_of_many_steps_are_sampled(qtbot: QtBot) -> None:
    lengths = np.arange(1000) % 300 + 1
    whole: Any = [(0, 0, length - 1, length - 1) for length in lengths.tolist()]
    view, chosen = view_of(qtbot, reached(whole, lengths.tolist()))
    assert view.sizeHint().height() < 240
    assert view.squares.share == 7
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.place_of(0, 602, 0).topLeft() + QPoint(1, 0))
    assert chosen[0][0] == 602
    assert view.tip(0, 602).endswith("(one of 7 rows that share a line)")
    assert across(10, 300).tolist() == list(range(0, 300, 30))


def test_the_row_and_the_step_of_the_cursor_are_marked(qtbot: QtBot) -> None:
    view, _ = view_of(qtbot, ROWS)
    view.show_in(DARK, -1, -1)
    before = view.grab().toImage()
    view.show_in(DARK, 1, 2)
    assert view.grab().toImage() != before
    assert needed([ROWS, ROWS]) > needed([ROWS])
