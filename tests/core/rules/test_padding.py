"""Padding where it does not belong: torch is asked what it packs of it."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.utils.rnn import pad_packed_sequence

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.carrier import Sequences
from packviz.core.findings import Severity
from packviz.core.rules import check
from tests.core.oracle import batch_of, find, one, packed


def ids(x: object, lengths: object, padding: float = 0, **how: object) -> Batch:
    return make_batch(np.array(x, dtype=np.int64), lengths, Call(True, False, padding), **how)  # type: ignore[arg-type]


LEFT = [[0, 0, 7, 8, 9], [0, 3, 1, 4, 12], [5, 9, 2, 6, 5], [0, 0, 0, 11, 4]]


def test_left_padding_says_what_torch_takes_instead() -> None:
    batch = ids(LEFT, [3, 4, 5, 2])
    finding = one(batch, "padding-left")
    assert finding.severity is Severity.SILENT
    assert finding.title == "3 rows: they are padded on the left"
    assert finding.detail == (
        "Row 0: length 3, but x[0, 0:2] are the padding value 0, and the data stands at x[0, 2:5]. torch takes the "
        "first 3 steps of the row: 2 steps on padding. In all, 5 padding cells of 3 rows are packed, and 5 cells of "
        "data are cut off."
    )
    taken, lengths = pad_packed_sequence(packed(batch), batch_first=True)
    assert taken[0, :3].tolist() == [0, 0, 7]
    rows = [0, 1, 3]
    assert sum(int((taken[row, : lengths[row]] == 0).sum()) for row in rows) == 5
    assert int((torch.tensor(batch.x)[rows] != 0).sum()) - int((taken[rows] != 0).sum()) == 5
    assert finding.rows == (0, 1, 3)
    assert finding.spans.tolist() == [[0, 0, 2], [1, 0, 1], [3, 0, 3]]


def test_left_padding_is_told_once_and_not_as_lengths_that_are_wrong() -> None:
    assert [f.code for f in check(ids(LEFT, [3, 4, 5, 2])).findings] == ["padding-left", "last-output"]


def test_rows_beside_the_left_padded_ones_keep_their_own_findings() -> None:
    report = check(ids([[0, 0, 7, 8, 9], [5, 9, 2, 6, 0], [1, 2, 3, 4, 0]], [3, 5, 2]))
    assert find(report, "padding-left").rows == (0,)  # type: ignore[union-attr]
    assert find(report, "length-counts-padding").rows == (1,)  # type: ignore[union-attr]
    assert find(report, "length-cuts-data").rows == (2,)  # type: ignore[union-attr]


def test_left_padding_is_packed_whole_where_every_length_is_t() -> None:
    told = one(ids(LEFT, [5, 5, 5, 5]), "padding-left").detail
    assert told.endswith("In all, 6 padding cells of 3 rows are packed.")
    told = one(ids([[0, 0, 7, 8], [1, 2, 3, 4]], [4, 4]), "padding-left").detail
    assert told.endswith("torch takes the first 4 steps of the row: 2 steps on padding.")


def test_left_padding_that_only_seems_so_is_a_warning() -> None:
    x = np.where(np.arange(6) >= np.array([0, 1, 3, 5, 2])[:, None], 1.5, 0)
    finding = one(batch_of(x, [6] * 5), "padding-left")
    assert finding.severity is Severity.WARNING
    assert finding.detail.endswith("If 0 is a real value there, nothing is wrong.")


def test_padding_between_ids_is_a_warning_and_between_measurements_a_note() -> None:
    x = [[5, 9, 7, 3, 0], [8, 0, 6, 4, 2], [11, 0, 0, 5, 0]]
    finding = one(ids(x, [4, 5, 4]), "padding-inside")
    assert finding.severity is Severity.WARNING
    assert finding.title == "2 rows: the padding value stands in their data"
    assert finding.detail == (
        "Row 1: x[1, 1] is 0, the padding value, before the data ends. In all, 3 such cells in 2 rows: either 0 is an "
        "id of its own, or the rows are broken. torch packs them like any other id."
    )
    assert finding.rows == (1, 2)
    assert finding.spans.tolist() == [[1, 1, 2], [2, 1, 3]]
    note = one(batch_of(x, [4, 5, 4]), "padding-inside")
    assert note.severity is Severity.NOTE
    assert note.spans.tolist() == finding.spans.tolist()
    assert check(batch_of(x, [4, 5, 4])).ok


def test_padding_at_the_start_of_a_row_that_ends_before_t_is_inside_it() -> None:
    assert one(ids([[0, 9, 7, 0], [1, 2, 3, 4]], [3, 4]), "padding-inside").cells == [(0, 0)]
    assert find(check(ids([[0, 9, 7, 0], [1, 2, 3, 4]], [3, 4])), "padding-left") is None


def test_a_value_between_ids_that_is_not_the_padding_value_is_an_id() -> None:
    assert find(check(ids([[5, 0, 7, -1], [1, 2, 3, 4]], [3, 4], padding=-1)), "padding-inside") is None
    assert one(ids([[5, -1, 7, -1], [1, 2, 3, 4]], [3, 4], padding=-1), "padding-inside").cells == [(0, 1)]


def test_millions_of_zeros_are_counted_and_the_first_laid_out() -> None:
    x = np.ones((1000, 200), dtype=np.float32)
    x[:, 0:-1:2] = 0
    finding = one(batch_of(x, [200] * 1000), "padding-inside")
    assert finding.cell_count == 100_000
    assert len(finding.spans) < 70_000
    assert "In all, 100000 such cells in 1000 rows" in finding.detail


def test_a_row_of_nothing_but_padding_is_a_warning_and_can_be_dropped() -> None:
    for batch_first in (True, False):
        x = [[12, 7, 31, 5], [9, 14, 0, 0], [0, 0, 0, 0]]
        finding = one(batch_of(x, [4, 2, 1], batch_first), "row-all-padding")
        assert finding.severity is Severity.WARNING
        assert (finding.rows, finding.cells) == ((2,), [(2, 0)])
        assert finding.title == "Row 2: it is nothing but padding"
        names = {"torch": torch, "x": torch.tensor(batch_of(x, [4, 2, 1], batch_first).x), "lengths": [4, 2, 1]}
        assert finding.fix is not None
        exec(finding.fix, names)  # our own text, in a test
        assert names["lengths"].tolist() == [4, 2]  # type: ignore[attr-defined]
        assert names["x"].shape == ((2, 4) if batch_first else (4, 2))  # type: ignore[attr-defined]


def test_zeros_in_a_list_of_sequences_are_data() -> None:
    x = np.array([[0.0, 0, 0], [1, 2, 3]])
    assert find(check(make_batch(x, [2, 3], Call(True, False), carrier=Sequences())), "row-all-padding") is None
    assert find(check(ids([[0, 0, 0], [1, 2, 3]], [2, 3], carrier=Sequences())), "row-all-padding") is not None


@given(st.integers(0, 9999), st.booleans())
def test_every_padding_cell_that_is_packed_is_in_some_finding(seed: int, whole: bool) -> None:
    random = np.random.default_rng(seed)
    rows, steps = int(random.integers(1, 5)), int(random.integers(1, 6))
    x = random.integers(0, 3, (rows, steps))
    x[0, 0] = 5  # ids, for whole numbers
    lengths = random.integers(1, steps + 1, rows)
    batch = make_batch(x if whole else x.astype(np.float32), lengths, Call(True, False))
    report = check(batch)
    if find(report, "layout-swapped") is not None:
        return  # its rows are no rows
    told = {cell for finding in report.findings for cell in finding.cells}
    taken = {(row, t) for row in range(rows) for t in range(lengths[row]) if x[row, t] == 0}
    assert taken <= told
