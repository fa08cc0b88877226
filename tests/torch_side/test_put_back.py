"""What a module does to itself and to the process while it is asked leaves no trace."""

from __future__ import annotations

import random
import sys
import threading
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

import packviz
from packviz.torch_side.put_back import as_it_was, untouched

X = torch.randn(3, 4, 2, generator=torch.Generator().manual_seed(0))
LENGTHS = [4, 3, 1]
X[1, 3:], X[2, 1:] = 0, 0


class Acts(nn.Module):
    """An LSTM that does something first."""

    def __init__(self, act: Any) -> None:
        super().__init__()
        self.rnn, self.act, self.hidden = nn.LSTM(2, 3), act, torch.zeros(2)
        self.register_buffer("mean", torch.zeros(2))

    def forward(self, packed: PackedSequence) -> Any:
        self.act(self)
        return self.rnn(packed)


def checked(module: nn.Module) -> packviz.Report:
    return packviz.check(X, LENGTHS, batch_first=True, module=module)


def test_a_state_that_a_module_keeps_is_the_one_it_had() -> None:
    def act(module: Any) -> None:
        module.hidden, module.seen = torch.ones(2), 1
        module.mean = module.mean + 1
        module.register_buffer("late", torch.ones(1))
        module.eval()
        del module.act

    module = Acts(act)
    hidden, mean, names = module.hidden, module.mean, set(vars(module))
    assert checked(module).ok
    assert module.hidden is hidden
    assert module.mean is mean
    assert set(vars(module)) == names
    assert list(dict(module.named_buffers())) == ["mean"]
    assert all(part.training for part in module.modules())


def test_parameters_and_buffers_that_are_written_to_are_put_back() -> None:
    def act(module: Any) -> None:
        for tensor in (*module.parameters(), *module.buffers()):
            tensor.add_(1)
        next(module.parameters()).data.mul_(2)

    module = Acts(act)
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    assert checked(module).ok
    assert all(tensor.equal(before[name]) for name, tensor in module.state_dict().items())


def test_what_a_graph_still_needs_is_not_written_to() -> None:
    module = Acts(lambda module: None)
    packed = pack_padded_sequence(X, LENGTHS, True)
    loss = module(packed)[0].data.sum() + (module.mean * next(module.parameters()).sum()).sum()
    checked(module)
    loss.backward()  # raises where a tensor that it needs was written to


def test_random_numbers_and_defaults_are_put_back() -> None:
    def act(module: Any) -> None:
        random.seed(1)
        np.random.seed(1)
        torch.manual_seed(1)
        torch.set_default_dtype(torch.float64)
        torch.use_deterministic_algorithms(True)
        torch.set_num_threads(threads + 1)
        torch.set_grad_enabled(True)

    def state() -> tuple[Any, ...]:
        return (
            random.getstate(),
            np.random.get_state()[1].tolist(),
            torch.get_rng_state().tolist(),
            torch.get_default_dtype(),
            torch.are_deterministic_algorithms_enabled(),
            torch.get_num_threads(),
            torch.is_grad_enabled(),
        )

    threads = torch.get_num_threads()
    module = Acts(act)
    before = state()
    assert checked(module).ok
    assert state() == before


def test_it_is_put_back_where_the_module_raises_too() -> None:
    module = Acts(lambda module: setattr(module, "hidden", None) or 1 / 0)
    hidden = module.hidden
    with pytest.raises(ZeroDivisionError), as_it_was(module):
        module(pack_padded_sequence(X, LENGTHS, True))
    assert module.hidden is hidden


def test_a_module_whose_sizes_are_not_settled_yet_stays_so() -> None:
    class Lazy(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.LazyLinear(3)

        def forward(self, packed: PackedSequence) -> PackedSequence:
            return packed._replace(data=self.linear(packed.data))

    module = Lazy()
    assert checked(module).ok
    assert torch.nn.parameter.is_lazy(module.linear.weight)
    assert untouched(module) is not module
    assert untouched(nn.LSTM(2, 3)).hidden_size == 3


def test_a_module_that_calls_packviz_itself_does_not_wait_for_itself() -> None:
    told: list[bool] = []
    module = Acts(lambda module: told.append(packviz.check(X, LENGTHS, batch_first=True, module=nn.GRU(2, 3)).ok))
    thread = threading.Thread(target=checked, args=(module,), daemon=True)
    thread.start()
    thread.join(60)
    assert told == [True]


def test_a_module_that_ends_the_program_ends_only_its_run() -> None:
    run = checked(Acts(lambda module: sys.exit(3))).verdict.run  # type: ignore[union-attr]
    assert (run.ok, run.text) == (False, "SystemExit: 3")


def test_an_interruption_goes_through() -> None:
    def act(module: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        checked(Acts(act))
