"""Numbers and dtypes, as torch has them."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import BatchError
from packviz.files.arrays import Archive, Values, cast, values_of

FLOATS = st.lists(st.floats(width=64, allow_nan=True, allow_infinity=True), min_size=1, max_size=30)


@given(FLOATS, st.sampled_from(["float16", "bfloat16", "float32", "float64"]))
def test_casts_round_as_torch_does(numbers, dtype):
    expected = torch.tensor(numbers, dtype=torch.float64).float().to(getattr(torch, dtype))
    if dtype == "float64":
        expected = torch.tensor(numbers, dtype=torch.float64)
    held = cast(np.array(numbers), dtype).array
    np.testing.assert_array_equal(held, (expected.float() if dtype == "bfloat16" else expected).numpy())


@pytest.mark.parametrize("numbers", [[[1, 2]], [[1.5, 2]], [[True, False]], [[True, 2]], [[1, 2.0]]])
def test_lists_get_the_dtype_that_torch_gives_them(numbers):
    expected = torch.tensor(numbers)
    assert values_of(numbers).dtype == str(expected.dtype).removeprefix("torch.")
    assert values_of(numbers).array.tolist() == expected.tolist()


def test_a_number_that_does_not_fit_its_dtype_is_refused():
    with pytest.raises(BatchError, match="300"):
        cast(np.array([300]), "uint8")
    with pytest.raises(BatchError, match="quint8"):
        cast(np.array([3]), "torch.quint8")


def test_other_byte_orders_are_read():
    big = np.arange(6, dtype=">f4").reshape(2, 3)
    assert values_of(big).array.dtype.isnative
    assert values_of(big).array.tolist() == big.tolist()


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (torch.eye(3).to_sparse(), "x is a sparse tensor, but torch packs dense ones: give x.to_dense()."),
        (torch.ones(2, 3).to(torch.float8_e4m3fn), "x holds float8_e4m3fn, which no recurrent module takes"),
    ],
)
def test_what_torch_cannot_run_is_refused_with_the_way_out(x: torch.Tensor, words: str):
    with pytest.raises(BatchError, match=re.escape(words)):
        values_of(x)


def test_a_tensor_without_values_is_refused():
    with pytest.raises(BatchError, match="can't be read"):
        values_of(torch.empty(2, 3, device="meta"))


@pytest.mark.parametrize("dtype", ["longdouble", "datetime64[s]", "S3", "O", "V4"])
def test_dtypes_that_torch_does_not_have_are_refused(dtype):
    with pytest.raises(BatchError, match="torch does not have"):
        values_of(np.zeros((2, 2), dtype=dtype))


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "bfloat16", "complex64"])
def test_a_tensor_that_a_transform_wraps_has_its_numbers(dtype):
    x = (torch.arange(6.0).reshape(2, 3) / 7).to(getattr(torch, dtype))
    found = []

    def inside(y):
        found.append(values_of(y))
        found.append(values_of(y[:0]))
        return y.abs().sum()

    torch.func.vjp(inside, x)
    assert [values.dtype for values in found] == [dtype, dtype]
    assert found[0].array.tobytes() == values_of(x).array.tobytes()
    assert found[1].array.shape == (0, 3)
    with pytest.raises(BatchError, match="x is held by a transform"):
        torch.func.vmap(values_of)(x)


def test_whether_an_archive_holds_an_array_is_told_without_reading_it():
    class Unread(Archive):
        def __len__(self):
            return 2

        def __iter__(self):
            return iter(("x", "lengths"))

        def __getitem__(self, name) -> Values:
            raise AssertionError(f"{name} is read")

    assert "x" in Unread()
    assert "mask" not in Unread()
    assert list(Unread()) == ["x", "lengths"]
