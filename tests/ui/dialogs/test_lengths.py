"""The table of lengths: what it shows is the batch, what is typed is an edit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from packviz import app
from packviz.core.batch import Call, make_batch
from packviz.core.findings import Finding, Severity
from packviz.session.actions import SetLength
from packviz.session.state import showing
from packviz.session.store import Session
from packviz.ui.dialogs.lengths import ENDS, LENGTH, ROW, WRONG, LengthsDialog, wrong_of
from packviz.ui.window import Window

X = np.array([[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0], [0, 0, 0, 0, 0], [7, 3, 2, 5, 8]])
BATCH = make_batch(X, [3, 2, 5, 1, 4], Call(True, False))


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    """A window that does its checks, its table of lengths open."""
    session = Session(showing(BATCH))
    made = Window(session)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    session.work()
    app.settle(session)
    made.menus.do("lengths")
    yield made
    made.close()


def dialog(window: Window) -> LengthsDialog:
    assert window.beside.lengths is not None
    return window.beside.lengths


def column(window: Window, which: int) -> list[Any]:
    model = dialog(window).model
    return [model.data(model.index(row, which)) for row in range(model.rowCount())]


def test_each_row_has_its_length_the_end_of_its_data_and_what_is_wrong(window: Window) -> None:
    assert column(window, ROW) == [0, 1, 2, 3, 4]
    assert column(window, LENGTH) == [3, 2, 5, 1, 4]
    assert column(window, ENDS) == [3, 2, 4, 0, 5]
    wrong = column(window, WRONG)
    assert wrong[2] == "its length counts padding"
    assert wrong[4] == "its length cuts off data"
    assert "nothing but padding" in wrong[3]
    assert wrong[:2] == ["", ""]
    assert dialog(window).sentence.text() == "5 rows of at most 5 steps, 3 with something wrong"


def test_a_length_that_is_typed_is_an_edit_the_findings_follow_and_an_undo_takes_it_back(window: Window) -> None:
    model = dialog(window).model
    assert model.setData(model.index(2, LENGTH), 4)
    assert window.session.state.batch is not None
    assert window.session.state.batch.lengths.tolist() == [3, 2, 4, 1, 4]
    app.settle(window.session)
    assert column(window, LENGTH)[2] == 4
    assert column(window, WRONG)[2] == ""
    window.menus.do("undo")
    app.settle(window.session)
    assert column(window, LENGTH)[2] == 5
    assert column(window, WRONG)[2] == "its length counts padding"
    assert not model.setData(model.index(2, ENDS), 4)
    assert not model.setData(model.index(2, LENGTH), "x")


@pytest.mark.parametrize(
    ("by", "order"),
    [(LENGTH, [3, 1, 0, 4, 2]), (ENDS, [3, 1, 0, 2, 4]), (WRONG, [2, 3, 4, 0, 1]), (ROW, [0, 1, 2, 3, 4])],
)
def test_it_is_sorted_by_any_column_and_stays_so_while_lengths_change(
    window: Window, by: int, order: list[int]
) -> None:
    dialog(window).table.sortByColumn(by, Qt.SortOrder.AscendingOrder)
    assert column(window, ROW) == order
    model = dialog(window).model
    place = order.index(2)
    with_edit = model.index(place, LENGTH)
    assert model.setData(with_edit, 1)
    assert column(window, ROW) == order
    assert column(window, LENGTH)[place] == 1


def test_a_column_is_pasted_from_the_current_line_down_as_the_rows_stand(window: Window, qtbot: QtBot) -> None:
    view = dialog(window)
    view.table.sortByColumn(LENGTH, Qt.SortOrder.AscendingOrder)  # rows 3, 1, 0, 4, 2
    view.table.setCurrentIndex(view.model.index(1, LENGTH))
    QGuiApplication.clipboard().setText("4\n5")
    qtbot.keyClick(view.table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert window.session.state.batch is not None
    assert window.session.state.batch.lengths.tolist() == [5, 4, 5, 1, 4]
    QGuiApplication.clipboard().setText("1 2 3 4 5 6")
    qtbot.keyClick(view.table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert view.sentence.text() == "The clipboard holds 6 lengths, but from here on there are 4 rows."
    QGuiApplication.clipboard().setText("1 two")
    qtbot.keyClick(view.table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert view.sentence.text().startswith("lengths[1] is 'two'")
    assert window.session.state.batch.lengths.tolist() == [5, 4, 5, 1, 4]


def test_the_line_of_the_selected_row_is_the_current_one_both_ways(window: Window) -> None:
    view = dialog(window)
    view.table.sortByColumn(LENGTH, Qt.SortOrder.DescendingOrder)
    assert column(window, ROW)[view.table.currentIndex().row()] == 0  # it is sorted along
    window.board.panes["padded"].intent.emit(SetLength(0, 2))
    view.table.setCurrentIndex(view.model.index(0, LENGTH))
    assert window.session.state.cursor.row == column(window, ROW)[0]
    window.menus.do("next_finding")
    row = window.session.state.cursor.row
    assert column(window, ROW)[view.table.currentIndex().row()] == row


def test_fewer_lengths_than_rows_leave_those_empty_and_can_not_be_typed_over() -> None:
    view = LengthsDialog()
    view.model.show_lengths(np.array([3, 2]), np.array([3, 2, 4]), {})
    assert view.model.data(view.model.index(2, LENGTH)) is None
    assert not view.model.flags(view.model.index(2, LENGTH)) & Qt.ItemFlag.ItemIsEditable
    assert view.model.flags(view.model.index(1, LENGTH)) & Qt.ItemFlag.ItemIsEditable


def test_notes_are_nothing_wrong_and_several_findings_stand_side_by_side() -> None:
    found = (
        Finding("a", Severity.ERROR, "Row 1: too long", "", rows=(1, 2)),
        Finding("b", Severity.WARNING, "padding on the left", "", rows=(2,)),
        Finding("c", Severity.NOTE, "worth knowing", "", rows=(0,)),
    )
    assert wrong_of(found) == {1: "too long", 2: "too long; padding on the left"}


def test_lengths_are_copied_a_line_each(window: Window, qtbot: QtBot) -> None:
    dialog(window)._copy()
    assert QGuiApplication.clipboard().text() == "3\n2\n5\n1\n4"
