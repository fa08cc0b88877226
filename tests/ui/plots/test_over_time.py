"""One unit over all steps: its lines, the step that it follows, and a click that goes to one."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from packviz.core.batch import Call, make_batch
from packviz.core.module import Module
from packviz.session.actions import GoToPass, Open, SelectBlock, StepTo
from packviz.session.scene.trace_grids import StatesGrid
from packviz.ui.plots.over_time import OverTimeDialog
from packviz.ui.window import Window

BATCH = make_batch(np.array([[1, 2, 3, 0], [4, 5, 0, 0]], dtype=np.float32), [3, 2], Call(True, False))


@pytest.fixture
def dialog(window: Window, qtbot: QtBot) -> OverTimeDialog:
    window.session.apply(Open(BATCH, Module(layers=2, directions=2)))
    window.session.work()
    qtbot.waitUntil(lambda: window.session.scene.states.grid is not None, timeout=20_000)
    window.menus.do("over_time")
    found = window.beside.over_time
    assert found is not None
    return found


def curves(dialog: OverTimeDialog) -> list[list[float]]:
    return [curve.getData()[1].tolist() for curve in dialog.curves]


def test_it_shows_the_unit_of_the_selected_rows_in_the_layer_that_is_shown(
    window: Window, dialog: OverTimeDialog
) -> None:
    grid = window.session.scene.states.grid
    assert isinstance(grid, StatesGrid)
    assert curves(dialog) == [grid.trace.row("h", 0)[:, 0].tolist()]
    window.session.apply(SelectBlock((0, 1), 0, 3))
    window.session.apply(GoToPass(1, 1))
    dialog.show_unit("c", 4)
    dialog.draw(window.session.scene, None)
    expected = [grid.trace.row("c", row, layer=1, direction=1)[:, 4].tolist() for row in (0, 1)]
    assert curves(dialog) == expected
    assert dialog.said.text() == "c[·, 4], layer 1 ← · rows 0, 1"


def test_it_follows_the_step_and_a_click_goes_to_another(window: Window, dialog: OverTimeDialog) -> None:
    window.session.apply(StepTo(2))
    assert dialog.now.value() == 2

    class Click:
        def scenePos(self) -> QPointF:
            view = dialog.plot.getPlotItem().vb
            return QPointF(view.mapViewToScene(QPointF(1.2, 0)))

    dialog._clicked(Click())
    assert window.session.state.cursor.step == 1
    assert dialog.now.value() == 1


def test_the_unit_comes_after_the_state_with_tab(dialog: OverTimeDialog) -> None:
    dialog.of.setFocus()
    assert dialog.focusNextChild()
    assert dialog.unit.hasFocus() or dialog.focusWidget() is dialog.unit
