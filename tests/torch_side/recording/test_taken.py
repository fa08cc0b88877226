"""A copy of a call is the batch that torch was given."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence, pad_packed_sequence

from packviz.core.batch import BatchError
from packviz.core.carrier import Packed, Sequences
from packviz.torch_side.asking.pack import ask_pack
from packviz.torch_side.recording.buffers import Buffers
from packviz.torch_side.recording.grabbed import grabbed
from packviz.torch_side.recording.looks import looks_at
from packviz.torch_side.recording.made import PACK, SEQUENCES, UNPACK, made_by
from packviz.torch_side.recording.taken import Taken
from tests.torch_side.recording.copies import copy_of as of
from tests.torch_side.recording.programs import batch, sequences


@given(st.lists(st.integers(1, 5), min_size=1, max_size=6), st.booleans(), st.sampled_from(["float32", "bfloat16"]))
def test_what_is_packed_comes_back_as_torch_packs_it(lengths: list[int], batch_first: bool, dtype: str) -> None:
    rows = [torch.randn(n, 2).to(getattr(torch, dtype)) for n in lengths]
    x = nn.utils.rnn.pad_sequence(rows, batch_first=batch_first)
    packed = pack_padded_sequence(x, lengths, batch_first, enforce_sorted=False)
    for found in (
        of(PACK, x, lengths, batch_first, False),
        of(SEQUENCES, rows, False),
        of(UNPACK, packed, True, 0.0, None),
    ):
        again = ask_pack(found.batch).result
        assert again is not None
        assert torch.equal(again.data.float(), packed.data.float())
        assert torch.equal(again.batch_sizes, packed.batch_sizes)
        assert found.batch.dtype == dtype


def test_each_comes_as_what_it_was() -> None:
    assert isinstance(of(SEQUENCES, sequences(3, 2), True).batch.carrier, Sequences)
    assert isinstance(of(UNPACK, pack_sequence(sequences(3, 2)), True, 0.0, None).batch.carrier, Packed)
    assert of(SEQUENCES, sequences(3, 2), True).batch.call.enforce_sorted


def test_two_sequences_are_no_x_with_its_lengths() -> None:
    rows = [torch.ones(2, 2), torch.ones(2, 2)]
    assert of(SEQUENCES, rows, True).batch.rows == 2


def test_options_of_unpacking_come_along() -> None:
    call = of(UNPACK, pack_sequence(sequences(3, 2)), True, -1.5, 7).batch.call
    assert (call.padding_value, call.total_length) == (-1.5, 7)
    assert of(UNPACK, pack_sequence(sequences(3, 2)), False, 0, None).batch.call.total_length is None


def test_lengths_come_as_they_were_given() -> None:
    x, lengths = batch()
    assert of(PACK, x, lengths.float(), True, True).lengths is not None
    for form in (lengths, lengths.tolist(), lengths.numpy(), lengths.int()):
        found = of(PACK, x, form, True, False).batch.given
        assert found.counts.tolist() == lengths.tolist()
    assert of(PACK, x, lengths.float(), True, False).batch.lengths.dtype == np.float32
    assert of(PACK, x, lengths.to("meta"), True, False).batch.given.device == "meta"
    assert of(PACK, x, [torch.tensor(2)] * 5, True, False).batch.given.counts.tolist() == [2] * 5
    with pytest.raises(BatchError, match="lengths"):
        of(PACK, x, ["2"], True, False)


def test_x_without_lengths_that_went_through_a_module_has_them_guessed() -> None:
    module = nn.LSTM(3, 4, batch_first=True)
    x, lengths = batch()
    found = of("LSTM", module, x, None)
    assert found.batch.given.origin == "guessed"
    assert found.batch.given.counts.tolist() == lengths.tolist()
    assert found.batch.call.batch_first
    assert found.module is not None
    assert found.module.hidden == 4


def test_one_row_without_a_dimension_for_rows_is_one_row() -> None:
    for batch_first in (True, False):
        found = of("GRU", nn.GRU(3, 4, batch_first=batch_first), torch.ones(7, 3), None).batch
        assert (found.rows, found.steps, found.features) == (1, 7, (3,))


def test_the_initial_state_is_copied() -> None:
    hx = torch.ones(1, 5, 4), torch.zeros(1, 5, 4)
    found = of("LSTM", nn.LSTM(3, 4, batch_first=True), batch()[0], hx)
    hx[0].zero_()
    assert [state.sum() for state in found.states] == [20, 0]
    assert of("LSTM", nn.LSTM(3, 4), torch.ones(2, 5, 3), None).states == ()


def test_the_number_that_x_is_padded_with_is_told() -> None:
    x, lengths = batch()
    x[torch.arange(7) >= lengths[:, None]] = -1
    assert of(PACK, x, lengths, True, False).batch.call.padding_value == -1
    assert of(PACK, x, lengths + 7, True, False).batch.call.padding_value == 0
    for row, length in ((0, 0), (0, -1), (int(lengths.argmin()), 9)):
        wrong = lengths.clone()
        wrong[row] = length
        found = of(PACK, x, wrong, True, False).batch
        assert found.given.counts.tolist() == wrong.tolist()
        assert found.call.padding_value == 0, "what is wrong tells nothing"
    assert of(PACK, torch.ones(2, 3, 0), [3, 2], True, False).batch.call.padding_value == 0


def test_x_without_features_is_packed_as_it_is() -> None:
    ids = torch.tensor([[1, 2, 3], [4, 5, 0]])
    assert of(PACK, ids, [3, 2], True, False).batch.x.tolist() == ids.tolist()


def test_a_mask_in_the_place_of_lengths_is_read() -> None:
    x, lengths = batch()
    mask = torch.arange(7) < lengths[:, None]
    for form in (mask, mask.long(), mask.tolist()):
        assert of(PACK, x, form, True, False).batch.given.counts.tolist() == lengths.tolist()


def test_a_packed_sequence_is_shown_as_what_it_was_packed_from() -> None:
    x, lengths = batch()
    origin = of(PACK, x, lengths + 1, True, False, buffers=Buffers())
    packed = PackedSequence(torch.ones(2, 3), torch.tensor([2]))
    found = of("LSTM", nn.LSTM(3, 4), packed, None).packed_from(origin)
    assert found.batch.given.counts.tolist() == (lengths + 1).tolist()
    assert found.module is not None
    assert found.call == "nn.LSTM"
    assert found.raw is None
    assert found.kept() is found
    assert found.state is None
    assert found.known is not None
    assert found.known.words == "nn.LSTM(3, 4)"
    for ours, theirs in zip(numbers_of(found), numbers_of(origin), strict=True):
        assert np.array_equal(ours, theirs)
        assert not np.shares_memory(ours, theirs)
    hx = torch.rand(1, 5, 4)
    found = of("GRU", nn.GRU(3, 4), packed, hx, buffers=Buffers())
    assert found.state is not None
    assert found.packed_from(origin).state == found.state
    assert np.array_equal(found.packed_from(origin).states[0], hx)


def test_what_is_kept_has_memory_of_its_own() -> None:
    buffers, hx = Buffers(), (torch.rand(1, 5, 4), torch.rand(1, 5, 4))
    for lent in (
        of("LSTM", nn.LSTM(3, 4), torch.rand(7, 5, 3), hx, buffers=buffers),
        of(PACK, *batch(), True, False, buffers=buffers),
        of(UNPACK, pack_sequence(sequences(3, 2)), True, 0.0, None, buffers=buffers),
    ):
        found, raw = lent.kept(), lent.raw
        assert raw is not None
        before = [numbers.copy() for numbers in numbers_of(found)]
        np.asarray(raw)[:] = 7
        assert len(before) > 1
        assert all(map(np.array_equal, before, numbers_of(found)))


def numbers_of(found: Taken) -> list[Any]:
    parts, lengths = found.read()
    return [one for one in (*parts, *found.states, lengths) if one is not None]


def test_a_packed_sequence_is_shown_as_all_the_sequences_that_it_was_packed_from() -> None:
    origin = of(SEQUENCES, sequences(3, 2, 1), True)
    found = of("LSTM", nn.LSTM(3, 4), pack_sequence(sequences(3, 2, 1)), None).packed_from(origin)
    assert found.batch.given.counts.tolist() == [3, 2, 1]
    assert isinstance(found.batch.carrier, Sequences)


def test_the_memory_of_the_program_is_not_read_any_more() -> None:
    """Where the looks of a copy say that its tensors lay, there may be anything by now."""
    x, lengths = batch()
    packed, hx = pack_sequence(sequences(3, 2)), torch.rand(1, 2, 4)
    for kind, of_call in (
        (PACK, (x, lengths, True, False)),
        (SEQUENCES, (sequences(3, 2), True)),
        (UNPACK, (packed, True, 0.0, None)),
        ("GRU", (nn.GRU(1, 4), packed, hx)),
    ):
        found, apart = of(kind, *of_call, buffers=Buffers()), of(kind, *of_call)
        other = np.full(4096, 7, dtype=np.uint8)
        found.looks = [None if look is None else look._replace(address=other.ctypes.data) for look in found.looks]
        for one in (found, found.kept(), found.lasting()):
            assert all(map(np.array_equal, numbers_of(one), numbers_of(apart)))
            assert np.array_equal(one.batch.x, apart.batch.x)
            assert one.batch.given.counts.tolist() == apart.batch.given.counts.tolist()


def test_lengths_that_lie_elsewhere_are_none() -> None:
    made = made_by(PACK, (batch()[0], torch.ones(5, device="meta"), True, False))
    looks = looks_at(made)
    assert looks.read()[1] is None
    assert grabbed(made, looks).read()[1] is None


def test_what_it_takes_of_memory_is_that_of_its_numbers() -> None:
    x, lengths = batch()
    assert of(PACK, x, lengths, True, False).nbytes == x.nbytes + lengths.nbytes
    lent = of(PACK, x, lengths, True, False, buffers=Buffers())
    assert lent.raw is not None
    assert lent.nbytes == lent.raw.nbytes == lent.lasting().nbytes
    assert lent.kept().nbytes == x.nbytes + lengths.nbytes
    hx = torch.ones(1, 5, 4)
    assert of("GRU", nn.GRU(3, 4), torch.ones(7, 5, 3), hx).nbytes == 7 * 5 * 3 * 4 + 5 * 4 * 4
    packed = pack_sequence(sequences(3, 2))
    expected = packed.data.nbytes + packed.batch_sizes.nbytes
    assert of(UNPACK, packed, True, 0.0, None).nbytes == expected
    assert pad_packed_sequence(packed)[1].tolist() == [3, 2]


def test_it_is_copied_into_memory_that_was_lent() -> None:
    buffers, x = Buffers(), torch.rand(8, 64, 16)
    found = of(PACK, x, [64] * 8, True, True, buffers=buffers)
    assert found.raw is not None
    assert np.array_equal(found.batch.x, x.numpy())
    buffers.give_back(found.raw)
    again = of(PACK, x + 1, [64] * 8, True, True, buffers=buffers)
    assert again.raw is found.raw
