"""Masks passed as lengths, and beside x: named, read, mended; with torch as the oracle."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch.nn.utils.rnn import pack_padded_sequence

import packviz
from packviz.core.batch import Batch, Call, make_batch
from packviz.core.cells.masks import with_mask, with_mask_read
from packviz.core.findings import Finding, Severity
from packviz.core.rules import check
from tests.core.oracle import find, one, raised_by

IDS = np.array([[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]])
MASK = IDS != 0


def of(lengths: object, batch_first: bool = True, enforce_sorted: bool = False, x: object = IDS) -> Batch:
    grid = np.asarray(x)
    call = Call(batch_first, enforce_sorted)
    return make_batch(grid if batch_first else grid.swapaxes(0, 1), np.asarray(lengths), call)


def mended(finding: Finding, **names: object) -> dict[str, object]:
    """What the Python of a fix makes of these names."""
    assert finding.fix is not None
    scope = {"torch": torch, "pack_padded_sequence": pack_padded_sequence, **names}
    exec(finding.fix, scope)
    return scope


@st.composite
def right_masks(draw: st.DrawFn) -> NDArray[np.bool_]:
    rows, steps = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    lengths = draw(st.lists(st.integers(1, steps), min_size=rows, max_size=rows))
    return np.arange(steps) < np.array(lengths)[:, None]


@given(right_masks(), st.booleans(), st.booleans(), st.booleans(), st.sampled_from([bool, np.int64, np.float32]))
def test_a_mask_in_place_of_the_lengths_is_an_error_of_torch_and_its_fix_gives_the_lengths(
    mask: NDArray[np.bool_], batch_first: bool, enforce_sorted: bool, across: bool, dtype: type
) -> None:
    x = np.where(mask, 7.0, 0.0)
    given_x = torch.tensor(x if batch_first else x.T.copy())
    lengths = torch.tensor((mask.T if across != (not batch_first) else mask).astype(dtype))
    said = raised_by(lambda: pack_padded_sequence(given_x, lengths, batch_first, enforce_sorted))
    assert said is not None
    report = packviz.check(given_x, lengths, batch_first=batch_first, enforce_sorted=enforce_sorted)
    finding = find(report, "lengths-are-mask")
    if finding is None:  # a column of ones beside rows of one step
        assert mask.shape[1] == 1
        assert dtype is not bool
        return
    assert (finding.severity, finding.stage, finding.behind) == (Severity.ERROR, "pack", None)
    assert said in (finding.torch or "")
    assert find(report, "lengths-shape") is None
    assert find(report, "layout-swapped") is None
    assert finding.edit is not None
    assert finding.edit.lengths is not None
    assert mended(finding, x=given_x, lengths=lengths)["lengths"].tolist() == list(finding.edit.lengths)  # type: ignore[attr-defined]
    after = check(finding.edit.apply(report.batch).with_call(enforce_sorted=False))
    assert after.ok, [f.code for f in after.findings]


def test_a_mask_of_the_other_layout_brings_its_layout_along() -> None:
    batch = with_mask_read(make_batch(IDS, MASK, Call(False, False)))
    finding = one(batch, "lengths-are-mask")
    assert finding.edit is not None
    assert (finding.edit.lengths, finding.edit.batch_first) == ((3, 2, 4), True)
    assert "batch_first=True" in (finding.fix or "")
    assert check(finding.edit.apply(batch)).ok


def test_a_mask_that_is_true_at_padding_is_said_to_be_so_and_turned() -> None:
    finding = one(of(~MASK), "lengths-are-mask")
    assert "True at padding: turn it with ~" in finding.detail
    assert mended(finding, lengths=torch.tensor(~MASK))["lengths"].tolist() == [3, 2, 4]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("row", "cells", "told"),
    [
        (1, [1, 0, 1, 0, 0], "lengths[1, 1] is False, and lengths[1, 2] after it is True: a hole"),
        (2, [0, 0, 1, 1, 1], "lengths[2, 0] is False, and lengths[2, 2] after it is True: padding on the left"),
        (0, [0, 0, 0, 0, 0], "row 0 of lengths has no cell of data, and a length is at least 1"),
    ],
)
def test_the_first_cell_that_no_length_can_say_is_named(row: int, cells: list[int], told: str) -> None:
    mask = MASK.copy()
    mask[row] = cells
    finding = one(of(mask), "lengths-are-mask")
    assert told in finding.detail
    assert (finding.edit, finding.fix) == (None, None)


def test_a_vector_of_booleans_is_an_error_where_a_false_makes_torch_raise() -> None:
    for lengths in ([True, False, True], [False, True, True], [True, True, False]):
        for enforce_sorted in (True, False):
            report = packviz.check(IDS, np.array(lengths), batch_first=True, enforce_sorted=enforce_sorted)
            finding = find(report, "lengths-are-mask")
            assert finding is not None
            assert finding.severity is Severity.ERROR
            assert report.verdict is not None
            assert report.verdict.pack.ok is False
            assert finding.behind is None  # torch speaks of a length <= 0 or of the order: both follow from it
            assert finding is report.findings[0]


def test_a_vector_of_true_packs_the_first_step_only_and_torch_says_nothing() -> None:
    finding = one(of([True, True, True]), "lengths-are-mask")
    assert (finding.severity, finding.rows) == (Severity.SILENT, (0, 1, 2))
    assert finding.edit is not None
    assert finding.edit.lengths == (3, 2, 4)
    sizes = pack_padded_sequence(torch.tensor(IDS), torch.tensor([True] * 3), True, False).batch_sizes
    assert sizes.tolist() == [3]
    assert find(check(of([True] * 3, x=[[1, 0], [2, 0], [3, 0]])), "lengths-are-mask") is None


@given(right_masks(), st.booleans(), st.booleans(), st.booleans())
def test_a_right_mask_beside_a_correct_batch_has_no_finding_but_notes(
    mask: NDArray[np.bool_], batch_first: bool, derive: bool, inverted: bool
) -> None:
    x = np.where(mask, 7.0, 0.0)
    bare = of(mask.sum(1), batch_first, x=x)
    given_mask = mask if batch_first else mask.T
    batch = with_mask(bare, ~given_mask if inverted else given_mask, inverted=inverted, derive=derive)
    assert batch.counts.tolist() == mask.sum(1).tolist()
    assert {f.severity for f in check(batch).findings} <= {Severity.NOTE}


def test_a_mask_with_a_hole_says_what_no_lengths_say() -> None:
    mask = MASK.copy()
    mask[2, 1] = False
    finding = one(with_mask(of(()), mask), "mask-not-right")
    assert (finding.severity, finding.rows) == (Severity.SILENT, (2,))
    assert finding.detail.startswith(
        "mask[2, 1] is False, and mask[2, 2] after it is True: a hole, which no length can say."
    )
    assert finding.cells == [(2, 1), (2, 3)]  # packed though it is not data, and dropped though it is
    beside = one(with_mask(of([3, 2, 4]), mask, derive=False), "mask-not-right")
    assert beside.severity is Severity.WARNING
    assert find(check(with_mask(of([3, 2, 4]), mask, derive=False)), "mask-disagrees") is None


def test_the_mask_is_named_as_it_is_indexed() -> None:
    mask = MASK.copy()
    mask[2, 1] = False
    across = one(with_mask(of(()), mask.T), "mask-not-right")
    assert across.detail.startswith("mask[1, 2] is False, and mask[2, 2] after it is True")
    turned = one(with_mask(of(()), ~mask, inverted=True), "mask-not-right")
    assert turned.detail.startswith("mask[2, 1] is True, and mask[2, 2] after it is False")


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 999), st.booleans(), st.booleans(), st.booleans())
def test_the_fix_of_a_mask_that_is_not_right_moves_its_data_to_the_front(
    rows: int, steps: int, seed: int, batch_first: bool, across: bool, inverted: bool
) -> None:
    random = np.random.default_rng(seed)
    mask = random.integers(0, 2, (rows, steps)).astype(bool)
    x = np.where(mask, random.integers(1, 9, (rows, steps)), 0)
    call = Call(batch_first, False)
    given_x, given_mask = (x, mask) if batch_first else (x.T, mask.T)
    given_mask = given_mask.T if across else given_mask
    batch = with_mask(
        make_batch(given_x, (), call), ~given_mask if inverted else given_mask, inverted=inverted, derive=True
    )
    report = check(batch)
    finding = find(report, "mask-not-right")
    if finding is None:
        return
    left = find(report, "padding-left")
    if left is not None and set(finding.rows) <= set(left.rows):
        assert finding.fix is None  # the rows are shifted once, by the fix of padding-left
        return
    for dtype in (torch.bool, torch.int64, torch.float32):
        named = torch.tensor((~given_mask if inverted else given_mask).copy()).to(dtype)
        made = mended(finding, x=torch.tensor(given_x.copy()), mask=named)
        counts = made["lengths"].tolist()  # type: ignore[attr-defined]
        assert counts == np.maximum(mask.sum(1), 1).tolist()
        grid = made["x"] if batch_first else made["x"].T  # type: ignore[attr-defined]
        for row in range(rows):
            kept = int(mask[row].sum())
            assert grid[row, :kept].tolist() == x[row][mask[row]].tolist()  # type: ignore[index]
            assert not np.asarray(grid[row, kept:]).any()  # type: ignore[index]  # what the mask leaves out is padding


def test_lengths_that_are_not_those_of_the_mask_are_named_and_taken_from_it() -> None:
    batch = with_mask(of([3, 2, 3]), MASK, derive=False)
    finding = one(batch, "mask-disagrees")
    assert (finding.severity, finding.rows, finding.cells) == (Severity.SILENT, (2,), [(2, 3)])
    assert finding.detail == "lengths[2] is 3, but the mask of row 2 is True at 4 steps. torch reads the lengths only."
    assert finding.edit is not None
    assert finding.edit.lengths == (3, 2, 4)
    assert check(finding.edit.apply(batch)).ok
    assert mended(finding, mask=torch.tensor(MASK))["lengths"].tolist() == [3, 2, 4]  # type: ignore[attr-defined]


def test_where_the_padding_agrees_with_the_lengths_the_mask_seems_to_be_wrong() -> None:
    finding = one(with_mask(of([3, 2, 4]), np.ones((3, 5), dtype=bool), derive=False), "mask-disagrees")
    assert finding.severity is Severity.WARNING
    assert finding.detail.startswith(
        "lengths[0] is 3, but the mask of row 0 is True at 5 steps; 2 other rows differ, too."
    )
    assert "the mask seems to be the wrong one" in finding.detail


@pytest.mark.parametrize("inverted", [True, False])
@pytest.mark.parametrize("across", [True, False])
def test_a_mask_that_seems_to_be_wrong_is_mended_and_not_the_lengths(across: bool, inverted: bool) -> None:
    wrong = np.ones((3, 5), dtype=bool)
    given_mask = wrong.T if across else wrong
    batch = with_mask(of([3, 2, 4]), ~given_mask if inverted else given_mask, inverted=inverted, derive=False)
    finding = one(batch, "mask-disagrees")
    assert finding.edit is None
    made = mended(finding, mask=torch.tensor(~given_mask if inverted else given_mask), lengths=[3, 2, 4])["mask"]
    right = MASK.T if across else MASK
    assert np.array_equal(np.asarray(made), ~right if inverted else right)


def test_a_row_without_a_true_goes_with_the_length_one() -> None:
    x = np.array([[1, 2], [0, 0]])
    assert find(check(with_mask(of([2, 1], x=x), x != 0, derive=False)), "mask-disagrees") is None
    finding = one(with_mask(of([2, 2], x=x), x != 0, derive=False), "mask-disagrees")
    assert finding.edit is not None
    assert finding.edit.lengths == (2, 1)
    assert mended(finding, mask=torch.tensor(x != 0))["lengths"].tolist() == [2, 1]  # type: ignore[attr-defined]


def test_a_batch_read_the_wrong_way_round_is_told_that_and_not_about_its_mask() -> None:
    batch = with_mask(make_batch(IDS, (), Call(False, False)), MASK)
    codes = [f.code for f in check(batch).findings]
    assert codes[0] == "layout-swapped"
    assert not {"mask-not-right", "mask-disagrees"} & set(codes)


@pytest.mark.parametrize("across", [True, False])
@pytest.mark.parametrize("inverted", [True, False])
def test_a_mask_that_ends_at_the_longest_length_is_a_note_and_widened(across: bool, inverted: bool) -> None:
    narrow = MASK[:, :4].T if across else MASK[:, :4]
    given_mask = torch.tensor(~narrow if inverted else narrow)
    report = packviz.check(IDS, [3, 2, 4], batch_first=True, enforce_sorted=False, mask=given_mask)
    finding = find(report, "mask-narrow")
    assert finding is not None
    assert (finding.severity, finding.title) == (Severity.NOTE, "The mask has 4 steps, x has 5")
    assert "max_len=5" in finding.detail
    assert "total_length=5" in finding.detail
    assert report.ok
    wide = mended(finding, mask=given_mask)["mask"]
    right = MASK.T if across else MASK
    assert np.array_equal(np.asarray(wide), ~right if inverted else right)
    with pytest.raises(RuntimeError, match="must match the size"):  # what it is a note about
        torch.tensor(IDS) * given_mask.reshape(3, 4)
    sizes = "(4 of T, B)" if across else "(B, 4 of T)"
    assert f"  mask         read as {sizes}, True at {'padding' if inverted else 'data'}" in str(report)


def test_a_narrow_mask_is_held_against_the_lengths_and_mended_as_wide_as_x() -> None:
    batch = with_mask(of([3, 2, 5], x=np.where(IDS, IDS, 0)), MASK[:, :4], derive=False)
    assert one(batch, "mask-disagrees").rows == (2,)
    right = with_mask(of([3, 2, 5], x=[[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 1]]), MASK[:, :4], derive=False)
    finding = one(right, "mask-disagrees")
    made = mended(finding, mask=torch.tensor(MASK[:, :4]), x=torch.tensor(right.x), lengths=[3, 2, 5])["mask"]
    assert made.sum(1).tolist() == [3, 2, 5]  # type: ignore[attr-defined]


def test_ids_padded_with_another_number_beyond_the_mask_that_gave_the_lengths_are_not_cut_off() -> None:
    x = np.where(MASK, IDS, 50256)
    assert check(with_mask(of((), x=x), MASK)).ok
    x[0, 4] = 7  # and that may be data
    assert not check(with_mask(of((), x=x), MASK)).ok


def test_where_the_mask_is_wrong_the_same_cells_are_not_called_cut_off() -> None:
    mask = MASK.copy()
    mask[2, 1] = False
    report = check(with_mask(of(()), mask))
    assert one(report.batch, "mask-not-right").rows == (2,)
    assert find(report, "length-cuts-data") is None
    assert find(report, "length-counts-padding") is None
