"""Where cells prove nothing: what layers make of padding, and padding values that are values."""

from __future__ import annotations

from math import exp, factorial
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.cells.uncertain import SURE, _at_least, ends_by_chance, is_a_value, is_computed

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


@pytest.mark.parametrize("lengths", [[12] * 8, [11] * 8, [11] * 7, [12, 0] * 4, [13] * 8, [12]])
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
    for many, computed in ((9, False), (5, False), (4, False), (3, True)):  # of 40: one in ten is enough
        x[beyond] = 7.0  # one vector
        x[6, 3 : 3 + many] = 0
        assert int((x[beyond] == 0).all(dim=1).sum()) == many
        assert is_computed(batch(x)) == computed


@pytest.mark.parametrize(
    ("lengths", "computed"),
    [
        ([10] * 3, False),  # 6 cells that are unlike each other, and no row fills x
        ([10] * 4, True),  # 8 are enough
        ([10] * 2 + [12], True),  # a row fills x
        ([4], False),  # of one row alone
        ([4, 12], True),
        ([11] * 12, False),  # x is a step longer than all sequences
        ([11] * 12 + [12], True),
    ],
)
def test_cells_unlike_each_other_are_few_or_stand_where_x_is_filled(lengths: list[int], computed: bool) -> None:
    x = torch.rand((len(lengths), 12, 6), generator=torch.Generator().manual_seed(0)) + 0.5
    assert is_computed(batch(x, lengths)) == computed


def test_cells_that_end_otherwise_in_each_row_are_no_smear_though_most_are_one_vector() -> None:
    x = padded() + 1
    x[torch.arange(12) >= LENGTHS[:, None]] = 1.5
    beyond = torch.arange(12) >= LENGTHS[:, None]
    for shortest, other, share in ((9, 8, 0.575), (9, 3, 0.7), (9, 0, 0.775), (2, 0, 0.95)):
        x[beyond] = 1.5
        x[7, 2 : 2 + shortest] = torch.rand(shortest, 6)  # so many cells of data beyond the shortest row
        x[6, 3 : 3 + other] = torch.rand(other, 6)  # and beyond another
        assert float((x[beyond] == 1.5).all(dim=1).float().mean()) == pytest.approx(share)
        assert not is_computed(batch(x))
    for row in range(1, 8):
        x[row, LENGTHS[row] : LENGTHS[row] + 2] = torch.rand(6)  # and now beyond each
    assert is_computed(batch(x))


def test_a_cell_of_data_beyond_another_row_than_the_shortest_is_data() -> None:
    x = padded() + 1
    x[torch.arange(12) >= LENGTHS[:, None]] = 1.5
    x[1, 11] = torch.rand(6)
    assert not is_computed(batch(x))


def test_a_vector_that_comes_twice_between_padding_may_be_data() -> None:
    x = padded()
    for row, computed in ((7, False), (6, False), (5, True)):
        x[row, 11] = torch.tensor([7.0, 0, 1, 0, 0, 2])
        assert is_computed(batch(x)) == computed


def test_how_likely_a_run_at_the_end_is() -> None:
    """10 rows of 11 cells, of which one inside is 0, and a run of them at the end of a row."""
    for run, by_chance in ((3, True), (4, False)):
        x = torch.ones(10, 11, 1)
        x[4, 5], x[0, 11 - run :] = 0, 0
        rate = 1 / (110 - run)
        assert (10 * rate**run >= SURE) == by_chance
        assert ends_by_chance(batch(x, [11] * 10)) == by_chance


@pytest.mark.parametrize(("steps", "by_chance"), [(9, True), (13, False)])
def test_features_that_are_never_0_together_are_not_so_each_by_itself(steps: int, by_chance: bool) -> None:
    """Where many cells would be, if they were."""
    x = nn.functional.one_hot(torch.arange(4 * steps).reshape(4, steps) % 2, 2).float()
    x[2, steps - 1] = 0
    assert ends_by_chance(batch(x, [steps] * 4)) == by_chance


def test_padding_that_is_no_number_comes_by_chance_too() -> None:
    x = torch.rand((32, 60, 8), generator=torch.Generator().manual_seed(0))
    x[torch.rand(x.shape, generator=torch.Generator().manual_seed(1)) < 0.3] = torch.nan
    x[..., 0][x.isnan().all(dim=2)] = 1
    x[torch.arange(60) >= LONG[:, None]] = torch.nan
    x[5, LONG[5] - 1] = torch.nan
    call = Call(batch_first=True, enforce_sorted=False, padding_value=float("nan"))
    assert ends_by_chance(make_batch(x.numpy(), LONG.numpy(), call))


def test_rows_of_one_step_say_nothing_of_the_padding_value() -> None:
    x = padded()
    x[:3, 1] = 0
    assert is_a_value(batch(x, [12, 11, 9, 1, 1, 1, 1, 1]))
    assert not is_a_value(batch(padded(), [12, 11, 9, 1, 1, 1, 1, 1]))


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
    x = padded()
    for row in range(8):  # all of 2 steps and more, the last of which is not looked at
        assert is_a_value(batch(x)) == (row > 4), "one row may be broken, and half of them"
        x[row, 0] = 0
    assert not is_a_value(batch(labels, LENGTHS + 5))
    assert not is_a_value(batch(labels, [1] * 8))


WITHIN = (torch.arange(60) < torch.linspace(20, 60, 32).long()[:, None])[..., None]
"""(B, T, 1): of 32 rows of 20 to 60 steps."""
LONG = WITHIN.sum(dim=(1, 2))
THIN = {
    "relu, masked": lambda x, layer: torch.relu(layer(x)) * WITHIN,
    "relu without bias": lambda x, layer: torch.relu(x @ layer.weight.T),
    "dropout, masked": lambda x, layer: nn.functional.dropout(layer(x), 0.5) * WITHIN,
    "relu and dropout, masked": lambda x, layer: nn.functional.dropout(torch.relu(layer(x)), 0.3) * WITHIN,
}
"""What gives cells all of whose features are 0, now and then, of right batches."""


def thin(name: str, width: int, seed: int) -> Tensor:
    torch.manual_seed(seed)
    return THIN[name](torch.randn(32, 60, 6) * WITHIN, nn.Linear(6, width))


@pytest.mark.parametrize("width", [1, 2, 4, 8])
@pytest.mark.parametrize("name", THIN)
def test_cells_at_the_ends_that_are_zero_by_chance_prove_nothing(name: str, width: int) -> None:
    met = 0
    for seed in range(30):
        x = thin(name, width, seed)
        ends = (x[torch.arange(32), LONG - 1] == 0).all(dim=1)
        dead = (x == 0).all(dim=(0, 1)).all()
        if ends.any() and not dead:
            met += 1
            assert ends_by_chance(batch(x, LONG))
    assert met or width == 8


@pytest.mark.parametrize("width", [4, 8])
@pytest.mark.parametrize("name", ["relu, masked", "dropout, masked"])
def test_a_run_of_them_is_no_chance(name: str, width: int) -> None:
    x = thin(name, width, 3)
    x[0, 5:20] = 0
    assert not ends_by_chance(batch(x, LONG)), "one row ends long before its length"
    x = thin(name, 8, 3)
    x[torch.arange(32), LONG - 1] = 0
    assert not ends_by_chance(batch(x, LONG)), "each row ends a step before its length"


def test_zeros_at_the_ends_alone_are_no_chance() -> None:
    torch.manual_seed(0)
    x = torch.randn(32, 60, 4) * WITHIN
    x[5, LONG[5] - 1] = 0
    assert not ends_by_chance(batch(x, LONG))
    one_hot = nn.functional.one_hot(torch.randint(20, (32, 60)), 20).float() * WITHIN
    one_hot[5, LONG[5] - 1] = 0
    assert not ends_by_chance(batch(one_hot, LONG)), "a feature is always 1: they are not 0 each by itself"
    ids = torch.randint(0, 3, (32, 60)) * WITHIN[..., 0]
    assert not ends_by_chance(batch(ids, LONG)), "an id is no chance"
    assert not ends_by_chance(batch(torch.zeros(32, 60, 2), LONG))
    assert not ends_by_chance(batch(torch.ones(32, 60, 2), LONG))


@pytest.mark.parametrize("width", [1, 2, 4])
def test_a_vector_of_which_dropout_takes_whole_cells_is_computed(width: int) -> None:
    torch.manual_seed(0)
    layer = nn.Linear(6, width)
    x = nn.functional.dropout(layer(torch.randn(32, 60, 6) * WITHIN), 0.5)
    assert is_computed(batch(x, LONG))
    data = torch.randn(32, 60, width) * WITHIN
    assert not is_computed(batch(data, LONG - 3)), "data that is cut off is no vector"
    ids = torch.where(torch.rand(32, 60) < 0.5, 7, 0)
    assert not is_computed(batch(ids, LONG - 3)), "of ids, nothing is set to 0"
    ones = torch.ones(32, 60, width) * WITHIN
    assert not is_computed(batch(ones, LONG - 3)), "and comes before the padding, not between it"


@given(st.integers(0, 12), st.floats(1e-6, 20))
def test_the_probability_is_poissons(many: int, expected: float) -> None:
    exact = sum(exp(-expected) * expected**k / factorial(k) for k in range(many, 120))
    assert _at_least(many, expected) == pytest.approx(exact, rel=0.5, abs=SURE / 100)
    assert (_at_least(many, expected) >= SURE) == (exact >= SURE) or exact == pytest.approx(SURE, rel=0.5)
