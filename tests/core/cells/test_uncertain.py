"""Where cells prove nothing: what layers make of padding, and padding values that are values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.cells.uncertain import is_a_value, is_computed

LENGTHS = torch.tensor([12, 11, 9, 8, 6, 5, 3, 2])


def batch(x: Tensor, lengths: Any = LENGTHS) -> Batch:
    return make_batch(x.detach().numpy(), np.asarray(lengths), Call(batch_first=True, enforce_sorted=False))


def padded() -> Tensor:
    random = torch.Generator().manual_seed(0)
    x = torch.rand((8, 12, 6), generator=random) + 0.5
    return x * (torch.arange(12) < LENGTHS[:, None])[..., None]


def dropped(x: Tensor) -> Tensor:
    return nn.functional.dropout(nn.Linear(6, 16)(x), 0.3)


def encoded(x: Tensor) -> Tensor:
    return x + torch.rand(12, 6)


def convolved(x: Tensor) -> Tensor:
    return nn.Conv1d(6, 6, 5, padding=2)(x.transpose(1, 2)).transpose(1, 2)


@pytest.mark.parametrize("layer", [dropped, encoded, convolved])
def test_what_a_layer_makes_of_padding_is_computed(layer: Any) -> None:
    torch.manual_seed(0)
    assert is_computed(batch(layer(padded())))


def test_padding_with_a_few_cells_of_data_is_none() -> None:
    assert not is_computed(batch(padded()))
    assert not is_computed(batch(padded(), LENGTHS - 1))
    assert not is_computed(batch(padded() + 1)), "one row of vectors that are all alike"
    torch.manual_seed(0)
    embedded = nn.Embedding(50, 6)((torch.rand(8, 12) * 49).long() + 1)
    x = torch.where((torch.arange(12) < LENGTHS[:, None])[..., None], embedded, torch.rand(6))
    lengths = LENGTHS.clone()
    lengths[3] -= 2
    assert not is_computed(batch(x, lengths)), "a length that cuts off data is one row's"


@pytest.mark.parametrize("lengths", [[12] * 8, [12] * 7 + [11], [11] * 8, [12, 0] * 4, [13] * 8, [12]])
def test_few_cells_or_lengths_that_are_wrong_say_nothing(lengths: list[int]) -> None:
    assert not is_computed(batch(torch.rand(8, 12, 6), lengths))


def test_without_features_nothing_is_computed() -> None:
    assert not is_computed(batch(torch.rand(8, 12)))
    assert not is_computed(batch(torch.rand(8, 12, 1)))
    assert not is_computed(batch((torch.rand(8, 12, 6) * 9).long() + 1))


def test_a_padding_value_that_stands_inside_most_rows_is_a_value() -> None:
    labels = torch.randint(0, 2, (8, 12), generator=torch.Generator().manual_seed(0))
    labels[torch.arange(12) >= LENGTHS[:, None]] = 0
    assert is_a_value(batch(labels))
    assert not is_a_value(batch(labels + 1 * (torch.arange(12) < LENGTHS[:, None])))
    one = padded()
    one[0, 3] = 0
    assert not is_a_value(batch(one)), "one row may be broken"
    assert not is_a_value(batch(labels, LENGTHS + 5))
    assert not is_a_value(batch(labels, [1] * 8))
