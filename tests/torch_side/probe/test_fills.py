"""What is put into padding, and what counts as a difference."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from packviz.core.batch import BatchError, Call, make_batch
from packviz.torch_side.probe.fills import BLIND, SQUARE, differs, filled, float_fills, notes_on, padding_of_batch


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_large_values_are_finite_in_every_dtype(dtype: torch.dtype) -> None:
    nan, large = float_fills(dtype)
    assert nan.label == "NaN"
    assert large.values[0] == -large.values[1]
    assert torch.isfinite(torch.tensor(large.values, dtype=dtype) * 50).all()


def test_rounding_is_no_difference_but_nan_and_infinity_are() -> None:
    old = torch.tensor([1.0, 1.0, 1.0, 1.0, float("nan"), float("inf")])
    new = torch.tensor([1.0, 1.0 + 1e-7, 1.001, float("nan"), float("nan"), float("inf")])
    assert differs(new, old).tolist() == [False, False, True, True, False, False]
    assert differs(torch.tensor([1, 2]), torch.tensor([1, 3])).tolist() == [False, True]


def test_filling_leaves_x_as_it_is() -> None:
    x = torch.tensor([[1.0, float("nan"), 3.0]])
    cells = torch.tensor([[False, True, True]])
    assert filled(x, cells, None).tolist() == [[1.0, 0.0, 3.0]]
    assert filled(x, cells, 7.0).tolist() == [[1.0, 7.0, 7.0]]
    assert x[0, 1].isnan()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_a_difference_of_one_rounding_is_none_and_one_of_many_is(dtype: torch.dtype) -> None:
    one, eps = torch.ones(1, dtype=dtype), torch.finfo(dtype).eps
    assert not differs(one + eps, one).any()
    assert differs(one * 1.1, one).any()


def test_what_can_not_be_seen_is_said() -> None:
    def notes(x: np.ndarray) -> list[str]:
        batch = make_batch(x, [2] * len(x), Call(True, False))
        return notes_on(batch, padding_of_batch(batch))

    x = np.array([[1.0, 2, 0], [3, 4, 0]])
    assert notes(x) == []
    assert notes(x[:, :2]) == [SQUARE]
    x[1, 0] = np.inf
    assert notes(x) == [BLIND.format("row 1")]
    x[:, 0], x[1, 2] = 1, np.nan  # in the padding it is replaced
    assert notes(x) == []


def test_x_without_cells_has_no_padding() -> None:
    with pytest.raises(BatchError, match=r"x has shape \(0, 2\): there is nothing to probe"):
        padding_of_batch(make_batch(np.zeros((0, 2)), [], Call(True)))
