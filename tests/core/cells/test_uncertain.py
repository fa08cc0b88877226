"""Where cells prove nothing: what layers make of padding, and padding values that are values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
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
    assert is_computed(batch(padded() + 1)), "the same vector everywhere: nobody would take it for data"
    one = padded() + 1
    one[5, 5] += 1
    lengths = LENGTHS.clone()
    lengths[4] -= 1
    assert not is_computed(batch(one, lengths)), "and before it a cell of data that is cut off"
    torch.manual_seed(0)
    embedded = nn.Embedding(50, 6)((torch.rand(8, 12) * 49).long() + 1)
    x = torch.where((torch.arange(12) < LENGTHS[:, None])[..., None], embedded, torch.rand(6))
    lengths = LENGTHS.clone()
    lengths[3] -= 2
    assert not is_computed(batch(x, lengths)), "a length that cuts off data is one row's"


@pytest.mark.parametrize("lengths", [[12] * 8, [11] * 8, [12, 0] * 4, [13] * 8, [12]])
def test_no_cells_or_lengths_that_are_wrong_say_nothing(lengths: list[int]) -> None:
    assert not is_computed(batch(torch.rand(8, 12, 6), lengths))


def fewer(steps: int, short: int, less: int) -> Tensor:
    """Lengths of 8 rows, of which so many are less than the steps of x."""
    return torch.tensor([steps] * (8 - short) + [steps - less] * short)


@pytest.mark.parametrize("less", [1, 2, 3])
@pytest.mark.parametrize("short", [1, 2, 3])
@pytest.mark.parametrize("layer", [dropped, encoded, convolved])
def test_a_few_cells_of_padding_that_a_layer_saw_are_no_data(layer: Any, short: int, less: int) -> None:
    """Batches of rows of nearly the same length, as a sampler that sorts by length gives them."""
    torch.manual_seed(0)
    lengths = fewer(12, short, less)
    x = (torch.rand(8, 12, 6) + 0.5) * (torch.arange(12) < lengths[:, None])[..., None]
    assert is_computed(batch(layer(x), lengths))
    assert not is_computed(batch(x, lengths)), "padded with 0"


@pytest.mark.parametrize("value", [1, -100])
def test_one_cell_alone_is_no_data_whatever_it_holds(value: int) -> None:
    """The end of one row, in ids that are padded with another number than 0."""
    ids = torch.randint(3, 9, (8, 12), generator=torch.Generator().manual_seed(0))
    ids[7, 11] = value
    assert is_computed(batch(ids, fewer(12, 1, 1)))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), rows=st.integers(1, 8), steps=st.integers(2, 9), features=st.integers(16, 40))
def test_embedded_padding_is_no_data_with_or_without_dropout(seed: int, rows: int, steps: int, features: int) -> None:
    random = np.random.default_rng(seed)
    lengths = random.integers(1, steps + 1, rows)
    x = random.normal(size=(rows, steps, features)).astype(np.float32)
    x[np.arange(steps) >= lengths[:, None]] = random.normal(size=features)
    kept = random.random(x.shape) < random.choice([0.5, 0.8, 1.0])
    assert is_computed(batch(torch.tensor(x * kept), lengths)) == bool((lengths < steps).any())


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), rows=st.integers(2, 8), steps=st.integers(4, 9), by=st.integers(1, 2))
def test_data_that_is_cut_off_before_padding_is_data(seed: int, rows: int, steps: int, by: int) -> None:
    """One row's length is too small, and there is padding beyond what it cuts off and beyond other rows."""
    random = np.random.default_rng(seed)
    lengths = np.full(rows, steps - 1)
    x = random.random((rows, steps, 6)).astype(np.float32) + 0.5
    x[:, -1] = 0
    lengths[random.integers(rows)] -= by
    assert not is_computed(batch(torch.tensor(x), lengths))


def test_where_some_of_the_cells_beyond_are_padding_the_others_are_data() -> None:
    x = padded()
    beyond = torch.arange(12) >= LENGTHS[:, None]
    for many, computed in ((9, False), (5, False), (3, True)):  # of 40: one in ten is enough
        x[beyond] = 7.0  # one vector
        x[6, 3 : 3 + many] = 0
        assert int((x[beyond] == 0).all(dim=1).sum()) == many
        assert is_computed(batch(x)) == computed


def test_cells_that_end_otherwise_in_each_row_are_no_smear_though_most_are_one_vector() -> None:
    x = padded() + 1
    x[torch.arange(12) >= LENGTHS[:, None]] = 1.5
    x[7, 2:4] = torch.rand(2, 6)  # beyond the shortest row two cells of data
    beyond = torch.arange(12) >= LENGTHS[:, None]
    assert 0.5 < float((x[beyond] == 1.5).all(dim=1).float().mean()) < 0.96
    assert not is_computed(batch(x))
    for row in range(1, 8):
        x[row, LENGTHS[row] : LENGTHS[row] + 2] = torch.rand(6)  # and now beyond each
    assert is_computed(batch(x))


def test_padding_at_the_last_step_of_the_rows_alone_is_no_value() -> None:
    """Lengths that count one step of padding."""
    assert not is_a_value(batch(padded(), torch.minimum(LENGTHS + 1, torch.tensor(12))))
    x = padded()
    x[:7, 1] = 0
    assert is_a_value(batch(x, LENGTHS + (LENGTHS < 12)))


def test_without_features_cells_that_are_unlike_each_other_are_data() -> None:
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
