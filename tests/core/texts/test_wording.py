"""How findings name rows, cells and numbers."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import Call, make_batch
from packviz.core.texts.wording import (
    abridged,
    cells_named,
    count,
    length_named,
    length_told,
    lengths_named,
    listed,
    number,
    rows_counted,
    rows_listed,
    rows_named,
    rows_title,
)


def test_things_are_counted_and_listed_in_english() -> None:
    assert [count(n, "cell") for n in (0, 1, 2)] == ["0 cells", "1 cell", "2 cells"]
    assert count(2, "entry", "entries") == "2 entries"
    assert [listed(list(words)) for words in ("a", "ab", "abc")] == ["a", "a and b", "a, b and c"]


def test_short_lists_are_whole_and_long_ones_lose_their_middle() -> None:
    assert abridged([]) == ""
    assert abridged([6, 4, 0.5], 3) == "6, 4, 0.5"
    assert abridged(np.arange(100), 4) == "0, 1, 2, …, 99"


@given(st.lists(st.integers(0, 10**6), max_size=40), st.integers(2, 12))
def test_no_list_shows_more_numbers_than_it_may(values: list[int], most: int) -> None:
    shown = [int(word) for word in abridged(values, most).split(", ") if word not in ("", "…")]
    assert len(shown) == min(len(values), most)
    assert shown[:-1] == values[: len(shown) - 1]
    assert shown[-1:] == values[-1:]


def test_few_rows_are_named_and_many_are_counted() -> None:
    assert rows_named([2]) == "Row 2"
    assert rows_named([0, 1]) == "Rows 0 and 1"
    assert rows_named(range(57)) == "57 rows"
    assert rows_title([2], "it is", "they are") == "Row 2: it is"
    assert rows_title([2, 5], "it is", "they are") == "2 rows: they are"


@pytest.mark.parametrize("batch_first", [True, False])
def test_a_name_of_cells_picks_just_these_cells_out_of_x(batch_first: bool) -> None:
    grid = np.arange(15.0).reshape(3, 5)
    batch = make_batch(grid if batch_first else grid.T, [5, 5, 5], Call(batch_first, False))
    for first, stop in ((2, 5), (4, 5)):
        name = cells_named(batch, 1, first, stop)
        picked = eval(name, {"x": batch.x})  # our own text, in a test
        assert np.atleast_1d(picked).tolist() == grid[1, first:stop].tolist()


@pytest.mark.parametrize("value", [0, -1, 1.5, 0.1, 1e300, float("inf"), float("-inf"), float("nan")])
def test_a_number_is_told_as_python_reads_it(value: float) -> None:
    read = eval(number(value))  # our own text, in a test
    assert read == value or (read != read and value != value)


@pytest.mark.parametrize(
    ("lengths", "how", "named"),
    [
        ([3, 2], {}, "[3, 2]"),
        ([3.0, float("nan")], {}, "[3, nan]"),
        ([True, False], {}, "[True, False]"),
        ([3 + 1j, 2], {}, "[(3+1j), (2+0j)]"),
        ([[3], [2]], {}, "[3, 2] of shape (2, 1)"),
        (3, {}, "[3] of shape ()"),
        ([3, 2], {"lengths_device": "cuda:0"}, "[3, 2] of shape (2,), on cuda:0"),
        ([0, 0], {"lengths_device": "meta"}, "no values of shape (2,), on meta"),
    ],
)
def test_lengths_are_told_as_they_were_given(lengths: Any, how: Any, named: str) -> None:
    assert lengths_named(make_batch(np.ones((2, 3)), lengths, **how)) == named


def test_one_length_is_named_as_it_is_indexed_and_with_what_torch_reads() -> None:
    x = np.ones((2, 3))
    assert length_named(make_batch(x, [3, 2]), 1) == "lengths[1] is 2"
    assert length_named(make_batch(x, [[3], [2]]), 1) == "lengths[1, 0] is 2"
    assert length_named(make_batch(x, 3), 0) == "lengths is 3"
    assert length_named(make_batch(x, [2.5, True]), 0) == "lengths[0] is 2.5, which torch reads as 2"
    assert length_named(make_batch(x, [float("inf")], lengths_listed=True), 0) == "lengths[0] is inf"
    assert [length_told(make_batch(x, [2.5, float("nan")]), place) for place in (0, 1)] == ["2", "nan"]


def test_cells_of_an_x_without_rows_are_indexed_as_it_is() -> None:
    assert cells_named(make_batch(np.ones(5), [5]), 0, 2, 4) == "x[2:4]"
    assert cells_named(make_batch(np.float32(1), [1]), 0, 0, 1) == "x"


def test_a_list_of_rows_leaves_out_its_middle_and_says_how_many_there_are() -> None:
    assert rows_listed(()) == ""
    assert rows_listed([3]) == "row 3"
    assert rows_listed((0, 3)) == "rows 0, 3"
    assert rows_listed(range(12)) == "rows 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11"
    assert rows_listed(range(2000), 4) == "rows 0, 1, 2, …, 1999 (2,000 in all)"
    assert rows_listed(range(2000), 4, total=False) == "rows 0, 1, 2, …, 1999"


def test_where_there_is_no_room_rows_are_counted() -> None:
    assert rows_counted([3]) == "row 3"
    assert rows_counted([3, 4]) == "2 rows"
