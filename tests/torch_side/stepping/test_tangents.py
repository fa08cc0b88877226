"""The derivative of one step, against that of torch's own cells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from packviz.torch_side.module import layer_of
from packviz.torch_side.stepping.tangents import TANGENTS
from packviz.torch_side.stepping.walk import walk

F, H = 3, 4


def modules() -> dict[str, Any]:
    torch.manual_seed(0)
    return {
        "LSTM": torch.nn.LSTM(F, H).double(),
        "LSTM projected": torch.nn.LSTM(F, H, proj_size=2).double(),
        "LSTM bare": torch.nn.LSTM(F, H, bias=False).double(),
        "GRU": torch.nn.GRU(F, H).double(),
        "GRU bare": torch.nn.GRU(F, H, bias=False).double(),
        "RNN": torch.nn.RNN(F, H).double(),
        "relu": torch.nn.RNN(F, H, nonlinearity="relu").double(),
    }


def one_step(module: Any, lstm: bool) -> Callable[..., tuple[torch.Tensor, ...]]:
    """(x, h, c) → (h, c) after one step of torch's own module; x (F,), h and c (H,)."""

    def step(x: torch.Tensor, *before: torch.Tensor) -> tuple[torch.Tensor, ...]:
        hx = tuple(state[None] for state in before)
        _, final = module(x[None], hx if lstm else hx[0])
        return tuple(state[0] for state in final) if lstm else (final[0],)

    return step


@pytest.mark.parametrize("name", modules())
@pytest.mark.parametrize("reads", [True, False])
@pytest.mark.parametrize("backward", [False, True])
def test_a_step_moves_as_torchs_own_cell_does(name: str, reads: bool, backward: bool) -> None:
    module = modules()[name]
    lstm = module.mode == "LSTM"
    data, length = torch.randn(3, F, dtype=torch.float64), 3
    widths = (module.proj_size or H, H)[: 1 + lstm]
    initial = [torch.randn(1, width, dtype=torch.float64) for width in widths]
    run = data.flip(0) if backward else data
    states = walk(module, run, [1] * length, [state[None] for state in initial])[0, 0]
    states = {name: (held.flip(0) if backward else held).clone() for name, held in states.items()}
    layer = layer_of(module)
    tangent = TANGENTS[module.mode](layer, states, initial, backward)
    for t in range(length):
        previous = t + 1 if backward else t - 1
        before = [states[state][previous] if 0 <= previous < length else first[0]
                  for state, first in zip("hc", initial, strict=False)]  # fmt: skip
        moved = [torch.randn(2, width, dtype=torch.float64) for width in widths]
        dx = torch.randn(2, F, dtype=torch.float64) * reads
        with torch.no_grad():
            found = tangent.step(t, dx @ layer.w_ih.t() if reads else None, tuple(moved))
        for m in range(2):
            at, by = (data[t], *before), (dx[m], *(state[m] for state in moved))
            _, expected = torch.autograd.functional.jvp(one_step(module, lstm), at, by)  # type: ignore[no-untyped-call]
            for ours, theirs in zip(found, expected, strict=True):
                torch.testing.assert_close(ours[m], theirs, rtol=1e-9, atol=1e-12)


def test_relu_has_no_slope_at_zero_and_none_where_it_is_nan() -> None:
    module = torch.nn.RNN(1, 3, nonlinearity="relu").double()
    states = {"h": torch.tensor([[0.0, 2.0, float("nan")]], dtype=torch.float64)}
    tangent = TANGENTS["RNN_RELU"](layer_of(module), states, [torch.zeros(1, 3, dtype=torch.float64)], False)
    with torch.no_grad():
        (h,) = tangent.step(0, torch.ones(1, 3, dtype=torch.float64), (torch.zeros(1, 3, dtype=torch.float64),))
    assert h[0, :2].tolist() == [0, 1]
    assert h[0, 2].isnan()
