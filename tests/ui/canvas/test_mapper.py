"""The cell ↔ pixel map, in both directions of time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF

from packviz.ui.canvas.mapper import Mapper

sizes = st.floats(20, 4000)


@st.composite
def mappers(draw: st.DrawFn) -> Mapper:
    first, beside = draw(st.floats(-0.5, 500)), draw(st.floats(-0.5, 500))
    down, across = draw(st.floats(1, 5000)), draw(st.floats(1, 5000))
    return Mapper((first, first + down), (beside, beside + across), draw(sizes), draw(sizes), draw(st.booleans()))


@given(mappers(), st.integers(0, 5000), st.integers(0, 5000))
def test_the_middle_of_a_cell_is_that_cell(mapper: Mapper, down: int, across: int) -> None:
    d, c = mapper.place(mapper.rect(down, across).center())
    assert (int(d // 1), int(c // 1)) == (down, across)
    assert (d, c) == pytest.approx((down + 0.5, across + 0.5), abs=1e-6)


@given(mappers(), st.floats(-10, 5000), st.floats(-10, 5000))
def test_a_pixel_goes_to_a_place_and_back(mapper: Mapper, x: float, y: float) -> None:
    back = mapper.rect(*mapper.place(QPointF(x, y))).topLeft()
    assert (back.x(), back.y()) == pytest.approx((x, y), abs=1e-5)


@given(mappers(), st.integers(0, 500), st.integers(0, 500), st.integers(1, 9), st.integers(1, 9))
def test_a_block_is_as_large_as_its_cells_and_a_band_crosses_the_whole_canvas(
    mapper: Mapper, down: int, across: int, n: int, m: int
) -> None:
    block, last = mapper.rect(down, across, n, m), mapper.rect(down + n - 1, across + m - 1)
    assert (block.right(), block.bottom()) == pytest.approx((last.right(), last.bottom()))
    band = mapper.band(down, down + n)
    if mapper.turned:
        assert (band.x(), band.width()) == pytest.approx((block.x(), block.width()))
        assert (band.y(), band.height()) == (0, mapper.height)
    else:
        assert (band.y(), band.height()) == pytest.approx((block.y(), block.height()))
        assert (band.x(), band.width()) == (0, mapper.width)


def test_time_runs_down_or_right() -> None:
    down = Mapper((0, 10), (0, 4), 80, 100, False)
    right = Mapper((0, 10), (0, 4), 100, 80, True)
    assert (down.rect(3, 1).x(), down.rect(3, 1).y()) == (20, 30)
    assert (right.rect(3, 1).x(), right.rect(3, 1).y()) == (30, 20)
    assert down.down_scale == right.down_scale == 10
    assert down.across_scale == right.across_scale == 20
