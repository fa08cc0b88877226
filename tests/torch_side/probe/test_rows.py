"""Rows are held against each other with rounding in mind."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import pack_sequence

from packviz.torch_side.probe.axes import Reading
from packviz.torch_side.probe.results import Part
from packviz.torch_side.probe.rows import Judge, is_whole, laid, laid_all, none

JUDGE = Judge(torch.ones(3))


def apart(new: Any, old: Any) -> list[bool]:
    return JUDGE.apart(torch.as_tensor(new), torch.as_tensor(old)).tolist()


def test_what_differs_by_more_than_rounding_is_apart() -> None:
    one = torch.tensor([1.0, 1.0, 1.0, 0.0, torch.nan, torch.inf, 1.0])
    other = torch.tensor([1.0, 1.00001, 1.01, 1e-7, torch.nan, torch.inf, torch.nan])
    assert apart(other, one) == [False, False, True, False, False, False, True]
    assert apart([1, 2], [1, 3]) == [False, True]
    assert apart([True], [False]) == [True]


def test_large_numbers_of_x_and_of_the_result_make_it_wider_but_a_few_huge_ones_do_not() -> None:
    assert Judge(torch.full((4,), 1e4)).apart(torch.tensor([1e-3]), torch.tensor([0.0])).tolist() == [False]
    usual = torch.tensor([1.0] * 20 + [-1e9])
    assert JUDGE.apart(usual + torch.tensor([0.01] * 20 + [0.0]), usual).tolist() == [True] * 20 + [False]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
def test_the_rounding_of_other_sizes_is_never_apart(kind: Any, dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    rnn, x = kind(8, 16, 2, batch_first=True, bidirectional=True).to(dtype), torch.randn(33, 60, 8).to(dtype)
    with torch.no_grad():
        whole = rnn(x)[0]
        for row in (0, 7, 32):
            assert not JUDGE.apart(rnn(x[row : row + 1])[0], whole[row : row + 1]).any()


@given(st.integers(1, 400), st.integers(0, 99), st.sampled_from([1e-3, 1.0, 1e4]))
def test_sums_in_another_order_are_never_apart(steps: int, seed: int, size: float) -> None:
    x = torch.randn(5, steps, generator=torch.Generator().manual_seed(seed)) * size
    judge = Judge(x)
    for fn in (torch.sum, torch.mean):
        assert not judge.apart(fn(x.flip(1), 1), fn(x, 1)).any()
        assert not judge.apart(fn(x.double(), 1).float(), fn(x, 1)).any()


def part(value: Any, reading: Reading) -> Part:
    return Part("the result", value, reading)


def test_a_tensor_is_laid_row_by_row() -> None:
    value = torch.arange(24).reshape(2, 3, 4)
    assert laid(part(value, Reading(1, None)), value, 3).tolist() == value.transpose(0, 1).tolist()  # type: ignore[union-attr]
    assert laid(part(value, Reading(1, 2)), value, 3).shape == (3, 4, 2)  # type: ignore[union-attr]
    beams = torch.arange(24).reshape(6, 4)
    several = laid(part(beams, Reading(0, None, times=2)), beams, 3)
    assert several is not None
    assert several[1].tolist() == beams[2:4].tolist()
    steps = laid(part(beams, Reading(0, 1, times=2)), beams, 3)
    assert steps is not None
    assert steps[1, 3].tolist() == [beams[2, 3], beams[3, 3]]
    packed = pack_sequence([torch.ones(2), torch.full((3,), 2.0)], enforce_sorted=False)
    assert laid(part(packed, Reading(0, 1)), packed, 2).tolist() == [[1, 1, 0], [2, 2, 2]]  # type: ignore[union-attr]


def test_what_has_other_rows_is_laid_nowhere_but_one_row_that_was_squeezed_is() -> None:
    value = torch.zeros(3, 4)
    which = part(value, Reading(0, None))
    assert laid(which, torch.zeros(2, 4), 3) is None
    assert laid(which, torch.zeros(4), 1).shape == (1, 4)  # type: ignore[union-attr]
    assert laid(which, torch.zeros(()), 1) is None
    assert laid_all([which], [("another", value)], 3) == [None]
    assert laid_all([which], [("the result", value), ("the number", 3)], 3)[0] is not None


def test_rows_are_held_against_each_other_in_what_both_have_and_before_the_lengths() -> None:
    which = part(torch.zeros(2, 4), Reading(0, 1))
    old = torch.tensor([[1.0, 2, 3, 0], [1, 2, 3, 4]])
    new = torch.tensor([[1.0, 2, 9], [1, 2, 9]])
    assert JUDGE.rows_apart(which, new, old, np.array([2, 3])).tolist() == [False, True]
    state = part(torch.zeros(2, 4), Reading(0, None))
    assert JUDGE.rows_apart(state, new, old, np.array([2, 3])).tolist() == [True, True]


def test_whole_numbers_are_told_and_none_is_none() -> None:
    assert is_whole(part(torch.zeros(2, dtype=torch.int64), Reading(0, None)))
    assert not is_whole(part(torch.zeros(2), Reading(0, None)))
    assert none(2).tolist() == [False, False]
