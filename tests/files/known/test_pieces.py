from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import BatchError
from packviz.files.known.pieces import numbered, pieces, restarting

LENGTHS = st.lists(st.lists(st.integers(1, 5), min_size=1, max_size=4), min_size=1, max_size=4)


def rows_of(lengths: list[list[int]], first: int) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of the documents and their positions, (B, T), padded with 0 at the end of each row."""
    steps = max(map(sum, lengths))
    numbers, positions = np.zeros((2, len(lengths), steps), dtype=np.int64)
    for row, some in enumerate(lengths):
        at = np.repeat(np.arange(len(some)), some)
        numbers[row, : len(at)] = at + first
        positions[row, : len(at)] = np.concatenate([np.arange(n) for n in some])
    return numbers, positions


@given(LENGTHS)
def test_numbered_documents_come_back_with_their_lengths(lengths: list[list[int]]) -> None:
    numbers, _ = rows_of(lengths, 1)
    found = numbered(numbers, "segment_ids")
    assert found.lengths.tolist() == [n for some in lengths for n in some]
    assert found.alone == all(len(some) == 1 for some in lengths)
    assert np.array_equal(np.sort(found.cells), np.flatnonzero(numbers))


@given(st.lists(st.integers(1, 5), min_size=1, max_size=6))
def test_a_row_that_begins_with_document_0_has_no_padding(lengths: list[int]) -> None:
    assert numbered(np.repeat(np.arange(len(lengths)), lengths)[None], "seq_idx").lengths.tolist() == lengths


def test_a_number_that_comes_back_is_refused_with_its_place() -> None:
    with pytest.raises(BatchError, match=r"batch holds 1 again at step 3 of row 0"):
        numbered(np.array([[1, 1, 2, 1]]), "batch")


@given(LENGTHS)
def test_positions_that_start_again_are_cut_there(lengths: list[list[int]]) -> None:
    numbers, positions = rows_of(lengths, 1)
    found = restarting(positions, (numbers > 0).astype(np.int64), "position_ids")
    assert found is not None
    assert found.lengths.tolist() == [n for some in lengths for n in some]


def test_zeros_at_the_end_that_may_be_padding_are_refused() -> None:
    with pytest.raises(BatchError, match=r"position_ids is 0 again and again at the end of row 1"):
        restarting(np.array([[0, 1, 2, 3], [0, 1, 0, 0]]), None, "position_ids")


@pytest.mark.parametrize("row", [[2, 3, 4, 1, 1], [1, 1, 0, 1, 2], [0, 2, 4, 6, 8]])
def test_positions_that_count_otherwise_are_none(row: list[int]) -> None:
    assert restarting(np.array([row]), None, "position_ids") is None


def test_pieces_begin_at_each_row_as_well() -> None:
    found = pieces(np.array([[False, False, True], [False, True, False]]))
    assert (found.starts.tolist(), found.lengths.tolist(), found.alone) == ([0, 2, 3, 4], [2, 1, 1, 2], False)
