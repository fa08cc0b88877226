"""The module that a batch goes through: torch's own say which sizes their weights have, and which dtypes are floats."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from packviz.core.module import (
    FLOAT_DTYPES,
    GATES,
    STATE_NAMES,
    STATES,
    Drawn,
    Module,
    StateFacts,
    Stored,
    held_module,
    is_float,
)

KINDS = {"LSTM": nn.LSTM, "GRU": nn.GRU, "RNN": nn.RNN}
DTYPES = sorted({str(value).removeprefix("torch.") for value in vars(torch).values() if isinstance(value, torch.dtype)})


def weights_of(module: nn.Module) -> Stored:
    return Stored("w.pt", {name: value.detach().numpy() for name, value in module.state_dict().items()})


@given(st.sampled_from(sorted(KINDS)), st.integers(1, 9), st.integers(1, 9), st.booleans())
def test_weights_tell_the_cell_and_the_sizes_of_the_module_that_they_are_of(
    cell: str, inputs: int, hidden: int, bias: bool
) -> None:
    weights = weights_of(KINDS[cell](inputs, hidden, bias=bias))
    assert (weights.cell, weights.input_size, weights.hidden) == (cell, inputs, hidden)


@pytest.mark.parametrize(
    "module",
    [
        nn.LSTM(3, 5, 2, bidirectional=True, proj_size=2),
        nn.LSTM(3, 5, 12, bias=False),
        nn.GRU(3, 5, 3, bidirectional=True),
        nn.RNN(3, 5, bidirectional=True, bias=False),
    ],
    ids=str,
)
def test_weights_of_any_layers_and_directions_tell_all_of_their_module(module: Any) -> None:
    found = Module("RNN").with_weights(weights_of(module))
    theirs = (module.num_layers, 2 if module.bidirectional else 1, module.proj_size, module.hidden_size, module.bias)
    assert (found.layers, found.directions, found.projection, found.hidden, found.bias) == theirs
    assert (found.cell, found.input_size) == (type(module).__name__, 3)


def test_only_an_lstm_keeps_a_projection() -> None:
    assert Module(projection=2, layers=2).with_cell("GRU") == Module("GRU", layers=2)


def test_a_default_module_is_a_small_lstm_on_the_cpu() -> None:
    spec = Module()
    assert (spec.cell, spec.hidden, spec.seed, spec.device, spec.weights) == ("LSTM", 6, 0, "cpu", Drawn())


@pytest.mark.parametrize(
    ("cell", "states"),
    [("LSTM", ("h", "c", "i", "f", "g", "o")), ("GRU", ("h", "r", "z", "n")), ("RNN", ("h",))],
)
def test_the_states_of_a_trace_are_those_of_the_cell_h_first(cell: str, states: tuple[str, ...]) -> None:
    spec = Module(cell)  # type: ignore[arg-type]
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


@pytest.mark.parametrize("projection", [0, 2])
@pytest.mark.parametrize("directions", [1, 2])
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("cell", ["LSTM", "GRU", "RNN"])
def test_the_shapes_of_the_states_are_those_that_torch_returns(
    cell: Any, layers: int, directions: int, projection: int
) -> None:
    more = {"proj_size": projection} if cell == "LSTM" else {}
    ours = Module(cell, 5, layers=layers, directions=directions, projection=more.get("proj_size", 0))
    module = getattr(nn, cell)(1, 5, layers, bidirectional=directions == 2, **more)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch says once a process that oneDNN knows no projections
        out, states = module(torch.ones(7, 4, 1))
    states = states if cell == "LSTM" else (states,)
    assert ours.state_shapes(4) == tuple(tuple(state.shape) for state in states)
    assert ours.outputs * directions == out.shape[2]


def test_stored_weights_say_the_sizes_and_the_dtype_whatever_was_chosen() -> None:
    weights = replace(weights_of(nn.GRU(3, 4, bias=False)), dtype="float64")
    module = Module("RNN", 99, seed=5, inputs="cast").with_weights(weights)
    assert (module.cell, module.hidden, module.input_size, module.dtype, module.bias) == ("GRU", 4, 3, "float64", False)
    assert (module.seed, module.inputs) == (5, "cast")
    assert module.stored is weights
    assert not module.contradicted
    assert replace(module, hidden=7).hidden == 4
    assert replace(module, cell="LSTM").contradicted
    assert module.drawn() == Module("GRU", 4, seed=5, inputs="cast")
    assert module.with_cell("GRU") is module
    assert module.with_cell("LSTM") == Module("LSTM", 4, seed=5, inputs="cast")


def test_arrays_that_are_no_weights_of_one_layer_have_no_cell() -> None:
    for arrays in (
        {},
        {"weight_ih_l0": np.zeros((10, 3)), "weight_hh_l0": np.zeros((10, 5))},
        {"weight_ih_l0": np.zeros(8), "weight_hh_l0": np.zeros((8, 2))},
        {"weight_hh_l0": np.zeros((8, 2))},
    ):
        stored = Stored("w.pt", arrays)
        assert stored.cell is None
        assert Module("GRU").with_weights(stored).contradicted


def test_a_module_is_a_key_and_stored_weights_are_equal_only_to_themselves() -> None:
    weights, again = weights_of(nn.LSTM(2, 3)), weights_of(nn.LSTM(2, 3))
    state = (StateFacts((1, 2, 3)), None)
    modules = [
        Module(),
        Module("GRU"),
        held_module(),
        held_module(hx=state),
        *map(Module().with_weights, (weights, again)),
    ]
    assert len(dict.fromkeys([*modules, *modules])) == len(modules)
    assert Module().with_weights(weights) == Module(hidden=9).with_weights(weights)


def test_what_is_chosen_takes_the_place_of_a_module_that_somebody_holds() -> None:
    own = held_module("GRU", 3, 5, layers=2, directions=2, class_name="Mine", hx=(StateFacts((4, 2, 5)),))
    assert (own.held, own.inputs, own.name) == (True, "given", "Mine")
    assert own.chosen() == Module()
    assert own.chosen(hidden=9) == Module(hidden=9)
    assert own.with_cell("GRU") == Module("GRU")
    assert own.with_weights(weights_of(nn.RNN(2, 3))).name == "nn.RNN"
    ours = Module("GRU", 4)
    assert ours.chosen() is ours
    assert ours.chosen(seed=3) == Module("GRU", 4, 3)


def test_only_a_module_that_is_made_to_fit_is_fitted() -> None:
    fitted = Module(layers=2, directions=2).fitted(7, "float64")
    assert (fitted.input_size, fitted.dtype, fitted.layers, fitted.directions) == (7, "float64", 2, 2)
    for module in (held_module(input_size=3), Module().with_weights(weights_of(nn.LSTM(2, 3)))):
        assert module.fitted(7, "float64") is module
    as_held = Module("GRU").fitted(2, "float32").as_held()
    assert as_held == held_module("GRU", 2, 6)


def states(*shapes: tuple[int, ...]) -> list[np.ndarray]:  # type: ignore[type-arg]
    return [np.full(shape, 0.5, dtype=np.float32) for shape in shapes]


def test_a_module_takes_the_numbers_of_its_hx_where_they_are_those_that_it_knows_of() -> None:
    module = held_module("LSTM", 2, 4, hx=(StateFacts((1, 3, 4)),) * 2)
    given = module.with_numbers(states((1, 3, 4), (1, 3, 4)), "run.packviz", 17)
    assert given.numbers is not None
    assert (given.numbers.place, given.numbers.number, given.hx) == ("run.packviz", 17, module.hx)
    with pytest.raises(ValueError, match="read-only"):
        given.numbers.arrays[0][0] = 1
    for odd in ([], states((1, 3, 4)), states((1, 3, 4), (1, 2, 4))):
        assert module.with_numbers(odd) is module
    unknown = held_module("GRU", 2, 4).with_numbers(states((1, 3, 4)))
    assert unknown.hx == (StateFacts((1, 3, 4)),)
    assert held_module(None).with_numbers(states((1, 3, 4))).numbers is None


def test_the_numbers_of_hx_are_left_behind_with_the_module_that_they_are_for() -> None:
    given = held_module("LSTM", 2, 4).with_numbers(states((1, 3, 4), (1, 3, 4)))
    assert given.chosen().numbers is None
    assert given.with_cell("GRU").numbers is None
    weights = {name: array.numpy() for name, array in nn.LSTM(2, 4).state_dict().items()}
    loaded = Module().with_weights(Stored("w.pt", weights)).with_numbers(states((1, 3, 4), (1, 3, 4)))
    assert loaded.numbers is not None
    assert (loaded.drawn().numbers, loaded.drawn().hx) == (None, None)
