"""One cause for all rows: one finding in the place of many, with one fix; torch is asked what it does with them."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import packviz
from packviz.core.batch import Batch, Call, make_batch
from packviz.core.cells.masks import with_mask
from packviz.core.findings import Finding, Severity
from packviz.core.messages.explain import explain
from packviz.core.report import Report
from packviz.core.rules import check
from tests.core.oracle import find

CODE = "lengths-one-cause"
SINGLE = {"length-counts-padding", "length-cuts-data", "length-exceeds-time", "length-not-positive", "padding-left"}
ENDS = np.array([9, 4, 7, 12])

MADE: dict[str, tuple[Callable[[np.ndarray], np.ndarray], str]] = {
    "an end mark too many": (lambda ends: ends + 1, "All lengths are 1 too large"),
    "two marks too many": (lambda ends: ends + 2, "All lengths are 2 too large"),
    "cut to T": (lambda ends: np.minimum(ends + 1, 12), "All lengths are 1 too large"),
    "an end mark too few": (lambda ends: ends - 1, "All lengths are 1 too small"),
    "two marks too few": (lambda ends: ends - 2, "All lengths are 2 too small"),
    "before pooling": (lambda ends: ends * 4, "All lengths are 4 times too large"),
    "before pooling, rounded up": (lambda ends: ends * 2 - 1, "All lengths are 2 times too large"),
    "before pooling, rounded down": (lambda ends: ends * 3 + 2, "All lengths are 3 times too large"),
    "pooled": (lambda ends: -(-ends // 2), "All lengths are 2 times too small"),
    "the next row's": (lambda ends: np.roll(ends, -1), "The lengths are those of the rows in another order"),
    "sorted": (lambda ends: np.sort(ends)[::-1], "The lengths are those of the rows in another order"),
    "turned round": (lambda ends: ends[::-1], "The lengths are those of the rows in reverse order"),
}


def padded(ends: np.ndarray = ENDS, dtype: str = "float32", features: tuple[int, ...] = ()) -> np.ndarray:
    """(B, T, *) with data up to these ends."""
    x = np.random.default_rng(0).integers(2, 9, (len(ends), int(ends.max()), *features)).astype(dtype)
    x[np.arange(x.shape[1]) >= ends[:, None]] = 0
    return x


def of(x: np.ndarray, lengths: np.ndarray, batch_first: bool = True, enforce_sorted: bool = False) -> Batch:
    return make_batch(x if batch_first else x.swapaxes(0, 1), lengths, Call(batch_first, enforce_sorted))


def alone(report: Report) -> Finding:
    """The finding, beside which nothing says the same of single rows."""
    found = find(report, CODE)
    assert found is not None, [f.code for f in report.findings]
    assert not SINGLE & {f.code for f in report.findings}
    assert found is report.findings[0]
    return found


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("features", [(), (2,)])
@pytest.mark.parametrize("name", MADE)
def test_one_finding_says_it_and_both_ways_to_mend_it_leave_nothing_wrong(
    name: str, features: tuple[int, ...], batch_first: bool
) -> None:
    make, title = MADE[name]
    batch = of(padded(features=features), make(ENDS), batch_first)
    finding = alone(check(batch))
    assert finding.title == title
    assert finding.rows == tuple(np.flatnonzero(make(ENDS) != ENDS).tolist())
    assert finding.edit is not None
    after = finding.edit.apply(batch)
    assert check(after).ok
    names = {"torch": torch, "x": torch.tensor(batch.x), "lengths": make(ENDS).tolist()}
    exec(str(finding.fix), names)
    assert names["lengths"].tolist() == ENDS.tolist() == after.lengths.tolist()  # type: ignore[attr-defined]
    report = packviz.check(names["x"], names["lengths"], batch_first=batch_first, enforce_sorted=False)
    assert report.ok


@pytest.mark.parametrize("name", MADE)
def test_it_is_an_error_where_torch_raises_and_silent_where_it_does_not(name: str) -> None:
    lengths = MADE[name][0](ENDS).copy()
    report = packviz.check(padded(features=(2,)), lengths, batch_first=True, enforce_sorted=False)
    finding = alone(report)
    assert report.verdict is not None
    assert report.unexplained is None
    raised = [stage for stage in ("pack", "run", "unpack") if getattr(report.verdict, stage).ok is False]
    assert (finding.severity is Severity.ERROR) == bool(raised)
    assert finding.torch is not None
    assert ("raises" in finding.torch) == bool(raised)


def test_a_length_of_0_by_the_law_is_what_packing_refuses() -> None:
    report = packviz.check(padded(ENDS - 3), ENDS - 4, batch_first=True, enforce_sorted=False)
    finding = alone(report)
    assert (finding.severity, finding.stage) == (Severity.ERROR, "pack")
    assert "1 length is below 1, which torch refuses" in finding.detail
    assert "greater than 0" in (finding.torch or "")


def test_rows_sorted_by_hand_and_their_lengths_not_are_no_matter_of_enforce_sorted() -> None:
    ends = np.sort(ENDS)[::-1]
    report = packviz.check(padded(ends), ENDS, batch_first=True)
    finding = alone(report)
    assert find(report, "lengths-unsorted") is None
    assert "must be sorted in decreasing order" in (finding.torch or "")
    assert finding.edit is not None
    assert packviz.check(finding.edit.apply(report.batch)).ok
    shuffled = check(of(padded(ENDS), np.sort(ENDS)[::-1].copy(), enforce_sorted=True))
    assert alone(shuffled).severity is Severity.SILENT


def test_real_zeros_that_are_not_counted_are_named_before_the_rows_that_they_cut() -> None:
    x = padded(dtype="int64")
    x[0, 3], x[2, [1, 5]] = 0, 0
    counted = torch.tensor(x).ne(0).sum(1)
    report = packviz.check(x, counted, batch_first=True, enforce_sorted=False)
    finding = alone(report)
    assert finding.title == "All lengths count the cells that are not 0"
    assert find(report, "padding-inside") is None
    assert finding.rows == (0, 2)
    assert set(finding.cells) == {(0, 3), (0, 8), (2, 1), (2, 6)}  # t5 of row 2 is padding, and is not packed
    assert finding.edit is not None
    assert finding.edit.lengths == tuple(ENDS)


def test_a_shifted_x_is_shifted_back_and_its_lengths_stay() -> None:
    for batch_first in (True, False):
        for dtype in ("int64", "float32"):
            for ends in (ENDS, np.array([3, 1, 2])):
                x = np.pad(padded(ends, dtype), ((0, 0), (2, 0)))
                batch = of(x, ends, batch_first)
                finding = alone(check(batch))
                assert finding.title == "All rows begin 2 steps late"
                assert finding.edit is not None
                after = finding.edit.apply(batch)
                assert check(after).ok
                names = {"x": torch.tensor(batch.x)}
                exec(str(finding.fix), names)
                np.testing.assert_array_equal(names["x"].numpy(), after.x)


def test_what_is_padded_on_the_left_is_no_such_shift() -> None:
    report = check(of(padded(dtype="int64")[:, ::-1].copy(), ENDS))
    assert find(report, CODE) is None
    assert find(report, "padding-left") is not None
    equal = check(of(np.pad(padded(np.array([4, 4]), "int64"), ((0, 0), (2, 0))), np.array([4, 4])))
    assert find(equal, "padding-left") is not None
    assert find(equal, CODE) is None


@pytest.mark.parametrize("lengths", [[12] * 4, [9, 4, 7, 11], [10, 3, 7, 12], [9, 4]])
def test_what_no_one_law_explains_is_told_row_by_row(lengths: list[int]) -> None:
    report = check(of(padded(), np.array(lengths)))
    assert find(report, CODE) is None
    assert not report.ok


def test_lengths_that_nobody_gave_or_that_a_mask_confirms_have_no_such_cause() -> None:
    assert find(packviz.check(padded(), batch_first=True), CODE) is None
    mask = np.arange(12) < (ENDS - 1)[:, None]
    confirmed = with_mask(of(padded(features=(2,)) + 1, ENDS - 1), mask, derive=False)
    assert find(check(confirmed), CODE) is None


def test_lengths_far_beyond_the_end_ask_whether_the_steps_were_pooled_and_offer_no_clamp() -> None:
    x, lengths = torch.rand(3, 25, 4) + 1, torch.tensor([100, 61, 80])  # as out of a convolution: no padding is left
    report = packviz.check(x, lengths, batch_first=True, enforce_sorted=False)
    finding = find(report, "length-exceeds-time")
    assert finding is not None
    assert "pooled, strided or stacked" in finding.detail
    assert "T is the longest length over 4" in finding.detail
    assert finding.edit is not None
    assert finding.edit.lengths == (25, 16, 20)
    assert find(check(finding.edit.apply(report.batch)), "length-exceeds-time") is None
    names = {"torch": torch, "lengths": lengths}
    exec(str(finding.fix), names)
    assert names["lengths"].tolist() == [25, 16, 20]
    floored = find(packviz.check(x, [103, 61, 80], batch_first=True, enforce_sorted=False), "length-exceeds-time")
    assert floored is not None
    names = {"torch": torch, "lengths": torch.tensor([103, 61, 80])}
    exec(str(floored.fix), names)
    assert names["lengths"].tolist() == [25, 15, 20]


@pytest.mark.parametrize("lengths", [[26, 20, 10], [500, 3, 20], [2600, 20, 90]])
def test_one_length_beyond_the_end_is_mended_by_itself(lengths: list[int]) -> None:
    report = packviz.check(torch.rand(3, 25, 4) + 1, lengths, batch_first=True, enforce_sorted=False)
    finding = find(report, "length-exceeds-time")
    assert finding is not None
    assert ("pooled" in finding.detail) == (max(lengths) > 37)
    assert finding.edit is not None
    assert finding.edit.lengths is not None
    assert max(finding.edit.lengths) <= 25


def test_a_message_leads_to_it_though_it_is_no_cause_of_its_own() -> None:
    x, lengths = torch.tensor(padded(features=(2,))), ENDS + 1
    report = packviz.check(x, lengths, batch_first=True, enforce_sorted=False)
    assert report.verdict is not None
    cause = explain(report.verdict.run.text, report).causes[0]
    assert (cause.code, cause.confirmed, cause.exact) == ("length-exceeds-time", True, True)
    assert cause.title == "All lengths are 1 too large"
    assert cause.fix == "lengths = torch.as_tensor(lengths).long() - 1"
    assert [c.code for c in explain(report.verdict.run.text, report).causes].count(CODE) == 0


@given(st.integers(0, 9999))
def test_what_it_says_of_every_row_is_so(seed: int) -> None:
    random = np.random.default_rng(seed)
    ends = random.integers(1, 9, int(random.integers(1, 6)))
    x = padded(ends)
    lengths = ends + random.integers(-1, 2, len(ends))
    finding = find(check(of(x, lengths)), CODE)
    if finding is None:
        return
    assert finding.edit is not None
    assert finding.edit.lengths == tuple(ends.tolist())
    assert finding.rows == tuple(np.flatnonzero(lengths != ends).tolist())
    if finding.title.endswith("too large") and "times" not in finding.title:
        by = int(finding.title.split()[3])
        assert lengths.tolist() in ((ends + by).tolist(), np.minimum(ends + by, x.shape[1]).tolist())
