"""The window that says where a cell of x goes: its lines are the influence, and its links lead to where it is."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from packviz.core.batch import Call, make_batch
from packviz.core.module import Module
from packviz.core.moments import Moment
from packviz.core.origins import OfX
from packviz.core.packing import Packing
from packviz.core.reach import Reach
from packviz.session.actions import Hover, Open, Select, SetLength, StepTo
from packviz.session.cursor import Place
from packviz.session.requests import packing_of
from packviz.ui.commands.context import entries_of
from packviz.ui.plots.reach import ReachDialog
from packviz.ui.window import Window

X = np.random.default_rng(0).normal(size=(3, 5, 2)).astype(np.float32)


@pytest.fixture
def dialog(window: Window, qtbot: QtBot) -> ReachDialog:
    batch = make_batch(X, [5, 3, 4], Call(True, False))
    window.session.apply(Open(batch, Module("LSTM", 3, layers=2, directions=2)))
    window.session.work()
    qtbot.waitUntil(lambda: window.session.scene.states.grid is not None, timeout=20_000)
    window.session.apply(Hover(Place(2, 1)))
    window.menus.do("reach")
    window.session.apply(Hover(None))
    found = window.beside.reach
    assert found is not None
    told(found, qtbot, "x[2, 1, 0] = ")
    return found


def told(dialog: ReachDialog, qtbot: QtBot, text: str) -> Reach:
    """The reach, once the words are there."""
    qtbot.waitUntil(lambda: text in dialog.words.text() and dialog._reach is not None, timeout=20_000)
    assert dialog._reach is not None
    return dialog._reach


def test_it_is_of_the_cell_under_the_pointer_and_draws_its_influence(
    window: Window, dialog: ReachDialog, qtbot: QtBot
) -> None:
    found = told(dialog, qtbot, "x[2, 1, 0] = ")
    assert window.session.state.reach == found.of == OfX(2, 1, 0)
    batch = window.session.state.batch
    assert batch is not None
    packing = packing_of(batch, False)
    assert isinstance(packing, Packing)
    assert f"data[{packing.index(2, 1)}], read at t1 by layer 0 → and layer 0 ←." in dialog.words.text()
    assert [curve.name().strip() for curve in dialog.curves] == ["layer 0 →", "layer 0 ←", "layer 1 →", "layer 1 ←"]
    for curve, values in zip(dialog.curves, found.influence.values(), strict=True):
        np.testing.assert_array_equal(curve.xData, np.arange(4))
        np.testing.assert_array_equal(curve.yData, np.where(values > 0, values, np.nan))
    assert np.isnan(dialog.curves[0].yData).tolist() == [True, False, False, False]  # 0 before it is read
    assert dialog.read.value() == 1
    assert len({curve.opts["symbolBrush"] for curve in dialog.curves}) == 4
    low, high = dialog.plot.getPlotItem().vb.viewRange()[1]
    every = np.concatenate(list(found.influence.values()))
    seen = np.log10(every[every > 0])
    assert low < seen.min() < seen.max() < high


def test_links_lead_to_where_it_is_largest_and_to_h_n(window: Window, dialog: ReachDialog, qtbot: QtBot) -> None:
    found = told(dialog, qtbot, "x[2, 1, 0] = ")
    links = re.findall(r"href='([^']+)'[^>]*>([^<]+)<", dialog.words.text())
    assert len(links) == 8
    for where, text in links:
        slot, _, which = where.partition(":")
        way = found.ways[int(slot)]
        window.session.apply(Select(0))
        dialog.followed(where)
        cursor = window.session.state.cursor
        assert cursor.row == 2
        if which == "peak":
            assert cursor.moment == way.peak
            assert text == f"after t{way.peak.step}"
        else:
            assert cursor.moment == Moment(0 if way.slot % 2 else 3, way.slot // 2, way.slot % 2)
            assert text == f"h_n[{slot}, 2]"


def test_a_click_on_the_plot_goes_to_a_step_of_the_row(window: Window, dialog: ReachDialog) -> None:
    class Click:
        def __init__(self, step: float) -> None:
            self.step = step

        def scenePos(self) -> QPointF:
            return QPointF(dialog.plot.getPlotItem().vb.mapViewToScene(QPointF(self.step, 0)))

    dialog._clicked(Click(3.2))
    assert window.session.state.cursor.step == 3
    assert dialog.now.value() == 3
    dialog._clicked(Click(4.2))  # the row has ended
    assert window.session.state.cursor.step == 3


def test_one_feature_or_all_of_them(window: Window, dialog: ReachDialog, qtbot: QtBot) -> None:
    assert [dialog.of.itemText(i) for i in range(dialog.of.count())] == ["all 2 features", "feature 0"]
    assert dialog.of.currentIndex() == 1
    dialog.of.setCurrentIndex(0)
    dialog.of.activated.emit(0)
    assert window.session.state.reach == OfX(2, 1, -1)
    found = told(dialog, qtbot, "‖x[2, 1]‖ = ")
    assert found.numbers == 2
    assert "its 2 numbers" in dialog.said.text()
    assert dialog.of.currentIndex() == 0
    assert dialog.of.itemText(1) == "feature 0"


def test_it_follows_the_batch_and_is_put_away_when_it_is_closed(
    window: Window, dialog: ReachDialog, qtbot: QtBot
) -> None:
    window.session.apply(SetLength(2, 5))
    qtbot.waitUntil(lambda: dialog._reach is not None and dialog._reach.length == 5, timeout=20_000)
    window.session.apply(SetLength(2, 1))
    qtbot.waitUntil(lambda: "goes nowhere: it is padding" in dialog.words.text(), timeout=20_000)
    assert dialog.curves == []
    assert not dialog.read.isVisible()
    dialog.close()
    assert window.session.state.reach is None
    assert "ask with Shift+W" in dialog.words.text() or not dialog.isVisible()


def test_asked_again_it_is_of_the_current_cell(window: Window, dialog: ReachDialog, qtbot: QtBot) -> None:
    window.session.apply(Select(1))
    window.session.apply(StepTo(2))
    window.menus.do("reach")
    found = told(dialog, qtbot, "x[1, 2, 0] = ")
    assert found.of == OfX(1, 2, 0)


def test_the_menu_of_a_cell_shows_it(window: Window, dialog: ReachDialog, qtbot: QtBot) -> None:
    dialog.close()
    entry = entries_of(window.session.scene, Place(0, 3))[0]
    assert entry.text == "Where does x[0, 3] go?"
    window._show_menu(Place(0, 3), window.pos())
    next(line for line in window.context.actions() if line.text() == entry.text).trigger()
    window.context.close()
    assert dialog.isVisible()
    assert told(dialog, qtbot, "x[0, 3, 0] = ").of == OfX(0, 3, 0)
