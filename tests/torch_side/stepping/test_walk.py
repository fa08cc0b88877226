"""The walk and its cells against torch's own modules and against torch's single-step cells."""

from __future__ import annotations

import pytest
import torch
from torch.nn.utils.rnn import PackedSequence

from packviz.core.batch import BatchError
from packviz.core.cancel import Cancelled, Watch
from packviz.torch_side.stepping.walk import steppable, walk

MODULES = {
    "LSTM": torch.nn.LSTM,
    "GRU": torch.nn.GRU,
    "RNN": torch.nn.RNN,
}
SIZES = [5, 5, 3, 3, 3, 1, 1]


def data_of(features: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.randn(sum(SIZES), features, dtype=torch.float32).to(dtype)


@pytest.mark.parametrize("cell", MODULES)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("hidden", [1, 7, 32])
def test_h_is_torchs_own_output(cell: str, bias: bool, dtype: torch.dtype, hidden: int) -> None:
    torch.manual_seed(hidden)
    module, data = MODULES[cell](3, hidden, bias=bias, dtype=dtype), data_of(3, dtype)
    with torch.inference_mode():
        out, _ = module(PackedSequence(data, torch.tensor(SIZES)))
    torch.testing.assert_close(walk(module, data, SIZES)[0, 0]["h"], out.data)


def test_relu_in_the_place_of_tanh() -> None:
    module, data = torch.nn.RNN(3, 4, nonlinearity="relu"), data_of(3)
    with torch.inference_mode():
        out, _ = module(PackedSequence(data, torch.tensor(SIZES)))
    torch.testing.assert_close(walk(module, data, SIZES)[0, 0]["h"], out.data)


def test_gates_are_those_of_the_equations_of_an_lstm() -> None:
    module, data = torch.nn.LSTM(3, 4), data_of(3)
    found = walk(module, data, SIZES)[0, 0]
    with torch.inference_mode():
        h = c = torch.zeros(5, 4)
        for size, x, *step in zip(SIZES, *(v.split(SIZES) for v in (data, *(found[n] for n in "ifgohc"))), strict=True):
            h, c = h[:size], c[:size]
            w_ii, w_if, w_ig, w_io = module.weight_ih_l0.chunk(4)
            w_hi, w_hf, w_hg, w_ho = module.weight_hh_l0.chunk(4)
            b_i, b_f, b_g, b_o = (module.bias_ih_l0 + module.bias_hh_l0).chunk(4)
            i = torch.sigmoid(x @ w_ii.T + h @ w_hi.T + b_i)
            f = torch.sigmoid(x @ w_if.T + h @ w_hf.T + b_f)
            g = torch.tanh(x @ w_ig.T + h @ w_hg.T + b_g)
            o = torch.sigmoid(x @ w_io.T + h @ w_ho.T + b_o)
            c = f * c + i * g
            h = o * torch.tanh(c)
            for ours, theirs in zip(step, (i, f, g, o, h, c), strict=True):
                torch.testing.assert_close(ours, theirs)


def test_gates_are_those_of_the_equations_of_a_gru() -> None:
    module, data = torch.nn.GRU(3, 4), data_of(3)
    found = walk(module, data, SIZES)[0, 0]
    with torch.inference_mode():
        h = torch.zeros(5, 4)
        for size, x, *step in zip(SIZES, *(v.split(SIZES) for v in (data, *(found[n] for n in "rznh"))), strict=True):
            h = h[:size]
            w_ir, w_iz, w_in = module.weight_ih_l0.chunk(3)
            w_hr, w_hz, w_hn = module.weight_hh_l0.chunk(3)
            b_ir, b_iz, b_in = module.bias_ih_l0.chunk(3)
            b_hr, b_hz, b_hn = module.bias_hh_l0.chunk(3)
            r = torch.sigmoid(x @ w_ir.T + b_ir + h @ w_hr.T + b_hr)
            z = torch.sigmoid(x @ w_iz.T + b_iz + h @ w_hz.T + b_hz)
            n = torch.tanh(x @ w_in.T + b_in + r * (h @ w_hn.T + b_hn))
            h = (1 - z) * n + z * h
            for ours, theirs in zip(step, (r, z, n, h), strict=True):
                torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("cell", MODULES)
def test_it_starts_from_the_states_it_is_given(cell: str) -> None:
    module, data = MODULES[cell](3, 4), data_of(3)
    given = tuple(torch.randn(1, 5, 4) for _ in range(2 if cell == "LSTM" else 1))
    with torch.inference_mode():
        out, _ = module(PackedSequence(data, torch.tensor(SIZES)), given if cell == "LSTM" else given[0])
    torch.testing.assert_close(walk(module, data, SIZES, given)[0, 0]["h"], out.data)


@pytest.mark.parametrize("cell", MODULES)
def test_cancelling_is_asked_for_once_a_step_and_stops_at_once(cell: str) -> None:
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 4

    with pytest.raises(Cancelled):
        walk(MODULES[cell](3, 4), data_of(3), SIZES, watch=Watch(cancelled=cancelled))
    assert asked == 5


def test_progress_rises_over_all_layers_and_directions() -> None:
    told: list[float] = []
    walk(torch.nn.RNN(3, 4, 2, bidirectional=True), torch.zeros(400, 3), [1] * 400, watch=Watch(progress=told.append))
    assert told == sorted(told)
    assert told[0] == 0
    assert 0.9 < told[-1] < 1
    assert len(told) < 100


def test_progress_rises_and_is_not_told_at_every_step_of_many() -> None:
    told: list[float] = []
    walk(torch.nn.RNN(3, 4), torch.zeros(1000, 3), [1] * 1000, watch=Watch(progress=told.append))
    assert told == sorted(told)
    assert told[0] == 0
    assert len(told) < 100


def test_neither_the_data_nor_the_module_changes() -> None:
    module, data = torch.nn.LSTM(3, 4), data_of(3)
    before, weights = data.clone(), {name: tensor.clone() for name, tensor in module.state_dict().items()}
    walk(module, data, SIZES)
    assert data.equal(before)
    assert all(tensor.equal(weights[name]) for name, tensor in module.state_dict().items())


@pytest.mark.parametrize(
    ("module", "said"),
    [
        (torch.nn.Linear(3, 4), "the module is a Linear, but packviz steps"),
        (torch.nn.LSTMCell(3, 4), "the module is a LSTMCell, but packviz steps"),
    ],
)
def test_a_module_that_can_not_be_stepped_is_refused_in_a_sentence(module: torch.nn.Module, said: str) -> None:
    with pytest.raises(BatchError, match=said):
        steppable(module)
