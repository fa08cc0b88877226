"""A run in another process, against the same run in this one, where that is safe."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from packviz.core.batch import Call
from packviz.core.verdict import CRASHES, Outcome
from packviz.torch_side.asking import apart as apart
from packviz.torch_side.asking.apart import ask_apart
from packviz.torch_side.asking.other_process import Answer, Unavailable
from packviz.torch_side.facts import facts_of


def packed(dtype: torch.dtype = torch.float32, lengths: tuple[int, ...] = (2, 5, 3)) -> PackedSequence:
    return pack_padded_sequence(torch.ones(3, 5, 2, dtype=dtype), torch.tensor(lengths), True, False)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_a_run_that_returns_says_so_and_what_unpacking_returns(dtype: torch.dtype) -> None:
    module = nn.GRU(2, 6, bidirectional=True, dtype=dtype)
    run, unpack = ask_apart(facts_of(module), packed(dtype), Call(True, total_length=7))
    out, h_n = module(packed(dtype))
    padded, _ = pad_packed_sequence(out, True, total_length=7)
    assert run == Outcome("nn.GRU", True, f"returns out {tuple(out.data.shape)}, h_n {tuple(h_n.shape)}")
    assert unpack.text == f"returns {tuple(padded.shape)}, lengths [2, 5, 3]"


def test_a_run_that_raises_says_torchs_words() -> None:
    module = nn.LSTM(3, 6)
    run, unpack = ask_apart(facts_of(module), packed(), Call(True))
    with pytest.raises(RuntimeError) as raised:
        module(packed())
    assert (run.ok, run.text, unpack) == (False, f"RuntimeError: {raised.value}", None)


def test_a_crash_is_an_answer_and_the_next_one_is_a_sound_one() -> None:
    module, states = nn.LSTM(2, 6), (torch.zeros(2, 3, 6), torch.zeros(1, 3, 6))
    run = ask_apart(facts_of(module, states), packed(), Call(True)).outcome
    assert run.ok is False
    assert run.text.startswith(CRASHES)
    assert ask_apart(facts_of(module), packed(), Call(True)).outcome.ok is True


def test_what_could_not_be_asked_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = facts_of(nn.LSTM(3, 6))

    def gone(call: Any) -> Answer:
        raise Unavailable("it is not there")

    monkeypatch.setattr(apart, "ask_elsewhere", gone)
    outcome = ask_apart(facts, packed(), Call(True)).outcome
    assert (outcome.ok, outcome.text[-19:]) == (None, "and it is not there")
    monkeypatch.setattr(apart, "ask_elsewhere", lambda call: Answer({}, False, None))
    assert ask_apart(facts, packed(), Call(True)).outcome.ok is None
    monkeypatch.setattr(apart, "MOST_BYTES", 10)
    assert "another takes no" in ask_apart(facts, packed(), Call(True)).outcome.text


def test_memory_that_was_written_over_is_the_doing_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = Outcome("nn.LSTM", True, "returns out (3, 6)")
    monkeypatch.setattr(apart, "ask_elsewhere", lambda call: Answer({"run": ran}, False, -6))
    run, unpack = ask_apart(facts_of(nn.LSTM(2, 6)), packed(), Call(True))
    assert run.ok is False
    assert run.text.startswith(CRASHES)
    assert run.text.endswith("right after it has returned out (3, 6)")
    assert unpack.ok is None
