from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.errors import Undecided
from packviz.files.known.axes import readings
from packviz.files.known.unsaid import NOTHING, told_by_runs

LENGTHS = np.array([18, 5, 11, 7, 2, 16])


def ids(value: int, left: bool = False) -> np.ndarray:
    x = np.random.default_rng(3).integers(200, 900, (6, 18))
    at = np.arange(18)
    x[at < (18 - LENGTHS)[:, None] if left else at >= LENGTHS[:, None]] = value
    return x


@given(st.sampled_from([0, 1, -100, 50256, 2, -1]), st.booleans(), st.booleans())
def test_runs_at_the_ends_tell_the_layout_and_the_padding(value: int, left: bool, turned: bool) -> None:
    x = ids(value, left)
    told = told_by_runs(x.T if turned else x, "x", 0, readings(2), any_value=True)
    assert told.axes == ("TB" if turned else "BT")
    assert told.padding == (None if value == 0 else value)
    assert len(told.said) == (1 if value == 0 else 2)


def test_where_several_readings_fit_none_is_taken() -> None:
    small = np.array([[1, 2, 3], [4, 5, 0]])
    assert told_by_runs(small, "x", 0, readings(2), any_value=True) == NOTHING
    cube = np.ones((3, 8, 9))
    cube[1:, :, -2:] = cube[1:, -2:] = 0
    with pytest.raises(Undecided) as caught:
        told_by_runs(cube, "x", 0, readings(3), any_value=True)
    assert caught.value.choices == ("BTF", "TBF", "BFT")


def test_no_other_padding_is_looked_for_where_one_was_said() -> None:
    assert told_by_runs(ids(7), "x", 0, readings(2), any_value=False) == NOTHING


def test_time_last_is_told_by_its_padding_and_asked_for_by_its_name() -> None:
    x = np.random.default_rng(3).random((6, 9, 18)) + 1
    padded = np.where(np.arange(18) < LENGTHS[:, None, None], x, -11.5)
    told = told_by_runs(padded, "x", 0, readings(3), any_value=True)
    assert (told.axes, told.padding) == ("BFT", -11.5)
    assert told.said[0].startswith("time last")
    with pytest.raises(Undecided) as caught:
        told_by_runs(x, "mel", 0, readings(3), any_value=True)
    assert caught.value.choices == ("BTF", "TBF", "BFT")
    assert told_by_runs(x[:, :2, :3], "x", 0, readings(3), any_value=True) == NOTHING


def test_of_five_dimensions_the_third_may_be_time() -> None:
    video = np.random.default_rng(0).random((3, 3, 12, 9, 10)) + 1
    ways = readings(5)
    with pytest.raises(Undecided) as caught:
        told_by_runs(video, "x", 0, ways, any_value=True)
    assert "BFTFF" in caught.value.choices
    video[0, :, 7:], video[2, :, 4:] = 0, 0
    told = told_by_runs(video, "x", 0, ways, any_value=True)
    assert told.axes == "BFTFF"
    assert "time third, (B, F, T, F, F): each row is data, then padding" in told.said[0]
    frames = told_by_runs(np.moveaxis(video, 2, 1), "x", 0, ways, any_value=True)
    assert frames.axes == "BTFFF"
    assert told_by_runs(video[:, :, :4, :, :4], "x", 9, ways, any_value=False) == NOTHING
