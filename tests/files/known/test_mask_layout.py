from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from packviz.files.known.mask_layout import rows_of_mask


@given(st.lists(st.integers(1, 12), min_size=5, max_size=7, unique=True))
def test_a_mask_that_pads_on_the_left_tells_which_dimension_counts_the_rows(lengths: list[int]) -> None:
    mask = np.arange(14) >= 14 - np.array(lengths)[:, None]
    told = rows_of_mask(mask)
    if told is not None:
        assert told[0] is True
        assert "each of" in told[1]
    turned = rows_of_mask(mask.T)
    assert turned is None or turned[0] is False


def test_a_hole_is_one_odd_row_among_right_ones() -> None:
    mask = np.arange(14) < np.array([3, 14, 8, 5, 11])[:, None]
    assert rows_of_mask(mask) is None  # it pads on the right: the layout is told by that
    mask[1, 2] = mask[1, 6] = mask[1, 9] = False
    told = rows_of_mask(mask)
    assert told is not None
    assert told[0] is True
    assert "5 rows of the mask but 1 change once at most" in told[1]


def test_a_mask_of_anything_else_tells_nothing() -> None:
    assert rows_of_mask(np.full((3, 3), 2)) is None
    assert rows_of_mask(np.ones((0, 3))) is None
