"""The array view shows every feature of the selected cells, exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from packviz.core.batch import Call, make_batch
from packviz.session import actions as act
from packviz.session.scene.resolve import resolve
from packviz.session.state import State, showing
from packviz.session.updates.update import update
from packviz.ui.dialogs.array import ArrayDialog, formatted

X = np.random.default_rng(0).normal(size=(3, 4, 2, 3)).astype(np.float32)
BATCH = make_batch(X, [4, 2, 3], Call(True, False))


def shown(qtbot: QtBot, state: State) -> ArrayDialog:
    view = ArrayDialog()
    qtbot.addWidget(view)
    view.draw(resolve(state, None), None)
    return view


def test_without_a_selection_it_is_the_selected_row_with_all_features(qtbot: QtBot) -> None:
    view = shown(qtbot, update(showing(BATCH), act.Select(1)))
    model = view.model
    assert (model.rowCount(), model.columnCount()) == (4, 6)
    found = [[float(model.data(model.index(r, c))) for c in range(6)] for r in range(4)]
    np.testing.assert_array_equal(np.array(found, np.float32), X[1].reshape(4, 6))
    assert model.headerData(2, Qt.Orientation.Vertical) == "1, t2"
    assert model.headerData(4, Qt.Orientation.Horizontal) == "1, 1"
    assert view.said.text() == "row 1, t0 to t3 · 6 features · float32"


def test_a_block_is_shown_row_by_row_and_copied_in_the_format_that_is_set(qtbot: QtBot) -> None:
    view = shown(qtbot, update(showing(BATCH), act.SelectBlock((0, 2), 1, 2)))
    assert view.model.rowCount() == 4
    assert [view.model.place(line) for line in range(4)] == [(0, 1), (0, 2), (2, 1), (2, 2)]
    view.form.setText(".2f")
    view.form.textEdited.emit(".2f")
    view._copy()
    lines = QGuiApplication.clipboard().text().split("\n")
    assert lines[3] == "\t".join(f"{value:.2f}" for value in X[2, 2].reshape(-1).tolist())
    view.form.textEdited.emit("nonsense")
    assert view.form.objectName() == "bad"
    assert view.model.form == ".2f"


def test_padding_is_muted_and_nothing_is_shown_of_no_cells(qtbot: QtBot) -> None:
    view = shown(qtbot, update(showing(BATCH), act.Select(1)))
    inks = [view.model.data(view.model.index(t, 0), Qt.ItemDataRole.ForegroundRole).color() for t in range(4)]
    assert inks[0] == inks[1] != inks[2] == inks[3]
    empty = shown(qtbot, showing(make_batch(np.ones((2, 0)), [1, 1], Call(True, False))))
    assert empty.model.rowCount() == 0
    assert empty.said.text() == "There are no cells to show."


@pytest.mark.parametrize(("value", "form", "text"), [(1.5, "", "1.5"), (1.5, ".3f", "1.500"), (3, "d", "3")])
def test_numbers_are_written_as_python_does(value: Any, form: str, text: str) -> None:
    assert formatted(np.array(value)[()], form) == text
