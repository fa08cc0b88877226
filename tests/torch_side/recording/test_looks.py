"""What is looked at of a call is what torch is given."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_sequence

from packviz.torch_side.recording.looks import Looks, looks_at
from packviz.torch_side.recording.made import PACK, SEQUENCES, UNPACK, made_by
from packviz.torch_side.recording.views import Look, Unreadable
from tests.torch_side.recording.programs import batch, sequences


def of(kind: str, *given: Any) -> Looks:
    return looks_at(made_by(kind, given))


def test_the_parts_are_the_tensors_where_they_lie() -> None:
    (x, lengths), rows = batch(), sequences(3, 2)
    packed = pack_sequence(sequences(2, 3), enforce_sorted=False)
    for looks, tensors in (
        (of(PACK, x, lengths, True, False), [x]),
        (of(SEQUENCES, rows, True), rows),
        (of(UNPACK, packed, True, 0.0, None), list(packed)),
        (of("GRU", nn.GRU(3, 4), x, None), [x]),
    ):
        assert looks.near
        for look, tensor in zip(looks.parts, tensors, strict=True):
            assert look is not None
            assert look.numbers is not None
            assert np.shares_memory(look.numbers, tensor.numpy())
            assert np.array_equal(look.numbers, tensor.numpy())


def test_lengths_are_looked_at_where_they_are_a_tensor() -> None:
    x, lengths = batch()
    seen = of(PACK, x, lengths, True, False).lengths
    assert isinstance(seen, Look)
    assert seen.numbers is not None
    assert seen.numbers.tolist() == lengths.tolist()
    listed = lengths.tolist()
    assert of(PACK, x, listed, True, False).lengths is listed
    assert of(PACK, x, None, True, False).lengths is None


def test_a_packed_sequence_without_indices_has_none() -> None:
    parts = of(UNPACK, PackedSequence(torch.ones(3, 2), torch.tensor([2, 1])), True, 0.0, None).parts
    assert [part is None for part in parts] == [False, False, True, True]


def test_of_a_module_its_initial_state_is_seen_from_outside() -> None:
    lstm, x = nn.LSTM(3, 4), torch.ones(5, 2, 3)
    looks = of("LSTM", lstm, x, (torch.ones(1, 2, 4), torch.ones(1, 2, 4)))
    assert looks.known is not None
    assert looks.known.words == "nn.LSTM(3, 4)"
    assert looks.state == (((1, 2, 4), (1, 2, 4)), True)
    assert of("LSTM", lstm, x, None).state is None
    assert of("LSTM", lstm, x, (None, "x")).state == (((), ()), True)
    assert of("GRU", nn.GRU(3, 4), x, torch.ones(1, 2, 4)).state == (((1, 2, 4),), False)


def test_elsewhere_is_not_near() -> None:
    assert not of(PACK, torch.ones(2, 2, device="meta"), [2, 2], True, True).near
    assert of(SEQUENCES, [], True).near


ELSEWHERE = tuple.__new__(PackedSequence, (torch.ones(1), torch.ones(1, device="meta"), None, None))
"""One that torch would not make."""


@pytest.mark.parametrize(
    ("kind", "given", "why"),
    [
        (UNPACK, (object(), True, 0.0, None), "a object in the place of a tensor"),
        (SEQUENCES, (iter([]), True), "a list_iterator in the place of a list of sequences"),
        (PACK, (None, [1], True, True), "a NoneType in the place of a tensor"),
        (UNPACK, (ELSEWHERE, True, 0.0, None), "batch_sizes that lie on another device"),
    ],
    ids=["object", "iterator", "none", "sizes"],
)
def test_what_can_not_be_read_is_said(kind: str, given: tuple[Any, ...], why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        of(kind, *given)
