"""A column is read as the array of its numbers is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from packviz.core.columns import Column, Pieces, Units, known, slab, taken

ARRAY = np.arange(24, dtype=np.float32).reshape(8, 3)


class Held(Column):
    """A column of an array that counts what was fetched."""

    def __init__(self, array: NDArray[Any]) -> None:
        super().__init__((array.shape[0], array.shape[1]), array.dtype)
        self.array, self.fetched = array, 0

    def take(self, rows: NDArray[np.int64], units: Units = None) -> NDArray[Any]:
        self.fetched += len(rows)
        return self.array[rows] if units is None else self.array[rows][:, units]


rows = st.lists(st.integers(0, 7), max_size=6).map(lambda some: np.array(some, dtype=np.int64))
units = st.none() | st.lists(st.integers(0, 2), max_size=3).map(lambda some: np.array(some, dtype=np.int64))


@given(rows, units | st.just(slice(0, 2)))
def test_rows_and_units_are_taken_as_from_an_array(k: Any, u: Any) -> None:
    expected = ARRAY[k] if u is None else ARRAY[k][:, u]
    for values in (ARRAY, Held(ARRAY)):
        found = taken(values, k, u)
        np.testing.assert_array_equal(found, expected)
        assert found.base is not ARRAY or not len(k)


@pytest.mark.parametrize(
    "index",
    [
        3,
        slice(2, 5),
        slice(None),
        slice(0, 8, 3),
        np.array([1, 5, 1]),
        np.array([True, False] * 4),
        (np.array([1, 5]), 2),
        (np.array([[1], [5]]), np.array([[2, 0]])),
        (slice(1, 3), slice(0, 2)),
        (3, slice(None)),
    ],
    ids=repr,
)
def test_it_is_indexed_as_an_array_is(index: Any) -> None:
    np.testing.assert_array_equal(Held(ARRAY)[index], ARRAY[index])


def test_it_becomes_an_array_and_has_its_sizes() -> None:
    held = Held(ARRAY)
    assert (len(held), held.shape, held.ndim, held.dtype, held.nbytes) == (8, (8, 3), 2, np.float32, 0)
    np.testing.assert_array_equal(np.asarray(held), ARRAY)
    assert np.asarray(held, dtype=np.float64).dtype == np.float64


def test_only_what_is_asked_for_is_fetched() -> None:
    held = Held(ARRAY)
    slab(held, 2, 4)
    assert held.fetched == 2
    assert slab(ARRAY, 2, 4).base is not None  # of an array nothing is copied


@given(st.lists(st.integers(0, 7), max_size=5, unique=True), st.integers(0, 8), st.integers(0, 8), rows)
def test_of_pieces_what_is_not_known_is_nan(some: list[int], a: int, b: int, k: Any) -> None:
    start, stop = min(a, b), max(a, b)
    some_rows = np.array(sorted(some), dtype=np.int64)
    pieces = Pieces((8, 3), np.float32, [(some_rows, ARRAY[some_rows]), (np.arange(start, stop), ARRAY[start:stop])])
    there = np.isin(k, some_rows) | ((k >= start) & (k < stop))
    np.testing.assert_array_equal(pieces.known(k), there)
    np.testing.assert_array_equal(known(pieces, k), there)
    expected = np.where(there[:, None], ARRAY[k], np.nan)
    np.testing.assert_array_equal(pieces.take(k), expected)
    np.testing.assert_array_equal(pieces.take(k, np.array([2])), expected[:, [2]])
    assert known(ARRAY, k).all()
    assert pieces.nbytes == (len(some_rows) + stop - start) * 12
