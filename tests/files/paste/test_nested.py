"""Nested lists of numbers, read in pieces of any size, are those that Python reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from packviz.core.batch import BatchError
from packviz.core.cancel import Cancelled, Watch
from packviz.files.arrays import Values, from_text, number_array
from packviz.files.paste import nested
from packviz.files.paste.nested import deepest, read_nested
from packviz.files.ragged import Ragged
from packviz.files.sequences import sequences_of

WHOLE = st.integers(-(2**53), 2**53) | st.sampled_from([0, -0, 7, 10**15])
NUMBER = WHOLE | st.floats() | st.floats(width=16)
LARGE = st.integers(-(2**63), 2**65)
NESTED = st.recursive(NUMBER, lambda inner: st.lists(inner, max_size=4), max_leaves=30)
ROWS = st.lists(st.lists(NUMBER, max_size=4), max_size=8) | st.lists(st.lists(WHOLE, max_size=2), max_size=20)
FEATURES = st.integers(0, 2).flatmap(
    lambda width: st.lists(st.lists(st.lists(NUMBER, min_size=width, max_size=width), max_size=3), max_size=6)
)
BOOLS = st.lists(st.lists(st.booleans(), max_size=3), max_size=6)
MIXED = st.lists(st.lists(st.booleans() | st.integers(-9, 9), max_size=3), max_size=6)
LISTS = (
    ROWS | FEATURES | BOOLS | MIXED | st.lists(NESTED, max_size=5) | st.lists(st.lists(LARGE, max_size=2), max_size=5)
)


@contextmanager
def pieces_of(size: int) -> Iterator[None]:
    """However short a list is, it is read in pieces of this size."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nested, "PIECE", size)
        patch.setattr(nested, "SHORT", 0)
        patch.setattr(nested, "ODD", 0)
        yield


def outcome(read: Any) -> list[tuple[str, Any]]:
    """What is said, or the dtype and the numbers of each array that was read."""
    try:
        made = read()
        if isinstance(made, list):
            made = from_text(made)
            made = made if len(made) == 2 and made[0].array.ndim > 1 and made[1].array.ndim == 1 else sequences_of(made)
        elif isinstance(made, np.ndarray):
            made = from_text(made)
    except BatchError as error:
        return [("said", str(error))]
    rows = list(made.rows()) if isinstance(made, Ragged) else made if isinstance(made, list) else [made]
    assert all(isinstance(row, Values) for row in rows)
    return [(row.dtype, row.array.tolist() if row.array.size else row.array.shape[:1]) for row in rows]


def has_features_without_size(value: list[Any]) -> bool:
    """Whether there are steps of no features: nobody's batch, and not told apart in pieces."""
    inner = [item for row in value if isinstance(row, list) for item in row if isinstance(item, list)]
    return any(not item or has_features_without_size([item]) for item in inner)


def in_python(value: list[Any]) -> list[tuple[str, Any]]:
    """The same, as Python and NumPy read it, with an array for each row."""
    return outcome(lambda: number_array(value))


@given(
    LISTS, st.sampled_from([1, 7, 40, 1 << 20]), st.sampled_from([repr, json.dumps, lambda x: json.dumps(x, indent=1)])
)
@example([[0, [0]]], 1, repr)
@example([0, [0, 0]], 1, repr)
@example([[[1, 2], [3, 4]], [2, 1]], 7, repr)
@example([[2**63, 1], [2**63]], 7, repr)
@example([[True], [2**64]], 7, repr)
def test_in_pieces_of_any_size_it_is_what_python_reads(value: list[Any], size: int, written: Any) -> None:
    assume(not has_features_without_size(value))
    expected = in_python(value)
    with pieces_of(size):
        found = outcome(lambda: read_nested(written(value).encode()))
    if repr(found) != repr(expected):  # of large whole numbers beside fractions, the row decides how they are rounded
        assert any(isinstance(n, int) and abs(n) > 2**53 for row in value if isinstance(row, list) for n in row)
        assert len(found) == len(expected) or "said" in (found[0][0], expected[0][0])


@given(st.lists(st.integers(0, 3), min_size=1, max_size=3), st.integers(0, 2**31), st.sampled_from([5, 1 << 20]))
def test_what_numpy_prints_without_commas_comes_back(shape: list[int], seed: int, size: int) -> None:
    array = np.random.default_rng(seed).normal(size=shape).round(3)
    with pieces_of(size), np.printoptions(floatmode="unique", threshold=10**9):
        read = read_nested(str(array).encode())
    assert isinstance(read, np.ndarray)
    np.testing.assert_array_equal(read.reshape(array.shape), array)


def spoken(read: Any) -> str:
    try:
        return repr(outcome(read))
    except (ValueError, RecursionError) as error:
        return type(error).__name__


@given(st.text(alphabet="[]0123456789., \n-+eEnaifTrulsx", max_size=40), st.sampled_from([1, 9, 1 << 20]))
def test_what_python_refuses_is_refused_in_pieces_too(text: str, size: int) -> None:
    data = f"[{text}]".encode()
    if (
        deepest(f"[{text}]") > 5
        or text.count("[") != text.count("]")
        or "[]" in "".join(text.split())
        or not text.strip(", \n")
    ):
        return
    try:
        whole = spoken(lambda: read_nested(data))
    except IndexError:
        return
    with pieces_of(size):
        apart = spoken(lambda: read_nested(data))
    refused = ("said", "Error")
    assert (whole == apart) or all(any(word in said for word in refused) for said in (whole, apart))


@pytest.mark.parametrize("value", [[[1, 2], [3]], [[1.5], []], [[[1, 2]], [[3, 4], [5, 6]]]])
def test_a_ragged_list_is_one_array_and_the_lengths_of_its_rows(value: list[Any]) -> None:
    with pieces_of(4):
        found = read_nested(repr(value).encode())
    assert isinstance(found, Ragged)
    assert [row.array.tolist() for row in found.rows()] == value


def test_x_and_its_lengths_are_two_arrays_however_large_x_is() -> None:
    with pieces_of(4):
        x, lengths = read_nested(b"[[[1, 2], [3, 0]], [2, 1]]")
    assert (x.tolist(), lengths.tolist()) == ([[1, 2], [3, 0]], [2, 1])


@pytest.mark.parametrize(
    "text", ["[" * 33 + "1" + "]" * 33, "[1, " + "[" * 40 + "]" * 40 + "]", "[" * 5000 + "]" * 5000]
)
def test_lists_that_are_nested_too_deep_are_refused_wherever_it_begins(text: str) -> None:
    for size in (16, 1 << 20):
        with pieces_of(size), pytest.raises(BatchError, match="nested more than 32 deep"):
            read_nested(text.encode())
    with pytest.raises(BatchError, match="nested more than 32 deep"):
        read_nested(text.encode())


def test_it_can_be_cancelled() -> None:
    with pieces_of(4), pytest.raises(Cancelled):
        read_nested(b"[[1, 2], [3]]", Watch(cancelled=lambda: True))
