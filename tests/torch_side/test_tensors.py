import warnings

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from packviz.core.batch import frozen, make_batch
from packviz.torch_side.tensors import lengths_of, to_array, to_tensor, x_of

DTYPES = [
    "bool",
    "uint8",
    "int8",
    "int16",
    "int32",
    "int64",
    "float16",
    "float32",
    "float64",
    "complex64",
    "complex128",
]


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_read_only_array_becomes_a_tensor_of_its_dtype_without_copy_or_warning(dtype: str) -> None:
    array = frozen(np.ones((2, 3), dtype=dtype))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tensor = to_tensor(array)
    assert tensor.dtype == getattr(torch, dtype)
    assert tensor.data_ptr() == array.ctypes.data
    assert not array.flags.writeable


def test_the_memory_outlives_the_array() -> None:
    tensor = to_tensor(frozen(np.arange(10_000)))
    assert tensor.sum() == 10_000 * 9_999 // 2


@given(
    npst.arrays(
        st.sampled_from([np.dtype("<f4"), np.dtype(">f8"), np.dtype(">i4"), np.dtype("int16")]),
        npst.array_shapes(min_dims=2, max_dims=3, max_side=4),
        elements=st.integers(-100, 100),
    ),
    st.booleans(),
    st.booleans(),
)
def test_any_layout_and_byte_order_keeps_its_values(array: np.ndarray, swapped: bool, backwards: bool) -> None:
    array = array.swapaxes(0, 1) if swapped else array
    array = array[::-1] if backwards else array
    np.testing.assert_array_equal(to_tensor(frozen(array)).numpy(), array)


def test_a_field_of_a_record_keeps_its_values() -> None:
    records = np.array([(1, 2.5), (2, 3.5)], dtype=[("a", "i1"), ("b", "f8")])
    assert to_tensor(records["b"]).tolist() == [2.5, 3.5]


def test_bfloat16_is_remembered() -> None:
    given_x = torch.tensor([[1.0, 2.5]]).bfloat16()
    batch = make_batch(given_x.float().numpy(), [2], dtype="bfloat16")
    assert x_of(batch).equal(given_x)
    assert to_array(given_x).dtype == np.float32


def test_long_doubles_become_doubles() -> None:
    assert to_tensor(np.array([1.5], dtype=np.longdouble)).dtype == torch.float64


def test_lengths_keep_the_dtype_in_which_they_were_given() -> None:
    assert lengths_of(make_batch([[1, 2]], np.array([2.5], dtype=np.float32))).dtype == torch.float32
    assert lengths_of(make_batch([[1, 2]], np.array([True]))).dtype == torch.bool


def test_an_empty_array_is_an_empty_tensor() -> None:
    assert to_tensor(frozen(np.zeros((0, 3), dtype=np.float32))).shape == (0, 3)


def test_what_comes_back_can_not_be_written_to() -> None:
    assert not to_array(torch.zeros(2)).flags.writeable


@pytest.mark.parametrize("lengths", [[[3], [2]], 3, [[[1.5]]]])
def test_lengths_of_another_rank_go_to_torch_as_they_were_given(lengths: object) -> None:
    given_lengths = np.asarray(lengths)
    batch = make_batch([[1, 2]], given_lengths)
    assert lengths_of(batch).equal(torch.tensor(given_lengths))
    listed = lengths_of(make_batch([[1, 2]], given_lengths, lengths_listed=True))
    assert listed == lengths
    assert not isinstance(listed, torch.Tensor)


def test_lengths_of_a_meta_tensor_go_to_torch_without_values() -> None:
    lengths = lengths_of(make_batch([[1, 2]], np.zeros(2, np.float32), lengths_device="meta"))
    assert (lengths.device.type, lengths.dtype, tuple(lengths.shape)) == ("meta", torch.float32, (2,))
