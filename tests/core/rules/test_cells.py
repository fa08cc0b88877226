"""Lengths against cells: padding that is counted, data that is cut off."""

import numpy as np
from hypothesis import given

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.carrier import Sequences
from packviz.core.cells.guess import guessed
from packviz.core.findings import Severity
from packviz.core.rules import check
from tests.core.oracle import batch_of, calls, find, one, packed


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
    data = packed(batch).data
    for word in finding.detail.split("data[")[1:]:
        assert data[int(word.split("]")[0])] == batch.call.padding_value


def test_two_packed_cells_are_named_and_of_more_the_first_and_the_last() -> None:
    x = [[1, 0, 0, 0], [1, 2, 3, 4]]
    assert "packs them as data[3] and data[5]:" in one(batch_of(x, [3, 4]), "length-counts-padding").detail
    assert "packs them as data[2] … data[6]:" in one(batch_of(x, [4, 4]), "length-counts-padding").detail


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
    for how in ({"origin": "guessed"}, {"carrier": Sequences()}):
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


def test_guessed_lengths_are_said_to_be_guessed_with_all_that_may_be_wrong_about_them() -> None:
    x = np.array([[1, 0, 3, 0], [2, 2, 2, 2], [0, 0, 0, 0], [4, 0, 0, 0]], dtype=np.float32)
    for batch_first in (True, False):
        batch = guessed(make_batch(x if batch_first else x.T, [], Call(batch_first, False)))
        assert batch.lengths.tolist() == [3, 4, 1, 1]
        finding = one(batch, "lengths-guessed")
        assert finding.severity is Severity.NOTE
        cell = "x[0, 3]" if batch_first else "x[3, 0]"
        assert finding.title == "The lengths are guessed: a real 0 at the end of a row is cut off"
        assert finding.detail == (
            "No lengths were given. Taken: each row ends at its last cell that is not the padding value 0. Rows 0, 2 "
            f"and 3 end before t3: if a real 0 stands at the end of one, as {cell} may be, its length is too small, "
            "and torch never reads it. Row 0 holds 0 before the end of the data: it may well be a real value, and "
            "lengths too small. Row 2 is nothing but padding and gets the length 1. Pass the lengths where you know "
            "them."
        )
        assert finding.rows == (0, 2, 3)
        assert finding.spans.tolist() == [[0, 3, 4], [2, 1, 4], [3, 1, 4]]


def test_guessed_lengths_that_are_all_t_are_guessed_all_the_same() -> None:
    told = one(guessed(make_batch(np.ones((2, 3)), [], Call(True, False))), "lengths-guessed").detail
    assert "padding value 0; that is the last step in every row. Pass" in told


def test_runs_of_another_number_at_the_ends_of_rows_are_noticed_where_lengths_are_guessed() -> None:
    x = np.array([[5, 6, 7, 8], [9, 6, 1, 1], [8, 1, 1, 1], [1, 1, 1, 1]])
    finding = one(guessed(make_batch(x, [], Call(True, False))), "lengths-guessed")
    assert finding.title == "The lengths are guessed, and several rows end with runs of 1"
    assert "3 rows end with runs of 1, which stands nowhere before" in finding.detail
    assert "padding_value=1" in finding.detail
    said = one(guessed(make_batch(x, [], Call(True, False, padding_value=1))), "lengths-guessed")
    assert "real 1 at the end" in said.title
    ends = np.array([[5, 6, 7, 2], [9, 6, 8, 2], [8, 7, 6, 2]])  # each ends with the id of its end
    assert "runs of" not in one(guessed(make_batch(ends, [], Call(True, False))), "lengths-guessed").title


def test_given_lengths_are_not_guessed() -> None:
    assert find(check(batch_of([[1, 0], [1, 1]], [1, 2])), "lengths-guessed") is None
    batch = guessed(make_batch(np.ones((2, 3)), [], Call(True, False)))
    assert find(check(batch.with_lengths([3, 3])), "lengths-guessed") is None


def test_of_very_many_cut_cells_the_first_are_laid_out_and_all_are_counted() -> None:
    x = np.zeros((1000, 202))
    x[:, 1::2] = 1
    finding = one(batch_of(x, [2] * 1000), "length-cuts-data")
    assert finding.cell_count == 100_000
    assert len(finding.spans) < 70_000
    assert "In all, 100000 cells of 1000 rows are cut off" in finding.detail
    assert finding.rows == tuple(range(1000))
    assert finding.edit is not None
    assert finding.edit.lengths == (202,) * 1000
