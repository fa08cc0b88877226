"""What is typed into a cell of x: torch makes the same number of it, or it is refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.cells.typed import as_bfloat16, typed_value
from packviz.core.errors import BatchError

HELD = {"float16": "f2", "bfloat16": "f4", "float32": "f4", "float64": "f8"}


@given(st.floats(width=64), st.sampled_from(sorted(HELD)))
def test_a_float_is_the_one_that_torch_makes_of_it(number: float, dtype: str) -> None:
    theirs = torch.tensor(number, dtype=torch.float64).to(getattr(torch, dtype))
    held = np.dtype(HELD[dtype])
    if torch.isinf(theirs) and not np.isinf(number):
        with pytest.raises(BatchError, match=f"beyond the numbers of {dtype}"):
            typed_value(repr(number), dtype, held)
        return
    ours = typed_value(f" {number!r} ", dtype, held)
    assert ours.dtype == held
    if dtype == "bfloat16":  # torch rounds a double in two steps, to float32 first, as is done here
        theirs = torch.tensor(number, dtype=torch.float64).float().bfloat16()
    assert np.array_equal(ours, theirs.to(torch.float64).numpy(), equal_nan=True)


@given(st.integers(-(2**70), 2**70), st.sampled_from(["int8", "uint8", "int16", "int32", "int64"]))
def test_a_whole_number_fits_or_is_refused(number: int, dtype: str) -> None:
    limits = torch.iinfo(getattr(torch, dtype))
    if limits.min <= number <= limits.max:
        assert typed_value(str(number), dtype, np.dtype(dtype)) == number
    else:
        with pytest.raises(BatchError, match="is not between"):
            typed_value(str(number), dtype, np.dtype(dtype))


@given(st.text(max_size=50), st.sampled_from(["float32", "int64", "bool", "complex64"]))
def test_any_text_is_a_number_or_one_sentence(text: str, dtype: str) -> None:
    found: object = None
    try:
        found = typed_value(text, dtype, np.dtype(dtype)).dtype
    except BatchError as error:
        found = str(error)
    assert found == np.dtype(dtype) or (str(found).endswith(".") and len(str(found)) < 160)


@pytest.mark.parametrize(("text", "dtype"), [("0.5", "int64"), ("yes", "bool"), ("1_000", "float32"), ("", "int8")])
def test_what_is_no_number_of_the_dtype_is_refused(text: str, dtype: str) -> None:
    with pytest.raises(BatchError):
        typed_value(text, dtype, np.dtype(dtype))


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), max_size=20))
def test_bfloat16_rounds_as_torch_does(numbers: list[float]) -> None:
    array = np.array(numbers, dtype=np.float32)
    assert as_bfloat16(array).tolist() == torch.from_numpy(array).bfloat16().float().tolist()
