"""What packviz itself has torch do is no call of the program."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import torch
from torch import nn

import packviz
from packviz.torch_side.recording.aside import ASIDE, aside
from packviz.torch_side.recording.recorder import Recorder
from tests.torch_side.recording.programs import Model, batch, wrong


def test_it_is_so_for_this_thread_alone_and_until_the_end() -> None:
    told = []
    with aside():
        thread = threading.Thread(target=lambda: told.append(ASIDE.inside))
        thread.start()
        thread.join()
        with aside():
            pass
        assert ASIDE.inside
    assert told == [False]
    assert not ASIDE.inside


def test_it_ends_when_something_is_raised() -> None:
    with pytest.raises(ZeroDivisionError), aside():
        raise ZeroDivisionError
    assert not ASIDE.inside


def test_checks_probes_and_traces_of_packviz_are_not_noted(tmp_path: Path) -> None:
    x, lengths = batch()
    module = nn.LSTM(3, 4, batch_first=True)
    recorder = Recorder(str(tmp_path / "run.packviz"))
    recorder.start()
    try:
        packviz.check(x, lengths, batch_first=True, enforce_sorted=False, module=module)
        packviz.trace(module, x, lengths, batch_first=True, enforce_sorted=False)
        packviz.probe(Model(), x, lengths, batch_first=True)
        with aside():
            wrong()
        torch.nn.utils.rnn.pack_sequence([x[0]])
    finally:
        found = recorder.stop()
    assert [call.call for call in found.calls] == ["pack_sequence"]
    assert found.place == ""
