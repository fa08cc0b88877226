"""Every configuration of torch's three recurrent modules: the stepped run against torch's own, and its gates against
the equations of torch's documentation in float64, written out row by row."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import PackedSequence

from packviz.torch_side.stepping.walk import walk

SIZES = [5, 5, 3, 3, 3, 1, 1]

Reference = dict[tuple[int, int], dict[str, torch.Tensor]]


def module_of(kind: str, inputs: int, hidden: int, dtype: torch.dtype, **options: Any) -> torch.nn.RNNBase:
    made: torch.nn.RNNBase = getattr(torch.nn, kind)(inputs, hidden, dtype=torch.float32, **options)
    return made.to(dtype).eval()


def states_of(module: torch.nn.RNNBase, rows: int, dtype: torch.dtype) -> tuple[torch.Tensor, ...]:
    stacked = module.num_layers * (2 if module.bidirectional else 1)
    widths = [module.proj_size or module.hidden_size, module.hidden_size][: 2 if module.mode == "LSTM" else 1]
    return tuple(torch.randn(stacked, rows, width).to(dtype) for width in widths)


def assert_is_torchs(module: torch.nn.RNNBase, data: torch.Tensor, sizes: list[int], hx: Any, **close: Any) -> None:
    """out, h_n and c_n of the stepped run are those that torch returns."""
    with torch.inference_mode():
        given = () if hx is None else (hx,) if module.mode == "LSTM" else hx
        out, final = module(PackedSequence(data, torch.tensor(sizes)), *given)
        found = walk(module, data, sizes, hx or ())
    directions = 2 if module.bidirectional else 1
    last = [found[module.num_layers - 1, direction]["h"] for direction in range(directions)]
    torch.testing.assert_close(torch.cat(last, dim=1), out.data, **close)
    lengths = np.searchsorted(-np.array(sizes), -np.arange(sizes[0]), side="left")
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    ends = (torch.tensor(starts[lengths - 1] + np.arange(sizes[0])), torch.arange(sizes[0]))
    for name, theirs in zip("hc", final if isinstance(final, tuple) else (final,), strict=False):
        ours = torch.stack([states[name][ends[direction]] for (_, direction), states in sorted(found.items())])
        torch.testing.assert_close(ours, theirs, **close)


KINDS = [("LSTM", {}), ("LSTM", {"proj_size": 3}), ("GRU", {}), ("RNN", {}), ("RNN", {"nonlinearity": "relu"})]


@pytest.mark.parametrize(("kind", "more"), KINDS, ids=["LSTM", "LSTM projected", "GRU", "RNN", "RNN relu"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
def test_every_configuration_steps_as_torch_runs(kind: str, more: dict[str, Any], dtype: torch.dtype) -> None:
    for layers, both, bias, hx in product((1, 2, 3), (False, True), (False, True), (False, True)):
        torch.manual_seed(layers)
        options = {"num_layers": layers, "bidirectional": both, "bias": bias, "dropout": 0.5 * (layers > 1)}
        module = module_of(kind, 4, 7, dtype, **options, **more)
        data = torch.randn(sum(SIZES), 4).to(dtype)
        assert_is_torchs(module, data, SIZES, states_of(module, SIZES[0], dtype) if hx else None)


@given(st.data())
@settings(max_examples=60)
def test_any_shape_steps_as_torch_runs(data: st.DataObject) -> None:
    kind, more = data.draw(st.sampled_from(KINDS))
    hidden, inputs = data.draw(st.integers(4, 9)), data.draw(st.integers(1, 5))
    sizes = sorted(data.draw(st.lists(st.integers(1, 6), min_size=1, max_size=8)), reverse=True)
    options = {"num_layers": data.draw(st.integers(1, 4)), "bidirectional": data.draw(st.booleans())}
    torch.manual_seed(data.draw(st.integers(0, 99)))
    module = module_of(kind, inputs, hidden, torch.float64, **options, **more)
    hx = states_of(module, sizes[0], torch.float64) if data.draw(st.booleans()) else None
    assert_is_torchs(module, torch.randn(sum(sizes), inputs, dtype=torch.float64), sizes, hx)


def written_out(module: torch.nn.RNNBase, data: torch.Tensor, sizes: list[int], hx: Any) -> Reference:
    """Every state by the equations alone: each row by itself, each layer and direction over its own steps."""
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    steps_of = [[t for t, size in enumerate(sizes) if size > row] for row in range(sizes[0])]
    directions = 2 if module.bidirectional else 1
    found: Reference = {}
    read = data
    for layer in range(module.num_layers):
        for direction in range(directions):
            end = f"_l{layer}{'_reverse' * direction}"
            w = {name.removesuffix(end): p for name, p in module.named_parameters() if name.endswith(end)}
            states: dict[str, dict[int, torch.Tensor]] = {}
            for row in range(sizes[0]):
                before = [state[layer * directions + direction, row] for state in hx]
                for t in reversed(steps_of[row]) if direction else steps_of[row]:
                    k = int(starts[t]) + row
                    made = one_step(module, w, read[k], before)
                    before = [made["h"], made["c"]] if "c" in made else [made["h"]]
                    for name, value in made.items():
                        states.setdefault(name, {})[k] = value
            found[layer, direction] = {n: torch.stack([v[k] for k in range(len(data))]) for n, v in states.items()}
        read = torch.cat([found[layer, direction]["h"] for direction in range(directions)], dim=1)
    return found


def one_step(module: torch.nn.RNNBase, w: dict[str, Any], x: Any, before: list[Any]) -> dict[str, torch.Tensor]:
    """One step of one row, by the equations of torch.nn.LSTM, GRU and RNN."""
    h = before[0]
    of_x, of_h = w["weight_ih"] @ x + w["bias_ih"], w["weight_hh"] @ h + w["bias_hh"]
    if module.mode == "LSTM":
        i, f, g, o = (of_x + of_h).chunk(4)
        i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
        c = f * before[1] + i * g
        h = o * torch.tanh(c)
        return {"h": w["weight_hr"] @ h if "weight_hr" in w else h, "c": c, "i": i, "f": f, "g": g, "o": o}
    if module.mode == "GRU":
        (r_x, z_x, n_x), (r_h, z_h, n_h) = of_x.chunk(3), of_h.chunk(3)
        r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
        n = torch.tanh(n_x + r * n_h)
        return {"h": (1 - z) * n + z * h, "r": r, "z": z, "n": n}
    return {"h": (torch.relu if module.mode == "RNN_RELU" else torch.tanh)(of_x + of_h)}


@pytest.mark.parametrize(("kind", "more"), KINDS, ids=["LSTM", "LSTM projected", "GRU", "RNN", "RNN relu"])
@pytest.mark.parametrize("both", [False, True])
def test_every_gate_is_that_of_the_equations(kind: str, more: dict[str, Any], both: bool) -> None:
    torch.manual_seed(0)
    module = module_of(kind, 4, 5, torch.float64, num_layers=2, bidirectional=both, **more)
    data, hx = torch.randn(sum(SIZES), 4, dtype=torch.float64), states_of(module, SIZES[0], torch.float64)
    with torch.inference_mode():
        expected = written_out(module, data, SIZES, hx)
    found = walk(module, data, SIZES, hx)
    assert found.keys() == expected.keys()
    for at, states in found.items():
        assert states.keys() == expected[at].keys()
        for name, values in states.items():
            torch.testing.assert_close(values, expected[at][name], msg=lambda m, at=at, name=name: f"{at} {name}: {m}")
