"""The list of calls: the worst on top, what was not kept dimmed and passed over, words for what is in view alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from packviz.core.calls.choosing import Column, Order
from packviz.core.calls.widths import widest
from packviz.core.calls.words import NONE_LISTED, said
from packviz.core.look.colour import DARK, LIGHT
from packviz.core.noted import NotedCall
from packviz.session.scene.calls import CallsPart
from packviz.ui.calls.table import COLUMNS, LINE, CallsModel, CallsTable, Ends
from packviz.ui.calls.view import CallsView
from packviz.ui.look.style import style_sheet
from packviz.ui.window import Window
from tests.recorded import call_of

Role = Qt.ItemDataRole
pytestmark = pytest.mark.usefixtures("qapp")


def part_of(*kept: int, calls: int = 8, bad: int = 5) -> CallsPart:
    made = tuple(call_of(n, kept=n in kept or n == bad, bad=n == bad) for n in range(1, calls + 1))
    places = np.array([bad - 1, *(n for n in range(calls) if n != bad - 1)], dtype=np.int64)
    return CallsPart("run.packviz", calls=made, places=places, open=bad, widest=widest(made))


def shown(model: CallsModel, row: int) -> list[str]:
    return [model.index(row, column).data() for column in range(model.columnCount())]


def test_each_row_is_a_call_in_the_order_of_the_list() -> None:
    model = CallsModel()
    assert model.set(part_of(2)) is True
    assert model.rowCount() == 8
    assert shown(model, 0)[:6] == ["5", "train.py:31", "length-not-positive", "3 × 6 × 2", "0 to 6", "44%"]
    assert shown(model, 1)[:2] == ["1", "train.py:31"]
    assert [model.headerData(section, Qt.Orientation.Horizontal) for section in range(3)] == ["call", "where", "found"]
    assert model.headerData(0, Qt.Orientation.Vertical) is None
    assert model.rowCount(model.index(0, 0)) == model.columnCount(model.index(0, 0)) == 0


def test_the_same_list_is_not_set_anew() -> None:
    model, part = CallsModel(), part_of(2)
    model.set(part)
    assert model.set(replace(part, open=2)) is False
    assert model.set(replace(part, places=part.places[::-1])) is True


def test_what_was_not_kept_is_dimmed_can_not_be_chosen_and_says_why() -> None:
    model = CallsModel()
    model.set(part_of(2))
    gone, kept = model.index(1, 0), model.index(2, 0)
    assert model.flags(gone) == Qt.ItemFlag.NoItemFlags
    assert model.flags(kept) & Qt.ItemFlag.ItemIsSelectable
    assert gone.data(Role.ForegroundRole) is not None
    assert kept.data(Role.ForegroundRole) is None
    assert "its batch was not kept: it can't be opened" in gone.data(Role.ToolTipRole)
    assert gone.data(Role.AccessibleTextRole) == "1, noted, but its batch was not kept"
    assert model.index(0, 0).data(Role.AccessibleTextRole) == "5, error"


def test_the_mark_of_the_worst_stands_before_the_number() -> None:
    model = CallsModel()
    model.set(part_of(2))
    assert not model.index(0, 0).data(Role.DecorationRole).isNull()
    assert model.index(1, 0).data(Role.DecorationRole).isNull()
    assert model.index(0, 1).data(Role.DecorationRole) is None
    assert model.index(0, 0).data(Role.EditRole) is None


@pytest.fixture
def table(qtbot: QtBot) -> CallsTable:
    made = CallsTable()
    qtbot.addWidget(made)
    made.resize(700, 300)
    made.set_theme(DARK)
    made.show_part(part_of(2, 8), None)
    made.show()
    QApplication.processEvents()
    return made


def test_the_open_call_is_chosen_and_nobody_has_asked_for_it(table: CallsTable, qtbot: QtBot) -> None:
    asked: list[int] = []
    table.chosen.connect(asked.append)
    part = table.calls.part
    table.show_part(replace(part, open=2), part)
    assert table.currentIndex().row() == 2
    table.show_part(replace(part, open=0), replace(part, open=2))
    assert not table.currentIndex().isValid()
    assert asked == []


def test_the_arrows_pass_over_what_was_not_kept(table: CallsTable, qtbot: QtBot) -> None:
    asked: list[int] = []
    table.chosen.connect(asked.append)
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.keyClick(table, Qt.Key.Key_Up)
    assert asked == [2, 8, 2]


def click(table: CallsTable, row: int, qtbot: QtBot) -> None:
    at: QPoint = table.visualRect(table.calls.index(row, 1)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)


def test_a_click_asks_for_a_call_kept_or_not(table: CallsTable, qtbot: QtBot) -> None:
    asked: list[int] = []
    table.chosen.connect(asked.append)
    click(table, 2, qtbot)
    click(table, 1, qtbot)
    assert asked == [2, 1]
    assert table.currentIndex().row() == 2


def test_a_head_asks_for_an_order_and_the_arrow_shows_the_one_that_is(table: CallsTable, qtbot: QtBot) -> None:
    asked: list[str] = []
    table.ordered.connect(asked.append)
    head = table.horizontalHeader()
    at = QPoint(head.sectionViewportPosition(1) + 20, head.height() // 2)
    qtbot.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert asked == ["site"]
    part = table.calls.part
    table.show_part(replace(part, order=Order("lengths", True)), part)
    assert (head.sortIndicatorSection(), head.sortIndicatorOrder()) == (
        COLUMNS.index("lengths"),
        Qt.SortOrder.DescendingOrder,
    )


def test_of_ten_thousand_calls_only_those_in_view_are_put_into_words(
    table: CallsTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: set[int] = set()

    def counted(call: NotedCall, column: Column) -> str:
        asked.add(call.number)
        return said(call, column)

    monkeypatch.setattr("packviz.ui.calls.table.said", counted)
    table.show_part(part_of(calls=10_000, bad=7000), table.calls.part)
    QApplication.processEvents()
    table.grab()
    assert 0 < len(asked) < 40


def test_the_line_of_a_site_stays_in_view_however_long_its_file_is_called(table: CallsTable) -> None:
    place = COLUMNS.index("site")
    option = QStyleOptionViewItem()
    delegate = table.itemDelegateForColumn(place)
    assert isinstance(delegate, Ends)
    delegate.initStyleOption(option, table.calls.index(0, place))
    assert option.textElideMode is Qt.TextElideMode.ElideMiddle


def in_view(table: CallsTable) -> list[Column]:
    return [column for section, column in enumerate(COLUMNS) if not table.isColumnHidden(section)]


@pytest.mark.parametrize("width", [320, 420, 500, 640, 900, 1400])
def test_no_column_is_out_of_view(table: CallsTable, width: int) -> None:
    table.resize(width, 300)
    QApplication.processEvents()
    assert table.horizontalHeader().length() == table.viewport().width()
    assert table.horizontalScrollBar().maximum() == 0
    assert in_view(table)[:1] == ["number"]
    assert ("outcome" in in_view(table)) == (width >= 640)


def test_what_has_its_room_is_not_elided(table: CallsTable) -> None:
    """Painted as wide as it is said to be, and much wider, a text looks the same."""
    table.setStyleSheet(style_sheet(DARK))
    table.resize(1400, 300)
    for column in COLUMNS:
        section = COLUMNS.index(column)
        shown = table.calls.index(0, section).data()
        table.calls.part = replace(table.calls.part, widest={**table.calls.part.widest, column: len(shown)})
        letter = QFontMetricsF(table.font()).horizontalAdvance("0")
        enough = table._width(column, letter).most
        option = QStyleOptionViewItem()
        table.initViewItemOption(option)
        index = table.calls.index(0, section)
        assert table.itemDelegate().sizeHint(option, index).width() <= enough + 1, column


def test_a_head_that_is_dragged_keeps_its_width_and_the_others_have_the_rest(table: CallsTable) -> None:
    table.resize(700, 300)
    head, section = table.horizontalHeader(), COLUMNS.index("found")
    head.resizeSection(section, 260)
    assert table.columnWidth(section) == 260
    assert head.length() == table.viewport().width()
    table.resize(560, 300)
    assert table.columnWidth(section) == 260
    assert head.length() == table.viewport().width()


def test_what_is_sorted_by_is_in_view(table: CallsTable) -> None:
    table.resize(420, 300)
    assert "padding" not in in_view(table)
    part = table.calls.part
    table.show_part(replace(part, order=Order("padding")), part)
    assert "padding" in in_view(table)


def test_heads_stand_over_their_columns(table: CallsTable) -> None:
    table.setStyleSheet(style_sheet(DARK))
    table.resize(1100, 200)
    for column in ("shape", "lengths"):
        section = COLUMNS.index(column)
        left, wide = table.columnViewportPosition(section), table.columnWidth(section)
        ends = []
        for shown, down in ((table.horizontalHeader(), 0), (table.viewport(), LINE)):
            image = shown.grab(QRect(left, down, wide, LINE - 2)).toImage()
            ground = image.pixelColor(1, 1).lightness()
            inked = [
                x
                for x in range(image.width())
                if any(abs(image.pixelColor(x, y).lightness() - ground) > 60 for y in range(image.height()))
            ]
            ends.append(inked[-1] if column == "lengths" else inked[0])
        assert abs(ends[0] - ends[1]) <= 2


def test_both_themes_are_taken(table: CallsTable) -> None:
    before = table.calls.index(1, 0).data(Role.ForegroundRole).color()
    table.set_theme(LIGHT)
    assert table.calls.index(1, 0).data(Role.ForegroundRole).color() != before


def test_in_the_window_the_bad_call_is_on_top(calls_window: Window, view: CallsView) -> None:
    assert view.table.calls.index(0, 0).data() == "30"
    assert view.table.currentIndex().row() == 0


def test_where_no_call_is_listed_the_list_says_so(qtbot: QtBot) -> None:
    table = CallsTable()
    qtbot.addWidget(table)
    table.resize(500, 200)
    table.show_part(CallsPart(), None)
    empty = table.grab().toImage()
    none = replace(part_of(2), places=np.empty(0, dtype=np.int64))
    table.show_part(none, None)
    assert table.nothing == f"{NONE_LISTED}."
    assert table.grab(table.viewport().geometry()).toImage() != empty.copy(table.viewport().geometry())
    before = table.grab().toImage()
    table.show_part(part_of(2), none)
    assert table.grab().toImage() != before
    table.show_part(replace(none, calls=()), None)
    assert table.nothing == "It has no calls."
