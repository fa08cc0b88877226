from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.ui.canvas.reveal import revealed

RANGES = st.tuples(st.floats(-5, 50), st.floats(2, 40)).map(lambda r: (r[0], r[0] + r[1]))


@given(RANGES, st.integers(-5, 100), st.floats(10, 2000), st.floats(0, 50))
def test_the_cell_is_in_view_and_what_was_is_moved_no_more_than_needed(
    seen: tuple[float, float], place: int, pixels: float, readable: float
) -> None:
    first, stop = revealed(seen, place, pixels, readable)
    width = seen[1] - seen[0]
    assert stop - first <= width + 1e-9
    if stop - first >= 1:
        assert first <= place + 1e-6
        assert place + 1 <= stop + 1e-6
    if readable and pixels < readable * width:
        assert pixels / (stop - first) >= min(readable, pixels) - 1e-6
        return
    assert stop - first == pytest.approx(width)
    if seen[0] <= place and place + 1 <= seen[1]:
        assert (first, stop) == pytest.approx(seen)
    elif width >= 1:
        assert first == pytest.approx(place) or stop == pytest.approx(place + 1)
