"""Gradients at every cell: of x against autograd of torch's own module, of h against a loop over single rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence

import packviz
from packviz.core.batch import BatchError, Call, make_batch
from packviz.core.cancel import Cancelled, Watch
from packviz.core.module import Module
from packviz.core.packing import Packing, pack
from packviz.torch_side.order import sorted_indices
from packviz.torch_side.stepping.gradients import run_gradients

LENGTHS = [3, 5, 2]
X = torch.randn(3, 5, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
OPTIONS = [{}, {"num_layers": 2, "bidirectional": True}, {"num_layers": 3, "bias": False}]
KINDS: list[tuple[str, dict[str, Any]]] = [
    ("LSTM", {}), ("LSTM", {"proj_size": 3}), ("GRU", {}), ("RNN", {}), ("RNN", {"nonlinearity": "relu"}),
]  # fmt: skip


def own(kind: str, **options: Any) -> torch.nn.RNNBase:
    torch.manual_seed(1)
    made: torch.nn.RNNBase = getattr(torch.nn, kind)(2, 4, batch_first=True, dtype=torch.float64, **options)
    return made


@pytest.mark.parametrize(("kind", "more"), KINDS)
@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("of", ["h_n", "mean", (1, 3, 2)])
@pytest.mark.parametrize("given", [False, True])
def test_those_of_x_are_autograds_of_torchs_own_module(
    kind: str, more: dict[str, Any], options: dict[str, Any], of: Any, given: bool
) -> None:
    module = own(kind, **options, **more)
    stacked = module.num_layers * (2 if module.bidirectional else 1)
    widths = [module.proj_size or 4, 4][: 2 if kind == "LSTM" else 1]
    states = tuple(torch.randn(stacked, 3, width, dtype=torch.float64) for width in widths)
    hx = None if not given else states if kind == "LSTM" else states[0]
    found = packviz.gradients(module, X, LENGTHS, batch_first=True, enforce_sorted=False, of=of, hx=hx)
    x = X.clone().requires_grad_()
    packed = pack_padded_sequence(x, torch.tensor(LENGTHS), True, enforce_sorted=False)
    out, final = module(packed, hx)
    h_n = final[0] if isinstance(final, tuple) else final
    padded = torch.nn.utils.rnn.pad_packed_sequence(out, batch_first=True)[0]
    scalar = h_n.sum() if of == "h_n" else out.data.mean() if of == "mean" else padded[of]
    (expected,) = torch.autograd.grad(scalar, x)
    np.testing.assert_allclose(found.x, expected.norm(dim=2).numpy(), rtol=1e-9, atol=1e-12)
    assert found.value == pytest.approx(float(scalar.detach()))
    for row, length in enumerate(LENGTHS):
        assert (found.x[row, length:] == 0).all()
    assert all(parameter.grad is None for parameter in module.parameters())
    assert not found.x.flags.writeable


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_those_of_h_are_what_a_small_change_of_it_does(kind: str) -> None:
    """h after a step is changed a little, in one row at a time, and the run goes on from there with torch's module."""
    module = own(kind)
    found = packviz.gradients(module, X, LENGTHS, batch_first=True, enforce_sorted=False)
    for row, length in enumerate(LENGTHS):
        for step in range(length):
            h, state = X[row, : step + 1][None], None
            _, state = module(h)
            parts = [part.detach() for part in (state if isinstance(state, tuple) else (state,))]
            start = parts[0].clone().requires_grad_()
            rest = X[row, step + 1 : length][None]
            final = start
            if rest.shape[1]:
                _, after = module(rest, (start, parts[1]) if kind == "LSTM" else start)
                final = after[0] if isinstance(after, tuple) else after
            through_h = torch.autograd.grad(final.sum(), start)[0].norm()
            if kind != "LSTM":  # whose h goes on through c, too, but not back into it
                assert found.row(row)[step] == pytest.approx(float(through_h), rel=1e-8)
            else:
                assert found.row(row)[step] == pytest.approx(float(through_h), rel=1e-8)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 6), min_size=1, max_size=5), st.sampled_from(["LSTM", "GRU", "RNN"]), st.booleans())
def test_any_batch_has_one_number_a_cell(lengths: list[int], kind: Any, both: bool) -> None:
    batch = make_batch(np.random.default_rng(0).normal(size=(len(lengths), 6)), lengths, Call(True, False))
    packing = pack(batch, sorted_indices(batch.counts))
    assert isinstance(packing, Packing)
    found = run_gradients(batch, packing, Module(kind, 3, directions=2 if both else 1, layers=2))
    assert found.x.shape == (len(lengths), 6)
    assert set(found.states) == {(layer, d) for layer in range(2) for d in range(1 + both)}
    assert all(values.shape == (sum(lengths),) for values in found.states.values())
    assert "Gradients of the sum of h_n" in repr(found)


def test_a_gradient_that_vanishes_is_said_with_its_rows() -> None:
    module = torch.nn.RNN(1, 3, batch_first=True)
    with torch.no_grad():
        module.weight_hh_l0.copy_(torch.eye(3) * 0.01)
    found = packviz.gradients(module, torch.randn(2, 6, 1), [6, 2], batch_first=True)
    assert found.troubles() == ["layer 0: vanishes in row 0"]
    with torch.no_grad():
        module.weight_hh_l0.copy_(torch.eye(3) * 30)
        module.weight_ih_l0.zero_()
        module.bias_ih_l0.zero_()
        module.bias_hh_l0.zero_()
    found = packviz.gradients(module, torch.randn(2, 6, 1), [6, 2], batch_first=True)
    assert found.troubles() == ["layer 0: explodes in row 0"]


def test_what_can_not_be_done_is_one_sentence() -> None:
    lstm = torch.nn.LSTM(2, 4, batch_first=True, dtype=torch.float64)
    for of, said in (("sum", "of is none of"), ((0, 3, 0), "there is no output"), ((0, 0, 4), "there is no output")):
        with pytest.raises(BatchError, match=said):
            packviz.gradients(lstm, X, LENGTHS, batch_first=True, enforce_sorted=False, of=of)  # type: ignore[arg-type]
    with pytest.raises(BatchError, match="takes F = 2"):
        packviz.gradients(lstm, X[..., :1], LENGTHS, batch_first=True, enforce_sorted=False)
    with pytest.raises(BatchError, match="is a Linear"):
        packviz.gradients(torch.nn.Linear(2, 2), X, LENGTHS, batch_first=True, enforce_sorted=False)
    batch = make_batch(X.numpy(), LENGTHS, Call(True, False))
    packing = pack(batch, sorted_indices(batch.counts))
    assert isinstance(packing, Packing)
    with pytest.raises(Cancelled):
        run_gradients(batch, packing, Module(), watch=Watch(cancelled=lambda: True))
    with packviz.core.budget.MEMORY.within(1000), pytest.raises(BatchError, match="would take"):
        run_gradients(batch, packing, Module())
