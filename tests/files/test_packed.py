"""PackedSequence back to the batch it was made of."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.utils.rnn import PackedSequence, pack_sequence, pad_packed_sequence, pad_sequence

from packviz.core.batch import OPTIONS, BatchError, Call
from packviz.core.carrier import Packed
from packviz.core.packing import Packing, Refusal, pack
from packviz.files.objects import to_batch
from packviz.files.packed import FIELDS, PackedParts
from packviz.files.registry import load
from tests.hand_made import agree, hand_made, made
from tests.tensors import as_tensor, sequences

GIVEN = frozenset(OPTIONS)
X = [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]]


@given(sequences(), st.booleans())
def test_a_packed_sequence_comes_back_as_the_batch_it_was_made_of(rows, tell):
    packed = pack_sequence(rows, enforce_sorted=False)
    batch = to_batch(packed, call=Call(padding_value=1), options_given=GIVEN if tell else frozenset())
    x, lengths = pad_packed_sequence(packed, batch_first=True, padding_value=1)
    assert torch.equal(as_tensor(batch), x)
    assert batch.lengths.tolist() == lengths.tolist()
    assert (type(batch.carrier), batch.given.origin, batch.call.enforce_sorted) == (Packed, "packed", False)
    assert batch.order is not None
    assert batch.order.tolist() == packed.sorted_indices.tolist()
    packing = pack(batch)
    assert isinstance(packing, Packing)
    assert torch.equal(torch.from_numpy(packing.data(batch.grid)).to(packed.data.dtype), packed.data)


@given(sequences())
def test_a_sorted_packed_sequence_keeps_its_rows_and_has_enforce_sorted(rows):
    rows = sorted(rows, key=len, reverse=True)
    packed = pack_sequence(rows)
    batch = to_batch(packed)
    assert packed.sorted_indices is None
    assert batch.order is None
    assert batch.call.enforce_sorted
    assert torch.equal(as_tensor(batch), pad_sequence(rows, batch_first=True))


D, S = torch.arange(5), torch.tensor
CONTRADICTIONS = {
    "rises": PackedSequence(D, S([2, 3])),
    "sum": PackedSequence(D, S([2, 2])),
    "zero": PackedSequence(D, S([5, 0])),
    "empty": PackedSequence(D, S([], dtype=torch.int64)),
    "dtype": PackedSequence(D, S([3, 2], dtype=torch.int32)),
    "no permutation": PackedSequence(D, S([3, 2]), S([0, 0, 1]), S([0, 1, 2])),
    "no inverse": PackedSequence(D, S([3, 2]), S([1, 2, 0]), S([1, 2, 0])),
    "alone": PackedSequence(D, S([3, 2]), None, S([1, 2, 0])),
}


@pytest.mark.parametrize("how", CONTRADICTIONS)
def test_a_packed_sequence_that_contradicts_itself_is_read_as_near_as_can_be_and_keeps_its_fields(how):
    packed = CONTRADICTIONS[how]
    batch = to_batch(packed)
    assert batch.contradictory is not None
    assert (type(batch.carrier), batch.given.origin, batch.order) == (Packed, "packed", None)
    assert batch.call.batch_first
    assert batch.call.enforce_sorted is (packed.sorted_indices is None)
    for name in FIELDS:
        field, given = getattr(batch.contradictory, name), getattr(packed, name)
        assert (field is None) == (given is None)
        assert field is None or (field.tolist() == given.tolist() and not field.flags.writeable)
    assert isinstance(pack(batch), Refusal)
    assert set(range(4)) <= set(np.unique(batch.x)) <= set(range(5))


@given(hand_made())
def test_only_what_packing_can_not_have_made_keeps_its_fields_and_the_rest_unpacks_as_torch_does_it(fields):
    packed = made(fields)
    batch = to_batch(packed)
    assert (batch.contradictory is None) == agree(fields)
    if batch.contradictory is None:
        x, lengths = pad_packed_sequence(packed, batch_first=True)
        assert torch.equal(as_tensor(batch), x)
        assert batch.lengths.tolist() == lengths.tolist()


def test_fields_without_unsorted_indices_are_what_the_constructor_makes_of_them():
    parts = PackedParts([6, 1, 4, 7, 2, 5, 8, 3, 9], [3, 3, 2, 1], [2, 0, 1])
    batch = to_batch(parts)
    assert batch.contradictory is None
    x, lengths = pad_packed_sequence(PackedSequence(*(None if p is None else S(p) for p in parts)), batch_first=True)
    assert (batch.x.tolist(), batch.lengths.tolist()) == (x.tolist(), lengths.tolist())
    # A PackedSequence that has lost them already is another matter: torch returns the rows as they are sorted.
    lost = to_batch(PackedSequence(*(None if p is None else S(p) for p in parts))._replace(unsorted_indices=None))
    assert lost.contradictory is not None


def write_pt(path: Path, fields: dict[str, torch.Tensor]) -> None:
    torch.save(fields, path)


def write_npz(path: Path, fields: dict[str, torch.Tensor]) -> None:
    np.savez(path, **{name: field.numpy() for name, field in fields.items()})


def write_json(path: Path, fields: dict[str, torch.Tensor]) -> None:
    path.write_text(json.dumps({name: field.tolist() for name, field in fields.items()}))


@pytest.mark.parametrize(("name", "write"), [("a.pt", write_pt), ("a.npz", write_npz), ("a.json", write_json)])
def test_a_file_that_contradicts_itself_is_opened_with_its_fields(name, write, tmp_path):
    write(tmp_path / name, {"data": D.float(), "batch_sizes": S([2, 3])})
    batch = load(tmp_path / name)
    assert batch.contradictory is not None
    assert batch.contradictory.batch_sizes.tolist() == [2, 3]
    write(tmp_path / name, {"data": D.float(), "batch_sizes": S([3, 2])})
    assert load(tmp_path / name).contradictory is None


def test_a_saved_packed_sequence_that_contradicts_itself_is_opened(tmp_path):
    torch.save(CONTRADICTIONS["no inverse"], tmp_path / "a.pt")
    assert load(tmp_path / "a.pt").contradictory is not None


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (PackedParts(["a", "b"], [2]), "data holds text"),
        (PackedParts([1, 2], ["two"]), "batch_sizes holds text"),
        (PackedParts([1, 2], None), "batch_sizes"),
        (PackedParts([1, 2], [2], ["x"]), "sorted_indices holds text"),
    ],
)
def test_fields_that_hold_no_numbers_are_refused_by_name(parts, said):
    with pytest.raises(BatchError, match=said):
        to_batch(parts)
