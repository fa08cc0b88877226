"""The rules, with torch as the oracle: what it raises is an error here, and nothing else is."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.findings import Finding, Report, Severity
from packviz.core.rules import RULES, check

FIRST_EIGHT = (
    "length-not-positive",
    "length-exceeds-time",
    "length-counts-padding",
    "length-cuts-data",
    "lengths-unsorted",
    "lengths-count",
    "time-shrinks",
    "last-output",
)
# What torch says about each cause, in the version at hand.
MESSAGES = {
    "length-not-positive": ("Length of all samples has to be greater than 0",),
    "lengths-unsorted": ("must be sorted in decreasing order",),
    "lengths-count": ("Expected `len(lengths)` to be equal to batch_size", "index out of range", "out of DATA bounds"),
    "batch-empty": ("Cannot pack empty tensors", "self indexing axis dim should be positive"),
}


def batch_of(
    x: object, lengths: object, batch_first: bool = True, enforce_sorted: bool = False, **how: object
) -> Batch:
    grid = np.asarray(x, dtype=np.float32)
    call = Call(batch_first, enforce_sorted, **how)
    return make_batch(grid if batch_first else grid.swapaxes(0, 1), lengths, call)


def find(report: Report, code: str) -> Finding | None:
    return next((finding for finding in report.findings if finding.code == code), None)


def one(batch: Batch, code: str) -> Finding:
    finding = find(check(batch), code)
    assert finding is not None, code
    return finding


def packed(batch: Batch) -> object:
    return pack_padded_sequence(
        torch.tensor(batch.x),
        torch.tensor(batch.counts),
        batch_first=batch.call.batch_first,
        enforce_sorted=batch.call.enforce_sorted,
    )


def raised_by(call: Callable[[], object]) -> str | None:
    try:
        call()
    except (RuntimeError, IndexError) as error:
        return str(error)
    return None


@st.composite
def calls(draw: st.DrawFn) -> Batch:
    """Small calls, most of them wrong somewhere: sizes of 0, lengths of any sign and any number."""
    rows, steps = draw(st.integers(0, 5)), draw(st.integers(0, 5))
    few = st.integers(0, 6)
    n = draw(st.one_of(st.just(rows), few))
    most = draw(st.sampled_from([steps, steps + 2]))
    least = draw(st.sampled_from([1, -1]))
    lengths = draw(st.lists(st.integers(least, max(least, most)), min_size=n, max_size=n))
    if draw(st.booleans()):
        lengths.sort(reverse=True)
    random = np.random.default_rng(draw(st.integers(0, 99)))
    x = random.integers(0, 3, (rows, steps, 1))
    return batch_of(x, np.array(lengths, dtype=np.int64), draw(st.booleans()), draw(st.booleans()))


@given(calls())
@example(batch_of(np.ones((3, 5, 1)), [5, 0, 2], enforce_sorted=True))
@example(batch_of(np.ones((3, 5, 1)), [2, 5, 0], enforce_sorted=True))
@example(batch_of(np.ones((3, 0, 1)), [1, 1, 1, 1]))
@example(batch_of(np.ones((3, 5, 1)), np.array([], dtype=np.int64)))
def test_packing_raises_exactly_where_an_error_of_the_packing_stage_is_found(batch: Batch) -> None:
    message = raised_by(lambda: packed(batch))
    reached = [f for f in check(batch).findings if f.stage == "pack" and f.behind is None]
    assert (message is not None) == bool(reached)
    if message is not None:
        [cause] = reached
        no_lengths = cause.code == "lengths-count" and len(batch.lengths) == 0
        assert no_lengths or any(words in message for words in MESSAGES[cause.code]), (cause.code, message)


@given(calls())
def test_running_raises_exactly_where_an_error_is_found(batch: Batch) -> None:
    lstm = nn.LSTM(1, 2, batch_first=batch.call.batch_first)
    message = raised_by(lambda: lstm(packed(batch)))
    errors = [f for f in check(batch).findings if f.severity is Severity.ERROR]
    assert (message is not None) == bool(errors)
    assert all(f.stage in ("pack", "run") for f in errors)


@given(st.data())
def test_a_correct_batch_has_neither_error_nor_silent_finding_nor_warning(data: st.DataObject) -> None:
    rows, steps = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 70))
    lengths = np.array(data.draw(st.lists(st.integers(1, steps), min_size=rows, max_size=rows)))
    padding = data.draw(st.sampled_from([0.0, -1.0, 7.5, float("nan"), float("inf")]))
    features = data.draw(st.sampled_from([(), (1,), (3,)]))
    x = np.random.default_rng(data.draw(st.integers(0, 99))).uniform(1, 2, (rows, steps, *features))
    x[np.arange(steps) >= lengths[:, None]] = padding
    batch_first, sorted_call = data.draw(st.booleans()), data.draw(st.booleans())
    if sorted_call:
        order = np.argsort(-lengths, kind="stable")
        x, lengths = x[order], lengths[order]
    report = check(batch_of(x, lengths, batch_first, sorted_call, padding_value=padding))
    assert report.ok
    assert {f.severity for f in report.findings} <= {Severity.NOTE}


def test_the_rules_are_those_of_the_table_and_each_explains_itself() -> None:
    assert set(RULES) == {*FIRST_EIGHT, "batch-empty"}
    for rule in RULES.values():
        assert rule.help[0].isupper() or rule.help.startswith(("x ", "enforce_sorted"))
        assert "\n\n" in rule.help, rule.code


@given(calls())
def test_findings_come_worst_first_then_by_code_and_one_a_rule(batch: Batch) -> None:
    found = check(batch).findings
    assert [(f.severity.rank, f.code) for f in found] == sorted({(f.severity.rank, f.code) for f in found})


@given(calls())
def test_cells_are_cells_of_x_and_rows_are_rows_of_x(batch: Batch) -> None:
    for finding in check(batch).findings:
        assert all(0 <= row < batch.rows for row in finding.rows)
        for row, first, stop in finding.spans.tolist():
            assert row in finding.rows
            assert 0 <= first < stop <= batch.steps


def test_counted_padding_is_told_as_in_the_window() -> None:
    x = [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0], [7, 3, 2, 5, 8]]
    finding = one(batch_of(x, [3, 2, 5, 5]), "length-counts-padding")
    assert finding.severity is Severity.SILENT
    assert finding.title == "Row 2: its length counts padding"
    assert finding.detail == (
        "length 5, but x[2, 4] is the padding value 0. torch packs it as data[13]: the RNN takes 1 step on padding and "
        "h_n is wrong."
    )
    data = packed(batch_of(x, [3, 2, 5, 5])).data
    assert data[13] == 0
    assert finding.rows == (2,)
    assert finding.spans.tolist() == [[2, 4, 5]]
    assert finding.fix == "lengths[2] = 4"
    assert finding.edit is not None
    assert finding.edit.label == "Set length 4"


def test_cells_are_named_as_they_are_indexed_without_batch_first() -> None:
    x = [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]]
    batch = batch_of(x, [3, 2, 5], batch_first=False)
    assert "x[4, 2] is the padding value" in one(batch, "length-counts-padding").detail
    assert batch.x[4, 2] == 0


@given(calls())
def test_packed_indices_that_are_named_hold_the_padding(batch: Batch) -> None:
    finding = find(check(batch), "length-counts-padding")
    if finding is None or "data[" not in finding.detail:
        return
    data: Tensor = packed(batch).data  # type: ignore[attr-defined]
    for word in finding.detail.split("data[")[1:]:
        assert data[int(word.split("]")[0])] == batch.call.padding_value


def test_many_equal_lengths_name_no_packed_index_unless_torch_was_asked() -> None:
    x = np.ones((17, 4), dtype=np.float32)
    x[3, 3] = 0
    assert "data[" not in one(batch_of(x, [4] * 17), "length-counts-padding").detail


def test_rows_with_the_same_fault_make_one_finding() -> None:
    finding = one(batch_of([[1, 0], [2, 0], [3, 3]], [2, 2, 2]), "length-counts-padding")
    assert finding.rows == (0, 1)
    assert finding.title == "2 rows: their lengths count padding"
    assert finding.spans.tolist() == [[0, 1, 2], [1, 1, 2]]


def test_a_row_of_padding_only_may_have_length_1_but_not_more() -> None:
    assert check(batch_of([[0, 0, 0], [1, 1, 1]], [1, 3])).ok
    finding = one(batch_of([[0, 0, 0], [1, 1, 1]], [2, 3]), "length-counts-padding")
    assert finding.edit is not None
    assert finding.edit.lengths == (1, 3)


def test_padding_value_between_the_data_is_pointed_out_as_a_possible_real_value() -> None:
    told = one(batch_of([[1, 0, 2, 0], [1, 1, 1, 1]], [4, 4]), "length-counts-padding").detail
    assert told.endswith("0 also stands between the data: if it is a real value, pad x with another one.")
    assert "between" not in one(batch_of([[1, 3, 2, 0], [1, 1, 1, 1]], [4, 4]), "length-counts-padding").detail


def test_guessed_lengths_and_lists_of_sequences_cannot_count_padding() -> None:
    x = np.array([[1, 0, 0], [2, 2, 2]], dtype=np.float32)
    for how in ({"lengths_from": "guessed"}, {"kind": "sequences"}):
        assert check(make_batch(x, [2, 3], Call(True, False), **how)).ok  # type: ignore[arg-type]
    assert not check(make_batch(x, [2, 3], Call(True, False))).ok


def test_cut_data_is_named_cell_by_cell_and_padding_between_is_left_out() -> None:
    finding = one(batch_of([[1, 2, 0, 3, 4, 0], [1, 1, 1, 1, 1, 1]], [1, 6]), "length-cuts-data")
    assert finding.severity is Severity.SILENT
    assert finding.spans.tolist() == [[0, 1, 2], [0, 3, 5]]
    assert finding.edit is not None
    assert finding.edit.lengths == (5, 6)


def test_nan_beyond_the_length_is_not_cut_data() -> None:
    x = [[1, np.nan, np.nan], [1, 2, 3]]
    assert check(batch_of(x, [1, 3])).ok
    assert one(batch_of([[1, np.nan, 2], [1, 2, 3]], [1, 3]), "length-cuts-data").spans.tolist() == [[0, 2, 3]]


def test_a_cell_is_cut_data_when_one_feature_is() -> None:
    x = np.zeros((2, 3, 2))
    x[:, :, 1] = [[1, 0, 0], [1, 2, 0]]
    x[0, 2] = [np.nan, 0]
    assert one(batch_of(x, [1, 1]), "length-cuts-data").spans.tolist() == [[1, 1, 2]]


def test_another_padding_value_is_recognised_and_offered_as_the_fix() -> None:
    batch = batch_of([[5, 1, 1, 1], [6, 7, 1, 1], [8, 9, 2, 3]], [1, 2, 4])
    finding = one(batch, "length-cuts-data")
    assert finding.edit is not None
    assert finding.edit.padding_value == 1
    assert check(finding.edit.apply(batch)).ok


def test_dropped_rows_are_silent_and_too_many_lengths_are_an_error() -> None:
    x = [[1, 2], [3, 0], [4, 5]]
    dropped = one(batch_of(x, [2, 1]), "lengths-count")
    assert (dropped.severity, dropped.rows, dropped.spans.tolist()) == (Severity.SILENT, (2,), [[2, 0, 2]])
    assert pad_packed_sequence(packed(batch_of(x, [2, 1])))[0].shape[1] == 2  # type: ignore[arg-type]
    assert one(batch_of(x, [2, 1], enforce_sorted=True), "lengths-count").severity is Severity.ERROR
    assert one(batch_of(x, [2, 1, 2, 2]), "lengths-count").stage == "pack"


def test_time_shrinks_unless_total_length_is_given() -> None:
    batch = batch_of([[1, 2, 0], [1, 0, 0]], [2, 1])
    finding = one(batch, "time-shrinks")
    assert finding.severity is Severity.NOTE
    assert "(2, 2, …)" in finding.detail
    assert pad_packed_sequence(packed(batch), batch_first=True)[0].shape == (2, 2)  # type: ignore[arg-type]
    assert find(check(batch.with_call(total_length=3)), "time-shrinks") is None


def test_with_total_length_even_the_longest_row_has_no_last_output_at_the_end() -> None:
    batch = batch_of([[1, 2, 0], [1, 0, 0]], [2, 1])
    assert one(batch, "last-output").rows == (1,)
    assert one(batch.with_call(total_length=3), "last-output").rows == (0, 1)
    assert one(batch_of([[1, 2, 0], [1, 0, 0]], [2, 1], batch_first=False), "last-output").title.startswith("out[-1]")


def test_a_packed_sequence_that_brings_its_order_is_not_called_unsorted() -> None:
    x = np.array([[1, 0], [2, 3]], dtype=np.float32)
    batch = make_batch(x, [1, 2], Call(True, True), kind="packed", lengths_from="packed", order=[1, 0])
    assert find(check(batch), "lengths-unsorted") is None


@pytest.mark.parametrize("shape", [(0, 5), (3, 0), (3, 5, 0)])
def test_an_empty_batch_is_an_error_of_its_own(shape: tuple[int, ...]) -> None:
    batch = batch_of(np.ones(shape), [1] * shape[0])
    assert [f.code for f in check(batch).findings] == ["batch-empty"]
    assert raised_by(lambda: packed(batch)) == "Cannot pack empty tensors."
