"""What is copied of a call is what it was given, whatever becomes of that."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from packviz.core.batch import BatchError
from packviz.files.arrays import Values
from packviz.files.lengths import lengths_given
from packviz.torch_side.recording.buffers import Buffers
from packviz.torch_side.recording.grabbed import grabbed
from packviz.torch_side.recording.looks import looks_at
from packviz.torch_side.recording.made import PACK, SEQUENCES, made_by
from packviz.torch_side.recording.taken import LAST, Taken
from packviz.torch_side.recording.views import Unreadable
from tests.torch_side.recording.programs import batch, sequences


def of(kind: str, *given: Any, buffers: Buffers | None = None) -> Taken:
    made = made_by(kind, given)
    return grabbed(made, looks_at(made), buffers)


def test_it_is_copied_before_anything_is_made_of_it() -> None:
    x, lengths = batch()
    given = x.clone(), lengths.clone()
    for buffers in (None, Buffers()):
        found = of(PACK, x, lengths, True, False, buffers=buffers)
        x.zero_()
        lengths.zero_()
        [part], held = found.read()
        x.copy_(given[0])
        lengths.copy_(given[1])
        assert torch.equal(torch.tensor(part), given[0])
        assert torch.equal(torch.tensor(held), given[1])
        assert (found.raw is None) is (buffers is None)


def test_lengths_that_are_no_tensor_are_held_apart() -> None:
    x, lengths = batch()
    listed = lengths.tolist()
    found = of(PACK, x, listed, True, False, buffers=Buffers())
    assert found.lengths == listed
    assert found.lengths is not listed
    array = lengths.numpy().copy()
    found = of(PACK, x, array, True, False, buffers=Buffers())
    assert isinstance(found.lengths, np.ndarray)
    assert not np.shares_memory(found.lengths, array)
    assert found.lengths.tolist() == listed
    for given, is_listed in (([2.0] * 5, True), ([torch.tensor(2)] * 5, False), (2.0, True)):
        held = of(PACK, x, given, True, False).lengths
        assert isinstance(held, Values)
        assert held.listed == lengths_given(given).listed == is_listed
    assert of(PACK, x, lengths, True, False).lengths is LAST
    assert of(SEQUENCES, sequences(3, 2), True).lengths is None
    with pytest.raises(BatchError, match="lengths"):
        of(PACK, x, ["2"], True, False)


def test_the_initial_state_lies_behind_the_parts() -> None:
    hx = torch.rand(1, 2, 4), torch.rand(1, 2, 4)
    found = of("LSTM", nn.LSTM(3, 4), torch.ones(5, 2, 3), hx, buffers=Buffers())
    assert (found.many, len(found.looks)) == (1, 3)
    assert found.module is not None
    assert [state.shape for state in found.module.hx if state is not None] == [(1, 2, 4)] * 2
    for state, given in zip(found.states, hx, strict=True):
        assert torch.equal(torch.tensor(state), given)


def test_an_initial_state_that_is_none_is_copied_as_far_as_it_may_be_one() -> None:
    h, c = torch.rand(1, 2, 4), torch.rand(1, 2, 4)
    for hx, many in (([h, c], 2), ((h, c, h), 2), ((h, None), 1), (("x", c), 1), ("x", 0), ((), 0)):
        found = of("LSTM", nn.LSTM(3, 4), torch.ones(5, 2, 3), hx, buffers=Buffers())
        assert len(found.looks) - found.many == many
        assert len(found.states) == many


def test_what_has_no_numbers_is_said() -> None:
    with pytest.raises(Unreadable, match="meta device"):
        of(PACK, torch.ones(2, 2, device="meta"), [2, 2], True, True, buffers=Buffers())
