import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from packviz.core.texts.values import WIDTH, list_literal, literal, tensor_literal, typed_number

NUMPY = ["bool", "uint8", "int16", "int64", "float16", "float32", "float64", "complex64", "complex128"]


def read_back(text: str) -> torch.Tensor:
    return eval(text, {"torch": torch})


@given(
    st.sampled_from(NUMPY).flatmap(
        lambda dtype: npst.arrays(dtype, npst.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=4))
    )
)
def test_torch_reads_back_exactly_the_same_tensor(array: np.ndarray) -> None:
    tensor = read_back(tensor_literal(array, array.dtype.name))
    assert tensor.dtype == getattr(torch, array.dtype.name)
    assert tuple(tensor.shape) == array.shape
    np.testing.assert_array_equal(tensor.numpy(), array)


@given(st.floats(width=16))
def test_bfloat16_is_read_back_too(value: float) -> None:
    tensor = torch.tensor([value]).bfloat16()
    again = read_back(tensor_literal(tensor.float().numpy(), "bfloat16"))
    assert again.dtype == torch.bfloat16
    torch.testing.assert_close(again, tensor, rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.float32(0.1), "0.1"),
        (np.float32(3), "3.0"),
        (np.float64(np.nan), "torch.nan"),
        (np.float32(-np.inf), "-torch.inf"),
        (np.int64(-3), "-3"),
        (np.bool_(True), "True"),
        (np.complex64(1 - 2j), "complex(1.0, -2.0)"),
    ],
)
def test_a_number_is_written_as_one_would_type_it(value: object, text: str) -> None:
    assert literal(value) == text


def test_dtypes_are_written_only_where_torch_would_not_infer_them() -> None:
    assert tensor_literal(np.array([1, 2]), "int64") == "torch.tensor([1, 2])"
    assert tensor_literal(np.array([1, 2], "i4"), "int32") == "torch.tensor([1, 2], dtype=torch.int32)"
    assert tensor_literal(np.array([], "i8"), "int64") == "torch.tensor([], dtype=torch.int64)"


def test_rows_stand_below_each_other() -> None:
    text = "x = " + tensor_literal(np.arange(4).reshape(2, 2), "int64", len("x = "))
    assert text == "x = torch.tensor([[0, 1],\n                  [2, 3]])"


def test_long_lists_are_broken_into_lines_that_line_up() -> None:
    lines = list_literal(np.arange(200), 10).splitlines()
    assert len(lines) > 5
    assert all(line.startswith(" " * 11 + "") and len(line) <= WIDTH + 2 for line in lines[1:])


@given(st.integers(-(10**30), 10**30) | st.floats(allow_nan=False))
def test_a_typed_number_is_whole_where_it_is_typed_so(value: float) -> None:
    read = typed_number(f" {value!r} ")
    assert (type(read), read) == (type(value), value)


@pytest.mark.parametrize("text", ["", "two", "1,5", "0x10"])
def test_what_is_no_number_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="could not convert"):
        typed_number(text)
