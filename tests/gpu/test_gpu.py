"""The same agreement with torch's own modules on every GPU that is there; skipped, with the reason, where none is."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence

import packviz
from packviz.core.batch import Call, make_batch
from packviz.core.cancel import UNWATCHED
from packviz.core.module import CellKind, Module
from packviz.core.moments import Moment
from packviz.core.packing import Packing, pack
from packviz.core.trace import Trace
from packviz.torch_side.asking.verdict import ask
from packviz.torch_side.columns import OnDevice
from packviz.torch_side.devices import available
from packviz.torch_side.order import sorted_indices
from packviz.torch_side.stepping.trace import run, trace_module
from packviz.torch_side.tensors import to_array

GPUS = available()[1:]
pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not GPUS, reason="no CUDA and no mps device on this machine")]
CELLS: list[CellKind] = ["LSTM", "GRU", "RNN"]


@pytest.fixture(params=GPUS or ["none"])
def device(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def traced(spec: Module, dtype: str = "float32", rows: int = 40, steps: int = 30) -> Trace:
    random = np.random.default_rng(0)
    x = random.normal(size=(rows, steps, 8)).astype(dtype)
    batch = make_batch(x, random.integers(1, steps + 1, rows), Call(True, False), dtype=dtype)
    packing = pack(batch, sorted_indices(batch.lengths))
    assert isinstance(packing, Packing)
    return run(batch, packing, spec)


@pytest.mark.parametrize("cell", CELLS)
def test_the_finished_run_agrees_with_torchs_own_module(device: str, cell: CellKind) -> None:
    trace = traced(Module(cell=cell, hidden=32, device=device))
    assert trace.device == device
    assert trace.agrees, trace.difference


@pytest.mark.parametrize("cell", CELLS)
def test_it_is_the_run_of_the_cpu(device: str, cell: CellKind) -> None:
    here = traced(Module(cell=cell, hidden=32, device=device))
    there = traced(Module(cell=cell, hidden=32))
    for name in there.names:
        np.testing.assert_allclose(here.values[name], there.values[name], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("dtype", ["float64", "float16"])
def test_other_dtypes_agree(device: str, cell: CellKind, dtype: str) -> None:
    if device == "mps" and dtype == "float64":
        pytest.skip("mps has no float64")
    trace = traced(Module(cell=cell, hidden=32, device=device), dtype)
    assert trace.difference < (1e-9 if dtype == "float64" else 2e-2)
    assert dtype == "float16" or trace.agrees


def test_a_users_module_is_traced_where_it_is_and_where_it_is_sent(device: str) -> None:
    batch = make_batch(np.ones((3, 5, 1), dtype=np.float32), [3, 2, 4], Call(True, False))
    module = torch.nn.LSTM(1, 4)
    assert trace_module(module, batch, device=device).device == device
    assert next(module.parameters()).device.type == "cpu"
    assert trace_module(module.to(device), batch).device == device


def test_the_verdict_is_asked_on_the_device(device: str) -> None:
    batch = make_batch([[1, 2, 3], [4, 5, 0]], [3, 2], Call(True, False))
    verdict = ask(batch, Module(device=device))
    assert verdict.run.text == "returns out (5, 6), h_n (1, 2, 6), c_n (1, 2, 6)"
    assert verdict.unpack.ok


def test_torch_wants_lengths_on_the_cpu(device: str) -> None:
    x, lengths = torch.ones(2, 3, device=device), torch.tensor([3, 2], device=device)
    with pytest.raises(RuntimeError, match="'lengths' argument should be a 1D CPU int64 tensor, but got 1D"):
        pack_padded_sequence(x, lengths, batch_first=True)


def test_lengths_on_the_device_are_named_with_torchs_own_words(device: str) -> None:
    x, lengths = torch.ones(2, 3, device=device), torch.tensor([3, 2], device=device)
    report = packviz.check(x, lengths, batch_first=True)
    [finding] = [f for f in report.findings if f.severity == "error"]
    assert finding.code == "lengths-device"
    with pytest.raises(RuntimeError) as caught:
        pack_padded_sequence(x, lengths, batch_first=True)
    assert str(caught.value) in (finding.torch or "")
    assert packviz.explain(caught.value).causes[0].code == "lengths-device"


def test_a_module_on_the_device_is_checked_there(device: str) -> None:
    x, module = torch.ones(2, 3, 4, device=device), torch.nn.LSTM(4, 5, batch_first=True).to(device)
    assert packviz.check(x, [3, 2], batch_first=True, module=module).ok
    assert next(module.parameters()).device.type == torch.device(device).type


def test_random_numbers_of_the_device_are_left_alone(device: str) -> None:
    backend = torch.cuda if device.startswith("cuda") else torch.mps
    before = backend.get_rng_state()
    traced(Module(device=device, hidden=4))
    assert backend.get_rng_state().equal(before)


def test_the_states_stay_on_the_device_and_only_what_is_looked_at_is_brought_over(
    device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = traced(Module(hidden=32, layers=2, directions=2, device=device))
    column = trace.states[1, 1]["f"]
    assert isinstance(column, OnDevice)
    brought: list[int] = []
    monkeypatch.setattr(
        "packviz.torch_side.columns.to_array", lambda part: brought.append(part.numel()) or to_array(part)
    )
    trace.state("f", Moment(3, 1, 1), np.array([0, 1]), np.array([4, 5, 6]))
    assert sum(brought) <= 6


def test_a_run_that_is_kept_as_checkpoints_is_computed_again_to_the_last_bit(
    device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = Module("GRU", 32, layers=2, directions=2, device=device)
    spans = tuple((at, min(at + 4, 30)) for at in range(0, 30, 4))
    monkeypatch.setattr("packviz.torch_side.stepping.trace._spans", lambda *_: spans)
    kept = traced(spec)
    assert kept.agrees, kept.difference
    assert kept.replays is not None
    for number in (3, 0, 3):
        segment = kept.replays.segment(number)
        again = kept.replays._again(number, UNWATCHED)  # type: ignore[attr-defined]
        for at, states in segment.states.items():
            for name, values in states.items():
                np.testing.assert_array_equal(again.states[at][name], values)
    expected = kept.final["h_n"]
    for slot, (layer, direction) in enumerate(kept.states):
        row = kept.row("h", 5, layer=layer, direction=direction)
        np.testing.assert_array_equal(row[0 if direction else -1], expected[slot, 5])
