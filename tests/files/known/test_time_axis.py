"""Which of five dimensions counts the steps: what sizes and padding tell, and what is asked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packviz.core.errors import Undecided
from packviz.files.known.axes import is_turned, view
from packviz.files.known.time_axis import time_by_lengths, time_by_mask

WAYS = ("BTFFF", "BFTFF", "BFFFT")


def kept(lengths: list[int], steps: int, features: tuple[int, ...], axes: str, padding: float = 0) -> np.ndarray:
    """x of these axes, of numbers from 1 on, padded beyond the lengths."""
    x = np.random.default_rng(0).random((len(lengths), steps, *features)) + 1
    x[np.arange(steps) >= np.array(lengths)[:, None]] = padding
    return np.moveaxis(x, 1, axes.index("T"))


def told(x: np.ndarray, lengths: list[int]) -> str | None:
    found = time_by_lengths(x, np.array(lengths, dtype=np.int64), "x")
    return None if found is None else found[0]


@settings(max_examples=200)
@given(
    st.sampled_from(WAYS),
    st.lists(st.integers(1, 7), min_size=3, max_size=5),
    st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9)),
    st.integers(0, 3),
)
def test_padding_tells_where_time_is_whatever_the_sizes(
    axes: str, lengths: list[int], features: tuple[int, ...], more: int
) -> None:
    steps = max(3, *lengths) + more
    beyond = [steps - n for n in lengths]
    x = kept(lengths, steps, features, axes)
    if sum(beyond) >= 4 and np.count_nonzero(beyond) >= 2 and x.shape[0] != x.shape[1]:
        assert told(x, lengths) == (axes if is_turned(axes) else None)


@settings(max_examples=200)
@given(
    st.sampled_from(WAYS),
    st.lists(st.integers(1, 7), min_size=3, max_size=5),
    st.tuples(st.integers(5, 9), st.integers(1, 9), st.integers(1, 9)),
)
def test_where_nothing_is_padded_a_reading_that_fits_is_never_left_out_of_the_question(
    axes: str, lengths: list[int], features: tuple[int, ...]
) -> None:
    steps = max(4, *lengths) + 1  # so that the longest length is the size of no dimension of time
    x = kept([steps] * len(lengths), steps, features, axes)
    found, choices = None, ()
    try:
        found = told(x, lengths)
    except Undecided as error:
        choices = tuple(error.choices)
    if choices:
        assert axes in choices
        assert len(choices) > 1
    assert all(view(x, way).shape[1] >= max(lengths) for way in (*choices, *filter(None, [found])))


def test_what_is_said_names_the_dimensions_and_their_sizes() -> None:
    full = kept([16] * 3, 16, (3, 8, 32), "BFTFF")
    _, why = time_by_lengths(full, np.array([16, 9, 4]), "x") or ("", "")
    assert why == "the longest length is its third dimension, 16, and not its last dimension, 32"
    small = kept([16] * 3, 16, (3, 8, 8), "BFTFF")
    _, why = time_by_lengths(small, np.array([14, 9, 11]), "x") or ("", "")
    assert why == "the lengths, up to 14, fit its third dimension, 16, and not its second dimension, 3, or its last, 8"


def test_where_several_fit_each_of_them_is_offered() -> None:
    x = kept([16] * 3, 16, (20, 8, 16), "BFTFF")
    with pytest.raises(Undecided) as caught:
        told(x, [14, 9, 11])
    assert (caught.value.choices, caught.value.option) == (WAYS, "axes")
    assert "9 to 14, fit its second dimension, 20, its third, 16, and its last, 16;" in caught.value.typed()
    assert caught.value.typed().endswith("say which, with --axes BTFFF, --axes BFTFF or --axes BFFFT.")


def test_of_several_that_the_padding_fits_only_these_are_offered() -> None:
    lengths = [10, 9, 11]
    x = kept(lengths, 16, (20, 8, 32), "BFTFF")
    beyond = np.arange(32) >= np.array(lengths)[:, None]
    x = np.where(beyond[:, None, None, None, :], 0, x)
    with pytest.raises(Undecided) as caught:
        told(x, lengths)
    assert caught.value.choices == ("BFTFF", "BFFFT")


def test_where_the_padding_tells_it_is_what_is_said() -> None:
    _, why = time_by_lengths(kept([16, 9, 12], 16, (3, 8, 8), "BFTFF"), np.array([16, 9, 12]), "x") or ("", "")
    assert why == "only then all cells beyond the lengths hold one number, 0"


def test_two_are_not_taken_for_steps() -> None:
    assert told(kept([2] * 3, 2, (5, 2, 2), "BFTFF"), [2] * 3) is None
    with pytest.raises(Undecided) as caught:
        told(kept([2] * 3, 2, (5, 8, 8), "BFTFF"), [2] * 3)
    assert caught.value.choices == ("BTFFF", "BFFFT")


def test_three_steps_may_be_three_channels() -> None:
    for steps in (3, 4):
        with pytest.raises(Undecided):
            told(kept([steps] * 4, steps, (16, 8, 8), "BFTFF"), [steps] * 4)
    assert told(kept([5] * 4, 5, (16, 8, 8), "BFTFF"), [5] * 4) == "BFTFF"
    assert told(kept([3] * 4, 3, (1, 2, 2), "BFTFF"), [3] * 4) == "BFTFF"  # they fit no other


def test_one_length_that_is_too_large_turns_nothing() -> None:
    x = kept([20] * 3, 20, (30, 8, 8), "BTFFF")
    assert told(x, [21, 9, 4]) is None
    assert told(x, [30, 29, 25]) == "BFTFF"
    assert told(x, [30, 9, 4]) == "BFTFF"  # the size of that very dimension
    four = kept([20] * 4, 20, (30, 8, 8), "BTFFF")
    assert told(four, [21, 22, 9, 4]) is None  # not more than half of them
    assert told(four, [21, 22, 23, 4]) == "BFTFF"


def test_where_the_second_dimension_is_as_long_as_the_longest_nothing_is_turned() -> None:
    assert told(kept([16] * 3, 16, (32, 8, 64), "BTFFF"), [16, 9, 4]) is None


def test_lengths_that_are_not_those_of_the_first_dimension_turn_nothing() -> None:
    x = kept([16, 9, 12], 16, (3, 8, 8), "BFTFF")
    for lengths in ([16, 9], [], [16, 9, -1], [0, 0, 0], [40, 9, 12]):
        assert told(x, lengths) is None


def test_as_many_rows_as_steps_are_told_by_the_padding() -> None:
    lengths = [3, 1, 2, 4]
    x = kept(lengths, 4, (4, 6, 5), "BTFFF")
    assert told(x, lengths) is None
    assert told(np.swapaxes(x, 0, 1), lengths) is None  # (T, B, …), which the layout says more of


def test_a_mask_tells_by_its_size_or_by_what_it_marks() -> None:
    lengths = np.array([16, 9, 12])
    x, mask = kept(lengths.tolist(), 16, (3, 8, 8), "BFTFF"), np.arange(16) < lengths[:, None]
    for given_mask in (mask, mask.T, mask.astype(float)):
        axes, why = time_by_mask(x, given_mask, "x") or ("", "")
        assert axes == "BFTFF"
        assert "as large as its first dimension and its third" in why
    assert time_by_mask(np.moveaxis(x, 2, 1), mask, "x") is None
    square = kept(lengths.tolist(), 16, (3, 8, 16), "BFTFF")
    assert (time_by_mask(square, mask, "x") or ("",))[0] == "BFTFF"
    full = kept([16] * 3, 16, (3, 8, 16), "BFTFF")
    with pytest.raises(Undecided):
        time_by_mask(full, np.ones((3, 16)), "x")


def test_of_other_dimensions_only_the_last_is_looked_at() -> None:
    x = np.random.default_rng(0).random((3, 20, 57))
    assert told(x, [57, 30, 41]) == "BFT"
    assert told(np.moveaxis(x, 1, 2), [57, 30, 41]) is None
    assert (time_by_mask(x, np.ones((3, 57)), "x") or ("",))[0] == "BFT"
    assert time_by_mask(x, np.ones((3, 20)), "x") is None
