"""The module that is stepped: torch's own modules say which sizes their weights have, and which dtypes are floats."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from packviz.core.model import FLOAT_DTYPES, GATES, STATE_NAMES, STATES, ModelSpec, Weights, is_float

KINDS = {"LSTM": nn.LSTM, "GRU": nn.GRU, "RNN": nn.RNN}
DTYPES = sorted({str(value).removeprefix("torch.") for value in vars(torch).values() if isinstance(value, torch.dtype)})


def weights_of(module: nn.Module) -> Weights:
    return Weights("w.pt", {name: value.detach().numpy() for name, value in module.state_dict().items()})


@given(st.sampled_from(sorted(KINDS)), st.integers(1, 9), st.integers(1, 9), st.booleans())
def test_weights_tell_the_cell_and_the_sizes_of_the_module_that_they_are_of(
    cell: str, inputs: int, hidden: int, bias: bool
) -> None:
    weights = weights_of(KINDS[cell](inputs, hidden, bias=bias))
    assert (weights.cell, weights.inputs, weights.hidden) == (cell, inputs, hidden)


def test_a_default_module_is_a_small_lstm_on_the_cpu() -> None:
    spec = ModelSpec()
    assert (spec.cell, spec.hidden, spec.seed, spec.device, spec.weights) == ("LSTM", 6, 0, "cpu", None)


@pytest.mark.parametrize(
    ("cell", "states"),
    [("LSTM", ("h", "c", "i", "f", "g", "o")), ("GRU", ("h", "r", "z", "n")), ("RNN", ("h",))],
)
def test_the_states_of_a_trace_are_those_of_the_cell_h_first(cell: str, states: tuple[str, ...]) -> None:
    spec = ModelSpec(cell)  # type: ignore[arg-type]
    assert spec.states == states


@pytest.mark.parametrize("cell", sorted(KINDS))
def test_a_cell_has_one_gate_for_each_of_its_blocks_of_weights(cell: str) -> None:
    hidden = 5
    blocks = KINDS[cell](3, hidden).weight_ih_l0.shape[0] // hidden
    gates = [name for name in STATES[cell] if name not in ("h", "c")]  # type: ignore[index]
    assert max(1, len(gates)) == blocks


def test_every_state_has_a_name_and_the_gates_between_0_and_1_are_known() -> None:
    assert {name for states in STATES.values() for name in states} == STATE_NAMES.keys()
    assert GATES - STATE_NAMES.keys() == set()
    assert {name for name in STATE_NAMES if name not in GATES} == {"h", "c", "g", "n"}


@pytest.mark.parametrize("name", DTYPES)
def test_a_dtype_is_a_float_where_a_recurrent_module_can_have_it(name: str) -> None:
    dtype = getattr(torch, name)
    wanted = dtype.is_floating_point and dtype.itemsize > 1  # torch computes with no 8-bit floats
    assert is_float(str(dtype).removeprefix("torch.")) is wanted


@pytest.mark.parametrize("name", ["", "float", "torch.float32", "complex64", "int64"])
def test_only_torchs_own_names_of_real_floats_count(name: str) -> None:
    assert not is_float(name)
    assert sorted(FLOAT_DTYPES) == ["bfloat16", "float16", "float32", "float64"]
