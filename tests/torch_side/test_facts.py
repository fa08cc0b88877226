"""The facts of modules and of their initial states, and modules made of facts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

import packviz
from packviz.core.batch import BatchError
from packviz.core.module import StateFacts, held_module
from packviz.torch_side.facts import facts_of, runs_as_torchs, states_of
from packviz.torch_side.module import build, hx_of

CPU = torch.device("cpu")


@given(
    st.sampled_from(["LSTM", "GRU", "RNN"]),
    st.integers(1, 4),
    st.integers(2, 5),
    st.integers(1, 3),
    st.booleans(),
    st.booleans(),
    st.integers(0, 1),
    st.sampled_from(["float32", "float64", "bfloat16"]),
    st.integers(0, 3),
)
def test_a_module_made_of_the_facts_of_another_has_the_same_facts(
    cell: Any, inputs: int, hidden: int, layers: int, both: bool, bias: bool, projection: int, dtype: str, rows: int
) -> None:
    more: dict[str, Any] = {"proj_size": projection} if cell == "LSTM" else {}
    more |= {"nonlinearity": "relu"} if cell == "RNN" else {}
    own = getattr(torch, dtype)
    module = getattr(nn, cell)(inputs, hidden, layers, bias=bias, bidirectional=both, dtype=own, **more)
    shapes = facts_of(module).state_shapes(rows)
    states = tuple(torch.zeros(shape, dtype=own) for shape in shapes)
    facts = facts_of(module, states if cell == "LSTM" else states[0])
    assert facts.hx_given == ""
    again = build(facts)
    assert facts_of(again, hx_of(facts)) == facts
    assert [tuple(p.shape) for p in again.parameters()] == [tuple(p.shape) for p in module.parameters()]


def test_what_runs_in_another_way_is_unknown() -> None:
    class Mine(nn.LSTM):
        def forward(self, *given: Any) -> Any:
            return super().forward(*given)

    class Same(nn.LSTM):
        pass

    hooked = nn.GRU(2, 3)
    hooked.register_forward_pre_hook(lambda module, given: None)
    for module in (Mine(2, 3), nn.Linear(2, 3), nn.Sequential(nn.LSTM(2, 3)), hooked):
        assert facts_of(module).cell is None
    assert facts_of(Same(2, 3)).cell == "LSTM"
    assert runs_as_torchs(nn.RNN(2, 3))


@pytest.mark.parametrize("module", ["nn.LSTM", 3, nn.LSTM, lambda packed: packed])
def test_what_is_no_module_is_refused_in_a_sentence(module: Any) -> None:
    with pytest.raises(BatchError, match=r"module is \w+, but a torch\.nn\.Module is expected"):
        facts_of(module)


@pytest.mark.parametrize(
    ("module", "hx", "states", "given_as"),
    [
        (nn.GRU(1, 2), torch.zeros(1, 3, 2), (StateFacts((1, 3, 2)),), ""),
        (nn.GRU(1, 2), np.zeros((1, 3, 2)), (StateFacts((1, 3, 2), "float64"),), ""),
        (nn.GRU(1, 2), [[[0.0, 0], [0, 0]]], (StateFacts((1, 2, 2)),), ""),
        (nn.GRU(1, 2), (torch.zeros(1, 3, 2),) * 2, (StateFacts((1, 3, 2)),) * 2, "tuple"),
        (nn.LSTM(1, 2), [np.zeros((1, 3, 2), "f4")] * 2, (StateFacts((1, 3, 2)),) * 2, ""),
        (nn.LSTM(1, 2), ([[[0.0, 0]]], [[[0.0, 0]]]), (StateFacts((1, 1, 2)),) * 2, ""),
        (nn.LSTM(1, 2), torch.zeros(1, 3, 2), (StateFacts((1, 3, 2)),), "tensor"),
        (nn.LSTM(1, 2), (torch.zeros(1, 3, 2), None), (StateFacts((1, 3, 2)), None), "tuple"),
        (nn.LSTM(1, 2), (), (), "tuple"),
        (nn.LSTM(1, 2), "zeros", (None,), "str"),
        (nn.LSTM(1, 2), None, None, ""),
    ],
)
def test_a_state_of_any_form_is_told(module: nn.Module, hx: Any, states: Any, given_as: str) -> None:
    facts = facts_of(module, hx)
    assert (facts.hx, facts.hx_given) == (states, given_as)


def test_states_become_tensors_and_what_can_not_stays_as_it_is() -> None:
    held = torch.zeros(1, 2, 3)
    assert states_of(held, CPU) is held
    assert torch.equal(states_of([[[1.0]]], CPU, "GRU"), torch.tensor([[[1.0]]]))
    assert states_of("zeros", CPU) == "zeros"
    assert states_of((held, None), CPU) == (held, None)


def test_facts_that_torch_makes_no_module_of_are_refused_in_a_sentence() -> None:
    with pytest.raises(BatchError, match="is not at hand"):
        build(held_module(None, class_name="Mine"))
    with pytest.raises(BatchError, match="too large to be made here"):
        build(held_module(hidden=10**6))
    with pytest.raises(BatchError, match="too large to be made here"):
        build(held_module(hx=(StateFacts((1, 10**9, 6)),) * 2))
    with pytest.raises(BatchError, match=r"torch makes no such nn\.LSTM"):
        build(held_module(hidden=2, projection=5))
    with pytest.raises(BatchError, match=r"torch makes no such nn\.LSTM"):
        build(held_module(dtype="float3"))


@pytest.mark.parametrize("hx", [3, 2.5, True])
def test_a_bare_number_for_hx_is_no_tensor_to_torch_either(hx: Any) -> None:
    module, x = nn.GRU(2, 3), torch.ones(3, 2, 2)
    packed = pack_padded_sequence(x, [3, 2], enforce_sorted=False)
    with pytest.raises(AttributeError) as theirs:
        module(packed, hx)
    report = packviz.check(x, [3, 2], enforce_sorted=False, module=module, hx=hx)
    assert report.verdict is not None
    assert report.verdict.run.text == f"AttributeError: {theirs.value}"
    assert report.unexplained is None
