"""Invariants: whatever all rules would find, something is flagged; and right batches are not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from packviz.core.batch import Call, make_batch
from packviz.core.invariants import (
    MOST_ROWS,
    MOST_SUMMED,
    ends_of,
    filled_with,
    flags_of_cells,
    flags_of_lengths,
    flags_of_numbers,
    flags_of_packed,
    unpadded_ends,
)
from packviz.core.packing import Packing, pack
from packviz.core.rules import check

LOOKED_FOR = {
    "length-counts-padding": {"last", "first"},
    "length-cuts-data": {"beyond"},
    "padding-left": {"first"},
    "nan-in-data": {"finite"},
    "inf-in-data": {"finite"},
}


@st.composite
def batches(draw: st.DrawFn) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """x, (B, T, F) or (B, T), and lengths within T: padded with 0, but for a few cells that are anything."""
    rows, steps, features = draw(st.integers(1, 6)), draw(st.integers(1, 7)), draw(st.integers(1, 3))
    lengths = np.array(draw(st.lists(st.integers(1, steps), min_size=rows, max_size=rows)))
    seed = draw(st.integers(0, 99))
    x = np.random.default_rng(seed).random((rows, steps, features)).astype(np.float32) + 1
    x[np.arange(steps) >= lengths[:, None]] = 0
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, rows - 1)), draw(st.integers(0, steps - 1))
        x[at] = draw(st.sampled_from([0, 1, np.nan, np.inf]))
    return (x[:, :, 0] if features == 1 and draw(st.booleans()) else x), lengths


@given(batches())
def test_what_the_rules_find_at_the_ends_of_rows_is_flagged(batch: tuple[NDArray[Any], NDArray[np.int64]]) -> None:
    x, lengths = batch
    flags = flags_of_cells(x, lengths)
    fill = filled_with(x, lengths) or 0
    made = make_batch(x, lengths, Call(batch_first=True, enforce_sorted=False, padding_value=fill))
    found = {finding.code for finding in check(made).findings}
    ends = x[np.arange(len(x)), lengths - 1].reshape(len(x), -1)
    after = [(x[row, n] != fill).any() for row, n in enumerate(lengths) if n < x.shape[1]]
    told = {"nan-in-data", "inf-in-data"}
    if not alike_at_both_ends(x, lengths, fill):
        told |= {"length-counts-padding"} if (ends == fill).all(axis=1).any() else set()
        told |= {"length-cuts-data"} if any(after) else set()  # cells between the ends are not looked at
    for code in found & told:
        # Where it is unclear what x is padded with, as with NaN, that is flagged.
        assert flags & (LOOKED_FOR[code] | {"beyond", "finite"}), code


def alike_at_both_ends(x: NDArray[Any], lengths: NDArray[np.int64], fill: float) -> bool:
    """Whether x, (B, T, *), goes on beyond one of its lengths, (B,), alone, and ends there as it begins: it may
    be padded with that, as far as the ends of its rows tell, though what lies in between is something else."""
    short = np.flatnonzero(lengths < x.shape[1])
    if len(short) != 1:
        return False
    tail = x[short[0], lengths[short[0]] :]
    return len(tail) > 1 and bool((tail[0] == tail[-1]).all()) and not bool((tail[0] == fill).all())


@given(st.integers(1, 6), st.integers(1, 8), st.sampled_from([(), (1,), (3,), (2, 2)]), st.sampled_from([0, -1, 5]))
def test_right_batches_are_not_flagged(rows: int, steps: int, features: tuple[int, ...], padding: int) -> None:
    random = np.random.default_rng(rows)
    lengths = random.integers(1, steps + 1, rows)
    x = random.integers(10, 99, (rows, steps, *features)).astype(np.float32)
    x[np.arange(steps) >= lengths[:, None]] = padding
    short = int((lengths < steps).sum())
    if padding and (short == 0 or (short == 1 and int((steps - lengths).sum()) < 2)):
        return  # one cell may be data as well
    assert flags_of_cells(x, lengths) == frozenset()
    assert flags_of_cells(np.ascontiguousarray(x.swapaxes(0, 1)).swapaxes(0, 1), lengths) == frozenset()


@pytest.mark.parametrize(
    ("lengths", "descending", "flags"),
    [
        ([3, 2], True, set()),
        ([2, 3], True, {"order"}),
        ([2, 3], False, set()),
        ([2, 0], False, {"low"}),
        ([-1, 9], False, {"low", "high"}),
        ([3], False, {"count"}),
        ([], False, {"count"}),
        (None, False, {"lengths"}),
    ],
)
def test_lengths_are_held_against_x(lengths: list[int] | None, descending: bool, flags: set[str]) -> None:
    assert flags_of_lengths(lengths, 2, 3, descending=descending) == flags


@given(st.lists(st.integers(1, 6), min_size=1, max_size=8), st.booleans())
def test_what_packing_makes_is_not_flagged_and_what_contradicts_itself_is(lengths: list[int], ordered: bool) -> None:
    counts = np.array(sorted(lengths, reverse=True) if ordered else lengths)
    packing = pack(make_batch(np.ones((len(counts), 6, 1)), counts, Call(True, ordered)))
    assert isinstance(packing, Packing)
    order, back = (None, None) if ordered else (packing.sorted_indices, packing.unsorted_indices)
    sizes = packing.batch_sizes
    assert flags_of_packed(sizes, packing.size, order, back) == frozenset()
    assert flags_of_packed(sizes, packing.size + 1, order, back) == {"packed"}
    assert flags_of_packed(sizes.astype(np.int32), packing.size, order, back) == {"packed"}
    assert flags_of_packed(sizes[None], packing.size, order, back) == {"packed"}
    if order is not None and back is not None and len(counts) > 1:
        assert flags_of_packed(sizes, packing.size, order, np.roll(back, 1)) == {"packed"}
        assert flags_of_packed(sizes, packing.size, order, None) == {"packed"}
        assert flags_of_packed(sizes, packing.size, order, back - len(back)) == {"packed"}
        assert flags_of_packed(sizes, packing.size, order - len(order), back) == {"packed"}
        assert flags_of_packed(sizes, packing.size, order.astype(np.int32), back.astype(np.int32)) == frozenset()
        assert flags_of_packed(sizes, packing.size, order, back + 1) == {"packed"}
        assert flags_of_packed(sizes, packing.size, np.zeros_like(order), np.zeros_like(back)) == {"packed"}


def test_batch_sizes_that_rise_or_hold_zeros_are_flagged() -> None:
    assert flags_of_packed(np.array([1, 2]), 3, None, None) == {"packed"}
    assert flags_of_packed(np.array([2, 0]), 2, None, None) == {"packed"}
    assert flags_of_packed(np.array([], dtype=np.int64), 0, None, None) == {"packed"}


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "longdouble", "complex64", ">f4", "<f8", ">f2"])
@pytest.mark.parametrize("others", [1, -1])
def test_numbers_that_are_none_are_flagged_wherever_they_stand(bad: float, dtype: str, others: int) -> None:
    x = np.full((4, 5, 3), others, dtype=dtype)
    assert flags_of_numbers(x) == frozenset()
    for at in ((0, 0, 0), (2, 3, 1), (3, 4, 2)):
        wrong = x.copy()
        wrong[at] = bad
        assert flags_of_numbers(wrong) == {"finite"}


def test_much_is_looked_at_in_part() -> None:
    x = np.ones((MOST_SUMMED // 4, 8), dtype=np.float32)
    x[0] = np.nan
    assert flags_of_numbers(x) == {"finite"}
    rows = 3 * MOST_ROWS
    grid, lengths = np.zeros((rows, 4), dtype=np.int64), np.full(rows, 2)
    grid[:, :2] = 1
    assert flags_of_cells(grid, lengths) == frozenset()
    grid[:, 1] = 0
    assert flags_of_cells(grid, lengths) == {"last"}


def test_whole_numbers_have_no_nan() -> None:
    assert flags_of_numbers(np.zeros((2, 2), dtype=np.int64)) == frozenset()
    assert flags_of_cells(np.zeros((0, 3)), np.zeros(0, dtype=np.int64)) == frozenset()


@pytest.mark.parametrize(
    ("rows", "lengths", "value"),
    [
        ([[1, 2, 0], [1, 0, 0]], [2, 1], 0),
        ([[1, 2, -1], [1, -1, -1]], [2, 1], -1),
        ([[1, 2, -1], [1, 7, -1]], [2, 1], -1),
        ([[1, 2, 5], [1, 6, 7]], [2, 1], None),
        ([[1, 2, 3]], [2], None),
        ([[1, 9, 9]], [1], 9),
        ([[1, 2, 3]], [3], None),
    ],
)
def test_what_x_is_filled_with_is_told_by_the_ends_of_its_rows(
    rows: list[list[int]], lengths: list[int], value: int | None
) -> None:
    for dtype in (np.int64, np.float32):
        assert filled_with(np.array(rows, dtype=dtype), np.array(lengths)) == value


def test_ends_that_are_all_unlike_are_no_padding() -> None:
    random = np.random.default_rng(0)
    x = random.random((4, 5, 3))
    assert unpadded_ends(ends_of(x, np.array([2, 3, 4, 5])))
    x[:2, -1] = 7
    assert not unpadded_ends(ends_of(x, np.array([2, 3, 4, 5])))
    assert not unpadded_ends(ends_of(x, np.array([5, 5, 5, 4])))
    assert not unpadded_ends(ends_of(x[:, :, 0], np.array([2, 3, 4, 5])))
    assert ends_of(np.ones((3, 0, 2)), np.zeros(3, dtype=np.int64)).shape == (0, 2)
