"""The laws, each made from its own formula, and none where there is none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.cells.laws import Law, law_of


def law(counts: object, ends: object, starts: object = None, held: object = None, steps: int = 99) -> Law | None:
    own = np.array(ends)
    begun = np.zeros_like(own) if starts is None else np.array(starts)
    return law_of(np.array(counts), begun, own, own - begun if held is None else np.array(held), steps)


ROWS = st.lists(st.integers(1, 60), min_size=3, max_size=9).map(np.array)


@given(ROWS, st.sampled_from([1, 2, -1, -2]))
def test_lengths_that_are_all_off_by_one_or_two(ends: np.ndarray, by: int) -> None:
    found = law(ends + by, ends)
    if len(np.unique(ends)) == 1:
        assert found is None  # one length for all of them says nothing of the rows
    else:
        assert found == Law("offset", by)


def test_an_offset_may_end_at_the_end_of_x_where_two_rows_show_it() -> None:
    assert law([4, 3, 6, 6], [3, 2, 5, 6], steps=6) == Law("offset", 1, cut=True)
    assert law([4, 6, 6], [3, 5, 6], steps=6) is None


@given(ROWS, st.integers(2, 16))
def test_lengths_of_unpooled_steps_are_a_factor_too_large(ends: np.ndarray, by: int) -> None:
    found = law(ends * by, ends)
    if len(np.unique(ends)) > 1 and found is not None and found.kind != "offset":
        assert found == Law("times", by)
    elif found is None:
        assert len(np.unique(ends)) == 1


@pytest.mark.parametrize("by", [2, 3, 4, 8])
@pytest.mark.parametrize("rounded", ["up", "down"])
def test_pooling_rounds(by: int, rounded: str) -> None:
    lengths = np.array([37, 80, 55, 61, 19])
    pooled = -(-lengths // by) if rounded == "up" else lengths // by
    assert law(lengths, pooled) == Law("times", by, rounded)  # type: ignore[arg-type]
    assert law(pooled, lengths) == Law("over", by, rounded)  # type: ignore[arg-type]


def test_a_factor_that_only_fits_when_rounded_needs_more_than_two_lengths() -> None:
    assert law([9, 13], [5, 7]) is None
    assert law([9, 13, 9], [5, 7, 5]) is None


@given(ROWS, st.randoms(use_true_random=False))
def test_lengths_of_the_same_rows_in_another_order(ends: np.ndarray, dice: object) -> None:
    counts = ends.copy()
    dice.shuffle(counts)  # type: ignore[attr-defined]
    found = law(counts, ends)
    if np.array_equal(counts, ends):
        assert found is None
    else:
        assert found is not None
        assert found.kind in ("order", "offset")


def test_how_the_order_is_another_is_told() -> None:
    assert law([6, 3, 2, 5], [3, 2, 5, 6]) == Law("order", 1)
    assert law([2, 5, 6, 3], [3, 2, 5, 6]) == Law("order", -1)
    assert law([6, 5, 2, 3], [3, 2, 5, 6]) == Law("order", turned=True)
    assert law([6, 5, 3, 2], [3, 2, 5, 6]) == Law("order")


def test_lengths_that_count_cells_that_are_not_padding() -> None:
    assert law([2, 3], [4, 3], held=[2, 3]) == Law("filled")
    assert law([2, 3], [4, 3], held=[2, 3], starts=[1, 0]) == Law("filled")
    assert law([2, 3], [4, 4], held=[2, 3]) == Law("filled")


def test_rows_that_begin_late_by_the_same_number_of_steps() -> None:
    assert law([2, 3, 1], [4, 5, 3], starts=[2, 2, 2]) == Law("late", 2)
    assert law([2, 3, 1], [4, 5, 3], starts=[2, 2, 2], held=[1, 2, 1]) == Law("late", 2)
    assert law([2, 3, 1], [4, 4, 3], starts=[2, 1, 2]) == Law("filled")


@given(ROWS)
def test_right_lengths_have_no_law(ends: np.ndarray) -> None:
    assert law(ends, ends) is None


def test_one_row_and_one_length_for_all_rows_have_no_law() -> None:
    assert law([4], [3]) is None
    assert law([9, 9, 9], [3, 4, 8]) is None
    assert law([9, 8, 2], [3, 4, 8]) is None
