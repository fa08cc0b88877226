"""A trace against torch's own module on the same packed batch, and against naive loops over rows and steps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from packviz.core.batch import Batch, BatchError, Call, make_batch
from packviz.core.budget import MEMORY
from packviz.core.cancel import Cancelled, Watch
from packviz.core.module import STATES, CellKind, Module, StateFacts, Stored, held_module
from packviz.core.moments import Moments
from packviz.core.packing import Packing, pack
from packviz.core.trace import Trace
from packviz.torch_side.module import build
from packviz.torch_side.order import sorted_indices
from packviz.torch_side.stepping.trace import run, trace_module
from tests.traces import assert_read_only

CELLS: list[CellKind] = ["LSTM", "GRU", "RNN"]
X = [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]]
FIRST = make_batch(X, [3, 2, 4], Call(True, False))


def packing_of(batch: Batch) -> Packing:
    packing = pack(batch, None if batch.call.enforce_sorted else sorted_indices(batch.lengths))
    assert isinstance(packing, Packing)
    return packing


def traced(batch: Batch, spec: Module | None = None, **options: Any) -> Trace:
    return run(batch, packing_of(batch), spec or Module(), **options)


def random_batch(seed: int, *, dtype: str = "float32", batch_first: bool = True, most_rows: int = 12) -> Batch:
    random = np.random.default_rng(seed)
    rows, steps, features = (int(random.integers(1, most)) for most in (most_rows, 12, 5))
    shape = (rows, steps, features) if batch_first else (steps, rows, features)
    x = torch.from_numpy(random.normal(size=shape)).to(getattr(torch, dtype))
    array = x.float().numpy() if dtype == "bfloat16" else x.numpy()
    return make_batch(array, random.integers(1, steps + 1, rows), Call(batch_first, False), dtype=dtype)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "bfloat16"])
def test_the_finished_run_agrees_with_torchs_own_module(cell: CellKind, batch_first: bool, dtype: str) -> None:
    for seed in range(6):
        batch = random_batch(seed, dtype=dtype, batch_first=batch_first)
        trace = traced(batch, Module(cell=cell, hidden=5, seed=seed))
        torch.manual_seed(seed)
        features = batch.features[0]
        module = getattr(torch.nn, cell)(features, 5, dtype=getattr(torch, dtype))
        x = torch.from_numpy(batch.x.copy()).to(getattr(torch, dtype))
        packed = pack_padded_sequence(x, torch.from_numpy(batch.lengths.copy()), batch_first, enforce_sorted=False)
        with torch.inference_mode():
            out, final = module(packed)
        final = final if isinstance(final, tuple) else (final,)
        half = dtype in ("float16", "bfloat16")
        tolerance = {"rtol": 1.6e-2, "atol": 1e-2} if half else {}
        close = torch.testing.assert_close
        close(torch.from_numpy(trace.values["h"].copy()), out.data.float() if half else out.data, **tolerance)
        for name, theirs in zip(("h_n", "c_n"), final, strict=False):
            ours = torch.from_numpy(trace.final[name].copy())
            close(ours, theirs.float() if half else theirs, **tolerance)
        assert trace.agrees
        assert trace.difference <= (0.01 if half else 1e-6)
        assert trace.dtype == dtype
        assert trace.values["h"].dtype == (np.float64 if dtype == "float64" else np.float32)


@pytest.mark.parametrize("cell", CELLS)
def test_it_says_what_it_is(cell: CellKind) -> None:
    trace = traced(FIRST, Module(cell=cell, hidden=2))
    assert trace.names == STATES[cell] == tuple(trace.values)
    assert (trace.module, trace.device, trace.hidden, trace.steps) == (f"nn.{cell}(1, 2)", "cpu", 2, 4)
    assert trace.inputs == "whole numbers cast to float32, F = 1"
    assert all(values.shape == (9, 2) and not values.flags.writeable for values in trace.values.values())
    assert list(trace.final) == (["h_n", "c_n"] if cell == "LSTM" else ["h_n"])
    assert list(trace.initial) == (["h_0", "c_0"] if cell == "LSTM" else ["h_0"])
    assert all(state.shape == (1, 3, 2) and not state.any() for state in trace.initial.values())
    assert (list(trace.states), trace.moments) == ([(0, 0)], Moments(4))
    assert all(trace.limit(name) == np.abs(values).max() for name, values in trace.values.items())


def test_no_array_of_a_trace_can_be_written_to() -> None:
    assert_read_only(traced(FIRST))
    assert_read_only(traced(FIRST, hx=(torch.ones(3, 6), torch.ones(1, 3, 6))))


@given(st.integers(0, 10_000), st.sampled_from(CELLS), st.data())
@settings(max_examples=40)
def test_state_and_row_are_those_of_a_naive_walk(seed: int, cell: CellKind, data: st.DataObject) -> None:
    batch = random_batch(seed, most_rows=25)
    trace = traced(batch, Module(cell=cell, hidden=4))
    out = {name: padded(trace, name) for name in trace.names}
    counts = batch.lengths
    step = data.draw(st.integers(0, int(counts.max()) - 1))
    rows = np.array(data.draw(st.lists(st.integers(0, len(counts) - 1), max_size=5)), dtype=np.int64)
    units = np.array(data.draw(st.lists(st.integers(0, 3), max_size=3)), dtype=np.int64)
    for name in trace.names:
        naive = np.stack([out[name][row, min(step, counts[row] - 1)] for row in range(len(counts))])
        np.testing.assert_array_equal(trace.state(name, step), naive)
        np.testing.assert_array_equal(trace.state(name, step, rows), naive[rows])
        np.testing.assert_array_equal(trace.state(name, step, rows, units), naive[rows][:, units])
        np.testing.assert_array_equal(trace.state(name, step, slice(1, 4), slice(0, 2)), naive[1:4, :2])
        np.testing.assert_array_equal(trace.state(name, step, None, units), naive[:, units])
        for row in range(len(counts)):
            np.testing.assert_array_equal(trace.row(name, row), out[name][row, : counts[row]])


def padded(trace: Trace, name: str) -> np.ndarray:
    """A state unpacked by torch itself, (n, L, H)."""
    from torch.nn.utils.rnn import PackedSequence

    data = torch.from_numpy(trace.values[name].copy())
    order = torch.from_numpy(trace.packing.sorted_indices.copy())
    packed = PackedSequence(data, torch.from_numpy(trace.packing.batch_sizes.copy()), order)
    return pad_packed_sequence(packed, batch_first=True)[0].numpy()


def test_an_ended_row_keeps_its_last_state() -> None:
    trace = traced(FIRST)
    np.testing.assert_array_equal(trace.state("h", 3)[1], trace.final["h_n"][0, 1])
    np.testing.assert_array_equal(trace.state("h", 3), trace.final["h_n"][0])
    np.testing.assert_array_equal(trace.state("c", 99), trace.final["c_n"][0])
    np.testing.assert_array_equal(trace.state("c", -5), trace.state("c", 0))
    assert trace.k(3).tolist() == [trace.packing.index(0, 2), trace.packing.index(1, 1), trace.packing.index(2, 3)]


@pytest.mark.parametrize("cell", CELLS)
def test_initial_states_are_given_in_the_order_of_the_batch(cell: CellKind) -> None:
    states = tuple(torch.randn(1, 3, 6) for _ in range(2 if cell == "LSTM" else 1))
    hx = states if cell == "LSTM" else states[0]
    trace = traced(FIRST, Module(cell=cell), hx=hx)
    assert trace.agrees
    torch.manual_seed(0)
    module = getattr(torch.nn, cell)(1, 6)
    x = torch.tensor(X).float()[..., None]
    with torch.inference_mode():
        _, final = module(pack_padded_sequence(x, torch.tensor([3, 2, 4]), True, False), hx)
    h_n = final[0] if cell == "LSTM" else final
    torch.testing.assert_close(torch.from_numpy(trace.final["h_n"].copy()), h_n)
    assert [trace.initial[name].tolist() for name in trace.initial] == [state.tolist() for state in states]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("bias", [True, False])
def test_loaded_weights_are_those_that_run(cell: CellKind, bias: bool) -> None:
    module = getattr(torch.nn, cell)(1, 3, bias=bias)
    arrays = {name: tensor.numpy() for name, tensor in module.state_dict().items()}
    trace = traced(FIRST, Module(cell=cell, weights=Stored("m.pt", arrays)))
    assert trace.agrees
    assert trace.hidden == 3
    theirs = trace_module(module, FIRST)
    np.testing.assert_array_equal(trace.values["h"], theirs.values["h"])


def test_ids_go_through_the_embedding() -> None:
    trace = traced(FIRST, Module(inputs="embedding", embedding_size=4, seed=2))
    torch.manual_seed(2)
    embedding, lstm = torch.nn.Embedding(10, 4), torch.nn.LSTM(4, 6)
    with torch.inference_mode():
        x = embedding(torch.tensor(X))
        out, _ = lstm(pack_padded_sequence(x, torch.tensor([3, 2, 4]), True, False))
    torch.testing.assert_close(torch.from_numpy(trace.values["h"].copy()), out.data)
    assert trace.inputs == "ids 0 to 9 through nn.Embedding(10, 4), F = 4"


def test_rows_without_a_length_are_dropped_as_torch_drops_them() -> None:
    trace = traced(make_batch(X, [3, 2], Call(True, False)))
    assert trace.agrees
    assert trace.state("h", 0).shape == (2, 6)


def test_nan_in_the_data_is_no_difference() -> None:
    x = np.array(X, dtype=np.float32)
    x[0, 1] = np.nan
    trace = traced(make_batch(x, [3, 2, 4], Call(True, False)))
    assert trace.agrees
    assert np.isnan(trace.final["h_n"][0, 0]).all()
    assert np.isfinite(trace.final["h_n"][0, 1:]).all()
    assert np.isfinite(trace.limit("h"))


def test_a_wrong_run_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    from packviz.torch_side.stepping.cells import LSTMCell

    right = LSTMCell.step

    def wrong(self: LSTMCell, views: Any, before: Any) -> Any:
        h, c = right(self, views, before)
        h.mul_(1.001)
        return h, c

    monkeypatch.setattr(LSTMCell, "step", wrong)
    trace = traced(FIRST)
    assert not trace.agrees
    assert trace.difference > 1e-5


def test_a_length_above_t_is_refused_before_anything_runs() -> None:
    with pytest.raises(BatchError, match=r"lengths\[2\] is 6, but x has 5 steps: nn.LSTM can't run over it"):
        traced(FIRST.with_lengths([3, 2, 6]))


def test_a_trace_that_is_too_large_says_how_large_and_what_to_choose() -> None:
    said = r"9 cells × 6 hidden units × 6 states would take .* hidden size of at most 4, or fewer rows, .* --memory"
    with MEMORY.within(9 * 6 * 4 * 4):
        assert traced(FIRST, Module(hidden=4)).hidden == 4
        with pytest.raises(BatchError, match=said):
            traced(FIRST)
    with MEMORY.within(9 * 6 * 4 * 6):
        assert traced(FIRST).hidden == 6


def test_x_that_does_not_fit_the_weights_is_refused() -> None:
    arrays = {name: tensor.numpy() for name, tensor in torch.nn.LSTM(3, 6).state_dict().items()}
    with pytest.raises(BatchError, match=r"the module of m.pt takes F = 3 features a cell, but x has F = 1"):
        traced(FIRST, Module(weights=Stored("m.pt", arrays)))


def test_it_can_be_cancelled_and_tells_how_far_it_is() -> None:
    told: list[float] = []
    traced(FIRST, watch=Watch(told.append))
    assert told[0] == 0
    assert told[-1] == 1
    assert told == sorted(told)
    with pytest.raises(Cancelled):
        traced(FIRST, watch=Watch(cancelled=lambda: True))


def test_the_global_generator_is_left_alone() -> None:
    before = torch.get_rng_state()
    traced(FIRST, Module(inputs="embedding"))
    assert torch.get_rng_state().equal(before)


@pytest.mark.parametrize("kind", [torch.nn.LSTM, torch.nn.GRU, torch.nn.RNN])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_users_own_module_is_traced_and_stays_as_it_is(kind: type, dtype: torch.dtype) -> None:
    module = kind(1, 3, dtype=dtype)
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    trace = trace_module(module, FIRST)
    assert trace.agrees
    assert trace.module == f"nn.{kind.__name__}(1, 3)"
    assert trace.inputs == f"whole numbers cast to {str(dtype)[6:]}, F = 1"
    assert all(
        tensor.equal(before[name]) and tensor.device.type == "cpu" for name, tensor in module.state_dict().items()
    )
    assert all(parameter.requires_grad for parameter in module.parameters())


def test_a_users_module_with_relu_is_traced() -> None:
    assert trace_module(torch.nn.RNN(1, 3, nonlinearity="relu"), FIRST).agrees


def test_a_users_module_or_batch_that_does_not_fit_is_refused_in_a_sentence() -> None:
    with pytest.raises(BatchError, match="the module is a LSTMCell, but packviz steps"):
        trace_module(torch.nn.LSTMCell(1, 3), FIRST)
    with pytest.raises(BatchError, match="the module takes F = 2 features a cell, but x has F = 1"):
        trace_module(torch.nn.LSTM(2, 3), FIRST)
    with pytest.raises(BatchError, match=r"lengths\[1\] is 0, but a length must be at least 1"):
        trace_module(torch.nn.LSTM(1, 3), FIRST.with_lengths([3, 0, 4]))
    with pytest.raises(BatchError, match="the module is in float32, but x is in float64"):
        trace_module(torch.nn.LSTM(1, 3), make_batch(np.ones((2, 3, 1)), [3, 2], Call(True, False)))


def test_a_trace_shows_itself_in_a_console_in_one_line() -> None:
    shown = repr(traced(FIRST))
    assert shown.startswith("<Trace of h, c, i, f, g, o: nn.LSTM(1, 6) over 3 rows and 4 steps on cpu, float32; max")
    assert "\n" not in shown


@pytest.mark.parametrize("module", [Module(layers=2, directions=2, projection=3), Module("GRU", 4, seed=7)])
def test_an_initial_state_may_be_drawn_after_the_seed(module: Module) -> None:
    found = traced(FIRST, replace(module, initial="drawn"))
    assert found.agrees
    torch.manual_seed(module.seed)
    for name, shape in zip(found.initial, module.state_shapes(3), strict=True):
        assert found.initial[name].tolist() == torch.randn(shape).tolist()
    assert not traced(FIRST, module).initial["h_0"].any()


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
@pytest.mark.parametrize("stored", [False, True])
def test_a_run_begins_with_the_numbers_of_hx_that_were_kept(cell: CellKind, dtype: str, stored: bool) -> None:
    batch, kind = random_batch(3, dtype=dtype), getattr(torch, dtype)
    features, rows = batch.features[0], batch.rows
    torch.manual_seed(7)
    module = getattr(torch.nn, cell)(features, 5, num_layers=2, bidirectional=True, dtype=kind)
    weights = {name: array.float().numpy() for name, array in module.state_dict().items()}
    if dtype == "float64":
        weights = {name: array.numpy() for name, array in module.state_dict().items()}
    hx = tuple(torch.randn(4, rows, 5, dtype=kind) for _ in range(2 if cell == "LSTM" else 1))
    arrays = [state.float().numpy() if dtype == "bfloat16" else state.numpy() for state in hx]
    if stored:
        spec = Module(cell=cell).with_weights(Stored("w.pt", weights, dtype))
    else:
        spec = held_module(cell, features, 5, layers=2, directions=2, dtype=dtype, seed=7)
        module = build(spec)
    spec = replace(spec, hx=tuple(StateFacts(state.shape, dtype) for state in hx)).with_numbers(arrays)
    trace = traced(batch, spec)
    assert trace.agrees
    x = torch.from_numpy(batch.x.copy()).to(kind)
    packed = pack_padded_sequence(x, torch.from_numpy(batch.counts.copy()), batch_first=True, enforce_sorted=False)
    _, final = module(packed, hx if cell == "LSTM" else hx[0])
    h_n = final[0] if cell == "LSTM" else final
    torch.testing.assert_close(torch.from_numpy(trace.final["h_n"].copy()).to(kind), h_n.detach())
    np.testing.assert_array_equal(trace.initial["h_0"], arrays[0])
    zeros = traced(batch, replace(spec, numbers=None))
    assert not np.array_equal(zeros.final["h_n"], trace.final["h_n"])
