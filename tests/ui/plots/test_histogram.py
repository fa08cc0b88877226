"""The histogram in a window: what it counts, and the range that is dragged in it."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from packviz.core.batch import Call, make_batch
from packviz.session.actions import Open, SetLook, StepTo
from packviz.session.scene.spread import spread_of_cells
from packviz.ui.plots.histogram import HistogramDialog
from packviz.ui.window import Window

BATCH = make_batch(np.array([[1, 2, 3, 9], [4, 5, 9, 9]], dtype=np.float32), [3, 2], Call(True, False))


@pytest.fixture
def dialog(window: Window) -> HistogramDialog:
    window.session.apply(Open(BATCH))
    window.menus.do("histogram")
    QApplication.processEvents()
    found = window.beside.histogram
    assert found is not None
    assert found.isVisible()
    return found


def test_it_counts_x_in_its_valid_cells_and_follows_the_batch(window: Window, dialog: HistogramDialog) -> None:
    expected = spread_of_cells(BATCH, 0)
    assert expected is not None
    assert dialog.said.text() == "5 numbers of x"
    assert list(dialog.bars.opts["height"]) == expected.counts.tolist()
    window.session.apply(Open(BATCH.with_lengths([4, 4])))
    assert dialog.said.text() == "8 numbers of x"


def test_its_ends_are_those_of_the_colours_and_dragging_them_sets_the_range(
    window: Window, dialog: HistogramDialog
) -> None:
    assert dialog.region.getRegion() == (1, 9)
    dialog.region.setRegion((2, 4))
    dialog.region.sigRegionChangeFinished.emit(dialog.region)
    look = window.session.state.look
    assert look.range is not None
    assert (look.range.low, look.range.high, look.colour) == (2, 4, "value")
    dialog.reset.click()
    assert window.session.state.look.range is None
    assert dialog.region.getRegion() == (1, 9)


def test_a_state_is_counted_after_each_step_with_its_saturated_gates(
    window: Window, dialog: HistogramDialog, qtbot: QtBot
) -> None:
    window.session.work()
    qtbot.waitUntil(lambda: dialog.of.count() > 1, timeout=20_000)
    dialog.of.setCurrentIndex(dialog.of.findData("i"))
    dialog.of.activated.emit(dialog.of.currentIndex())
    assert dialog.said.text().startswith("12 numbers of i after t0, active rows · 0 of 12 are saturated")
    window.session.apply(StepTo(2))
    assert dialog.said.text().startswith("6 numbers of i after t2, active rows")
    assert not dialog.region.isVisible()
    window.session.apply(SetLook(window.session.state.look))
