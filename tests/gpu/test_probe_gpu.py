"""The leak probe on every GPU that is there finds what it finds on the CPU."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch import nn

from packviz.core.batch import Call, make_batch
from packviz.torch_side.devices import available
from packviz.torch_side.probe.calls import probe_callable
from packviz.torch_side.probe.probes import probe_module

GPUS = available()[1:]
pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not GPUS, reason="no CUDA and no mps device on this machine")]


@pytest.mark.parametrize("device", GPUS or ["none"])
@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
@pytest.mark.parametrize("options", [{}, {"num_layers": 2, "bidirectional": True, "dropout": 0.3}], ids=str)
def test_a_gpu_finds_the_same_rows_and_leaves_the_module_as_it_is(device: str, kind: str, options: dict) -> None:
    random = np.random.default_rng(0)
    lengths = random.integers(1, 31, 40)
    x = np.where(np.arange(30)[:, None] < lengths[:, None, None], random.normal(size=(40, 30, 8)), 0)
    lengths[[3, 17]] = 30
    batch = make_batch(x.astype(np.float32), lengths, Call(True, False))
    module = getattr(nn, kind)(8, 16, batch_first=True, **options)
    there = copy.deepcopy(module).to(device)
    weights = [p.detach().clone() for p in there.parameters()]
    here, moved, asked = (
        probe_module(module, batch),
        probe_module(there, batch),
        probe_module(module, batch, device=device),
    )
    for found in (moved, asked):
        for run, expected in zip(found.runs, here.runs, strict=True):
            np.testing.assert_array_equal(run.reads[0].any, expected.reads[0].any)
            np.testing.assert_array_equal(run.reads[0].first, expected.reads[0].first)
            # What decays below the tolerance may differ; nothing that NaN does not show may be seen.
            assert not (run.reads[1].any & ~run.reads[0].any).any()
    assert there.training
    assert all(p.equal(w) for p, w in zip(there.parameters(), weights, strict=True))


@pytest.mark.parametrize("device", GPUS or ["none"])
def test_a_callable_gets_x_on_its_device_and_the_lengths_on_the_cpu(device: str) -> None:
    batch = make_batch(np.array([[1.0, 2.0, 0.0], [3.0, 0.0, 0.0]], dtype=np.float32), [2, 1], Call(True, False))

    def fn(x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        assert (x.device.type, lengths.device.type) == (torch.device(device).type, "cpu")
        return nn.functional.dropout(x, training=True).sum(1)

    assert probe_callable(fn, batch, device=device).packed.rows.tolist() == [0, 1]
