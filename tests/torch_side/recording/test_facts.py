"""What is known of a module, worked out once, and anew where it becomes another."""

from __future__ import annotations

import gc

from torch import nn

from packviz.torch_side.facts import facts_of
from packviz.torch_side.module import described
from packviz.torch_side.recording import facts
from packviz.torch_side.recording.facts import known_of


def test_it_is_what_facts_of_says() -> None:
    for module in (
        nn.LSTM(3, 4, num_layers=2, proj_size=2),
        nn.GRU(3, 4, bidirectional=True),
        nn.RNN(3, 4, bias=False),
    ):
        assert known_of(module).facts == facts_of(module)
        assert known_of(module).words == described(module)


def test_a_module_that_becomes_another_is_described_anew() -> None:
    module = nn.LSTM(3, 4)
    assert known_of(module).facts.dtype == "float32"
    assert known_of(module.double()).facts.dtype == "float64"
    module.register_forward_hook(lambda *_: None)
    assert known_of(module).facts == facts_of(module)


def test_what_is_known_of_one_is_not_said_of_another_that_has_its_number() -> None:
    module, other = nn.LSTM(3, 4), nn.LSTM(5, 6)
    facts._known[id(other)] = known_of(module)
    assert known_of(other).words == "nn.LSTM(5, 6)"


def test_modules_are_not_held() -> None:
    module = nn.RNN(3, 4)
    number = id(module)
    known_of(module)
    assert number in facts._known
    del module
    gc.collect()
    assert number not in facts._known
