"""Rows and steps of a result are found by what grows and what shrinks, else by the shape, and then seldom for sure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import Batch, Call, make_batch
from packviz.torch_side.probe.axes import Reading, Sizes, by_shape, reading, resized, sizes_of

SIZES = Sizes(rows=3, steps=5, longest=4)


def batch_of(lengths: Any = (3, 2, 4), batch_first: bool = True, total: int | None = None) -> Batch:
    x = np.arange(1.0, 16).reshape(3, 5)
    return make_batch(x if batch_first else x.T, np.array(lengths), Call(batch_first, False, total_length=total))


@pytest.mark.parametrize(
    ("shape", "batch_first", "expected"),
    [
        ((3, 5, 6), True, Reading(0, 1)),
        ((3, 4, 6), True, Reading(0, 1, sure=False)),  # 4 is the longest length, or four of anything
        ((3, 5, 6), False, Reading(0, 1, sure=False)),
        ((5, 3, 6), True, Reading(1, 0, sure=False)),
        ((5, 3, 6), False, Reading(1, 0, sure=False)),
        ((2, 3, 6), True, Reading(1, None)),
        ((2, 3, 6), False, Reading(1, None)),
        ((3, 1, 6), True, Reading(0, None)),
        ((3, 6), True, Reading(0, None)),
        ((3, 5), True, Reading(0, 1, sure=False)),
        ((5, 3), False, Reading(1, 0, sure=False)),
        ((2, 3), True, Reading(1, None)),
        ((3, 3), False, Reading(0, None)),
        ((3,), True, Reading(0, None)),
        ((7,), True, None),
        ((), True, None),
        ((7, 2, 3), True, None),
    ],
)
def test_by_its_shape_alone_only_a_result_like_x_is_surely_outputs(
    shape: tuple[int, ...], batch_first: bool, expected: Reading | None
) -> None:
    assert by_shape(shape, SIZES, batch_first) == expected
    assert reading(shape, None, SIZES, batch_first) == expected


def test_in_a_square_batch_no_shape_is_sure() -> None:
    square = Sizes(4, 4, 4)
    assert by_shape((4, 4, 6), square, True) == Reading(0, 1, sure=False)
    assert by_shape((4, 4, 6), square, False) == Reading(1, 0, sure=False)
    assert reading((4, 4, 6), (5, 3, 6), square, False) == Reading(0, 1)
    assert reading((4, 4, 6), (4, 5, 6), square, True) == Reading(1, None)


@pytest.mark.parametrize(
    ("shape", "other", "expected"),
    [
        ((3, 5, 6), (4, 3, 6), Reading(0, 1)),
        ((3, 4, 6), (4, 3, 6), Reading(0, 1)),
        ((5, 3, 6), (3, 4, 6), Reading(1, 0)),
        ((3, 6, 5), (4, 6, 3), Reading(0, 2)),  # channels first
        ((2, 2, 3, 6), (2, 2, 4, 6), Reading(2, None)),  # a state by layer and direction
        ((3, 5), (4, 3), Reading(0, 1)),
        ((3, 5), (4, 5), Reading(0, None)),  # five features
        ((4, 3, 6), (4, 4, 6), Reading(1, None)),  # four layers and directions
        ((3, 2, 6), (4, 1, 6), Reading(0, None)),  # pooled: not the steps of x
        ((3, 3), (4, 3), Reading(0, None)),
        ((5,), (3,), None),
        ((3,), (3,), None),  # three features, or x was not looked at
    ],
)
def test_rows_grow_and_steps_shrink(shape: tuple[int, ...], other: tuple[int, ...], expected: Reading | None) -> None:
    assert reading(shape, other, SIZES, True) == expected


def test_a_dimension_of_total_length_stays_as_it_is_and_may_hold_steps_or_not() -> None:
    assert reading((3, 8, 6), (4, 8, 6), SIZES._replace(total=8), True) == Reading(0, 1, sure=False)


def test_the_longest_length_is_at_most_the_number_of_steps() -> None:
    assert sizes_of(batch_of((3, 2, 9), total=7)) == Sizes(3, 5, 5, 7)


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("kind", [torch.tensor, np.array, list, tuple])
def test_another_size_has_a_row_more_and_fewer_steps_and_lengths_to_match(batch_first: bool, kind: Any) -> None:
    batch = batch_of(batch_first=batch_first)
    found = resized(torch.tensor(batch.x.copy()), kind([3, 2, 4]), batch)
    assert found is not None
    x, lengths = found
    grid = x if batch_first else x.T
    assert grid.tolist() == [[1, 2, 3], [1, 2, 3], [6, 7, 8], [11, 12, 13]]
    assert list(map(int, lengths)) == [3, 3, 2, 3]
    assert type(lengths) is type(kind([3, 2, 4]))


@pytest.mark.parametrize("lengths", [torch.ones(3, 5), torch.tensor([1, 2]), [3, 2], 4, None])
def test_lengths_that_are_not_one_for_each_row_have_no_other_size(lengths: object) -> None:
    assert resized(torch.ones(3, 5), lengths, batch_of()) is None


def test_of_one_step_there_are_no_fewer() -> None:
    assert resized(torch.ones(3, 5), [1, 1, 1], batch_of((1, 1, 1))) is None


@given(st.integers(1, 6), st.integers(2, 7), st.integers(1, 6), st.integers(0, 999), st.permutations(range(3)))
def test_rows_and_steps_are_found_whatever_the_sizes_and_the_order(
    rows: int, steps: int, features: int, seed: int, order: list[int]
) -> None:
    lengths = np.random.default_rng(seed).integers(1, steps + 1, rows)
    batch = make_batch(np.ones((rows, steps, features)), lengths, Call(True, False))
    x = torch.ones(rows, steps, features)
    found = resized(x, torch.tensor(lengths), batch)
    if found is None:
        assert lengths.max() == 1
        return
    shapes = (tuple(value.permute(order).shape) for value in (x, found[0]))
    assert reading(*shapes, sizes_of(batch), True) == Reading(order.index(0), order.index(1))
