"""What is looked for under which name."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from packviz.core.batch import OPTIONS, BatchError
from packviz.core.carrier import Sequences
from packviz.files.objects import to_batch

GIVEN = frozenset(OPTIONS)
X = [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]]


@pytest.mark.parametrize(
    "named",
    [
        {"x": torch.tensor(X), "lengths": torch.tensor([3, 2, 4])},
        {"input_ids": X, "seq_lens": [3, 2, 4], "labels": [0, 1, 0]},
        {"anything": torch.tensor(X), "lens": np.array([3, 2, 4]), "seq_len": 5},
        {"batch": {"x": X, "lengths": (3, 2, 4)}},
    ],
)
def test_dicts_are_read_under_usual_names(named):
    batch = to_batch(named)
    assert batch.x.tolist() == X
    assert (batch.lengths.tolist(), batch.given.origin) == ([3, 2, 4], "given")


def test_a_packed_sequence_of_named_fields_and_in_a_dict():
    packed = pack_padded_sequence(torch.tensor(X), [3, 2, 4], batch_first=True, enforce_sorted=False)
    expected = pad_packed_sequence(packed, batch_first=True)[0].tolist()
    assert to_batch(packed._asdict()).x.tolist() == expected
    assert to_batch({"packed": packed}).x.tolist() == expected


def test_a_list_named_sequences_holds_sequences_though_all_are_of_one_length():
    batch = to_batch({"sequences": [[1, 2], [3, 0]]})
    assert (type(batch.carrier), batch.lengths.tolist()) == (Sequences, [2, 2])


def test_labels_are_not_taken_for_lengths():
    assert to_batch({"x": torch.tensor(X), "labels": torch.tensor([1, 1, 1])}).given.origin == "guessed"


def test_a_usual_name_wins_over_a_larger_array():
    assert to_batch({"hidden": torch.ones(7, 7), "x": torch.tensor(X)}).x.tolist() == X


def test_two_arrays_without_usual_names_are_refused_naming_both():
    with pytest.raises(BatchError, match=r"first, second"):
        to_batch({"first": np.ones((2, 2)), "second": np.ones((2, 2))})
