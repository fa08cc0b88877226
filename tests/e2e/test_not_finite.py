"""A model of two layers in both directions: break on a NaN, go to the cell that it comes from, mend it, run again; and
walk the backward direction."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from packviz.core.moments import Moment
from packviz.ui.window import Window
from tests.e2e.test_walks import settled
from tests.e2e.test_walks import walk as walk


@pytest.fixture
def arguments(tmp_path: Path) -> tuple[str, ...]:
    """A batch with a NaN in row 1 at t2, and a model with a bidirectional LSTM of two layers under a prefix."""
    torch.manual_seed(0)
    x = torch.randn(3, 6, 2)
    x[0, 4:], x[2, 5:] = 0, 0
    x[1, 2, 1] = float("nan")
    torch.save({"x": x, "lengths": torch.tensor([4, 6, 5])}, tmp_path / "b.pt")
    model = torch.nn.ModuleDict({"encoder": torch.nn.ModuleDict({"rnn": torch.nn.LSTM(2, 4, 2, bidirectional=True)})})
    torch.save(model.state_dict(), tmp_path / "model.pt")
    weights = f"{tmp_path / 'model.pt'}:encoder.rnn."
    return (str(tmp_path / "b.pt"), "--batch-first", "--no-enforce-sorted", "--weights", weights)


def test_a_nan_is_broken_on_mended_where_it_comes_from_and_gone(
    walk: Any, arguments: tuple[str, ...], qtbot: QtBot
) -> None:
    def steps(window: Window) -> None:
        session = window.session
        settled(qtbot, window)
        assert window.toolbar.cell.text() == "LSTM 2→4 · 2 × 2"
        window.menus.do("break_not_finite")
        settled(qtbot, window)
        (line,) = session.scene.stops.stops
        assert line.told == "0 of 4"
        window.menus.do("run")
        assert session.state.cursor.moment == Moment(2, 0, 0)
        assert session.scene.stops.stops[0].here
        window.menus.do("next_finding")  # that of the NaN leads to its cell
        assert (session.state.cursor.row, session.state.cursor.step) == (1, 2)
        window.menus.do("run")
        assert session.state.cursor.moment == Moment(2, 0, 1)  # on the way back from the last step of the row
        window.menus.do("next_feature")
        window.menus.do("value")
        qtbot.waitUntil(lambda: QApplication.activeModalWidget() is not None)
        dialog: Any = QApplication.activeModalWidget()
        assert dialog.windowTitle() == "Value of x[1, 2, feature 1]"
        assert dialog.field.text() == "nan"
        dialog.field.setText("0.5")
        dialog.accept()
        settled(qtbot, window)
        assert session.scene.stops.stops[0].told == "0 of 0"
        window.menus.do("run")
        assert session.state.cursor.moment == session.state.moments[-1]
        window.menus.do("undo")
        settled(qtbot, window)
        assert session.scene.stops.stops[0].told == "4 of 4"

    assert walk(steps, *arguments) == 0


def test_the_backward_direction_of_a_module_under_a_prefix_is_walked(
    walk: Any, arguments: tuple[str, ...], qtbot: QtBot
) -> None:
    def steps(window: Window) -> None:
        session = window.session
        settled(qtbot, window)
        for command in ("layer_above", "other_direction", "last"):
            window.menus.do(command)
        seen = [session.state.cursor.step]
        while session.state.cursor.moment != session.state.moments[-1]:
            window.menus.do("forward")
            seen.append(session.state.cursor.step)
        assert seen == [5, 4, 3, 2, 1, 0]
        grid: Any = session.scene.states.grid
        shown = grid.trace.state("h", session.state.cursor.moment)
        np.testing.assert_array_equal(shown, grid.trace.final["h_n"][3])
        for _ in range(5):
            window.menus.do("back")
        assert session.state.cursor.moment == Moment(5, 1, 1)

    assert walk(steps, *arguments) == 0
