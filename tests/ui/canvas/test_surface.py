"""The canvas: the shared time axis, zooming, the pointer."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from packviz.core.batch import Call, make_batch
from packviz.ui.canvas.canvas import Canvas
from packviz.ui.canvas.surface import CELL, TimeAxis

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
