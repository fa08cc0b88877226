from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import BatchError
from packviz.core.errors import Undecided
from packviz.files.known.axes import (
    checked_axes,
    is_turned,
    readings,
    spelt,
    time_last_by_lengths,
    time_last_by_mask,
    turned,
    view,
)


def padded(rows: int, features: int, steps: int, lengths: list[int]) -> np.ndarray:
    """(B, F, T), padded with 0 beyond the lengths."""
    x = np.random.default_rng(0).random((rows, features, steps)).astype(np.float32) + 1
    return np.where(np.arange(steps) < np.array(lengths)[:, None, None], x, 0)


@given(st.integers(4, 9), st.integers(4, 9), st.data())
def test_padding_tells_which_dimension_is_time_whatever_the_sizes(
    features: int, steps: int, data: st.DataObject
) -> None:
    short = st.integers(1, min(features, steps) - 2)
    lengths = data.draw(st.lists(short, min_size=3, max_size=3))
    x = padded(3, features, steps, lengths)
    assert time_last_by_lengths(x, np.array(lengths), "x") is not None
    assert time_last_by_lengths(np.moveaxis(x, 1, 2), np.array(lengths), "x") is None


def test_the_longest_length_tells_where_padding_does_not() -> None:
    x = np.random.default_rng(0).random((3, 20, 57))
    assert "57" in (time_last_by_lengths(x, np.array([57, 30, 41]), "x") or "")
    assert time_last_by_lengths(x, np.array([57, 9, 4]), "x") is not None
    assert time_last_by_lengths(x, np.array([20, 9, 4]), "x") is None
    assert time_last_by_lengths(x, np.array([21, 9, 4]), "x") is None  # one length that is too large, more likely


def test_where_both_fit_the_choice_is_offered() -> None:
    x = np.random.default_rng(0).random((3, 20, 20))
    with pytest.raises(Undecided) as caught:
        time_last_by_lengths(x, np.array([20, 9, 4]), "x")
    assert (caught.value.choices, caught.value.option) == (("BTF", "BFT"), "axes")
    assert caught.value.typed().endswith("say which, with --axes BTF or --axes BFT.")


def test_lengths_that_fit_no_dimension_leave_it_open_by_name() -> None:
    x, lengths = np.random.default_rng(0).random((3, 20, 57)), np.array([228, 90, 40])
    assert time_last_by_lengths(x, lengths, "x") is None
    with pytest.raises(Undecided, match="228, is more than any of its dimensions"):
        time_last_by_lengths(x, lengths, "mel")


def test_a_mask_as_large_as_the_last_dimension_tells() -> None:
    x = np.random.default_rng(0).random((3, 20, 57))
    assert time_last_by_mask(x, np.ones((3, 57)), "x") is not None
    assert time_last_by_mask(x, np.ones((3, 20)), "x") is None


@pytest.mark.parametrize(
    ("axes", "first", "shape"),
    [("BTF", True, (2, 3, 4)), ("TBF", False, (2, 3, 4)), ("bft", True, (2, 4, 3)), ("FBT", True, (3, 4, 2))],
)
def test_x_is_turned_only_where_its_rows_and_steps_are_not_in_front(
    axes: str, first: bool, shape: tuple[int, ...]
) -> None:
    x = np.arange(24).reshape(2, 3, 4)
    array, batch_first = turned(x, checked_axes(axes, x.shape))
    assert (array.shape, batch_first) == (shape, first)
    assert np.shares_memory(array, x)
    assert view(x, axes.upper()).shape[0] == x.shape[axes.upper().index("B")]


@pytest.mark.parametrize("axes", ["BT", "BTFF", "BBT", "FFF", "", "B T", "B-T"])
def test_axes_that_do_not_fit_are_refused(axes: str) -> None:
    with pytest.raises(BatchError, match="axes is"):
        checked_axes(axes, (2, 3, 4))


def test_readings_are_named_by_their_dimensions() -> None:
    assert readings(2) == ("BT", "TB")
    assert readings(4) == ("BTFF", "TBFF", "BFFT")
    assert readings(5) == ("BTFFF", "TBFFF", "BFFFT", "BFTFF")
    assert [way for way in readings(5) if is_turned(way)] == ["BFFFT", "BFTFF"]
    assert [spelt(way) for way in ("TB", "BFT")] == ["(T, B)", "time last, (B, F, T)"]
    assert spelt("BFTFF") == "time third, (B, F, T, F, F)"


def test_a_video_is_turned_by_its_letters() -> None:
    x = np.zeros((2, 3, 5, 7, 8))
    for axes in ("BFTFF", "BCTHW"):
        array, first = turned(x, checked_axes(axes, x.shape))
        assert (array.shape, first) == ((2, 5, 3, 7, 8), True)
    with pytest.raises(BatchError, match="BFFFT, BFTFF"):
        checked_axes("BFT", x.shape)
