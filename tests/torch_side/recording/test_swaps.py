"""What is watched, and that it is put back exactly, but for what somebody has exchanged since."""

from __future__ import annotations

from typing import Any

from torch import nn
from torch.nn.utils import rnn

from packviz.torch_side.recording.swaps import Swaps, watched
from tests.torch_side.recording.test_instrument import Notes


def test_packing_and_recurrent_modules_and_the_start_of_workers_are_watched() -> None:
    found: dict[str, Any] = {kind: function for functions in watched() for kind, function in functions.items()}
    assert found["pack_padded_sequence"] is rnn.pack_padded_sequence
    assert found["GRU"] is nn.GRU.forward
    assert set(found) == {
        "pack_padded_sequence",
        "pack_sequence",
        "pad_packed_sequence",
        "LSTM",
        "GRU",
        "RNN",
        "workers",
    }


def test_code_is_put_in_and_taken_out() -> None:
    before = [function.__code__ for functions in watched() for function in functions.values()]
    swaps = Swaps(Notes())
    assert swaps.put_in() == ()
    try:
        assert rnn.pack_sequence.__code__ is not before[1]
    finally:
        swaps.take_out()
    assert [function.__code__ for functions in watched() for function in functions.values()] == before


def test_what_somebody_exchanged_meanwhile_is_theirs() -> None:
    def mine(sequences: Any, enforce_sorted: bool = True) -> str:
        return "mine"

    before, swaps = rnn.pack_sequence.__code__, Swaps(Notes())
    swaps.put_in()
    rnn.pack_sequence.__code__ = mine.__code__
    try:
        swaps.take_out()
        assert rnn.pack_sequence([]) == "mine"
    finally:
        rnn.pack_sequence.__code__ = before
