from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.cells.filling import ending, fill_beyond, runs, shortest

FLOOR = float(np.float32(np.log(1e-5)))


@given(
    st.lists(st.integers(1, 6), min_size=3, max_size=6),
    st.sampled_from([-100.0, 1.0, FLOOR, float("nan"), -32768.0]),
    st.booleans(),
)
def test_what_stands_beyond_the_lengths_is_the_padding(lengths: list[int], value: float, left: bool) -> None:
    counts, steps = np.array(lengths), 8
    x = np.random.default_rng(1).random((len(lengths), steps, 2)).astype(np.float32) + 2
    at = np.arange(steps)
    x[at < (steps - counts)[:, None] if left else at >= counts[:, None]] = value
    found = fill_beyond(x, counts, left)
    assert found is not None
    np.testing.assert_array_equal(np.float32(found.value), np.float32(value))
    assert found.cells == int((steps - counts).sum())
    x[0, 0 if left else -1, 0] = 5
    assert fill_beyond(x, counts, left) is None


def test_a_few_cells_are_no_padding_but_where_the_number_is_hardly_anything_else() -> None:
    x = np.array([[5, 6, 7], [5, 6, 2], [5, 6, 2]])
    counts = np.array([3, 2, 2])
    assert fill_beyond(x, counts) is None
    x[1:, -1] = -100
    found = fill_beyond(x, counts)
    assert found is not None
    assert found.value == -100


def test_rows_that_end_with_the_number_inside_their_lengths_say_nothing() -> None:
    x = np.array([[5, 2, 2, 2, 2], [6, 2, 2, 2, 2], [7, 8, 9, 9, 9]])
    assert fill_beyond(x, np.array([2, 3, 5])) is None


def test_the_ends_of_sentences_are_no_padding() -> None:
    x = np.array([[5, 6, 7, 2], [8, 9, 5, 2], [5, 5, 6, 2]])
    assert ending(x) == [2]
    assert not runs(x, 2).pad(sure=False)


def test_runs_at_the_ends_are_padding_where_they_stand_nowhere_else_and_a_row_of_it_counts() -> None:
    x = np.array([[5, 6, 7, 8], [8, 9, 2, 2], [2, 2, 2, 2]])
    assert runs(x, 2).pad(sure=False)
    assert not runs(x, 2, backwards=True).pad(sure=False)
    x[0, 1] = 2
    assert not runs(x, 2).pad(sure=False)


@pytest.mark.parametrize("value", [np.float32(FLOOR), np.int64(-100), np.float64(0.1), np.float16(0.1)])
def test_a_number_is_said_in_as_few_digits_as_its_dtype_needs(value: np.generic) -> None:
    assert type(value)(shortest(value)) == value
    assert len(str(shortest(value))) <= len(str(value))
