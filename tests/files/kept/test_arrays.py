"""Arrays come back to the bit, each read once it is asked for; a file of somebody else is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import (
    array_shapes,
    arrays,
    boolean_dtypes,
    complex_number_dtypes,
    floating_dtypes,
    integer_dtypes,
    unsigned_integer_dtypes,
)
from numpy.typing import NDArray
from safetensors.numpy import load, save

from packviz.core.batch import BatchError
from packviz.files.kept.arrays import NamedArrays, arrays_bytes
from tests.files.kept.wholes import same

DTYPES = st.one_of(
    boolean_dtypes(),
    integer_dtypes(endianness="<"),
    unsigned_integer_dtypes(endianness="<"),
    floating_dtypes(endianness="<", sizes=(16, 32, 64)),
    complex_number_dtypes(endianness="<", sizes=(64, 128)),
)


@given(st.data(), DTYPES)
def test_any_array_comes_back_to_the_bit(data: st.DataObject, dtype: np.dtype) -> None:
    array = data.draw(arrays(dtype, array_shapes(min_dims=0, min_side=0, max_dims=4, max_side=4)))
    for view in (array, array.T, array[::-1] if array.ndim else array):
        read = NamedArrays(arrays_bytes({"a": view}, {"n": 3}))
        assert same(read("a"), np.ascontiguousarray(view).reshape(view.shape))
        assert not read("a").flags.writeable
        assert read.facts == {"n": 3}


def test_numbers_in_the_order_of_another_machine_are_turned() -> None:
    array = np.arange(4, dtype=">f4")
    assert same(NamedArrays(arrays_bytes({"a": array}, {}))("a"), array.astype("<f4"))


def test_arrays_that_lie_elsewhere_are_given() -> None:
    read = NamedArrays(arrays_bytes({"a": np.ones(2)}, {}), {"x": np.zeros(3)})
    assert read("x").shape == (3,)
    assert read.maybe("y") is None
    with pytest.raises(BatchError, match="it holds no y"):
        read("y")


def test_standard_tools_read_it() -> None:
    assert load(arrays_bytes({"a": np.arange(3)}, {}))["a"].tolist() == [0, 1, 2]


def test_numbers_of_another_machine_are_those_of_this_one() -> None:
    for kind in (">f4", ">i8", ">c16"):
        read = NamedArrays(arrays_bytes({"a": np.array([1, 2.5, -3]).astype(kind)}, {}))("a")
        assert read.tolist() == np.array([1, 2.5, -3]).astype(kind).tolist()
        assert read.dtype == np.dtype(kind).newbyteorder("=")


@pytest.mark.parametrize("array", [np.ones(3), np.ones((3, 2), np.float16), np.ones((3, 2), np.int64), np.ones(())])
def test_complex_numbers_that_are_none_are_refused(array: NDArray[Any]) -> None:
    data = bytes(save({"a": array}, {"packviz": '{"complex": ["a"]}'}))
    with pytest.raises(BatchError, match="a holds no pairs of floats"):
        NamedArrays(data)("a")
    with pytest.raises(KeyError):
        NamedArrays(bytes(save({"a": np.ones(3)})))
