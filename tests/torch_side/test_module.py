from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import BatchError
from packviz.core.budget import MEMORY
from packviz.core.module import CellKind, Module, Stored
from packviz.torch_side.module import build, cell_of, check_fit, described, layer_of

CELLS: list[CellKind] = ["LSTM", "GRU", "RNN"]


def weights_of(module: torch.nn.Module, dtype: str = "float32") -> Stored:
    state = {
        name: tensor.float().numpy() if dtype == "bfloat16" else tensor.numpy()
        for name, tensor in module.state_dict().items()
    }
    return Stored("model.pt", state, dtype)


def assert_equal(ours: torch.nn.Module, theirs: torch.nn.Module) -> None:
    left, right = ours.state_dict(), theirs.state_dict()
    assert left.keys() == right.keys()
    assert all(left[name].equal(right[name]) for name in left)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_a_seeded_module_is_the_one_that_a_user_would_make(cell: CellKind, dtype: torch.dtype) -> None:
    ours = build(Module(cell=cell, hidden=5, seed=11), 3, dtype)
    torch.manual_seed(11)
    assert_equal(ours, getattr(torch.nn, cell)(3, 5, dtype=dtype))
    assert cell_of(ours) == cell
    assert described(ours) == f"nn.{cell}(3, 5)"


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_weights_come_back_as_they_were_saved(cell: CellKind, bias: bool, dtype: str) -> None:
    theirs = getattr(torch.nn, cell)(3, 5, bias=bias, dtype=getattr(torch, dtype))
    spec = Module(cell=cell, hidden=99, weights=weights_of(theirs, dtype))
    ours = build(spec, 3, torch.float32)
    assert_equal(ours, theirs)
    assert ours.hidden_size == 5
    assert (layer_of(ours).b_ih is not None) == bias


def test_weights_of_another_cell_are_refused() -> None:
    spec = Module(cell="GRU", weights=weights_of(torch.nn.LSTM(3, 5)))
    with pytest.raises(BatchError, match=r"model.pt holds the weights of an nn.LSTM, but an nn.GRU is to be stepped"):
        build(spec, 3, torch.float32)


def test_weights_that_contradict_themselves_are_refused_with_torchs_reason() -> None:
    weights = weights_of(torch.nn.LSTM(3, 5))
    wrong = replace(weights, arrays={**weights.arrays, "bias_ih_l0": np.zeros(3, dtype=np.float32)})
    with pytest.raises(BatchError, match=r"the weights of model.pt do not fit an nn.LSTM: size mismatch for bias"):
        build(Module(weights=wrong), 3, torch.float32)
    nothing = Stored("model.pt", {"weight_ih_l0": np.zeros((10, 3)), "weight_hh_l0": np.zeros((10, 5))})
    with pytest.raises(BatchError, match=r"model.pt holds no weights of an nn.LSTM, nn.GRU or nn.RNN"):
        build(Module(weights=nothing), 3, torch.float32)


def test_x_that_does_not_go_through_is_refused_with_both_sizes() -> None:
    module = torch.nn.LSTM(3, 5)
    check_fit(module, 3, torch.float32)
    with pytest.raises(BatchError, match=r"m.pt takes F = 3 features a cell, but x has F = 1"):
        check_fit(module, 1, torch.float32, "m.pt")
    with pytest.raises(BatchError, match="the module is in float32, but x is in float64: choose inputs 'cast'"):
        check_fit(module, 3, torch.float64)


def test_a_hidden_size_below_one_is_refused() -> None:
    with pytest.raises(BatchError, match="the hidden size is 0"):
        build(Module(hidden=0), 3, torch.float32)


def test_a_module_that_is_too_large_for_this_machine_is_named() -> None:
    with pytest.raises(BatchError, match=r"the weights of an nn.LSTM\(1, 1000000000000\) would take .* TiB of memory"):
        build(Module(hidden=10**12), 1, torch.float32)
    with MEMORY.within(1 << 90), pytest.raises(BatchError, match=r"an nn.LSTM\(1, 1000000000000\) can't be made"):
        build(Module(hidden=10**12), 1, torch.float32)


@given(st.sampled_from(["LSTM", "GRU", "RNN"]), st.integers(1, 4), st.integers(1, 5), st.integers(1, 3), st.booleans())
def test_the_weights_are_counted_before_they_are_made(
    cell: CellKind, inputs: int, hidden: int, layers: int, both: bool
) -> None:
    module = Module(cell=cell, hidden=hidden, layers=layers, directions=2 if both else 1)
    made = build(module, inputs, torch.float32)
    size = sum(parameter.nbytes for parameter in made.parameters())
    with MEMORY.within(size):
        build(module, inputs, torch.float32)
    with MEMORY.within(size - 1), pytest.raises(BatchError, match="the weights of an nn"):
        build(module, inputs, torch.float32)


def test_a_module_is_described_as_it_would_be_made() -> None:
    assert described(torch.nn.GRU(1, 2)) == "nn.GRU(1, 2)"
    module = torch.nn.LSTM(1, 4, num_layers=2, bidirectional=True, proj_size=2)
    assert described(module) == "nn.LSTM(1, 4, num_layers=2, bidirectional=True, proj_size=2)"


@pytest.mark.parametrize("bias", [True, False])
def test_each_layer_and_direction_has_its_own_parameters(bias: bool) -> None:
    module = torch.nn.LSTM(3, 5, num_layers=2, bidirectional=True, proj_size=2, bias=bias)
    for layer in range(2):
        for direction, suffix in enumerate(("", "_reverse")):
            found = layer_of(module, layer, direction)
            named = {"w_ih": "weight_ih", "w_hh": "weight_hh", "w_hr": "weight_hr"}
            named |= {"b_ih": "bias_ih", "b_hh": "bias_hh"} if bias else {}
            for ours, theirs in named.items():
                assert getattr(found, ours) is getattr(module, f"{theirs}_l{layer}{suffix}")
            assert (found.hidden, found.outputs, found.b_ih is None) == (5, 2, not bias)
    assert layer_of(torch.nn.GRU(3, 5)).w_hr is None
