"""What is often taken for the final state, against what torch itself makes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import packviz
from packviz.core.batch import Batch, Call, make_batch
from packviz.core.comparing import Comparison
from packviz.core.errors import BatchError
from packviz.core.module import Module
from packviz.core.packing import Packing, pack
from packviz.core.trace import Trace
from packviz.core.two_runs import held_against
from packviz.torch_side.order import sorted_indices
from packviz.torch_side.stepping.comparisons import compare
from packviz.torch_side.stepping.trace import run


def traced(batch: Batch, spec: Module) -> Trace:
    packing = pack(batch, sorted_indices(batch.counts))
    assert isinstance(packing, Packing)
    return run(batch, packing, spec)


def by_name(batch: Batch, spec: Module) -> dict[str, Comparison]:
    return {found.name: found for found in compare(batch, spec, traced(batch, spec))}


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=4),
    st.sampled_from(["LSTM", "GRU", "RNN"]),
    st.integers(1, 2),
    st.booleans(),
    st.booleans(),
)
def test_each_differs_where_torchs_own_numbers_do(
    lengths: list[int], kind: Any, layers: int, both: bool, batch_first: bool
) -> None:
    x = np.random.default_rng(0).normal(size=(len(lengths), 5, 2)).astype(np.float32)
    batch = make_batch(x if batch_first else x.swapaxes(0, 1).copy(), lengths, Call(batch_first, False))
    spec = Module(kind, 3, layers=layers, directions=2 if both else 1)
    found = by_name(batch, spec)
    torch.manual_seed(0)
    module = getattr(torch.nn, kind)(2, 3, layers, bidirectional=both, batch_first=True)
    tensor, counts = torch.from_numpy(x), torch.tensor(lengths)
    with torch.inference_mode():
        out_unpacked, final = module(tensor)
        h_unpacked = final[0] if isinstance(final, tuple) else final
        out, final = module(pack_padded_sequence(tensor, counts, True, False))
        h_n = final[0] if isinstance(final, tuple) else final
        padded, _ = pad_packed_sequence(out, batch_first=True)

    def rows(a: torch.Tensor, b: torch.Tensor) -> tuple[int, ...]:
        return tuple(r for r in range(len(lengths)) if not torch.allclose(a[r], b[r], rtol=1.3e-6, atol=1e-5))

    last = h_n[(layers - 1) * (2 if both else 1)]
    assert found["out[:, -1]"].rows == rows(padded[:, -1, :3], last)
    assert found["out[:, -1] unpacked"].rows == rows(out_unpacked[:, -1, :3], last)
    assert found["out at lengths - 1"].equal
    assert found["h_n unpacked"].rows == rows(h_unpacked.transpose(0, 1), h_n.transpose(0, 1))
    valid = torch.arange(padded.shape[1])[None, :, None] < counts[:, None, None]
    mean = torch.where(valid, padded[..., :3], 0).sum(1) / counts[:, None]
    assert found["out.mean(1)"].rows == rows(padded[..., :3].mean(1), mean)
    most = torch.where(valid, padded[..., :3], -torch.inf).amax(1)
    assert found["out.max(1)"].rows == rows(padded[..., :3].amax(1), most)
    steps = found["out unpacked, in valid steps,"]
    if not both:
        assert steps.equal  # what comes later has no influence
    elif min(lengths) < 5:
        assert steps.rows
        assert steps.first is not None
        assert steps.first.direction == 1 or layers == 2
    assert all(one.told.endswith(".") for one in found.values())


def test_the_words_name_rows_and_the_first_difference() -> None:
    x = np.random.default_rng(0).normal(size=(2, 5, 2)).astype(np.float32)
    found = by_name(make_batch(x, [5, 3], Call(True, True)), Module("GRU", 3, directions=2))
    assert found["out[:, -1]"].told.startswith("out[:, -1] against h_n: differs in row 1, by 0.")
    told = found["out unpacked, in valid steps,"].told
    assert "differs in row 1, first after t0, layer 0 ← in row 1" in told
    assert found["out at lengths - 1"].told == "out at lengths - 1 against h_n: the same."


def test_the_stepped_run_is_held_against_torchs_own() -> None:
    x = np.random.default_rng(0).normal(size=(2, 5, 2)).astype(np.float32)
    batch, spec = make_batch(x, [5, 3], Call(True, False)), Module("GRU", 3, layers=2, directions=2)
    trace = traced(batch, spec)
    name = "The stepped run"
    assert by_name(batch, spec)[name].told == f"{name} against torch's own {trace.module}: the same."
    for furthest, place in (
        (("out", (int(trace.packing.index(1, 2)), 4)), "after t2, layer 1 ←, in row 1"),
        (("h_n", (0, 1, 2)), "after t2, layer 0 →, in row 1"),
        (("h_n", (1, 0, 2)), "after t0, layer 0 ←, in row 0"),
    ):
        wrong = replace(trace, agrees=False, difference=0.5, furthest=furthest)
        found = {one.name: one for one in compare(batch, spec, wrong)}[name]
        assert place in found.why
        assert not found.equal
        assert "by 0.5 at most" in found.told


def test_two_runs_differ_first_where_another_length_or_weight_first_matters() -> None:
    x = np.random.default_rng(0).normal(size=(3, 5, 2)).astype(np.float32)
    batch = make_batch(x, [3, 5, 2], Call(True, False))
    one = traced(batch, Module("LSTM", 3, directions=2))
    longer = traced(batch.with_lengths([3, 5, 4]), Module("LSTM", 3, directions=2))
    found = held_against(one, longer, "these lengths", "the last ones").comparison
    assert found.rows == (2,)
    assert found.first == (2, 2, 0, 0)  # forward it goes on where the other has ended
    assert held_against(one, one, "a run", "itself").comparison.equal
    seeds = held_against(one, traced(batch, Module("LSTM", 3, seed=1, directions=2)), "seed 0", "seed 1").comparison
    assert seeds.rows == (0, 1, 2)
    assert seeds.first == (0, 0, 0, 0)
    for other in (Module("GRU", 3, directions=2), Module("LSTM", 3), Module("LSTM", 4, directions=2)):
        with pytest.raises(BatchError, match="can't be compared: one has"):
            held_against(one, traced(batch, other), "a", "b")


@pytest.mark.parametrize("training", [True, False])
def test_a_programs_own_module_is_compared_and_stays_as_it_is(training: bool) -> None:
    torch.manual_seed(3)
    module = torch.nn.LSTM(2, 3, 2, bidirectional=True, batch_first=True, dropout=0.5).train(training)
    hx = (torch.randn(4, 2, 3), torch.randn(4, 2, 3))
    x = torch.randn(2, 5, 2)
    found = {one.name: one for one in packviz.compare(module, x, [5, 3], batch_first=True, hx=hx)}
    assert found["out[:, -1]"].rows == (1,)
    assert found["out at lengths - 1"].equal
    assert found["h_n unpacked"].rows == (1,)
    assert (module.training, module.batch_first) == (training, True)
    whole = packviz.compare(module, x, [5, 5], batch_first=True, hx=hx)
    assert all(one.equal for one in whole)
