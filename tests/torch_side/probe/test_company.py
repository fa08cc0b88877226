"""Rows alone and in other company."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from packviz.torch_side.probe.company import ALONE, Apart, groups_of, in_other_company, matches, sample
from packviz.torch_side.probe.rows import Judge
from tests.torch_side.probe.callers import calling, parts_in
from tests.torch_side.probe.functions import LENGTHS, pooled
from tests.torch_side.probe.test_judging import law_batch


def held(fn: Any, lengths: Any = LENGTHS) -> Apart:
    batch = law_batch(lengths=lengths)
    with calling(fn, batch) as caller:
        return in_other_company(caller, parts_in(caller), Judge(caller.plain), np.arange(batch.rows), None)


def mean_over_all(x: Tensor, n: Tensor) -> Tensor:
    return pooled(x, n) * n[:, None] / x.shape[1]


@given(st.lists(st.integers(0, 9), min_size=1, max_size=60))
def test_a_sample_has_the_first_the_shortest_and_the_longest_and_no_empty_row(lengths: list[int]) -> None:
    numbers = np.array(lengths)
    chosen = sample(numbers)
    there = np.flatnonzero(numbers > 0)
    assert len(chosen) == len(set(chosen)) <= ALONE
    assert set(chosen) <= set(there.tolist())
    if len(there) <= ALONE:
        assert chosen == there.tolist()
    else:
        assert chosen[0] == there[0]
        assert numbers[chosen].max() == numbers.max()
        assert numbers[chosen].min() == numbers[there].min()


@given(st.lists(st.integers(0, 9), min_size=1, max_size=60).filter(any))
def test_groups_have_each_row_once_and_the_longest_by_themselves(lengths: list[int]) -> None:
    numbers = np.array(lengths)
    groups = groups_of(numbers)
    assert sorted(row for group in groups for row in group) == np.flatnonzero(numbers > 0).tolist()
    assert set(numbers[groups[-1]].tolist()) == {numbers.max()}
    assert all(numbers[group].max() < numbers.max() for group in groups[:-1])
    assert all(group == sorted(group) for group in groups)


def test_each_row_is_held_against_itself_alone() -> None:
    right, wrong = held(pooled), held(mean_over_all)
    assert not right.apart[0].any()
    assert wrong.apart[0].tolist() == [True, False, True, True]
    assert wrong.tested.all()
    assert sorted(wrong.alone) == [0, 1, 2, 3]
    assert not wrong.said


def test_of_many_rows_some_are_run_alone_and_all_in_groups_and_that_is_said() -> None:
    lengths = [7, *([1, 2, 3, 4, 5, 6] * 8)]
    wrong = held(mean_over_all, lengths)
    assert wrong.apart[0].tolist() == [length < 7 for length in lengths]
    assert ALONE - 2 <= len(wrong.alone) <= ALONE
    assert wrong.tested.all()
    assert f"{len(wrong.alone)} of 49 rows were run alone, and all of them in 8 groups" in wrong.said[0]
    assert not held(pooled, lengths).apart[0].any()


def test_what_takes_no_row_alone_is_run_over_copies() -> None:
    def of_four(fn: Any) -> Any:
        def only(x: Tensor, n: Tensor) -> Tensor:
            if len(x) < 4:
                raise ValueError("four rows, please")
            return fn(x, n)

        return only

    right, wrong = held(of_four(pooled)), held(of_four(mean_over_all))
    assert not right.apart[0].any()
    assert wrong.apart[0].tolist() == [True, False, True, True]
    assert "ValueError: four rows, please" in wrong.said[0]


def test_what_takes_one_size_only_is_not_tested() -> None:
    def only(x: Tensor, n: Tensor) -> Tensor:
        if x.shape[1] != 7 and len(x) != 5:
            raise ValueError("seven steps, please")
        return pooled(x, n)

    found = held(only)
    assert found.failed == "ValueError: seven steps, please"
    assert not found.tested.any()


def test_what_returns_other_rows_over_one_is_run_over_copies_and_what_was_squeezed_is_not() -> None:
    def of_four_rows_or_more(x: Tensor, n: Tensor) -> Tensor:
        return torch.cat([pooled(x, n), torch.zeros(max(0, 4 - len(x)), x.shape[2])])

    four = held(of_four_rows_or_more)
    assert not four.apart[0].any()
    assert four.tested.all()
    assert "each row was held against copies" in four.said[0]
    assert not held(lambda x, n: pooled(x, n).squeeze()).apart[0].any()


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [1, 3, 2, 0]])
def test_the_place_of_each_result_in_the_batch_is_found(order: list[int]) -> None:
    batch = law_batch()

    def fn(x: Tensor, n: Tensor) -> Tensor:
        return pooled(x, n)[order] if len(x) == 4 else pooled(x, n)

    with calling(fn, batch) as caller:
        parts, judge = parts_in(caller), Judge(caller.plain)
        found = in_other_company(caller, parts, judge, np.arange(4), None)
        told = matches(found, parts, 0, judge, 4, caller.padding.lengths)
    assert {row: np.flatnonzero(places).tolist() for row, places in told.items()} == {
        row: [order.index(row)] for row in range(4)
    }
    assert torch.is_tensor(found.alone[0][0])
