"""What a PackedSequence of a recorded call was packed from, and of which calls it is not said."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence, pad_packed_sequence

from packviz.core.batch import Batch
from packviz.core.carrier import Packed, Sequences
from packviz.files.kept.recordings import kept_call
from packviz.torch_side.recording.recorder import Recorder

WRONG_HX = torch.ones(1, 9, 4)

Batches = Callable[[Callable[[], Any]], dict[int, Batch]]


@pytest.fixture
def batches(tmp_path: Path) -> Batches:
    """The batches that are kept of the calls of a program, by number."""

    def kept(program: Callable[[], Any]) -> dict[int, Batch]:
        recorder = Recorder(str(tmp_path / "run.packviz"), when="always")
        recorder.start()
        try:
            program()
        finally:
            found = recorder.stop()
        assert not found.unseen
        return {call.number: kept_call(Path(found.place), call.number).batch for call in found.kept}

    return kept


def packed(value: float, rows: int = 2) -> PackedSequence:
    return pack_padded_sequence(torch.full((rows, 3, 1), float(value)), [3, *[2] * (rows - 1)], batch_first=True)


def raises(function: Callable[..., Any], *given: Any, **named: Any) -> None:
    with pytest.raises((RuntimeError, ValueError, TypeError)):
        function(*given, **named)


def test_a_module_that_raises_is_shown_with_the_batch_that_was_packed(batches: Batches) -> None:
    found = batches(lambda: raises(nn.GRU(1, 4), packed(5), WRONG_HX))[2]
    assert not isinstance(found.carrier, Packed)
    assert found.given.counts.tolist() == [3, 2]
    assert found.x[0].tolist() == [[5]] * 3


def test_so_is_one_that_was_packed_from_sequences(batches: Batches) -> None:
    rows = [torch.ones(3, 1), torch.ones(2, 1)]
    assert isinstance(batches(lambda: raises(nn.GRU(1, 4), pack_sequence(rows), WRONG_HX))[2].carrier, Sequences)


def test_unpacking_is_shown_with_what_it_was_given(batches: Batches) -> None:
    found = batches(lambda: raises(pad_packed_sequence, packed(5), total_length=1))
    assert isinstance(found[2].carrier, Packed)


def test_a_module_that_returns_is_shown_with_what_it_was_given(batches: Batches) -> None:
    assert isinstance(batches(lambda: nn.GRU(1, 4)(packed(5)))[2].carrier, Packed)


def test_what_was_packed_before_is_not_what_another_call_was_given(batches: Batches) -> None:
    def program() -> None:
        first = packed(1)
        packed(2, rows=3)
        raises(nn.GRU(1, 4), first, WRONG_HX)  # another one was packed since
        raises(pack_padded_sequence, torch.full((3, 3, 1), 4.0), [3, 2, 0], batch_first=True)
        raises(nn.GRU(1, 4, batch_first=True), torch.full((3, 3, 1), 5.0), WRONG_HX)

    found = batches(program)
    assert isinstance(found[3].carrier, Packed)
    assert found[3].rows == 2
    assert found[4].x[0].tolist() == [[4]] * 3
    assert found[4].given.counts.tolist() == [3, 2, 0]
    assert found[5].x[0].tolist() == [[5]] * 3
    assert found[5].given.origin == "guessed"


def test_each_thread_has_its_own(batches: Batches) -> None:
    def program() -> None:
        mine = packed(1)
        other = threading.Thread(target=packed, args=(2,))
        other.start()
        other.join()
        raises(nn.GRU(1, 4), mine, WRONG_HX)

    assert batches(program)[3].x[0].tolist() == [[1]] * 3


def test_one_whose_lengths_are_beyond_the_end_is_shown_with_its_batch_wherever_it_goes(batches: Batches) -> None:
    def program() -> None:
        raises(nn.GRU(1, 4), pack_padded_sequence(torch.ones(2, 3, 1), [5, 2], batch_first=True))

    found = batches(program)[2]
    assert (found.given.counts.tolist(), found.steps) == ([5, 2], 3)
