"""What the calls in a text make of values, with torch and NumPy as the oracles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.utils.rnn import pad_sequence

from packviz.core.batch import BatchError
from packviz.files.arrays import MOST_DIMENSIONS, Values
from packviz.files.paste import making
from packviz.files.paste.purse import Purse

FLOATS = Values(np.array([[1.5, -2.0], [0.0, 3.0]]), "float64", device="cuda:1")
SEQUENCES = st.lists(st.lists(st.integers(-9, 9), min_size=1, max_size=5), min_size=1, max_size=5)


def named(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


@pytest.mark.parametrize("name", sorted(making.LEGACY))
def test_the_older_constructors_have_torchs_dtypes(name: str) -> None:
    assert making.LEGACY[name] == named(getattr(torch, name)([[1, 2]]).dtype)


@pytest.mark.parametrize("method", sorted(making.METHODS))
def test_a_method_gives_the_numbers_that_torch_gives(method: str) -> None:
    made = making.same_numbers(FLOATS, method, Purse())
    own = torch.tensor(FLOATS.array)
    assert made.listed is (method == "tolist")
    assert made.device == {"cuda": "cuda:0", "cpu": "cpu", "tolist": "cpu"}.get(method, "cuda:1")
    if hasattr(own, method) and method not in ("cuda", "numpy", "tolist"):
        expected = getattr(own, method)()
        assert made.dtype == named(expected.dtype)
        np.testing.assert_array_equal(made.array, expected.detach().numpy())
    else:  # a GPU, or a list
        np.testing.assert_array_equal(made.array, FLOATS.array)


@given(SEQUENCES, st.booleans(), st.integers(-3, 3))
def test_sequences_are_padded_and_counted_as_torch_does(rows: list[list[int]], first: bool, filler: int) -> None:
    tensors = [torch.tensor(row) for row in rows]
    values = [Values(np.array(row), "int64") for row in rows]
    expected = pad_sequence(tensors, first, filler)
    made = making.padded(values, Purse(), batch_first=first, filler=filler)
    np.testing.assert_array_equal(made.array, expected.numpy())
    assert made.dtype == named(expected.dtype)
    assert making.lengths_of(values, Purse()) == [len(tensor) for tensor in tensors]


@pytest.mark.parametrize(
    "raw", [[[1, 2], [3, 4]], [[1.5, 2], [3, 4]], [[True, False]], [1 + 2j], 3, 2.5, [np.ones(2), np.zeros(2)]]
)
def test_an_array_has_the_dtype_that_torch_or_numpy_gives_it(raw: Any) -> None:
    for numpy in (False, True):
        made = making.array_of(raw, None, Purse(), numpy=numpy)
        assert made is not None
        expected = np.array(raw)
        np.testing.assert_array_equal(made.array, expected)
        if numpy:
            assert made.dtype == expected.dtype.name
        elif not isinstance(raw, list) or not isinstance(raw[0], np.ndarray):
            assert made.dtype == named(torch.tensor(raw).dtype)
    said = making.array_of([[1, 2]], "float16", Purse(), numpy=False)
    assert said is not None
    assert said.dtype == "float16"


def test_what_numbers_are_not_made_of_is_none_and_ragged_rows_are_refused() -> None:
    assert making.array_of("text", None, Purse(), numpy=False) is None
    assert making.array_of({"x": 1}, None, Purse(), numpy=True) is None
    with pytest.raises(BatchError, match="of different lengths"):
        making.array_of([[1, 2], [3]], None, Purse(), numpy=False)


def test_a_feature_is_added_as_unsqueeze_does_and_not_one_too_many() -> None:
    made = making.with_a_feature(FLOATS)
    np.testing.assert_array_equal(made.array, torch.tensor(FLOATS.array).unsqueeze(-1).numpy())
    assert made.device == FLOATS.device
    with pytest.raises(BatchError, match="dimensions, but a batch has"):
        making.with_a_feature(Values(np.zeros((1,) * MOST_DIMENSIONS), "float64"))


@pytest.mark.parametrize(
    ("shape", "made"),
    [((0, 5), (0, 5)), ([3, 0], (3, 0)), ((2, 3), (0,)), ((0, -1), (0,)), (5, (0,)), ((0, 2**41), (0,))],
)
def test_a_tensor_without_elements_has_the_shape_that_an_array_can_have(shape: object, made: tuple[int, ...]) -> None:
    found = making.emptied(Values(np.zeros(0, np.float32), "float32"), shape)
    assert (found.array.shape, found.dtype) == (made, "float32")


def test_a_device_without_a_number_is_the_first_and_none_is_the_cpu() -> None:
    assert [making.device_of(name) for name in ("cuda", "cuda:1", "mps", "")] == ["cuda:0", "cuda:1", "mps", "cpu"]


def test_what_is_made_is_paid_for_before() -> None:
    large = Values(np.zeros(10_000), "float64")
    for make in (
        lambda purse: making.recast(large.array, "float32", purse),
        lambda purse: making.same_numbers(large, "float", purse),
        lambda purse: making.array_of([0.0] * 10_000, "float32", purse, numpy=False),
        lambda purse: making.padded([large, large], purse, batch_first=True, filler=0),
        lambda purse: making.lengths_of([large] * 100, purse),
    ):
        with pytest.raises(BatchError, match="what this text makes"):
            make(Purse(budget=10))


@pytest.mark.parametrize("dtype", [None, "int64", "float16", "bool"])
def test_a_tensor_of_a_tensor_has_the_dtype_that_is_said(dtype: str | None) -> None:
    own = torch.tensor(FLOATS.array).to(None if dtype is None else getattr(torch, dtype))
    made = making.array_of(FLOATS, dtype, Purse(), numpy=False)
    assert made is not None
    assert made.dtype == named(own.dtype)
    assert made.array.tolist() == own.tolist()


def test_of_no_rows_there_are_no_lengths() -> None:
    for shape in ((0,), (0, 3)):
        with pytest.raises(BatchError, match="x is an empty list"):
            making.lengths_of(Values(np.zeros(shape), "float64"), Purse())
    assert making.lengths_of(Values(np.zeros((2, 0)), "float64"), Purse()) == [len(row) for row in torch.zeros(2, 0)]
