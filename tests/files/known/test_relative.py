from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.errors import Undecided
from packviz.files.known.relative import counted, is_relative, steps_of


@given(st.lists(st.integers(1, 400), min_size=1, max_size=6), st.sampled_from(["float32", "float64"]))
def test_shares_of_the_longest_come_back_as_lengths(lengths: list[int], dtype: str) -> None:
    steps = max(lengths)
    shares = (np.array(lengths) / steps).astype(dtype)
    assert is_relative(shares)
    counts, exact = steps_of(shares, steps)
    assert exact
    assert counts.tolist() == lengths


@pytest.mark.parametrize("lengths", [[0.5, 0.25], [1.5, 1.0], [0.0, 1.0], [-0.5, 1.0], [1, 1], [], [np.nan, 1.0]])
def test_other_lengths_are_no_shares(lengths: list[float]) -> None:
    assert not is_relative(np.array(lengths))


def test_whole_numbers_tell_which_dimension_counts_the_steps() -> None:
    shares = np.array([34, 21, 50], dtype=np.float32) / 50
    x = np.ones((3, 8, 50))
    told = counted(x, shares, None)
    assert told is not None
    assert (told[0].tolist(), told[1]) == ([34, 21, 50], "BFT")
    assert counted(x, shares, True) is not None
    with pytest.raises(Undecided) as caught:
        counted(np.ones((3, 50, 50)), shares, None)
    assert caught.value.choices == ("BTF", "BFT")
    assert counted(np.ones((4, 8, 50)), shares, None) is None
    only = counted(np.ones((3, 1, 50)), shares, None)  # one step is none to have a share of
    assert only is not None
    assert (only[0].tolist(), only[1]) == ([34, 21, 50], "BFT")
    first = counted(np.ones((3, 50, 1)), shares, None)
    assert first is not None
    assert (first[0].tolist(), first[1]) == ([34, 21, 50], None)
