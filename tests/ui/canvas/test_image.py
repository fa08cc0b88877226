"""Cells as an image: every device pixel shows the cell that lies under it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage, QPainter

from packviz.core.batch import Call, make_batch
from packviz.core.look.colour import DARK, LIGHT, Theme
from packviz.session import actions as act
from packviz.session.scene.grids import Grid
from packviz.session.scene.resolve import resolve
from packviz.session.state import Look, State
from packviz.session.updates.update import update
from packviz.ui.canvas.image import draw_pixels, image_of, pixels, rgba, visible


def padded(lengths: list[int], steps: int = 5, look: Look | None = None) -> Grid:
    x = np.arange(1, len(lengths) * steps + 1).reshape(len(lengths), steps)
    state = update(State(), act.SetLook(look or Look()))
    scene = resolve(update(state, act.Open(make_batch(x, lengths, Call(True, False)))), None)
    assert scene.padded.grid is not None
    return scene.padded.grid


@given(st.floats(-3, 50), st.floats(0.1, 60), st.integers(0, 40))
def test_visible_are_the_cells_that_the_span_touches(first: float, extent: float, size: int) -> None:
    expected = [i for i in range(size) if i + 1 > first and i < first + extent]
    assert visible((first, first + extent), size).tolist() == expected


@given(
    st.floats(-0.5, 30), st.floats(1, 80), st.integers(1, 60), st.floats(5, 300), st.sampled_from([1.0, 1.25, 1.5, 2.0])
)
def test_each_device_pixel_shows_the_cell_under_its_middle(
    first: float, extent: float, size: int, length: float, ratio: float
) -> None:
    scale = length / extent
    index, edge, at = pixels((first, first + extent), size, length, scale, ratio)
    start = round(at * ratio)
    for i, shown in enumerate(index.tolist()):
        middle = first + (start + i + 0.5) / ratio / scale
        assert shown == int(np.floor(middle))
        assert 0 <= shown < size
    assert len(edge) == len(index)
    if scale < 5:
        assert not edge.any()
    else:
        assert all(index[i] != index[i + 1] for i in np.flatnonzero(edge))


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_padding_is_hatched_and_data_is_plain(theme: Theme) -> None:
    grid = padded([3, 1], look=Look(theme=theme.name))
    d, c = np.repeat(np.arange(5), 16), np.repeat(np.arange(2), 16)
    image = image_of(grid, d, c, theme, 8)
    data, padding = image[: 3 * 16, :16], image[3 * 16 :, :16]
    assert len(np.unique(data)) == 1
    assert set(np.unique(padding).tolist()) == {rgba(theme, "padding"), rgba(theme, "hatch")}
    expected = grid.fills(np.array([0]), np.array([0]))[0, 0]
    np.testing.assert_array_equal(np.unique(data).view(np.uint8), expected)


def test_missing_steps_are_hatched_in_red_and_dropped_rows_otherwise() -> None:
    d, c = np.repeat(np.arange(7), 16), np.repeat(np.arange(2), 16)
    missing = image_of(padded([7, 2]), d, c, DARK, 8)[5 * 16 :, :16]
    assert set(np.unique(missing).tolist()) == {rgba(DARK, "padding"), rgba(DARK, "error")}
    dropped = image_of(padded([3]), d[:80], np.zeros(8, dtype=np.int64), DARK, 8)
    assert rgba(DARK, "error") not in dropped
    state = update(State(), act.Open(make_batch(np.ones((2, 5)), [3], Call(True, False))))
    grid = resolve(state, None).padded.grid
    assert grid is not None
    drops = image_of(grid, d[:80], c, DARK, 8)[:, 16:]
    assert set(np.unique(drops).tolist()) == {rgba(DARK, "padding"), rgba(DARK, "muted")}


def test_many_pixels_of_one_cell_and_many_cells_of_one_pixel_look_like_the_cells_themselves() -> None:
    grid = padded([5, 5, 5], look=Look("value"))
    d, c = np.array([0, 0, 2, 4, 4]), np.array([0, 2, 2])
    one_by_one = np.array(
        [[image_of(grid, d[i : i + 1], c[j : j + 1], DARK, 8)[0, 0] for j in range(3)] for i in range(5)]
    )
    np.testing.assert_array_equal(image_of(grid, d, c, DARK, 8), one_by_one)


def test_pixels_are_drawn_where_they_belong(qapp: Any) -> None:
    image = np.full((2, 3), rgba(DARK, "accent"), dtype=np.uint32)
    canvas = QImage(10, 10, QImage.Format.Format_RGB32)
    canvas.fill(0)
    painter = QPainter(canvas)
    draw_pixels(painter, QPointF(4, 5), image, 1.0)
    painter.end()
    drawn = {(x, y) for x in range(10) for y in range(10) if canvas.pixelColor(x, y).red()}
    assert drawn == {(x, y) for x in (4, 5, 6) for y in (5, 6)}
    found = canvas.pixelColor(4, 5)
    assert (found.red(), found.green(), found.blue()) == DARK.rgb("accent")
