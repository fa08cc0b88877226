"""The .npy format."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.lib import format as npy_format

from packviz.core.batch import BatchError
from packviz.core.cancel import Cancelled, Watch
from packviz.files.formats.npy import MOST_HEADER, read_header
from packviz.files.registry import load, loads


def saved(array: np.ndarray, **options: bool) -> bytes:
    data = io.BytesIO()
    np.save(data, array, **options)
    return data.getvalue()


NUMBERS = st.sampled_from(["f2", "f4", "f8", ">f4", "i1", "i4", "i8", ">i2", "u1", "?", "c8"])


@given(arrays.arrays(NUMBERS, arrays.array_shapes(min_dims=2, max_dims=4, max_side=5)), st.booleans())
def test_an_array_comes_back_as_it_was_saved(array, fortran):
    batch = loads(saved(np.asfortranarray(array) if fortran else array), "x.npy")
    np.testing.assert_array_equal(batch.x, array)
    assert batch.x.dtype == array.dtype.newbyteorder("=")
    assert batch.given.origin == "guessed"


def test_a_file_is_read_from_its_path(tmp_path):
    x = np.arange(12, dtype=np.float32).reshape(3, 4) + 1
    np.save(tmp_path / "x.npy", x)
    batch = load(tmp_path / "x.npy", lengths=[4, 2, 1])
    assert batch.x.tolist() == x.tolist()
    assert batch.lengths.tolist() == [4, 2, 1]
    assert batch.source.name == str(tmp_path / "x.npy")


def test_objects_are_refused_and_not_unpickled(tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "sprung"), "w"))

    (tmp_path / "x.npy").write_bytes(saved(np.array([[Trap()]], dtype=object), allow_pickle=True))
    with pytest.raises(BatchError, match=r"x\.npy: it holds Python objects"):
        load(tmp_path / "x.npy")
    assert not (tmp_path / "sprung").exists()


@given(st.data())
def test_a_file_cut_short_is_refused(data):
    whole = saved(np.ones((3, 4), np.float32))
    cut = data.draw(st.integers(1, len(whole) - 1))
    with pytest.raises(BatchError, match=r"^x\.npy: "):
        loads(whole[:cut], "x.npy")


@given(st.binary(min_size=1, max_size=200), st.integers(0, 200))
def test_a_damaged_file_raises_nothing_but_batch_error(noise, place):
    whole = bytearray(saved(np.ones((3, 4), np.float32)))
    whole[place : place + len(noise)] = noise
    with suppress(BatchError):
        loads(bytes(whole), "x.npy")


def test_a_header_that_claims_petabytes_is_refused_before_memory_is_asked_for():
    header = {"descr": "<f4", "fortran_order": False, "shape": (3 * 10**8, 10**8)}
    data = io.BytesIO()
    np.lib.format.write_array_header_1_0(data, header)
    with pytest.raises(BatchError, match="cut short"):
        loads(data.getvalue() + bytes(48), "x.npy")


@pytest.mark.parametrize("array", [np.ones(3), np.array(1.0)])
def test_an_array_without_rows_is_a_batch_for_the_checks_to_speak_of(array):
    assert loads(saved(array), "x.npy").x.shape == array.shape


def test_a_large_array_reports_progress_and_can_be_cancelled(tmp_path):
    np.save(tmp_path / "x.npy", np.ones((2048, 2048), np.float64))
    heard: list[float] = []
    load(tmp_path / "x.npy", watch=Watch(heard.append))
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    assert len(heard) > 4
    seen: list[float] = []
    with pytest.raises(Cancelled):
        load(tmp_path / "x.npy", watch=Watch(seen.append, lambda: len(seen) > 2))
    assert len(seen) == 3


DTYPES = ("<f4", ">f8", "<i8", "|u1", "|b1", "<c16", "<f2", "<U3", "|V4", "|O")


@given(st.sampled_from(DTYPES), st.lists(st.integers(0, 9), max_size=6), st.booleans())
def test_a_header_says_what_numpy_reads_in_it(dtype: str, shape: list[int], fortran: bool) -> None:
    header = {"descr": dtype, "fortran_order": fortran, "shape": tuple(shape)}
    file = io.BytesIO()
    npy_format.write_array_header_1_0(file, header)
    file.write(b"data")
    file.seek(0)
    assert read_header(file) == (tuple(shape), fortran, np.dtype(dtype))
    assert file.read() == b"data"


@given(st.data())
def test_a_header_that_was_touched_is_read_as_numpy_reads_it_or_refused(data: st.DataObject) -> None:
    file = io.BytesIO()
    npy_format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": (3, 5)})
    touched = bytearray(file.getvalue())
    for _ in range(data.draw(st.integers(1, 3))):
        touched[data.draw(st.integers(8, len(touched) - 1))] = data.draw(
            st.sampled_from(b"0123456789<>|fib,'(){} \n-x")
        )

    def of(read: Callable[[io.BytesIO], Any]) -> Any:
        try:
            return read(io.BytesIO(touched))
        except Exception:
            return None

    def by_numpy(file: io.BytesIO) -> Any:
        npy_format.read_magic(file)
        return npy_format.read_array_header_1_0(file, max_header_size=MOST_HEADER)

    with warnings.catch_warnings(action="ignore"):
        assert of(read_header) == of(by_numpy)
