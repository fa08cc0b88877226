"""What the other process answers, asked here of PackedSequences that do no harm; torch itself is the oracle."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from packviz.core.carrier import PackedFields
from packviz.core.module import StateFacts, held_module
from packviz.core.verdict import Outcome
from packviz.torch_side.asking.child import answer
from packviz.torch_side.asking.wire import PackedCall, encode, framed, read_frame

DATA = np.arange(5, dtype=np.float32)[:, None]
LSTM = held_module(hidden=2)


def told(call: PackedCall) -> dict[str, Outcome]:
    found: dict[str, Outcome] = {}
    answer(call, found.__setitem__)
    return found


def words_of(call: Callable[[], object]) -> str:
    with pytest.raises(Exception) as raised:  # noqa: PT011
        call()
    return f"{type(raised.value).__name__}: {raised.value}"


def test_each_stage_says_what_torch_does() -> None:
    fields = PackedFields(DATA, np.array([3, 2]), np.array([1, 2, 0]), np.array([1, 2, 0]))
    found = told(PackedCall(fields, "float32", module=LSTM))
    packed = PackedSequence(*(torch.from_numpy(part) for part in vars(fields).values()))
    out, (h, _) = torch.nn.LSTM(1, 2)(packed)
    x, lengths = pad_packed_sequence(out, batch_first=True)
    assert found["pack"] == Outcome("PackedSequence", True, "returns data (5, 1), batch_sizes [3, 2]")
    assert found["run"].text == f"returns out {tuple(out.data.shape)}, h_n {tuple(h.shape)}, c_n {tuple(h.shape)}"
    assert found["unpack"].text == f"returns {tuple(x.shape)}, lengths {lengths.tolist()}"


def test_what_raises_is_quoted_and_unpacking_is_then_asked_of_the_packed_sequence_itself() -> None:
    found = told(PackedCall(PackedFields(DATA, np.array([2, 3])), "float32", module=LSTM))
    packed = PackedSequence(torch.from_numpy(DATA), torch.tensor([2, 3]))
    assert found["run"] == Outcome("nn.LSTM", False, words_of(lambda: torch.nn.LSTM(1, 2)(packed)))
    assert found["unpack"].text == words_of(lambda: pad_packed_sequence(packed))


def test_a_constructor_that_raises_is_the_last_that_is_asked() -> None:
    found = told(PackedCall(PackedFields(DATA, np.array([3, 2]), np.array([0, 9, 1])), "float32", module=LSTM))
    sizes, order = torch.tensor([3, 2]), torch.tensor([0, 9, 1])
    expected = words_of(lambda: PackedSequence(torch.from_numpy(DATA), sizes, order))
    assert list(found.values()) == [Outcome("PackedSequence", False, expected)]


def test_a_packed_sequence_that_has_lost_its_unsorted_indices_is_asked_about_without_them() -> None:
    found = told(PackedCall(PackedFields(DATA, np.array([3, 2]), np.array([1, 2, 0])), "float32"))
    assert found["unpack"].text == "returns (3, 2, 1), lengths [2, 2, 1]"


def test_options_data_made_ready_and_the_initial_state_are_those_of_the_call() -> None:
    ids = PackedFields(np.arange(5), np.array([3, 2]))
    facts = held_module("GRU", hidden=2, hx=(StateFacts((1, 4, 2)),))
    found = told(PackedCall(ids, "int64", False, -1, 4, facts, DATA, "float32"))
    gru, packed = torch.nn.GRU(1, 2), PackedSequence(torch.from_numpy(DATA), torch.tensor([3, 2]))
    assert found["run"].text == words_of(lambda: gru(packed, torch.zeros(1, 4, 2)))
    assert found["unpack"].text == "returns (4, 3), lengths [2, 2, 1]"
    raised = told(PackedCall(ids, "int64", total_length=1))["unpack"].text
    assert raised == words_of(lambda: pad_packed_sequence(packed, total_length=1))


def test_a_dtype_that_numpy_does_not_have_is_torchs_again() -> None:
    found = told(PackedCall(PackedFields(DATA, np.array([3, 2])), "bfloat16", module=LSTM))
    packed = PackedSequence(torch.from_numpy(DATA).bfloat16(), torch.tensor([3, 2]))
    assert found["run"].text == words_of(lambda: torch.nn.LSTM(1, 2)(packed))


def test_a_module_that_can_not_be_made_is_not_asked() -> None:
    run = told(PackedCall(PackedFields(DATA, np.array([3, 2])), "float32", module=held_module(hidden=0)))["run"]
    assert run.ok is None
    assert run.text.startswith("not asked: torch makes no such nn.LSTM")


@pytest.mark.slow
def test_once_answers_one_call_from_its_standard_input() -> None:
    frame = framed(encode(PackedCall(PackedFields(DATA, np.array([2, 3])), "float32")))
    command = [sys.executable, "-P", "-m", "packviz.torch_side.asking.child", "once"]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run(command, input=frame, capture_output=True, env=env, check=True)
    stream = io.BytesIO(done.stdout)
    frames = [part for part in iter(lambda: read_frame(stream.read), None) if part]
    assert [b'"ready"' in frames[0], b'"pack"' in frames[1], b'"unpack"' in frames[2], b'"done"' in frames[3]] == [
        True
    ] * 4
