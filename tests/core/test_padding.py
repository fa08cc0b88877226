"""The padding value, rounded as torch rounds it when it fills x."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import Call, make_batch
from packviz.core.padding import filled_cells, padding_of, padding_share, round_bfloat16


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("value", [0, 0.1, -1e-8, 1e30, float("inf")])
def test_the_padding_value_is_that_of_a_tensor_that_is_filled_with_it(dtype: str, value: float) -> None:
    filled = torch.full((1, 2), value, dtype=torch.float64).to(getattr(torch, dtype))
    x = (filled.float() if dtype == "bfloat16" else filled).numpy()
    assert padding_of(make_batch(x, [2], Call(True, padding_value=value), dtype=dtype)) == x[0, 0]


@pytest.mark.parametrize(("value", "held"), [(3.0, 3), (0.5, 0.5), (float("inf"), float("inf"))])
def test_whole_numbers_hold_what_they_can(value: float, held: float) -> None:
    assert padding_of(make_batch(np.zeros((1, 2), dtype=np.int64), [2], Call(True, padding_value=value))) == held


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=50))
def test_bfloat16_is_rounded_bit_by_bit_as_torch_does(bits):
    single = np.array(bits, dtype=np.uint32).view(np.float32)
    expected = torch.from_numpy(single.copy()).bfloat16().float().numpy()
    np.testing.assert_array_equal(round_bfloat16(single), expected)


def test_a_number_halfway_between_two_bfloat16_goes_to_the_even_one():
    single = np.array([0x3F808000, 0x3F818000, 0x3F808001, 0x3F817FFF], dtype=np.uint32).view(np.float32)
    expected = torch.from_numpy(single.copy()).bfloat16().float().numpy()
    np.testing.assert_array_equal(round_bfloat16(single), expected)


def test_the_share_of_padding_is_that_of_the_cells_beyond_the_lengths() -> None:
    assert padding_share(make_batch(np.ones((2, 4)), [4, 2], Call(True))) == 0.25
    assert padding_share(make_batch(np.ones((2, 4)), [9, -1], Call(True))) == 0.5


@pytest.mark.parametrize(
    ("x", "lengths", "device"),
    [
        (np.ones(4), [4], "cpu"),
        (np.ones((2, 4)), [4], "cpu"),
        (np.ones((2, 4)), [[4, 2]], "cpu"),
        (np.ones((2, 4)), [4, float("nan")], "cpu"),
        (np.ones((2, 4)), [0, 0], "meta"),
        (np.ones((2, 0)), [0, 0], "cpu"),
    ],
)
def test_there_is_no_share_of_padding_where_lengths_are_not_one_number_a_row(x: Any, lengths: Any, device: str) -> None:
    assert padding_share(make_batch(x, lengths, Call(True), lengths_device=device)) is None


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("batch_first", [True, False])
def test_a_cell_is_filled_where_any_feature_differs_from_the_padding_value(batch_first: bool, order: str) -> None:
    x = np.array([[[0, 0], [0, 1], [0, 0]], [[np.nan, 0], [0, 0], [0, 0]]], order=order)  # type: ignore[call-overload]
    given = x if batch_first else x.swapaxes(0, 1)
    batch = make_batch(given, [3, 3], Call(batch_first))
    assert filled_cells(batch).tolist() == [[False, True, False], [True, False, False]]
    assert filled_cells(batch.with_call(padding_value=float("nan"))).all(axis=1).tolist() == [True, True]


def test_an_empty_batch_has_no_share_of_padding() -> None:
    assert padding_share(make_batch(np.ones((3, 5, 0)), [3, 2, 1], Call(True))) is None
