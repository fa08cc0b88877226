"""Sequences in one array."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import BatchError
from packviz.files.arrays import Values, from_text
from packviz.files.ragged import Ragged, depth, flattened
from packviz.files.sequences import sequences_of

NUMBER = st.integers(-(2**53), 2**53) | st.floats(width=32) | st.booleans()
ROWS = st.lists(
    st.lists(NUMBER, max_size=3) | st.lists(st.lists(NUMBER, min_size=2, max_size=2), max_size=3),
    min_size=1,
    max_size=5,
)


def one_by_one(rows: list[Any]) -> list[Values]:
    """Each row made an array of its own, and all of them padded nowhere."""
    read = from_text(rows)
    assert isinstance(read, list)
    return read


@given(ROWS)
def test_a_list_of_lists_is_the_same_rows_as_one_by_one(rows: list[Any]) -> None:
    flat = flattened(rows)
    if flat is None or (len(rows) == 2 and flat[0].ndim > 1 and not rows[1]):  # x and its lengths, none of them
        return
    ragged = Ragged.of_text(*flat)
    for row, expected in zip(ragged.rows(), one_by_one(rows), strict=True):
        assert row.dtype == expected.dtype
        np.testing.assert_array_equal(row.array, expected.array.reshape(row.array.shape))
    assert len(ragged) == len(rows)
    assert depth(ragged) == ragged.flat.ndim + 1


@given(ROWS)
def test_what_is_no_list_of_sequences_is_refused_naming_the_same_row(rows: list[Any]) -> None:
    said, read = "", []
    try:
        read = one_by_one(rows)
    except BatchError as error:
        said = f"^{re.escape(str(error))}$"
    if len({row.array.shape[1:] for row in read if row.array.size}) > 1:
        said = r"^x\[\d+\] has shape .*, but x\[\d+\] has "
    if said:
        with pytest.raises(BatchError, match=said):
            sequences_of(rows)
    else:
        assert sequences_of(rows).lengths.tolist() == [len(row) for row in rows]


def test_the_rows_of_a_rectangle_are_sequences_of_one_length() -> None:
    ragged = Ragged.of_rows(Values(np.arange(12).reshape(2, 3, 2), "int64"))
    assert ragged.lengths.tolist() == [3, 3]
    assert [row.array.tolist() for row in ragged.rows()] == np.arange(12).reshape(2, 3, 2).tolist()
    with pytest.raises(ValueError, match="read-only"):
        ragged.flat[0] = 1


@pytest.mark.parametrize("rows", [[1, 2], [[1], 2], [["a"]], [[None]], [[[1], [2, 3]]], [[2**70]], [[1, [2]]]])
def test_what_is_no_list_of_sequences_is_not_flattened(rows: list[Any]) -> None:
    assert flattened(rows) is None
