"""Ranges: what is in view stays inside its limits, and is told of once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.ui.canvas.ranges import Limits, Ranges

ends = st.tuples(st.floats(-100, 100), st.floats(-100, 100)).map(lambda pair: (min(pair), max(pair)))


@given(ends, st.floats(1, 60), st.floats(0.1, 1))
def test_any_wish_ends_inside_and_one_that_fits_is_taken_as_it_is(
    wish: tuple[float, float], size: float, least: float
) -> None:
    limits = Limits(-0.5, size + 0.5, least)
    first, stop = limits.inside(wish)
    assert limits.least - 1e-9 <= first < stop <= limits.most + 1e-9
    assert stop - first >= least - 1e-9
    if limits.least <= wish[0] and wish[1] <= limits.most and wish[1] - wish[0] >= least:
        assert (first, stop) == pytest.approx(wish)


@pytest.mark.parametrize(
    ("wish", "seen"),
    [((-3, 2), (-0.5, 4.5)), ((8, 14), (4.5, 10.5)), ((-50, 50), (-0.5, 10.5)), ((3, 3.2), (2.1, 4.1))],
)
def test_a_wish_is_moved_inside_as_wide_as_it_was_and_never_too_narrow(
    wish: tuple[float, float], seen: tuple[float, float]
) -> None:
    assert Limits(-0.5, 10.5, 2).inside(wish) == pytest.approx(seen)


def test_a_change_is_told_once_and_none_not_at_all() -> None:
    told: list[tuple[object, object]] = []
    ranges = Ranges(lambda: told.append((ranges.x, ranges.y)))
    ranges.limit(Limits(0, 10, 1), Limits(0, 20, 1))
    ranges.set((1, 5), (2, 6))
    ranges.set((1, 5))
    ranges.set(y=(2, 6))
    assert told == [((1, 5), (2, 6))]
    ranges.set(y=(3, 7))
    assert told[1:] == [((1, 5), (3, 7))]
