"""Lengths of any kind, held as torch is given them; torch itself says what it converts."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from packviz.core.batch import BatchError
from packviz.files.arrays import Values
from packviz.files.lengths import lengths_given

NUMBERS = st.one_of(
    st.integers(-3, 9),
    st.booleans(),
    st.floats(-9, 9),
    st.sampled_from([float("nan"), float("inf"), 1e300, 2**62, 2**63, 2**70, -(2**63), 2.0**63, 1 + 2j]),
    st.builds(np.float64, st.floats(-9, 9)),
    st.builds(np.float32, st.floats(-9, 9)),
    st.builds(np.int8, st.integers(0, 9)),
    st.builds(torch.tensor, st.integers(0, 9)),
    st.builds(torch.tensor, st.lists(st.integers(0, 9), min_size=1, max_size=1)),
    st.builds(torch.tensor, st.floats(0, 9)),
    st.just(None),
    st.just("3"),
)


@example([2.0**63, None])
@example([-(2.0**63), "3"])
@example([math.nextafter(2.0**63, math.inf), None])
@given(
    st.one_of(NUMBERS, st.lists(NUMBERS, max_size=3), st.lists(st.lists(NUMBERS, min_size=1, max_size=1), max_size=3))
)
def test_what_torch_converts_is_read_as_torch_reads_it_and_what_it_does_not_is_refused(lengths: object) -> None:
    if isinstance(lengths, torch.Tensor):
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = torch.as_tensor(lengths, dtype=torch.int64)
    except RuntimeError:  # because of a value, not of a type
        held = lengths_given(lengths)
        assert held.listed
        assert held.array.dtype.kind == "f"
        return
    except (TypeError, ValueError):
        with pytest.raises(BatchError, match=r"^lengths"):
            lengths_given(lengths)
        return
    held = lengths_given(lengths)
    assert held.array.shape == tuple(theirs.shape)
    with np.errstate(invalid="ignore"):
        assert held.array.astype(np.int64).tolist() == theirs.tolist()


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int16", "int64", "float16", "bfloat16", "float64", "complex64"])
@pytest.mark.parametrize("shape", [(), (2,), (2, 1), (0, 3)])
def test_a_tensor_keeps_its_shape_and_its_device(dtype: str, shape: tuple[int, ...]) -> None:
    tensor = torch.ones(shape).to(getattr(torch, dtype))
    held = lengths_given(tensor)
    assert (held.array.shape, held.device, held.listed) == (shape, "cpu", False)
    assert held.array.tolist() == tensor.tolist()
    assert not held.array.flags.writeable
    meta = lengths_given(tensor.to("meta"))
    assert (meta.array.shape, meta.device) == (shape, "meta")
    assert not meta.array.any()


def test_lengths_from_a_text_say_themselves_where_they_were() -> None:
    held = lengths_given(Values(np.array([3, 2]), "int64", device="cuda:1"))
    assert held.device == "cuda:1"
    assert lengths_given(Values(np.array([3.0]), "float32", listed=True)).listed


def test_an_array_that_torch_refuses_for_its_memory_is_refused_with_what_to_do() -> None:
    array = np.sort(np.array([2, 3]))[::-1]
    with pytest.raises(ValueError, match="negative"):
        torch.as_tensor(array)
    with pytest.raises(BatchError, match=r"lengths\.copy\(\)"):
        lengths_given(array)
    assert lengths_given(array.copy()).array.tolist() == [3, 2]


@pytest.mark.parametrize("lengths", [range(4, 1, -1), (4, 3, 2), np.array([4, 3, 2])])
def test_ranges_tuples_and_arrays_are_taken(lengths: object) -> None:
    assert lengths_given(lengths).array.tolist() == [4, 3, 2]


@pytest.mark.parametrize(
    ("lengths", "said"),
    [
        ("3,2", "lengths is '3,2'"),
        ([[1], [2, 3]], "ragged"),
        ([1, None], "null"),
        ([2**63], r"lengths\[0\] is 9223372036854775808"),
        ([[np.float32(2)]], r"lengths\[0\]\[0\] is a float32, which torch takes for no length"),
        ([torch.ones(2)], r"lengths\[0\] is a tensor of shape \(2,\), float32"),
        ([1j], r"lengths\[0\] is 1j"),
    ],
)
def test_what_is_refused_is_named(lengths: object, said: str) -> None:
    with pytest.raises(BatchError, match=said):
        lengths_given(lengths)


@pytest.mark.parametrize("dtype", [">i8", ">f4"])
def test_an_array_of_swapped_bytes_is_refused_as_torch_refuses_it(dtype: str) -> None:
    lengths = np.array([3, 2], dtype=dtype)
    with pytest.raises(ValueError, match="byte order"):
        torch.as_tensor(lengths, dtype=torch.int64)
    with pytest.raises(BatchError, match=r"^lengths is an array of .*give lengths\.astype\('(int64|float32)'\)\.$"):
        lengths_given(lengths)


@pytest.mark.parametrize("dtype", [torch.float8_e4m3fn, torch.float8_e5m2])
def test_a_tensor_of_float8_is_read_as_torch_reads_it(dtype: torch.dtype) -> None:
    lengths = torch.tensor([3.5, 2.0]).to(dtype)
    held = lengths_given(lengths)
    assert held.array.tolist() == lengths.float().tolist()
    assert held.array.astype(np.int64).tolist() == torch.as_tensor(lengths, dtype=torch.int64).tolist()


@pytest.mark.parametrize("lengths", [[float("nan"), 2**63], [float("inf"), 1, 10**400], [-1e300, -(2**70)]])
def test_what_comes_after_a_value_that_torch_raises_at_is_not_looked_at(lengths: list[float]) -> None:
    with pytest.raises(RuntimeError):
        torch.as_tensor(lengths, dtype=torch.int64)
    held = lengths_given(lengths)
    assert held.array.dtype.kind == "f"
    assert len(held.array) == len(lengths)
