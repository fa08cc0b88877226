"""The probe of any callable leaves what it reaches as it was, bit for bit, and also where it raises in the middle."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import packviz
from tests.torch_side.test_guard_matrix import bits, of_process

X = torch.randn(3, 5, 2, generator=torch.Generator().manual_seed(0))
LENGTHS = [5, 3, 2]


class Normed(nn.Module):
    """A model in training mode, with running statistics, dropout and a gradient."""

    def __init__(self) -> None:
        super().__init__()
        self.norm, self.drop, self.linear = nn.BatchNorm1d(2), nn.Dropout(0.5), nn.Linear(2, 3)
        self.linear.weight.grad = torch.full_like(self.linear.weight, -0.0)

    def forward(self, x: Tensor, lengths: Any = None) -> Tensor:
        return self.linear(self.drop(self.norm(x.transpose(1, 2)).transpose(1, 2)))


class OwnBuffers(Normed):
    """Statistics of its own, as synchronised norms keep them, and an average of weights in an attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("running", torch.zeros(2))
        self.average, self.shadow, self.seen = 0.0, {"weight": torch.zeros(3, 2)}, 0
        self.noise = torch.Generator().manual_seed(1)

    def forward(self, x: Tensor, lengths: Any = None) -> Tensor:
        self.train()  # whatever the probe has set
        self.running.mul_(0.9).add_(x.mean((0, 1)), alpha=0.1)
        self.average = 0.9 * self.average + float(x.sum())
        self.shadow["weight"].lerp_(self.linear.weight.detach(), 0.1)
        self.seen += 1
        torch.rand(1, generator=self.noise)
        return super().forward(x)


class NotCopied(OwnBuffers):
    def __deepcopy__(self, memo: object) -> Any:
        raise TypeError("this one is not copied")


class Slotted:
    __slots__ = ("ema", "late", "model")

    def __init__(self, model: nn.Module) -> None:
        self.model, self.ema = model, 0.0

    def run(self, x: Tensor, lengths: Any) -> Tensor:
        self.ema += 1.0
        self.late = x
        return self.model(x)


class Counted:
    calls = 0

    def __init__(self, model: nn.Module) -> None:
        self.inner = SimpleNamespace(models={"a": [model]})

    def run(self, x: Tensor, lengths: Any) -> Tensor:
        type(self).calls += 1
        return self.inner.models["a"][0](x)


def given(model: nn.Module, x: Tensor, lengths: Any) -> Tensor:
    return model(x)


WAYS: dict[str, Callable[[nn.Module], Callable[..., Any]]] = {
    "itself": lambda model: model,
    "lambda": lambda model: lambda x, lengths: model(x),
    "method": lambda model: model.forward,
    "partial": lambda model: functools.partial(given, model),
    "attribute": lambda model: (lambda held: lambda x, lengths: held.model(x))(SimpleNamespace(model=model)),
    "slots": lambda model: Slotted(model).run,
    "object": lambda model: Counted(model).run,
    "wrapped": lambda model: functools.lru_cache(lambda x, lengths: model(x)),
    "hidden in another": lambda model: _hiding(model),
}


def _hiding(model: nn.Module) -> nn.Module:
    class Hiding(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.hidden = [model]  # not one of its modules

        def forward(self, x: Tensor, lengths: Any) -> Tensor:
            return self.hidden[0](x)

    return Hiding()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", [Normed, OwnBuffers, NotCopied])
def test_a_model_in_training_mode_is_as_before(kind: Callable[[], nn.Module], way: str) -> None:
    model = kind()
    model.register_forward_hook(lambda *told: None)
    before, process = bits(model), of_process()
    packviz.probe(WAYS[way](model), X, LENGTHS, batch_first=True)
    assert bits(model) == before
    assert of_process() == process
    assert model.training
    assert Counted.calls == 0


@pytest.mark.parametrize("at", [1, 2, 3, 5])
def test_it_is_as_before_where_a_call_in_the_middle_raises(at: int) -> None:
    model, calls = OwnBuffers(), [0]

    def fn(x: Tensor, lengths: Any) -> Tensor:
        calls[0] += 1
        torch.set_default_dtype(torch.float64)
        random.random()
        np.random.rand()
        for parameter in model.parameters():
            parameter.requires_grad_(False)
            parameter.register_hook(lambda grad: grad) if parameter.requires_grad else None
        if x.isnan().any() or calls[0] >= at:
            raise ZeroDivisionError
        return model(x)

    before, process = bits(model), of_process()
    packviz.probe(fn, X, LENGTHS, batch_first=True)
    assert bits(model) == before
    assert of_process() == process
    assert calls == [0]


def test_variables_globals_tensors_and_gradients_behind_a_function_are_as_before() -> None:
    ema, weight, array = 0.0, torch.ones(2, requires_grad=True), np.zeros(2)
    weight.grad = torch.tensor([-0.0, 1.0])
    kept, order = {"h": [torch.zeros(1)]}, iter([1, 2, 3])

    def fn(x: Tensor, lengths: Any) -> Tensor:
        nonlocal ema
        ema += 1
        fn.calls = 3  # type: ignore[attr-defined]
        kept["h"].append(x)
        kept["h"][0].add_(1)
        array[0] += 1
        with torch.enable_grad():
            (weight * x.nan_to_num()).sum().backward()
        with torch.no_grad():
            weight.mul_(2)
        weight.requires_grad_(False)
        return x

    next(order)
    packviz.probe(fn, X, LENGTHS, batch_first=True)
    assert ema == 0.0
    assert not hasattr(fn, "calls")
    assert [tensor.tolist() for tensor in kept["h"]] == [[0.0]]
    assert array.tolist() == [0, 0]
    assert weight.requires_grad
    assert weight.tolist() == [1, 1]
    assert weight.grad is not None
    assert torch.signbit(weight.grad).tolist() == [True, False]


def test_an_optimiser_that_steps_meanwhile_steps_back() -> None:
    model = nn.Linear(2, 2)
    optimiser = torch.optim.Adam(model.parameters())

    def fn(x: Tensor, lengths: Any) -> Tensor:
        with torch.enable_grad():
            model(x).sum().backward()
        optimiser.step()
        return model(x)

    before = bits(model)
    packviz.probe(fn, X, LENGTHS, batch_first=True)
    assert bits(model) == before
    assert optimiser.state == {}


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: (n for n in range(9)), "a generator"),
        (lambda: map(int, "123"), "an iterator (map)"),
        (lambda: zip([1], [2], strict=True), "an iterator (zip)"),
    ],
)
def test_what_is_read_on_from_and_can_not_be_put_back_is_refused_with_the_way_out(
    made: Callable[[], Any], words: str
) -> None:
    batches = made()
    with pytest.raises(packviz.BatchError, match=r"batches is .*hand over a list of its items") as raised:
        packviz.probe(lambda x, lengths: x + next(batches), X, LENGTHS, batch_first=True)
    assert words in str(raised.value)
    assert len(list(batches)) in (1, 3, 9)


def test_parameters_that_there_is_no_room_to_copy_are_held_to_their_promise(monkeypatch: pytest.MonkeyPatch) -> None:
    from packviz.torch_side.put_back import as_it_was

    monkeypatch.setenv("PACKVIZ_MEMORY", "16")
    model = nn.Linear(2, 3)
    with as_it_was(model):
        model(X)
    with pytest.raises(RuntimeError, match=r"too large to be copied .*probe a copy"), as_it_was(model):
        model.weight.data.mul_(2)
