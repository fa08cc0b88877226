"""Fingerprints: the same numbers, the same letters; other numbers, others; read once a version."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import nn

from packviz.torch_side.recording import fingerprints
from packviz.torch_side.recording.fingerprints import Read, fingerprint


def test_the_same_numbers_have_the_same_one() -> None:
    module = nn.LSTM(3, 4, num_layers=2)
    assert fingerprint(module, {}) == fingerprint(copy.deepcopy(module), {})
    assert len(fingerprint(module, {})) == 8


def test_weights_that_lie_nowhere_have_none() -> None:
    """As those that torch.func differentiates by."""
    module, seen = nn.GRU(3, 4), list[str]()

    def run(weights: Any) -> torch.Tensor:
        def noted(module: nn.GRU, given: Any, result: Any) -> None:
            seen.append(fingerprint(module, {}))

        with module.register_forward_hook(noted):
            return torch.func.functional_call(module, weights, torch.ones(2, 1, 3))[0].sum()

    torch.func.grad(run)(dict(module.named_parameters()))
    assert seen == [""]
    module(torch.ones(2, 1, 3))  # which gives it its own ones back
    assert fingerprint(module, {}) == fingerprint(copy.deepcopy(module), {}) != ""


def test_a_step_of_an_optimiser_changes_it() -> None:
    module = nn.GRU(3, 4)
    optimiser = torch.optim.SGD(module.parameters(), lr=0.1)
    seen = {fingerprint(module, {})}
    for _ in range(3):
        module(torch.ones(2, 1, 3))[0].sum().backward()
        optimiser.step()
        seen.add(fingerprint(module, {}))
    assert len(seen) == 4


def test_weights_that_are_not_written_to_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    module, read = nn.RNN(3, 4), []

    def counted(*given: Any) -> Any:
        read.append(given)
        return original(*given)

    original = fingerprints.look
    monkeypatch.setattr(fingerprints, "look", counted)
    known: Read = {}
    fingerprint(module, known)
    many = len(read)
    fingerprint(module, known)
    assert len(read) == many == 4
    with torch.no_grad():
        module.bias_hh_l0.add_(1)
    fingerprint(module, known)
    assert len(read) == 2 * many
    assert len(known) == 1


def test_weights_elsewhere_are_not_read() -> None:
    assert fingerprint(nn.LSTM(3, 4, device="meta"), {}) != ""


def test_weights_of_inference_mode_have_one() -> None:
    with torch.inference_mode():
        assert len(fingerprint(nn.LSTM(3, 4), {})) == 8


@pytest.mark.parametrize("column", [0, -1])
def test_the_first_and_the_last_number_of_a_row_are_read(column: int) -> None:
    module = nn.LSTM(3, 4)
    other = copy.deepcopy(module)
    with torch.no_grad():
        other.weight_ih_l0[:, column] += 1
    assert fingerprint(module, {}) != fingerprint(other, {})
