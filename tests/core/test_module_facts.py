"""The sizes that follow from the facts of a module, against a module of torch's."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import torch

from packviz.core.module_facts import ModuleFacts


@pytest.mark.parametrize("projection", [0, 2])
@pytest.mark.parametrize("directions", [1, 2])
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("cell", ["LSTM", "GRU", "RNN"])
def test_the_shapes_of_the_states_are_those_that_torch_returns(
    cell: Any, layers: int, directions: int, projection: int
) -> None:
    more = {"proj_size": projection} if cell == "LSTM" else {}
    facts = ModuleFacts(cell=cell, hidden=5, layers=layers, directions=directions, projection=more.get("proj_size", 0))
    module = getattr(torch.nn, cell)(1, 5, layers, bidirectional=directions == 2, **more)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch says once a process that oneDNN knows no projections
        out, states = module(torch.ones(7, 4, 1))
    states = states if cell == "LSTM" else (states,)
    assert facts.state_shapes(4) == tuple(tuple(state.shape) for state in states)
    assert facts.outputs * directions == out.shape[2]
