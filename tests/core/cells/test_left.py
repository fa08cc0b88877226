"""Left padding: what proves it, and what only looks like it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import Call, make_batch
from packviz.core.carrier import Carrier, Packed, Sequences
from packviz.core.cells.evidence import gather
from packviz.core.cells.left import LeftPadded


def left_of(x: object, lengths: object, dtype: str = "float32", **how: object) -> LeftPadded:
    grid = np.array(x, dtype=dtype)
    return gather(make_batch(grid, np.array(lengths), Call(True, False), **how)).left  # type: ignore[arg-type]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.integers(0, 3), st.sampled_from(["int64", "float32"]))
def test_a_batch_that_is_padded_on_the_left_is_found_with_its_rows_and_leads(
    lengths: list[int], more: int, dtype: str
) -> None:
    steps = max(lengths) + more
    x = np.where(np.arange(steps) >= steps - np.array(lengths)[:, None], np.arange(2, steps + 2), 0)
    x[0, -1] = 99
    found = left_of(x, lengths, dtype)
    assert found.rows.tolist() == [row for row, n in enumerate(lengths) if n < steps]
    assert found.leads.tolist() == [steps - n for n in lengths if n < steps]
    assert found.proven
    assert not found.full


def test_the_same_batch_padded_on_the_right_is_not() -> None:
    x = [[1, 2, 0, 0], [3, 4, 5, 0], [6, 7, 8, 9]]
    assert not len(left_of(x, [2, 3, 4]).rows)
    assert not len(left_of(x, [4, 4, 4]).rows)


@pytest.mark.parametrize("dtype", ["float32", "int64"])
def test_one_row_that_starts_with_zero_in_a_batch_padded_on_the_right_is_not(dtype: str) -> None:
    assert not len(left_of([[0, 2, 3, 4], [3, 4, 5, 0], [6, 7, 0, 0]], [4, 3, 2], dtype).rows)
    assert not len(left_of([[0, 2, 3, 0], [3, 4, 5, 0], [6, 7, 0, 0]], [3, 3, 2], dtype).rows)


def test_a_length_that_is_too_short_is_no_left_padding_where_the_other_rows_end_before() -> None:
    x = [[0, 2, 3, 4], [3, 4, 5, 0], [6, 7, 0, 0]]
    assert not len(left_of(x, [3, 3, 2]).rows)
    assert left_of(x, [3, 3, 2], "int64").rows.tolist() == [0]


def test_measurements_that_all_start_at_zero_are_not_padded() -> None:
    assert not len(left_of([[0, 2, 3], [0, 4, 5], [0, 6, 7]], [3, 3, 3]).rows)
    assert not len(left_of([[0, 0, 3], [0, 4, 5]], [3, 3], "bool").rows)


def test_of_full_length_ids_need_no_more_and_measurements_much_padding_of_several_widths() -> None:
    x = np.where(np.arange(6) >= np.array([0, 1, 3, 5, 2])[:, None], np.arange(2, 8), 0)
    for dtype, proven in (("int64", True), ("float32", False)):
        found = left_of(x, [6] * 5, dtype)
        assert (found.rows.tolist(), found.leads.tolist()) == ([1, 2, 3, 4], [1, 3, 5, 2])
        assert (found.full, found.proven) == (True, proven)
    assert not len(left_of(x[:3], [6] * 3).rows)
    assert left_of(x[:3], [6] * 3, "int64").rows.tolist() == [1, 2]


@pytest.mark.parametrize("hole", [(0, 2), (0, 5), (2, 4)])
def test_padding_elsewhere_speaks_against_it_where_the_lengths_say_nothing(hole: tuple[int, int]) -> None:
    x = np.where(np.arange(6) >= np.array([0, 1, 3, 5, 2])[:, None], np.arange(2, 8), 0)
    x[hole] = 0
    for dtype in ("int64", "float32"):
        assert not len(left_of(x, [6] * 5, dtype).rows)


def test_a_single_cell_before_ids_may_be_an_id_itself() -> None:
    found = left_of([[0, 2, 3], [4, 5, 6]], [3, 3], "int64")
    assert (found.rows.tolist(), found.proven) == ([0], False)
    assert left_of([[0, 0, 3], [4, 5, 6]], [3, 3], "int64").proven
    assert left_of([[0, 2, 3], [4, 5, 6]], [2, 3], "int64").proven


def test_lengths_that_fit_no_row_are_wrong_in_another_way() -> None:
    assert not len(left_of([[0, 2, 3, 4], [0, 0, 3, 4]], [2, 4], "int64").rows)


def test_rows_without_any_data_are_left_out() -> None:
    found = left_of([[0, 0, 0], [0, 0, 5], [0, 7, 5]], [1, 1, 2])
    assert found.rows.tolist() == [1, 2]


@pytest.mark.parametrize("carrier", [Packed(), Sequences()])
def test_sequences_have_no_side_on_which_they_are_padded(carrier: Carrier) -> None:
    assert not len(left_of([[0, 2, 3], [0, 4, 5]], [3, 3], "int64", carrier=carrier).rows)
