"""Masks: recognised, turned into lengths, or the first cell that no length can say."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from packviz.core.batch import Batch, BatchError, Call, make_batch
from packviz.core.cells.masks import (
    as_mask,
    beside,
    given_as_lengths,
    in_place_of_lengths,
    is_mask_for,
    read_mask,
    with_mask,
    with_mask_read,
)

IDS = np.array([[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]])
MASK = IDS != 0


def batch(x: object = IDS, batch_first: bool = True, lengths: object = (), **how: object) -> Batch:
    return make_batch(np.asarray(x), np.asarray(lengths), Call(batch_first, False, **how))  # type: ignore[arg-type]


@st.composite
def masks(draw: st.DrawFn) -> NDArray[np.bool_]:
    """Small masks, of any kind, half of them right-padded."""
    rows, steps = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    random = np.random.default_rng(draw(st.integers(0, 999)))
    if draw(st.booleans()):
        return np.arange(steps) < random.integers(1, steps + 1, rows)[:, None]
    return random.integers(0, 2, (rows, steps)).astype(bool)


@pytest.mark.parametrize("dtype", [bool, np.int64, np.uint8, np.float32])
def test_booleans_and_zeros_and_ones_of_any_dtype_are_a_mask(dtype: type) -> None:
    found = as_mask(MASK.astype(dtype))
    assert found is not None
    assert found.dtype == bool
    assert found.tolist() == MASK.tolist()
    again = as_mask(MASK.astype(dtype)[:, :, None])
    assert again is not None
    assert again.tolist() == MASK.tolist()


@pytest.mark.parametrize("array", [IDS, MASK[0], np.where(MASK, 0, -np.inf), MASK[None, None], np.array([["1"]])])
def test_other_numbers_and_other_shapes_are_no_mask(array: NDArray[np.generic]) -> None:
    assert as_mask(array) is None


def test_what_is_given_as_lengths_is_a_mask_only_where_it_is_as_large_as_x() -> None:
    assert is_mask_for(MASK, 3, 5)
    assert is_mask_for(MASK.T, 3, 5)
    assert is_mask_for(MASK.astype(np.float32), 3, 5)
    assert is_mask_for(MASK[:, :4], 3, 5)  # of max(lengths) steps
    assert is_mask_for(MASK[:, :4].T, 3, 5)
    assert not is_mask_for(MASK[:2, :4], 3, 5)
    assert not is_mask_for(np.pad(MASK, ((0, 0), (0, 1))), 3, 9)  # no row is as long as it
    assert not is_mask_for(MASK[:, :4].astype(np.int64), 3, 5)
    assert not is_mask_for(MASK[0], 3, 5)
    assert not is_mask_for(IDS, 3, 5)
    assert not is_mask_for(np.ones((3, 1), dtype=np.int64), 3, 1)  # lengths of the wrong shape, as likely
    assert is_mask_for(np.ones((3, 1), dtype=bool), 3, 1)
    assert not is_mask_for(np.ones((0, 5), dtype=bool), 0, 5)


@given(masks(), st.booleans(), st.booleans())
def test_the_lengths_of_a_mask_are_those_that_torch_sums_in_the_dimension_that_is_named(
    mask: NDArray[np.bool_], batch_first: bool, across: bool
) -> None:
    x = np.where(mask, 7.0, 0.0)  # the padding of x tells how a square mask lies
    given_mask = mask.T if across else mask
    whole = batch(x if batch_first else x.T, batch_first)
    reading = read_mask(whole, given_mask if batch_first else given_mask.T, inverted=False)
    if reading.turned:
        mask = mask.T
    assert reading.grid.tolist() == mask.tolist()
    assert reading.lengths.tolist() == mask.sum(1).tolist()
    if not np.array_equal(mask, mask.T):
        summed = torch.tensor(given_mask if batch_first else given_mask.T).sum(reading.time)
        assert summed.tolist() == reading.lengths.tolist()


@given(masks())
def test_a_mask_is_right_exactly_where_it_is_true_up_to_its_lengths_and_one_row_and_cell_say_why_not(
    mask: NDArray[np.bool_],
) -> None:
    reading = read_mask(batch(np.ones(mask.shape)), mask, inverted=False)
    rows = reading.grid.tolist()
    right = [row == [True] * sum(row) + [False] * (len(row) - sum(row)) for row in rows]
    assert reading.wrong.tolist() == [i for i, fine in enumerate(right) if not fine]
    assert reading.empty.tolist() == [i for i, row in enumerate(rows) if not any(row)]
    assert reading.right == (all(right) and all(map(any, rows)))
    for row in [*reading.wrong, *reading.empty]:
        kind, step = reading.offence(int(row))
        cells = rows[row]
        assert not cells[step]
        assert all(cells[:step])
        assert kind == ("empty" if not any(cells) else "left" if step == 0 else "hole")
        assert any(cells[step:]) == (kind != "empty")


@given(masks())
def test_a_mask_that_is_right_in_both_layouts_is_read_in_that_of_the_call(mask: NDArray[np.bool_]) -> None:
    reading = read_mask(batch(np.where(mask, 1, 0)), mask, inverted=False)
    if reading.turned:
        prefix = np.arange(mask.shape[1]) < mask.sum(1)[:, None]
        assert not np.array_equal(prefix, mask)
        assert reading.right


def test_a_mask_that_is_right_in_the_other_layout_only_is_read_there() -> None:
    reading = read_mask(batch(IDS, batch_first=False), MASK)
    assert (reading.turned, reading.lengths.tolist(), reading.time) == (True, [3, 2, 4], 1)


def test_a_mask_that_is_true_at_padding_is_known_by_the_padding_of_x() -> None:
    assert read_mask(batch(), ~MASK).inverted
    assert read_mask(batch(), ~MASK).lengths.tolist() == [3, 2, 4]
    assert read_mask(batch(), ~MASK.T).lengths.tolist() == [3, 2, 4]
    assert not read_mask(batch(), MASK).inverted
    assert not read_mask(batch(np.ones((3, 5))), ~MASK).inverted  # x does not agree with it
    assert read_mask(batch(np.ones((3, 5))), ~MASK, inverted=True).lengths.tolist() == [3, 2, 4]
    assert read_mask(batch(np.ones((2, 3))), np.zeros((2, 3), dtype=bool)).inverted  # no padding at all


def test_a_square_mask_lies_as_the_padding_says_else_as_x_does() -> None:
    ids = np.array([[1, 2, 3], [4, 0, 0], [5, 6, 0]])
    assert read_mask(batch(ids), (ids != 0).T).time == 0
    assert read_mask(batch(ids), ids != 0).time == 1
    assert read_mask(batch(np.ones((3, 3))), ids != 0).time == 1
    assert read_mask(batch(ids.T, batch_first=False), ids != 0).time == 1


def test_a_mask_of_another_size_is_refused_in_one_sentence() -> None:
    with pytest.raises(BatchError) as refused:
        read_mask(batch(), MASK[:, :4])
    assert str(refused.value) == (
        "mask has shape (3, 4), but x has shape (3, 5): a mask is as large as x in its first two dimensions, "
        "(B, T) or (T, B), or has max(lengths) steps."
    )
    with pytest.raises(BatchError):
        read_mask(batch([1, 2, 3]), MASK)


def test_the_mask_beside_x_gives_the_lengths_and_is_kept_true_at_data() -> None:
    made = with_mask(batch(), ~MASK)
    assert (made.lengths.tolist(), made.given.origin, made.mask_inverted) == ([3, 2, 4], "mask", True)
    assert made.mask is not None
    assert made.mask.tolist() == MASK.tolist()
    assert not made.mask.flags.writeable
    kept = with_mask(batch(lengths=[1, 2, 3]), MASK, derive=False)
    assert (kept.lengths.tolist(), kept.given.origin, kept.mask_inverted) == ([1, 2, 3], "given", False)


def test_the_mask_turns_with_x() -> None:
    ids = np.array([[1, 2, 3], [4, 0, 0], [5, 6, 0]])
    turned = with_mask(batch(ids), ids != 0).with_swapped_layout()
    assert turned.mask is not None
    assert turned.mask.tolist() == (ids != 0).T.tolist()
    reading = beside(turned)
    assert reading is not None
    assert reading.lengths.tolist() == [3, 1, 2]


def test_a_mask_given_as_lengths_is_read_and_kept_as_it_was_given() -> None:
    made = with_mask_read(batch(lengths=MASK.astype(np.int64)))
    assert (made.lengths.tolist(), made.given.origin) == ([3, 2, 4], "mask")
    given_mask = given_as_lengths(made)
    assert given_mask is not None
    assert given_mask.tolist() == MASK.astype(np.int64).tolist()
    plain = batch(lengths=[[3], [2], [4]])
    assert with_mask_read(plain) is plain


@given(st.lists(st.integers(1, 6), min_size=2, max_size=5), st.integers(1, 4), *[st.booleans()] * 3)
def test_a_mask_of_max_lengths_steps_is_filled_up_with_padding(
    lengths: list[int], more: int, batch_first: bool, across: bool, inverted: bool
) -> None:
    longest, rows = max(lengths), len(lengths)
    if longest < 2 or rows in (longest, longest + more):
        return  # its sizes alone do not tell which of them counts the rows
    narrow = np.arange(longest) < np.array(lengths)[:, None]
    x = np.where(np.pad(narrow, ((0, 0), (0, more))), 7.0, 0.0)
    bare = make_batch(x if batch_first else x.T, (), Call(batch_first, False))
    given_mask = narrow.T if across else narrow
    made = with_mask(bare, ~given_mask if inverted else given_mask, inverted=inverted)
    assert made.counts.tolist() == lengths
    assert (made.mask_steps, made.mask_inverted) == (longest, inverted)
    assert made.mask is not None
    assert made.mask.sum() == narrow.sum()


def test_a_narrow_mask_of_which_nobody_said_what_is_true_pads_on_the_right() -> None:
    for mask, inverted in ((MASK[:, :4], False), (~MASK[:, :4], True)):
        for given_mask in (mask, mask.T):
            made = with_mask(batch(), given_mask)
            assert (made.counts.tolist(), made.mask_inverted, made.mask_steps) == ([3, 2, 4], inverted, 4)


def test_a_narrow_mask_in_place_of_the_lengths_says_them() -> None:
    for mask in (MASK[:, :4], MASK[:, :4].T, ~MASK[:, :4]):
        reading = in_place_of_lengths(make_batch(IDS, mask, Call(True, False)))
        assert reading is not None
        assert reading.lengths.tolist() == [3, 2, 4]


@given(st.integers(2, 6), st.integers(1, 4), st.booleans(), st.booleans(), st.booleans(), st.integers(0, 9999))
def test_a_square_mask_of_max_lengths_steps_lies_as_the_lengths_or_x_say(n, more, inverted, turned, derive, seed):
    lengths = np.random.default_rng(seed).integers(1, n + 1, n)
    lengths[seed % n] = n
    narrow = np.arange(n) < lengths[:, None]
    x = np.zeros((n, n + more))
    x[:, :n][narrow] = 1
    mask = (~narrow if inverted else narrow).T if turned else (~narrow if inverted else narrow)
    made = with_mask(make_batch(x, lengths, Call(True, False)), mask, derive=derive)
    assert made.counts.tolist() == lengths.tolist()
    reading = beside(made)
    assert reading is not None
    assert reading.lengths.tolist() == lengths.tolist()
