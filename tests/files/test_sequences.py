"""Lists of sequences, padded as torch pads them."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence, pad_sequence

import packviz
from packviz.core.batch import OPTIONS, Call
from packviz.core.carrier import Sequences
from packviz.files.objects import to_batch
from tests.tensors import as_tensor, sequences

GIVEN = frozenset(OPTIONS)
X = [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]]


@given(sequences())
def test_a_list_of_tensors_is_padded_as_pad_sequence_does(rows):
    batch = to_batch(rows, call=Call(padding_value=1), options_given=GIVEN)
    assert torch.equal(as_tensor(batch), pad_sequence(rows, batch_first=True, padding_value=1))
    assert batch.lengths.tolist() == [len(row) for row in rows]
    assert (type(batch.carrier), batch.given.origin, batch.call.batch_first) == (Sequences, "given", True)


@given(sequences())
def test_ragged_lists_get_the_dtype_that_torch_gives_them(rows):
    lists = [row.tolist() for row in rows]
    batch = to_batch(lists)
    assert torch.equal(as_tensor(batch), pad_sequence([torch.tensor(row) for row in lists], batch_first=True))


@pytest.mark.parametrize("padding", [float("nan"), 1e30])
def test_a_padding_value_that_the_dtype_can_not_hold_is_no_matter_for_packing(padding):
    rows = [torch.tensor([1, 2]), torch.tensor([3])]
    report = packviz.check(rows, padding_value=padding)
    assert report.batch.x.tolist() == [[1, 2], [3, 0]]
    assert report.verdict.pack.ok
    assert report.ok


def test_a_negative_padding_value_of_unsigned_ids_is_what_torch_unpacks_to():
    rows = [torch.tensor([1, 2], dtype=torch.uint8), torch.tensor([3], dtype=torch.uint8)]
    unpacked, _ = pad_packed_sequence(pack_sequence(rows), batch_first=True, padding_value=-1)
    assert as_tensor(to_batch(rows, call=Call(padding_value=-1))).tolist() == unpacked.tolist()


def test_an_empty_sequence_keeps_its_row_and_gets_length_nought():
    batch = to_batch([[[1, 2]], [], [[3, 4], [5, 6]]])
    assert batch.x.shape == (3, 2, 2)
    assert batch.lengths.tolist() == [1, 0, 2]
    assert batch.dtype == "int64"


def test_sequences_of_several_dtypes_get_that_of_the_first_as_in_torch():
    rows = [torch.tensor([1.5, 2]), torch.tensor([3])]
    assert to_batch(rows).x.tolist() == pad_sequence(rows, batch_first=True).tolist()
    assert to_batch(rows[::-1]).x.tolist() == pad_sequence(rows[::-1], batch_first=True).tolist()
