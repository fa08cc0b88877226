"""The canvas: the shared time axis, zooming, the pointer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from packviz.core.batch import Call, make_batch
from packviz.session import actions as act
from packviz.session.state import Look
from packviz.ui.canvas.canvas import CELL, Canvas, TimeAxis

BATCH = make_batch([[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]], [3, 2, 4], Call(True, False))


def test_the_time_axis_tells_only_of_changes(qapp: QApplication) -> None:
    axis = TimeAxis()
    seen: list[tuple[float, float]] = []
    axis.changed.connect(lambda first, stop: seen.append((first, stop)))
    axis.set(0, 5)
    axis.set(0, 5)
    axis.set(1, 5)
    assert seen == [(0, 5), (1, 5)]


# ---- a canvas --------------------------------------------------------------------------------------------------------


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    made = Canvas(time=TimeAxis(), margins=(30, 40))
    qtbot.addWidget(made)
    made.resize(640, 430)
    with qtbot.waitExposed(made):
        made.show()
    return made


def test_a_small_grid_is_shown_whole_in_cells_that_are_not_too_large(canvas: Canvas) -> None:
    canvas.set_size(3, 4, False)
    mapper = canvas.mapper
    assert mapper.down[0] == mapper.across[0] == 0
    assert mapper.down[1] >= 3
    assert mapper.across[1] >= 4
    assert mapper.down_scale <= CELL + 0.01
    assert (mapper.width, mapper.height) == pytest.approx((600, 400), abs=2)


@pytest.mark.parametrize("turned", [False, True])
def test_a_large_grid_fills_the_canvas(canvas: Canvas, turned: bool) -> None:
    canvas.set_size(500, 300, turned)
    assert canvas.mapper.down == pytest.approx((0, 500))
    assert canvas.mapper.across == pytest.approx((0, 300))


def test_a_resize_fits_again_until_somebody_zooms(canvas: Canvas, qtbot: QtBot) -> None:
    canvas.set_size(500, 300, False)
    canvas.resize(700, 500)
    QApplication.processEvents()
    assert canvas.mapper.down == pytest.approx((0, 500))
    canvas.zoomed()
    canvas.ranges.set(y=(100, 200))
    canvas.resize(640, 430)
    QApplication.processEvents()
    assert canvas.mapper.down == pytest.approx((100, 200))
    assert canvas.time is not None
    assert canvas.time.range == pytest.approx((100, 200))
    canvas.fit()
    assert canvas.mapper.down == pytest.approx((0, 500))


def test_one_can_not_zoom_or_pan_far_beyond_the_cells(canvas: Canvas) -> None:
    canvas.set_size(50, 30, False)
    canvas.zoomed()
    canvas.ranges.set((-100, 500), (-100, 500))
    mapper = canvas.mapper
    assert mapper.down[0] >= -0.5
    assert mapper.down[1] <= 50.5
    assert mapper.across[1] <= 30.5
    canvas.ranges.set((3, 3.1), (4, 4.1))
    assert canvas.mapper.down[1] - canvas.mapper.down[0] >= 2 - 1e-6


def test_canvases_of_one_time_axis_show_the_same_steps(canvas: Canvas, qtbot: QtBot) -> None:
    other = Canvas(time=canvas.time, margins=(30, 40))
    qtbot.addWidget(other)
    other.resize(200, 430)
    with qtbot.waitExposed(other):
        other.show()
    for each in (canvas, other):
        each.set_size(100, 8, False)
    canvas.zoomed()
    canvas.ranges.set(y=(20, 40))
    assert other.mapper.down == pytest.approx((20, 40))
    other.ranges.set(y=(50, 60))
    assert canvas.mapper.down == pytest.approx((50, 60))
    assert canvas.mapper.across != other.mapper.across


@pytest.mark.parametrize("turned", [False, True])
def test_the_end_of_a_row_can_be_caught_near_it_only(canvas: Canvas, turned: bool) -> None:
    canvas.set_size(5, 3, turned)
    canvas.ends = np.array([3, 2, 5])
    mapper = canvas.mapper
    for column, end in enumerate(canvas.ends.tolist()):
        assert canvas.end_at(mapper.rect(end, column, 0).center()) == column
        assert canvas.end_at(mapper.rect(end - 1, column).center()) == -1
    assert canvas.end_at(mapper.rect(3, 3, 0).center()) == -1
    assert canvas.end_at(QPointF(-5, -5)) == -1
    canvas.ends = None
    assert canvas.end_at(mapper.rect(3, 0, 0).center()) == -1


# ---- the pointer -----------------------------------------------------------------------------------------------------


def test_hovering_tells_of_a_cell_once_and_of_leaving(stage: Callable[..., Any]) -> None:
    shown = stage(BATCH)
    seen: list[object] = []
    shown.pane("padded").canvas.hovered.connect(seen.append)
    shown.hover("padded", 2, 1)
    shown.hover("padded", 2.2, 1.1)
    shown.hover("padded", 3, 1)
    QApplication.sendEvent(shown.pane("padded").canvas, QEvent(QEvent.Type.Leave))
    assert seen == [(2, 1), (3, 1), None]


def test_over_the_rulers_no_cell_is_hovered(stage: Callable[..., Any]) -> None:
    shown = stage(BATCH)
    seen: list[object] = []
    shown.hover("padded", 0, 0)
    shown.pane("padded").canvas.hovered.connect(seen.append)
    shown.send("padded", QEvent.Type.MouseMove, QPoint(4, 80), Qt.MouseButton.NoButton)
    assert seen == [None]


@pytest.mark.parametrize(("orientation", "shape"), [("down", "SizeVerCursor"), ("right", "SizeHorCursor")])
def test_the_pointer_shows_where_an_end_can_be_dragged(stage: Callable[..., Any], orientation: Any, shape: str) -> None:
    shown = stage(BATCH, act.SetLook(Look(orientation=orientation)), size=(1000, 900))
    viewport = shown.pane("padded").canvas
    shown.hover("padded", 2.5, 0)
    assert viewport.cursor().shape() is getattr(Qt.CursorShape, shape)
    shown.hover("padded", 1, 0)
    assert viewport.cursor().shape() is Qt.CursorShape.ArrowCursor


def test_the_wheel_zooms_about_the_pointer_and_a_key_holds_one_axis(stage: Callable[..., Any]) -> None:
    shown = stage(make_batch(np.zeros((200, 300)), [300] * 200, Call(True)))
    canvas = shown.pane("padded").canvas
    before = canvas.mapper
    shown.wheel("padded", 100, 50, 3)
    both = canvas.mapper
    assert both.down_scale > before.down_scale
    assert both.across_scale > before.across_scale
    shown.wheel("padded", 100, 50, 3, Qt.KeyboardModifier.ControlModifier)
    along = canvas.mapper
    assert along.down_scale > both.down_scale
    assert along.across == both.across
    shown.wheel("padded", 100, 50, 3, Qt.KeyboardModifier.ShiftModifier)
    assert canvas.mapper.down == along.down
    assert canvas.mapper.across_scale > along.across_scale
