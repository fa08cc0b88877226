"""Which options win, which layout, whose lengths."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_sequence

from packviz.core.batch import BatchError, Call
from packviz.files.objects import to_batch
from packviz.files.settle import ALL_OPTIONS

GIVEN = ALL_OPTIONS
X = [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]]


def test_options_that_were_given_hold_whatever_fits_better():
    call = Call(batch_first=False, enforce_sorted=True)
    batch = to_batch(X, [3, 2, 4], call, options_given=GIVEN)
    assert batch.call == call
    assert batch.x.tolist() == X


@pytest.mark.parametrize(
    ("shape", "count", "batch_first"), [((3, 5), 3, True), ((5, 3), 3, False), ((3, 3), 3, False), ((3, 5), 4, False)]
)
def test_the_layout_of_an_array_is_the_one_that_its_lengths_fit(shape, count, batch_first):
    batch = to_batch((np.ones(shape), np.ones(count, dtype=np.int64)))
    assert batch.call.batch_first is batch_first
    assert batch.call.enforce_sorted is False


def test_nested_lists_are_rows_even_where_the_lengths_fit_the_columns():
    assert to_batch([[1, 2], [3, 4], [5, 6]], [1, 2]).call.batch_first


def test_missing_lengths_are_guessed_and_said_to_be_guessed():
    batch = to_batch(torch.tensor(X))
    assert (batch.lengths.tolist(), batch.lengths_from, batch.call.batch_first) == ([3, 2, 4], "guessed", True)
    assert to_batch(np.array(X).T, call=Call(batch_first=False), options_given=GIVEN).lengths.tolist() == [3, 2, 4]
    filled = torch.tensor([[1.0, 0.1], [1.0, 1.0]], dtype=torch.bfloat16)
    assert to_batch(filled, call=Call(padding_value=0.1)).lengths.tolist() == [1, 2]


def test_wrong_lengths_are_kept_as_they_were_given():
    batch = to_batch(torch.tensor(X), torch.tensor([3.0, 2.5]))
    assert batch.lengths.tolist() == [3.0, 2.5]
    assert to_batch(X, [0, -1, 99]).lengths.tolist() == [0, -1, 99]


def test_options_in_a_dict_win_over_defaults_but_not_over_those_given():
    named = {"x": X, "lengths": [3, 2, 4], "batch_first": False, "padding_value": -1, "total_length": 9}
    batch = to_batch(named, call=Call(padding_value=7), options_given=frozenset({"padding_value"}))
    assert batch.call == Call(False, False, 7, 9)


def test_lengths_beside_a_packed_sequence_are_refused():
    with pytest.raises(BatchError, match="brings its lengths"):
        to_batch(pack_sequence([torch.ones(2)]), [2])


def test_sequences_are_laid_out_batch_first_whatever_was_given():
    batch = to_batch([[1, 2], [3]], call=Call(batch_first=False), options_given=GIVEN)
    assert batch.call.batch_first
    assert batch.rows == 2


def test_sequences_with_lengths_of_their_own_are_padded_first():
    batch = to_batch(([torch.ones(3), torch.ones(1)], [2, 1]))
    assert (batch.kind, batch.lengths.tolist(), batch.steps) == ("padded", [2, 1], 3)


def test_lengths_given_beside_win_over_those_found():
    assert to_batch({"x": X, "lengths": [1, 1, 1]}, [3, 2, 4]).lengths.tolist() == [3, 2, 4]


@pytest.mark.parametrize("lengths", [[[3], [2]], torch.tensor(3), ["a"], "3,2", [[1], [2, 3]], [None]])
def test_lengths_that_are_no_vector_of_numbers_are_refused(lengths):
    with pytest.raises(BatchError, match="lengths"):
        to_batch(X, lengths)
