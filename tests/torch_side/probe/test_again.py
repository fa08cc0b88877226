"""The same call again."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from packviz.torch_side.probe.again import Again, again, alike, changed_number
from tests.torch_side.probe.callers import calling
from tests.torch_side.probe.test_calls import batch_of, probed


def of(fn: Any) -> Again:
    with calling(fn, batch_of()) as caller:
        return again(caller, caller())


class Keeps(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.state, self.noise = torch.zeros(1), torch.Generator().manual_seed(0)

    def forward(self, x: Tensor, n: Tensor) -> Tensor:
        self.state = self.state + 1
        return x + self.state


class Draws(Keeps):
    def forward(self, x: Tensor, n: Tensor) -> Tensor:
        return x + torch.rand(1, generator=self.noise)


def restless(x: Tensor, n: Tensor) -> Tensor:
    return x + time.perf_counter_ns() % 1_000_003


@pytest.mark.parametrize(
    ("fn", "expected"),
    [
        (lambda x, n: x, Again()),
        (Keeps(), Again(kept=True)),
        (Draws(), Again(drawn=True)),
        (lambda x, n: x + np.random.rand(), Again(drawn=True)),
        (lambda x, n: F.dropout(x), Again(drawn=True, rested=True)),
        (lambda x, n: F.dropout(x) + torch.rand(1), Again(drawn=True)),
        (restless, Again(drawn=True, restless=True)),
    ],
)
def test_a_state_is_told_from_random_numbers(fn: Any, expected: Again) -> None:
    assert of(fn) == expected


def test_what_it_hides_is_said_and_nothing_is_called_right() -> None:
    report = probed(lambda x, n: x + torch.rand(1))
    assert [(f.code, f.severity) for f in report.findings] == [("draws-random", "note")]
    assert not report.ok
    assert any("drawn at random hides" in note for note in report.notes)
    assert report.untested
    dropped = probed(lambda x, n: F.dropout(x))
    assert dropped.ok
    assert "switched off" in dropped.findings[0].detail


def test_results_are_alike_where_tensors_and_numbers_are() -> None:
    one = [("a", torch.ones(2)), ("b", 3)]
    assert alike(one, [("a", torch.ones(2) + 1e-9), ("b", 3)])
    for other in ([("a", torch.zeros(2)), ("b", 3)], [("a", torch.ones(3)), ("b", 3)], [("a", torch.ones(2))]):
        assert not alike(one, other)
    assert changed_number(one, [("a", torch.ones(2)), ("b", 4)]) == "b"
    assert changed_number(one, one) is None
