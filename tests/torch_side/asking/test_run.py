"""Runs of one's own modules: they stay as they are."""

from __future__ import annotations

import copy
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.module import Module, StateFacts, held_module
from packviz.torch_side.asking.verdict import ask


def batch_of(dtype: str = "f4") -> Batch:
    return make_batch(np.ones((3, 5, 2), dtype), [3, 2, 4], Call(True, False))


class Normed(nn.Module):
    """Has a buffer that a run in training mode changes, and draws random numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.norm, self.drop, self.rnn = nn.BatchNorm1d(2), nn.Dropout(0.5), nn.GRU(2, 3, 2, dropout=0.5)

    def forward(self, packed: PackedSequence) -> Any:
        return self.rnn(packed._replace(data=self.drop(self.norm(packed.data))))


def test_a_module_in_training_stays_as_it_is() -> None:
    module = Normed().train()
    before, drawn = copy.deepcopy(module.state_dict()), torch.get_rng_state()
    verdict = ask(batch_of(), Module(), own=module)
    assert verdict.run.ok
    assert verdict.run.call == "Normed"
    assert all(before[name].equal(tensor) for name, tensor in module.state_dict().items())
    assert torch.get_rng_state().equal(drawn)
    assert all(part.training for part in module.modules())
    module(PackedSequence(torch.ones(3, 2), torch.tensor([3])))  # it does change when it is run
    assert not before["norm.running_mean"].equal(module.norm.running_mean)


def test_a_module_that_raises_in_training_only_raises_here_too() -> None:
    one = make_batch(np.ones((1, 1, 2), "f4"), [1], Call(True))
    assert ask(one, Module(), own=Normed().train()).run.ok is False
    assert ask(one, Module(), own=Normed().eval()).run.ok is True


@pytest.mark.filterwarnings("error")
def test_a_warning_is_no_exception() -> None:
    class Warns(nn.Module):
        def forward(self, packed: PackedSequence) -> PackedSequence:
            warnings.warn("slow", stacklevel=2)
            return packed

    assert ask(batch_of(), Module(), own=Warns()).run.ok is True
    with pytest.raises(UserWarning):
        warnings.warn("slow", stacklevel=2)


def test_a_batch_goes_as_it_is_through_a_module_like_one_that_somebody_holds() -> None:
    facts = held_module("RNN", input_size=2, hidden=4, layers=2, hx=(StateFacts((2, 3, 4)),))
    verdict = ask(batch_of(), facts)
    assert (verdict.run.call, verdict.run.text) == ("nn.RNN", "returns out (9, 4), h_n (2, 3, 4)")
    assert verdict.unpack.text == "returns (3, 4, 4), lengths [3, 2, 4]"
    whole = ask(batch_of("i8"), facts)  # nothing is cast for it
    assert whole.run.ok is False
    assert "does not match weight dtype" in whole.run.text


def test_facts_of_which_no_module_can_be_made_are_not_asked() -> None:
    for facts in (held_module(None, class_name="Mine"), held_module(input_size=2, hidden=10**7)):
        verdict = ask(batch_of(), facts)
        assert verdict.run.ok is None
        assert verdict.run.text.startswith("not asked: ")
        assert verdict.unpack.ok


def test_the_module_of_packviz_with_a_state_of_another_size_is_asked_too() -> None:
    wrong = torch.zeros(1, 4, 6)
    batch = make_batch(np.ones((3, 5, 2), "f4"), [4, 4, 4], Call(True))
    assert ask(batch, Module(), hx=(wrong, wrong[:, :2])).run.ok is not None
