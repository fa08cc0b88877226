"""The layers of a module one by one are the module itself; and a module that was probed is as it was."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from packviz.torch_side.probe.layers import at_rest, is_recurrent, layers_of

MODULES = [
    ("LSTM", {}),
    ("LSTM", {"num_layers": 3}),
    ("LSTM", {"num_layers": 2, "bidirectional": True, "proj_size": 3, "dropout": 0.5}),
    ("LSTM", {"bias": False, "bidirectional": True, "dtype": torch.float64}),
    ("GRU", {"num_layers": 2, "dropout": 0.9}),
    ("GRU", {"num_layers": 2, "bidirectional": True, "bias": False}),
    ("RNN", {"num_layers": 2}),
    ("RNN", {"num_layers": 3, "nonlinearity": "relu", "bidirectional": True}),
]


@pytest.mark.filterwarnings("ignore:LSTM with projections")
@pytest.mark.parametrize(("kind", "options"), MODULES, ids=str)
@pytest.mark.parametrize("with_hx", [False, True])
@pytest.mark.parametrize("packed", [False, True])
def test_layer_after_layer_is_the_module_itself(kind: str, options: dict, with_hx: bool, packed: bool) -> None:
    torch.manual_seed(0)
    module = getattr(nn, kind)(4, 5, batch_first=True, **options).eval()
    dtype = options.get("dtype", torch.float32)
    x = torch.randn(3, 6, 4, dtype=dtype)
    directions = 2 if module.bidirectional else 1
    hx = None
    if with_hx:
        stacked = module.num_layers * directions
        h = torch.randn(stacked, 3, module.proj_size or 5, dtype=dtype)
        hx = (h, torch.randn(stacked, 3, 5, dtype=dtype)) if kind == "LSTM" else h
    ready = pack_padded_sequence(x, [3, 6, 2], batch_first=True, enforce_sorted=False) if packed else x
    with torch.no_grad():
        out, final = module(ready, hx)
        finals = []
        for layer, alone in enumerate(layers_of(module, batch_first=True)):
            part = slice(layer * directions, (layer + 1) * directions)
            own = None if hx is None else tuple(s[part] for s in hx) if kind == "LSTM" else hx[part]
            ready, state = alone(ready, own)
            finals.append(state if kind == "LSTM" else (state,))
    torch.testing.assert_close(ready.data if packed else ready, out.data if packed else out)
    for whole, parts in zip(final if kind == "LSTM" else (final,), zip(*finals, strict=True), strict=True):
        torch.testing.assert_close(torch.cat(parts), whole)


def test_making_the_layers_draws_no_random_numbers_and_shares_no_memory() -> None:
    module = nn.LSTM(2, 3, num_layers=2)
    before, weights = torch.get_rng_state(), [p.clone() for p in module.parameters()]
    for layer in layers_of(module, batch_first=True):
        with torch.no_grad():
            for parameter in layer.parameters():
                parameter.zero_()
    assert torch.get_rng_state().equal(before)
    assert all(p.equal(w) for p, w in zip(module.parameters(), weights, strict=True))


class Odd(nn.LSTM):
    def forward(self, x: object, lengths: object) -> object:  # type: ignore[override]
        return x


class Named(nn.LSTM):
    pass


def test_torch_s_own_modules_and_their_plain_subclasses_are_recurrent() -> None:
    assert all(is_recurrent(getattr(nn, kind)(1, 1)) for kind in ("LSTM", "GRU", "RNN"))
    assert is_recurrent(Named(1, 1))
    assert not is_recurrent(Odd(1, 1))
    assert not any(is_recurrent(other) for other in (nn.Linear(1, 1), nn.LSTMCell(1, 1), len))


def test_a_module_at_rest_is_afterwards_as_it_was() -> None:
    module = nn.Sequential(nn.BatchNorm1d(2), nn.Dropout(), nn.Linear(2, 2))
    module[1].eval()
    with at_rest(module):
        assert not module[0].training
        module[0].running_mean += 7
    assert [part.training for part in module.modules()] == [True, True, False, True]
    assert module[0].running_mean.tolist() == [0, 0]
    with pytest.raises(ZeroDivisionError), at_rest(module):
        module(torch.zeros(1 // 0, 2))
    assert [part.training for part in module.modules()] == [True, True, False, True]
