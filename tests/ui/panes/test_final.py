"""The pane of the final states: what is pointed at is told, and leads to its moment."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from packviz.core.batch import BatchError, Call, make_batch
from packviz.core.cancel import UNWATCHED
from packviz.core.module import Module
from packviz.core.moments import Moment
from packviz.core.origins import OfState
from packviz.session import actions as act
from packviz.session.cursor import Place
from packviz.session.requests import TorchInfo
from packviz.session.scene.final_grid import FinalNumber
from packviz.session.scene.resolve import resolve
from packviz.session.state import State, showing
from packviz.session.updates.update import update
from packviz.session.work import wanted
from packviz.ui.panes.final import FinalView

X = np.random.default_rng(0).normal(size=(3, 5, 2)).astype(np.float32)
BATCH = make_batch(X, [3, 5, 2], Call(True, False))
WAY = Qt.MouseButton.LeftButton


class Shown:
    """The pane on a scene of its own, and what it asked for."""

    def __init__(self, qtbot: QtBot, module: Module, size: tuple[int, int] = (900, 320)) -> None:
        self.state = showing(BATCH, module, torch=TorchInfo("2.x"))
        self.view, self.asked, self.told, self.origins = FinalView(), list[Any](), list[str](), list[OfState]()
        self.scene = resolve(self.state, None)
        qtbot.addWidget(self.view)
        self.view.resize(*size)
        self.view.intent.connect(self.asked.append)
        self.view.pointed.connect(self.told.append)
        self.view.asked.connect(self.origins.append)
        self.view.draw(self.scene, None)
        with qtbot.waitExposed(self.view):
            self.view.show()
        self.work()

    def do(self, *actions: act.Action) -> None:
        for action in actions:
            self.state = update(self.state, action)
        self.show(self.state)

    def show(self, state: State) -> None:
        last, self.state = self.scene, state
        self.scene = resolve(state, last)
        self.view.draw(self.scene, last)
        QApplication.processEvents()

    def work(self) -> None:
        state = self.state
        while requests := wanted(state):
            for request in requests.values():
                try:
                    state = update(state, act.Computed(request, request.do(UNWATCHED)))
                except BatchError as error:
                    state = update(state, act.Failed(request, str(error)))
        self.show(state)

    def at(self, number: FinalNumber) -> QPointF:
        assert self.view.grid is not None
        canvas = self.view.canvas
        return canvas.mapper.rect(number.row, self.view.grid.column(number)).center() + canvas.cells().topLeft()

    def mouse(self, kind: QEvent.Type, number: FinalNumber) -> None:
        at, held = self.at(number), WAY if kind is QEvent.Type.MouseButtonPress else Qt.MouseButton.NoButton
        place, none = QPointF(self.view.canvas.mapToGlobal(at.toPoint())), Qt.KeyboardModifier.NoModifier
        button = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseMove else WAY
        QApplication.sendEvent(self.view.canvas, QMouseEvent(kind, at, place, button, held, none))


@pytest.fixture
def shown(qtbot: QtBot) -> Shown:
    return Shown(qtbot, Module("LSTM", 4, layers=2, directions=2))


def test_pointing_says_the_whole_way_and_lights_the_cell_in_the_other_panes(shown: Shown) -> None:
    shown.mouse(QEvent.Type.MouseMove, FinalNumber(1, 2, 3))
    assert shown.told[-1].startswith("h_n[1, 2, 3] = ")
    assert shown.told[-1].endswith("layer 0 ←, after t0 of row 2 = data[2] = x[2, 0]")
    assert shown.asked == [act.Hover(Place(2, 0))]
    assert shown.view.canvas.spoken == shown.told[-1]
    shown.mouse(QEvent.Type.MouseMove, FinalNumber(2, 1, 0))
    assert shown.asked[-1] == act.Hover(Place(1, 4))
    QApplication.sendEvent(shown.view.canvas, QEvent(QEvent.Type.Leave))
    assert shown.asked[-1] == act.Hover(None)
    assert shown.told[-1] == ""


def test_a_click_goes_there_and_a_double_click_asks_where_it_comes_from(shown: Shown) -> None:
    number = FinalNumber(3, 0, 2)
    for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease):
        shown.mouse(kind, number)
    assert shown.asked[-3:] == [act.GoToPass(1, 1), act.StepTo(0), act.Select(0)]
    shown.mouse(QEvent.Type.MouseButtonDblClick, number)
    assert shown.origins == [OfState("h", Moment(0, 1, 1), 0, 2)]


def test_everything_works_with_the_keys(shown: Shown) -> None:
    shown.do(act.Select(1), act.GoToPass(0, 1))
    view = shown.view
    view.canvas.walked.emit(0, 1)  # the first key points at the current row's first unit in the slot that is lit
    assert view.number == FinalNumber(1, 1, 0)
    view.canvas.walked.emit(0, -1)
    assert view.number == FinalNumber(0, 1, 3)  # over the gap
    view.canvas.walked.emit(1, 0)
    view.canvas.walked.emit(1, 0)  # there is no row below
    assert view.number == FinalNumber(0, 2, 3)
    view.canvas.entered.emit()
    assert shown.asked[-3:] == [act.GoToPass(0, 0), act.StepTo(1), act.Select(2)]
    view.ask()
    assert shown.origins == [OfState("h", Moment(1), 2, 3)]


def test_the_slot_that_is_shown_is_lit_and_follows_the_walk(shown: Shown) -> None:
    assert (shown.view.layer.lit, shown.view.slots.slot) == (0, 0)
    before = shown.view.canvas.grab().toImage()
    shown.do(act.GoToPass(1, 0))
    assert (shown.view.layer.lit, shown.view.slots.slot) == (2, 2)
    after = shown.view.canvas.grab().toImage()
    assert shown.view.grid is not None
    canvas = shown.view.canvas
    for slot, lit in ((0, before), (2, after)):
        edge = canvas.mapper.rect(0, shown.view.grid.block(slot)[0], 3).center().y() + canvas.cells().y()
        x = round(canvas.mapper.rect(0, shown.view.grid.block(slot)[0]).x() + canvas.cells().x())
        other = after if lit is before else before
        assert lit.pixelColor(x, round(edge)) != other.pixelColor(x, round(edge))


def test_each_cell_has_the_colour_of_its_number(shown: Shown) -> None:
    grid, image = shown.view.grid, shown.view.canvas.grab().toImage()
    assert grid is not None
    for number in (FinalNumber(0, 0, 0), FinalNumber(1, 2, 3), FinalNumber(3, 1, 2)):
        rect = shown.view.canvas.mapper.rect(number.row, grid.column(number))
        corner = shown.at(number) + QPointF(rect.width() * 0.25, -rect.height() * 0.36)
        found = image.pixelColor(corner.toPoint())
        fill = grid.fills(np.array([number.row]), np.array([grid.column(number)]))[0, 0, :3].astype(int)
        assert np.abs(np.array([found.red(), found.green(), found.blue()]) - fill).max() <= 6


def test_another_batch_has_other_numbers_and_what_is_not_stepped_says_why(shown: Shown) -> None:
    shown.mouse(QEvent.Type.MouseMove, FinalNumber(1, 2, 3))
    shown.do(act.SetLength(2, 4))
    assert shown.view.layer.stale
    assert shown.view.subtitle.full.startswith("of the last lengths")
    shown.work()
    assert not shown.view.layer.stale
    assert shown.told[-1].startswith("h_n[1, 2, 3] = ")  # of the new run
    shown.do(act.SetModel(Module("GRU", 2)))
    shown.work()
    assert shown.view.number is None
    assert shown.view.title.full == "h_n (1, 3, 2)"
    shown.do(act.SetLength(1, 0))
    shown.work()
    assert shown.view.grid is None
    assert "not packed" in shown.view.empty.text()
    shown.view.ask()
    shown.view.canvas.walked.emit(0, 1)
    shown.view.canvas.entered.emit()
    assert shown.origins == []


def test_headings_give_way_where_there_is_no_room(qtbot: QtBot) -> None:
    shown = Shown(qtbot, Module("LSTM", 4, layers=6, directions=2), (420, 300))
    image = shown.view.canvas.grab().toImage()
    top, left = shown.view.canvas.margins
    ground = image.pixel(left + 2, 1)
    grid = shown.view.grid
    assert grid is not None
    for slot in range(grid.slots - 1):  # between two slots there is no letter
        stop, begins = grid.block(slot)[1], grid.block(slot + 1)[0]
        x = round(left + shown.view.canvas.mapper.rect(0, (stop + begins) / 2).x())
        assert all(image.pixel(x, y) == ground for y in range(top - 4)), slot
