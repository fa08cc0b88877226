"""PackedSequence back to the batch it was made of."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.utils.rnn import PackedSequence, pack_sequence, pad_packed_sequence, pad_sequence

from packviz.core.batch import OPTIONS, BatchError, Call
from packviz.core.packing import Packing, pack
from packviz.files.objects import to_batch

GIVEN = frozenset(OPTIONS)
X = [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]]
DTYPES = [
    torch.float32,
    torch.float64,
    torch.float16,
    torch.bfloat16,
    torch.int64,
    torch.int32,
    torch.uint8,
    torch.bool,
]


@st.composite
def sequences(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    lengths = draw(st.lists(st.integers(1, 7), min_size=1, max_size=24))
    features = draw(st.sampled_from([(), (1,), (3,), (2, 2)]))
    dtype = draw(st.sampled_from(DTYPES))
    return [torch.from_numpy(rng.integers(0, 9, (n, *features))).to(dtype) for n in lengths]


def as_tensor(batch):
    return torch.from_numpy(batch.x.copy()).to(getattr(torch, batch.dtype))


@given(sequences(), st.booleans())
def test_a_packed_sequence_comes_back_as_the_batch_it_was_made_of(rows, tell):
    packed = pack_sequence(rows, enforce_sorted=False)
    batch = to_batch(packed, call=Call(padding_value=1), options_given=GIVEN if tell else frozenset())
    x, lengths = pad_packed_sequence(packed, batch_first=True, padding_value=1)
    assert torch.equal(as_tensor(batch), x)
    assert batch.lengths.tolist() == lengths.tolist()
    assert (batch.kind, batch.lengths_from, batch.call.enforce_sorted) == ("packed", "packed", False)
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
    "sum to 4": PackedSequence(D, S([2, 2])),
    "at least one row": PackedSequence(D, S([5, 0])),
    "is empty": PackedSequence(D, S([], dtype=torch.int64)),
    "every row": PackedSequence(D, S([3, 2]), S([0, 0, 1]), S([0, 1, 2])),
    "no inverse": PackedSequence(D, S([3, 2]), S([1, 2, 0]), S([1, 2, 0])),
}


@pytest.mark.parametrize("said", CONTRADICTIONS)
def test_a_packed_sequence_that_contradicts_itself_is_refused_saying_how(said):
    with pytest.raises(BatchError, match=f"contradicts itself: .*{said}"):
        to_batch(CONTRADICTIONS[said])
