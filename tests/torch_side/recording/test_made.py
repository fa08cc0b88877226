"""A call is what torch's function was called with."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence

from packviz.core.batch import Call
from packviz.torch_side.recording.made import PACK, SEQUENCES, UNPACK, made_by
from packviz.torch_side.recording.views import Unreadable
from tests.torch_side.recording.programs import sequences


def test_options_are_those_that_torch_takes() -> None:
    x = torch.ones(3, 2, 1)
    assert made_by(PACK, (x, [3, 3], False, 0)).options == Call(False, False)
    assert made_by(SEQUENCES, ([x], True)).options == Call(True, True)
    assert made_by(UNPACK, (x, True, -1.5, 7)).options == Call(True, True, -1.5, 7)
    for batch_first in (True, False):
        made = made_by("GRU", (nn.GRU(1, 2, batch_first=batch_first), x, None))
        assert made.call == "nn.GRU"
        assert made.options.batch_first is batch_first


def test_zeros_are_told_from_each_other_and_so_are_truths_from_numbers() -> None:
    packed = pack_sequence([torch.ones(2, 1)])
    for value in (0.0, -0.0, 0, -0.0, 0.0):
        found = made_by(UNPACK, (packed, True, value, None)).options.padding_value
        assert (str(found), type(found)) == (str(value), type(value))
    for total in (1, True, None, 3):
        assert made_by(UNPACK, (packed, True, 0.0, total)).options.total_length is total


def test_a_number_that_can_not_be_looked_up_is_taken() -> None:
    class Odd(float):
        __hash__ = None  # type: ignore[assignment]

    packed = pack_sequence([torch.ones(2, 1)])
    assert made_by(UNPACK, (packed, True, Odd(2.5), None)).options.padding_value == 2.5
    assert pad_packed_sequence(packed, True, Odd(2.5), 3)[0][0, 2] == 2.5
    huge = 10**400
    assert made_by(UNPACK, (packed, True, huge, huge)).options.total_length == huge


def test_a_packed_sequence_is_told_from_a_tuple() -> None:
    packed = pack_sequence(sequences(3, 2))
    assert made_by(UNPACK, (packed, True, 0.0, None)).packed
    assert not made_by(UNPACK, (tuple(packed), True, 0.0, None)).packed
    assert not made_by(PACK, (torch.ones(2, 2), [2, 2], True, True)).packed


@pytest.mark.parametrize("given", [(None, True, "x", None), (None, True, True, None), (None, True, 0.0, "y")], ids=str)
def test_options_that_are_none_are_said(given: tuple[Any, ...]) -> None:
    with pytest.raises(Unreadable, match="no plain number"):
        made_by(UNPACK, given)
