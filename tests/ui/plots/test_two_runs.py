"""The window of two runs: what is chosen, what it says, where it leads, and that its panes show the same cells."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from packviz.core.batch import Call, make_batch
from packviz.core.module import Module
from packviz.core.moments import Moment
from packviz.session.actions import Open, SetLength
from packviz.session.others import BeforeEdit, Kept, OtherWeights, Unpacked
from packviz.ui.plots.two_runs import TwoRunsDialog
from packviz.ui.window import Window

X = np.random.default_rng(0).normal(size=(3, 4, 2)).astype(np.float32)


@pytest.fixture
def dialog(window: Window, qtbot: QtBot) -> TwoRunsDialog:
    window.session.apply(Open(make_batch(X, [4, 2, 3], Call(True, False)), Module("GRU", 3, layers=2, directions=2)))
    window.session.work()
    window.menus.do("two_runs")
    found = window.beside.two
    assert found is not None
    qtbot.waitUntil(lambda: "against the unpacked run: differs" in found.said.text(), timeout=20_000)
    return found


def test_it_opens_on_the_unpacked_run_and_goes_to_the_first_difference(window: Window, dialog: TwoRunsDialog) -> None:
    assert window.session.state.other == Unpacked()
    assert "first after t2, layer 0 → in row 1" in dialog.said.text()
    assert dialog.curve.getData()[1][0] == 0
    assert dialog.curve.getData()[1][2] > 0
    dialog.first.click()
    assert window.session.state.cursor.moment == Moment(2)
    assert window.session.state.cursor.row == 1
    assert dialog.now.value() == 2
    assert dialog.between.layer.bad == {1}
    assert dialog.this.layer.bad == frozenset()


def test_another_one_is_chosen_from_the_list(window: Window, dialog: TwoRunsDialog, qtbot: QtBot) -> None:
    texts = [dialog.other.itemText(i) for i in range(dialog.other.count())]
    assert texts == ["unpacked: every row goes on to the end of x", "weights of seed 1"]
    dialog.other.setCurrentIndex(1)
    dialog.other.activated.emit(1)
    assert window.session.state.other == OtherWeights()
    qtbot.waitUntil(lambda: "of seed 1: differs in rows 0, 1, 2" in dialog.said.text(), timeout=20_000)
    dialog.keep.click()
    assert window.session.state.kept is window.session.state.document
    window.session.apply(SetLength(1, 3))
    kept = [dialog.other.itemData(i) for i in range(dialog.other.count())]
    assert BeforeEdit() in kept
    assert Kept() in kept


def test_a_kept_run_is_what_it_opens_on(window: Window, dialog: TwoRunsDialog, qtbot: QtBot) -> None:
    dialog.close()
    assert window.session.state.other is None
    window.menus.do("keep_run")
    window.menus.do("two_runs")
    assert window.session.state.other == Unpacked()  # the kept run is the open one
    dialog.close()
    window.session.apply(SetLength(1, 3))
    window.menus.do("two_runs")
    assert window.session.state.other == Kept()
    qtbot.waitUntil(lambda: "against the kept run: differs in row 1" in dialog.said.text(), timeout=20_000)


def test_zooming_one_pane_zooms_all_three_and_fitting_fits_them(dialog: TwoRunsDialog) -> None:
    canvases = [view.canvas for view in dialog.views]
    canvases[1].zoom(0.5)
    assert len({(*canvas.ranges.x, *canvas.ranges.y) for canvas in canvases}) == 1
    assert not any(canvas.fitted for canvas in canvases)
    canvases[2].fit()
    assert all(canvas.fitted for canvas in canvases)


def test_a_click_on_the_plot_goes_to_a_step(window: Window, dialog: TwoRunsDialog) -> None:
    class Click:
        def scenePos(self) -> QPointF:
            return QPointF(dialog.plot.getPlotItem().vb.mapViewToScene(QPointF(1.2, 0)))

    dialog._clicked(Click())
    assert window.session.state.cursor.step == 1
