"""Calls begin with what was found at first, are counted, and go over the rows that are chosen."""

from __future__ import annotations

from queue import SimpleQueue
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from packviz.core.cancel import Cancelled, Watch
from packviz.torch_side.probe.caller import PASSES, Unfit
from packviz.torch_side.probe.calls import probe_callable
from tests.torch_side.probe.callers import calling
from tests.torch_side.probe.functions import RIGHT, WRONG
from tests.torch_side.probe.test_calls import batch_of, drained
from tests.torch_side.probe.test_judging import law_batch


def value_of(result: list[tuple[str, Any]]) -> Any:
    [(_, value)] = result
    return value


def test_each_call_begins_with_what_was_found_at_first_unless_told_otherwise() -> None:
    kept = [0]

    def fn(x: Tensor, n: Tensor) -> Tensor:
        kept[0] += 1
        return x.sum(1) + kept[0]

    with calling(fn, batch_of()) as caller:
        first = value_of(caller())
        assert value_of(caller()).equal(first)
        assert value_of(caller(fresh=False)).equal(first + 1)
        assert value_of(caller()).equal(first)
    assert kept == [0]


def test_random_numbers_are_the_same_but_with_a_seed() -> None:
    noise, drawn = torch.Generator().manual_seed(3), np.random.default_rng(3)

    def fn(x: Tensor, n: Tensor) -> Tensor:
        return x + torch.rand(1) + torch.rand(1, generator=noise) + float(drawn.random()) + float(np.random.rand())

    with calling(fn, batch_of()) as caller:
        first = value_of(caller())
        assert value_of(caller(fresh=False)).equal(first)
        assert not value_of(caller(seed=1)).equal(first)
        assert value_of(caller()).equal(first)


@pytest.mark.parametrize("drop", [F.dropout, F.alpha_dropout, F.feature_alpha_dropout, torch.dropout])
def test_dropout_rests_where_it_is_told_to(drop: Any) -> None:
    with calling(lambda x, n: drop(x, 0.5, True), batch_of()) as caller:
        assert not value_of(caller()).equal(caller.plain)
        caller.resting = True
        assert value_of(caller()).equal(caller.plain)


@pytest.mark.parametrize("kind", [torch.tensor, np.array, list, tuple])
def test_rows_are_chosen_with_their_lengths_in_the_type_they_came_in(kind: Any) -> None:
    spy: SimpleQueue[Any] = SimpleQueue()

    def fn(x: Tensor, n: Any) -> Tensor:
        spy.put(n)
        return x

    for batch_first in (True, False):
        with calling(fn, batch_of(batch_first=batch_first), kind([3, 2, 4])) as caller:
            found = value_of(caller.of_rows([2, 0], 3))
            assert found.shape == ((2, 3) if batch_first else (3, 2))
            assert caller.spent == 2
        [lengths] = drained(spy)
        assert type(lengths) is type(kind([1]))
        assert list(lengths) == [3, 3]


def test_rows_of_a_mask_are_chosen_too_and_other_lengths_are_unfit() -> None:
    mask = torch.arange(5) < torch.tensor([3, 2, 4])[:, None]
    with calling(lambda x, n: x * n, batch_of(), mask) as caller:
        assert value_of(caller.of_rows([1], 3)).tolist() == [[4, 5, 0]]
    with calling(lambda x, n: x, batch_of(), {"n": 3}) as caller, pytest.raises(Unfit, match="one for each row"):
        caller.of_rows([1], 2)
    with calling(lambda x: x, batch_of(), takes_lengths=False) as caller:
        assert value_of(caller.of_rows([1], 2)).tolist() == [[4, 5]]


def test_hooks_are_gone_after_the_call() -> None:
    model, told = nn.Linear(5, 2), SimpleQueue[int]()
    with calling(lambda x, n: model(x), batch_of()) as caller:
        caller(hooked=lambda: model.register_forward_hook(lambda *given: told.put(1)))
        caller()
    assert drained(told) == [1]
    assert not model._forward_hooks


ONES = {name: made for table in (RIGHT, WRONG) for name, made in table.items()}


@pytest.mark.parametrize("rows", [1, 2, 4, 6, 7, 40])
@pytest.mark.parametrize("name", list(ONES)[::5])
def test_all_oracles_together_take_at_most_so_many_passes(
    monkeypatch: pytest.MonkeyPatch, name: str, rows: int
) -> None:
    from packviz.torch_side.probe import calls

    callers: list[Any] = []

    class Spy(calls.Caller):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            callers.append(self)

    monkeypatch.setattr(calls, "Caller", Spy)
    lengths = np.random.default_rng(rows).integers(1, 8, rows)
    lengths[0] = 7
    probe_callable(ONES[name].make(), law_batch(ONES[name].batch_first, lengths))
    [caller] = callers
    assert 0 < caller.spent <= PASSES * rows


def test_that_holds_for_what_takes_most_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    spy: SimpleQueue[int] = SimpleQueue()

    class Most(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm, self.head = nn.BatchNorm1d(4), nn.Linear(4, 2)

        def forward(self, x: Tensor, n: Tensor) -> Tensor:
            spy.put(len(x))
            return self.head(F.dropout(self.norm(x.transpose(1, 2)).mean(2)))

    for rows in (4, 5, 6, 7, 20):
        report = probe_callable(Most(), law_batch(lengths=[7, *range(1, 4), *[5] * (rows - 4)]))
        assert {f.code for f in report.findings} == {"reads-padding", "draws-random", "statistics-over-padding"}
        assert sum(drained(spy)) <= PASSES * rows


def test_progress_is_told_and_a_probe_can_be_given_up() -> None:
    told: list[float] = []
    probe_callable(lambda x, n: x, law_batch(), watch=Watch(progress=told.append))
    assert told == sorted(told)
    assert told[-1] == 1.0
    asked = iter([False] * 6 + [True] * 99)
    norm = nn.BatchNorm1d(4)
    with pytest.raises(Cancelled):
        probe_callable(lambda x, n: norm(x.transpose(1, 2)), law_batch(), watch=Watch(cancelled=lambda: next(asked)))
    assert norm.training
    assert norm.running_mean is not None
    assert not norm.running_mean.any()
