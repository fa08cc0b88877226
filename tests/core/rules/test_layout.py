"""batch_first the wrong way round: proven and mended, never claimed of a correct batch; with torch as the oracle."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

import packviz
from packviz.core.batch import Batch, Call, make_batch
from packviz.core.carrier import Carrier, Packed, Sequences
from packviz.core.cells.guess import guessed
from packviz.core.findings import Severity
from packviz.core.rules import check
from tests.core.oracle import find, one, packed, raised_by

IDS = np.array([[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]])
SQUARE = np.array([[7, 3, 9, 2], [4, 8, 0, 0], [6, 1, 5, 0], [2, 0, 0, 0]])
CELLS = ("length-counts-padding", "length-cuts-data", "padding-left", "padding-inside", "row-all-padding")


def of(x: object, lengths: object, batch_first: bool, enforce_sorted: bool = False, **how: object) -> Batch:
    return make_batch(np.asarray(x), np.asarray(lengths), Call(batch_first, enforce_sorted, **how))  # type: ignore[arg-type]


@st.composite
def right_padded(draw: st.DrawFn) -> tuple[NDArray[np.int64], list[int]]:
    """(B, T) ids that end where their lengths say, half of them square."""
    rows = draw(st.integers(1, 6))
    steps = rows if draw(st.booleans()) else draw(st.integers(1, 6))
    lengths = draw(st.lists(st.integers(1, steps), min_size=rows, max_size=rows))
    ids = np.random.default_rng(draw(st.integers(0, 99))).integers(1, 9, (rows, steps))
    return np.where(np.arange(steps) < np.array(lengths)[:, None], ids, 0), lengths


def test_a_square_batch_read_the_wrong_way_is_silent_to_torch_and_proven_by_its_padding() -> None:
    report = check(of(SQUARE, [4, 2, 3, 1], False))
    finding = report.findings[0]
    assert (finding.code, finding.severity, finding.stage) == ("layout-swapped", Severity.SILENT, None)
    assert finding.title == "x is read the wrong way round: it needs batch_first=True"
    assert "with batch_first=True every row ends where its length says" in finding.detail
    assert finding.fix == "packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)"
    assert finding.edit is not None
    assert check(finding.edit.apply(report.batch)).ok
    assert raised_by(lambda: packed(of(SQUARE, [4, 2, 3, 1], False))) is None
    assert not [f.code for f in report.findings if f.code in CELLS]


def test_the_cells_that_are_packed_wrongly_are_its_cells() -> None:
    batch = of(SQUARE, [4, 2, 3, 1], False)
    finding = one(batch, "layout-swapped")
    wrong = np.zeros((4, 4), dtype=bool)
    for row, step in finding.cells:
        wrong[row, step] = True
    ends = [4, 3, 3, 1]  # of the columns of SQUARE
    for row, (length, end) in enumerate(zip([4, 2, 3, 1], ends, strict=True)):
        assert wrong[row].tolist() == [
            min(length, end) <= t < max(length, end) and SQUARE[t, row] != 0 for t in range(4)
        ]
    assert set(finding.rows) == set(np.flatnonzero(wrong.any(axis=1)).tolist())


@pytest.mark.parametrize("enforce_sorted", [True, False])
def test_sizes_that_do_not_fit_are_an_error_where_torch_raises_and_its_words_stand_beside_it(
    enforce_sorted: bool,
) -> None:
    report = packviz.check(torch.tensor(IDS), [3, 2, 4], enforce_sorted=enforce_sorted)
    first, second = report.findings[:2]
    assert (first.code, first.severity) == ("layout-swapped", Severity.ERROR)
    assert first.stages == (("pack",) if enforce_sorted else ("run", "unpack"))
    assert (second.code, second.behind) == ("lengths-count" if enforce_sorted else "length-exceeds-time", None)
    said = raised_by(
        lambda: torch.nn.LSTM(1, 2)(
            pack_padded_sequence(torch.tensor(IDS)[..., None].float(), torch.tensor([3, 2, 4]), False, enforce_sorted)
        )
    )
    assert said is not None
    assert said in (first.torch or "")
    assert first.edit is not None
    assert first.edit.batch_first is True


def test_rows_that_are_dropped_because_of_it_are_named_beside_it() -> None:
    report = check(of(IDS[:, :4], [3, 2, 3], False))  # read as 4 rows of 3 steps
    assert [f.code for f in report.findings if f.severity is Severity.SILENT] == ["layout-swapped", "lengths-count"]
    assert raised_by(lambda: packed(of(IDS[:, :4], [3, 2, 3], False))) is None


def test_public_thread_1176_batch_first_forgotten_before_a_square_batch() -> None:
    rows = [torch.arange(1, n + 1) for n in (5, 3, 2, 4, 1)]
    x = pad_sequence(rows, batch_first=True)
    report = packviz.check(x, [5, 3, 2, 4, 1], enforce_sorted=False)
    finding = find(report, "layout-swapped")
    assert finding is not None
    assert finding.torch == "says nothing"
    assert packviz.check(x, [5, 3, 2, 4, 1], batch_first=True, enforce_sorted=False).ok


@given(right_padded(), st.booleans())
def test_a_correct_batch_is_neither_swapped_nor_ambiguous_where_its_padding_decides(
    drawn: tuple[NDArray[np.int64], list[int]], batch_first: bool
) -> None:
    x, lengths = drawn
    report = check(of(x if batch_first else x.T, lengths, batch_first))
    assert find(report, "layout-swapped") is None
    ambiguous = find(report, "layout-ambiguous")
    turned = [int(np.flatnonzero(column)[-1]) + 1 if column.any() else 1 for column in x.T]
    assert (ambiguous is not None) <= (len(x) == x.shape[1] > 1)
    if len(x) == x.shape[1] > 1 and turned == lengths:
        assert ambiguous is not None
    if turned != lengths and len(x) == x.shape[1]:
        assert ambiguous is None


@given(right_padded(), st.booleans(), st.booleans())
def test_read_the_wrong_way_it_is_found_wherever_the_lengths_then_fit_nothing(
    drawn: tuple[NDArray[np.int64], list[int]], batch_first: bool, enforce_sorted: bool
) -> None:
    x, lengths = drawn
    rows, steps = x.shape
    assume(rows != steps or steps > 2)
    report = check(of(x if not batch_first else x.T, lengths, batch_first, enforce_sorted))
    turned = x.T if not batch_first else x
    finding = find(report, "layout-swapped")
    if rows != steps:
        ends = [int(np.flatnonzero(row)[-1]) + 1 if row.any() else 1 for row in x.T]
        n = min(rows, steps)
        assert finding is not None or ends[:n] == lengths[:n]
    elif finding is not None:
        assert finding.severity is Severity.SILENT or enforce_sorted
    if finding is not None:
        assert finding.edit is not None
        assert finding.edit.batch_first is (not batch_first)
        mended = finding.edit.apply(report.batch)
        assert mended.grid.tolist() == x.tolist()
        assert check(mended.with_call(enforce_sorted=False)).ok
        assert not [f.code for f in report.findings if f.code in CELLS]
    assert turned.shape


@given(right_padded(), st.booleans(), st.booleans())
def test_it_is_an_error_exactly_where_torch_raises(
    drawn: tuple[NDArray[np.int64], list[int]], batch_first: bool, enforce_sorted: bool
) -> None:
    x, lengths = drawn
    given_x = torch.tensor(x if not batch_first else x.T.copy())[..., None].float()
    report = packviz.check(given_x, lengths, batch_first=batch_first, enforce_sorted=enforce_sorted)
    finding = find(report, "layout-swapped")
    assume(finding is not None)
    assert finding is not None
    lstm = torch.nn.LSTM(1, 2, batch_first=batch_first)
    counts = torch.tensor(lengths)
    said = raised_by(lambda: lstm(pack_padded_sequence(given_x, counts, batch_first, enforce_sorted)))
    if finding.severity is Severity.ERROR:
        assert said is not None
        assert finding.behind is not None or said in (finding.torch or "")
    elif said is not None:  # for a cause of its own
        assert any(f.severity is Severity.ERROR and f.behind is None for f in report.findings)


def test_one_length_for_all_rows_is_no_swap() -> None:
    x = [[1, 2, 0], [3, 4, 0], [5, 6, 7]]  # every column ends with the last row, which is full
    report = check(of(x, [3, 3, 3], True))
    assert find(report, "layout-swapped") is None
    assert find(report, "length-counts-padding") is not None


def test_a_shuffled_square_batch_is_no_swap() -> None:
    report = check(of(SQUARE, [2, 4, 1, 3], True))
    assert find(report, "layout-swapped") is None
    assert find(report, "lengths-one-cause") is not None


def test_nothing_decides_for_a_square_batch_without_padding() -> None:
    report = check(of(np.ones((3, 3)), [3, 3, 3], True))
    finding = find(report, "layout-ambiguous")
    assert finding is not None
    assert finding.severity is Severity.NOTE
    assert finding.detail.startswith("x has shape (3, 3), and neither the lengths nor the padding decide")
    assert "first dimension counts the rows" in finding.detail
    other = one(of(np.ones((3, 3)), [3, 3, 3], False), "layout-ambiguous")
    assert "first dimension counts the steps" in other.detail


@pytest.mark.parametrize(
    ("shape", "lengths"), [((1, 1), [1]), ((1, 3), [3]), ((3, 1), [1, 1, 1]), ((2, 3), [3, 3]), ((0, 0), [])]
)
def test_what_can_not_be_mixed_up_or_is_decided_by_its_sizes_is_not_ambiguous(
    shape: object, lengths: list[int]
) -> None:
    report = check(of(np.ones(shape), np.array(lengths, dtype=np.int64), True))  # type: ignore[call-overload]
    assert find(report, "layout-ambiguous") is None


@pytest.mark.parametrize("carrier", [Sequences(), Packed()])
def test_sequences_have_no_layout_to_mix_up(carrier: Carrier) -> None:
    batch = make_batch(np.ones((3, 3)), [3, 3, 3], Call(True), carrier=carrier)
    assert find(check(batch), "layout-ambiguous") is None


def test_where_the_other_layout_is_only_likely_what_looks_wrong_says_so() -> None:
    batch = guessed(make_batch(np.array([[5, 3, 9, 0, 0], [4, 2, 0, 0, 0], [7, 8, 6, 1, 2]]), (), Call(False, False)))
    finding = one(batch, "padding-inside")
    assert finding.detail.endswith(" Or x is read the wrong way round: batch_first=True fits it better.")
    right = guessed(batch.with_call(batch_first=True))
    assert not [f for f in check(right).findings if "wrong way round" in f.detail]
