"""The probe of recurrent modules, held against torch: NaN put into the padding by hand, and the whole module run."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from packviz.core.batch import Batch, BatchError, Call, make_batch
from packviz.core.cancel import Cancelled, Watch
from packviz.core.module import Module, held_module
from packviz.core.probing import ProbeReport, ProbeRun
from packviz.core.samples import sample
from packviz.torch_side.probe.fills import SQUARE
from packviz.torch_side.probe.probes import probe_module, probe_spec

pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections")

X = np.array([[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]], dtype=np.float32)
LEFT = np.array([[0, 0, 1, 2, 3], [4, 5, 6, 0, 0], [0, 6, 7, 8, 9]], dtype=np.float32)


def batch_of(x: np.ndarray, lengths: Any, batch_first: bool = True, enforce_sorted: bool = False) -> Batch:
    return make_batch(x if batch_first else x.swapaxes(0, 1), lengths, Call(batch_first, enforce_sorted))


def first_layers(module: nn.RNNBase, count: int, batch_first: bool) -> nn.RNNBase:
    """The module's first layers as one module, with its weights: torch's own several layers, not packviz's."""
    options = {"proj_size": module.proj_size} if isinstance(module, nn.LSTM) else {}
    if isinstance(module, nn.RNN):
        options["nonlinearity"] = module.nonlinearity
    made = type(module)(
        module.input_size, module.hidden_size, count, bidirectional=module.bidirectional, bias=module.bias,
        batch_first=batch_first, dtype=module.weight_ih_l0.dtype, **options,
    ).eval()  # fmt: skip
    made.load_state_dict({name: module.state_dict()[name] for name in made.state_dict()})
    return made


def truth(module: nn.RNNBase, batch: Batch, cells: np.ndarray, hx: Any = None) -> dict[str, list[np.ndarray]]:
    """By layer, (D, B) bool: "out", "first", "h_n", "c_n" for the packed and ("u_…") the unpacked run, with NaN in
    `cells`, (B, T). NaN comes out of a recurrent module wherever it goes in."""
    grid = torch.tensor(batch.grid.copy())
    grid = grid.unsqueeze(-1) if grid.ndim == 2 else grid
    poisoned = grid.to(module.weight_ih_l0.dtype).clone()
    poisoned[torch.tensor(cells.copy())] = float("nan")
    found: dict[str, list[np.ndarray]] = {}
    directions = 2 if module.bidirectional else 1
    lengths = torch.tensor(batch.counts)
    within = torch.arange(grid.shape[1]) < lengths[:, None]

    def note(prefix: str, out: torch.Tensor, final: Any) -> None:
        bad = out.isnan().unflatten(-1, (directions, -1)).any(-1) & within[:, : out.shape[1], None]
        read = bad.any(1)
        found.setdefault(prefix + "out", []).append(read.T.numpy())
        found.setdefault(prefix + "first", []).append(torch.where(read, bad.int().argmax(1), -1).T.numpy())
        for name, state in zip(("h_n", "c_n"), final if isinstance(final, tuple) else (final,), strict=False):
            found.setdefault(prefix + name, []).append(state[-directions:].isnan().any(2).numpy())

    with torch.no_grad():
        for count in range(1, module.num_layers + 1):
            part, own = first_layers(module, count, True), None
            if hx is not None:
                own = tuple(h[: count * directions] for h in hx) if isinstance(hx, tuple) else hx[: count * directions]
            packed = pack_padded_sequence(poisoned, lengths, batch_first=True, enforce_sorted=False)
            out, final = part(packed, own)
            note("", pad_packed_sequence(out, batch_first=True)[0], final)
            note("u_", *part(poisoned, own))
    return found


def assert_like(run: ProbeRun, expected: dict[str, list[np.ndarray]], prefix: str) -> None:
    nan = run.reads[0]
    assert nan.fill == "NaN"
    np.testing.assert_array_equal(nan.out, expected[prefix + "out"])
    np.testing.assert_array_equal(nan.first, expected[prefix + "first"])
    for name, read in nan.final.items():
        np.testing.assert_array_equal(read, expected[prefix + name])


def module_of(kind: str, inputs: int = 1, **options: Any) -> nn.RNNBase:
    torch.manual_seed(1)
    module: nn.RNNBase = getattr(nn, kind)(inputs, 5, **options)
    return module


KINDS = [
    ("LSTM", {}),
    ("GRU", {}),
    ("RNN", {}),
    ("LSTM", {"num_layers": 2, "bidirectional": True}),
    ("LSTM", {"num_layers": 3, "proj_size": 2, "dropout": 0.5}),
    ("GRU", {"num_layers": 2, "bidirectional": True, "dropout": 0.5}),
    ("RNN", {"num_layers": 2, "nonlinearity": "relu", "bidirectional": True}),
]
EMPTY = np.zeros(3, dtype=bool)


@pytest.mark.parametrize(("kind", "options"), KINDS, ids=str)
@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize(("x", "lengths"), [(X, [3, 2, 4]), (X, [3, 2, 5]), (X, [5, 5, 5]), (LEFT, [3, 3, 4])])
def test_the_probe_finds_what_nan_put_in_by_hand_finds(
    kind: str, options: dict[str, Any], batch_first: bool, x: np.ndarray, lengths: list[int]
) -> None:
    module = module_of(kind, batch_first=batch_first, **options)
    batch = batch_of(x, lengths, batch_first)
    report = probe_module(module, batch)
    # by hand: beyond the length, and the padding value beyond or before the data of the row
    cells = (np.arange(5) >= np.array(lengths)[:, None]) | (x == 0)
    np.testing.assert_array_equal(report.padding.cells, cells)
    expected = truth(module, batch, cells)
    assert report.unpacked is not None
    assert_like(report.packed, expected, "")
    assert_like(report.unpacked, expected, "u_")


@pytest.mark.parametrize(("kind", "options"), KINDS, ids=str)
def test_correct_packing_reads_no_padding_and_an_unpacked_run_goes_on_through_it(kind: str, options: dict) -> None:
    report = probe_module(module_of(kind, **options), batch_of(X, [3, 2, 4]))
    assert report.ok
    assert report.unpacked is not None
    assert report.unpacked.rows.tolist() == [0, 1, 2]
    forward = report.unpacked.reads[0]
    assert forward.final["h_n"].all()
    assert not forward.out[0, 0].any()  # the first layer, forward: what comes before the padding does not know it
    if options.get("bidirectional"):
        assert forward.out[0, 1].all()  # backward it reads the padding first
        assert (forward.first[0, 1] == 0).all()


@pytest.mark.parametrize("fill", [0, 1], ids=["NaN", "large"])
def test_a_length_that_is_too_long_poisons_exactly_its_row_from_its_first_padding_on(fill: int) -> None:
    report = probe_module(module_of("LSTM"), batch_of(X, [3, 2, 5]))
    assert not report.ok
    read = report.packed.reads[fill]
    assert read.out.tolist() == [[[False, False, True]]]
    assert read.first.tolist() == [[[-1, -1, 4]]]
    assert read.final["h_n"].tolist() == read.final["c_n"].tolist() == [[[False, False, True]]]


def test_left_padding_poisons_exactly_its_rows_from_the_first_step_on() -> None:
    read = probe_module(module_of("GRU"), batch_of(LEFT, [3, 3, 4])).packed.reads[0]
    assert read.first.tolist() == [[[0, -1, 0]]]
    assert read.final["h_n"].tolist() == [[[True, False, True]]]


def test_a_genuine_zero_between_the_data_is_not_filled() -> None:
    x = np.array([[1.0, 0.0, 2.0, 0.0], [0.0, 3.0, 4.0, 5.0]], dtype=np.float32)
    assert probe_module(module_of("RNN"), batch_of(x, [3, 4])).ok


@st.composite
def cases(draw: st.DrawFn) -> tuple[nn.RNNBase, Batch, Any]:
    """Small batches, their rows in any order, some lengths too long, sometimes with an initial state."""
    rows, steps, width = draw(st.integers(1, 5)), draw(st.integers(1, 6)), draw(st.integers(1, 2))
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    ends = random.integers(1, steps + 1, rows)
    x = np.where((np.arange(steps) < ends[:, None])[..., None], random.normal(size=(rows, steps, width)), 0)
    lengths = np.where(random.random(rows) < 0.3, random.integers(1, steps + 1, rows), ends)
    kind, dtype = draw(st.sampled_from(["LSTM", "GRU", "RNN"])), draw(st.sampled_from([torch.float32, torch.float64]))
    layers, both = draw(st.integers(1, 3)), draw(st.booleans())
    module = module_of(kind, width, num_layers=layers, bidirectional=both, dtype=dtype, batch_first=draw(st.booleans()))
    batch = batch_of(x.astype("float64" if dtype is torch.float64 else "float32"), lengths, draw(st.booleans()))
    hx = None
    if draw(st.booleans()):
        stacked = (layers * (2 if both else 1), rows, 5)
        hx = torch.randn(stacked, dtype=dtype)
        hx = (hx, torch.randn(stacked, dtype=dtype)) if kind == "LSTM" else hx
    return module, batch, hx


@settings(max_examples=50)
@given(cases())
def test_any_small_batch_is_probed_as_by_hand(case: tuple[nn.RNNBase, Batch, Any]) -> None:
    module, batch, hx = case
    report = probe_module(module, batch, hx=hx)
    expected = truth(module, batch, report.padding.cells, hx)
    assert report.unpacked is not None
    assert_like(report.packed, expected, "")
    assert_like(report.unpacked, expected, "u_")
    # What large values show, NaN shows too; and a row beside a wrong one reads nothing.
    for run in report.runs:
        nan, large = run.reads
        assert not (large.any & ~nan.any).any()
    counted = report.padding.counted | report.padding.left
    assert not counted[[row for row in range(batch.rows) if row not in report.packed.rows]].any()


def test_rows_that_torch_drops_read_nothing() -> None:
    report = probe_module(module_of("GRU", num_layers=2, bidirectional=True), batch_of(X, [3, 3]))
    assert report.packed.reads[0].out.shape == (2, 2, 3)
    assert report.packed.rows.tolist() == [1]


# ---- what can't be run ---------------------------------------------------------------------------------------------


def test_what_packing_raises_is_the_answer_of_the_packed_run_alone() -> None:
    batch = batch_of(X, [3, 2, 4], enforce_sorted=True)
    with pytest.raises(RuntimeError) as error:
        pack_padded_sequence(torch.tensor(X), torch.tensor([3, 2, 4]), batch_first=True)
    report = probe_module(module_of("LSTM"), batch)
    assert report.packed.error == f"pack_padded_sequence raises RuntimeError: {error.value}"
    assert not report.ok
    assert report.unpacked is not None
    assert report.unpacked.rows.tolist() == [0, 1, 2]


def test_what_the_module_raises_is_quoted() -> None:
    batch = batch_of(X, [3, 2, 6])
    report = probe_module(module_of("LSTM"), batch)
    packed = pack_padded_sequence(torch.tensor(X)[..., None], torch.tensor([3, 2, 6]), True, False)
    with pytest.raises(RuntimeError) as error:
        module_of("LSTM")(packed)
    assert report.packed.error == f"nn.LSTM raises RuntimeError: {error.value}"


def test_an_initial_state_that_does_not_fit_is_quoted_for_both_runs() -> None:
    module, hx = module_of("GRU", batch_first=True), torch.zeros(1, 2, 5)
    report = probe_module(module, batch_of(X, [3, 2, 4]), hx=hx)
    x = torch.tensor(X)[..., None]
    packed = pack_padded_sequence(x, torch.tensor([3, 2, 4]), batch_first=True, enforce_sorted=False)
    for run, ready in zip(report.runs, (packed, x), strict=True):
        with pytest.raises((RuntimeError, IndexError)) as error:
            module(ready, hx)
        assert run.error == f"nn.GRU raises {error.type.__name__}: {error.value}"


def test_a_hook_that_changes_the_output_is_seen() -> None:
    module = module_of("GRU")
    module.register_forward_hook(lambda _, given, result: (result[0]._replace(data=result[0].data + 1), result[1]))
    assert "differs from the module itself" in probe_module(module, batch_of(X, [3, 2, 4])).packed.error


@pytest.mark.parametrize("shape", [(0, 5), (3, 0), (4,)])
def test_x_without_cells_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(BatchError, match="nothing to probe"):
        probe_spec(make_batch(np.zeros(shape, dtype=np.float32), [1], Call(True, False)), Module())


def test_a_run_that_would_take_too_much_memory_is_refused() -> None:
    big = np.broadcast_to(np.float32(1), (4096, 2048))
    with pytest.raises(BatchError, match="GiB"):
        probe_spec(make_batch(big, np.full(4096, 2048), Call(True)), Module(hidden=512))


def test_a_probe_that_nobody_wants_any_more_stops() -> None:
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 4

    with pytest.raises(Cancelled):
        probe_spec(batch_of(X, [3, 2, 4]), Module(), watch=Watch(None, stop))


def test_progress_rises_to_one() -> None:
    seen: list[float] = []
    probe_spec(batch_of(X, [3, 2, 4]), Module(), watch=Watch(seen.append))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


# ---- values ----------------------------------------------------------------------------------------------------------


def test_padding_that_is_nan_already_hides_nothing() -> None:
    x = np.where(X == 0, np.nan, X)
    batch = make_batch(x, [3, 2, 5], Call(True, False, padding_value=float("nan")))
    report = probe_module(module_of("LSTM"), batch)
    assert report.packed.rows.tolist() == [2]
    assert report.packed.reads[1].out.tolist() == [[[False, False, True]]]


def test_a_nan_in_the_data_is_said_to_hide_what_comes_after_it() -> None:
    x = X.copy()
    x[1, 0] = np.nan
    assert any(
        "NaN or an infinity" in note and "row 1" in note for note in probe_spec(batch_of(x, [3, 2, 4]), Module()).notes
    )


def test_a_gate_that_one_sign_shuts_does_not_hide_a_leak_from_the_large_values() -> None:
    module = nn.GRU(1, 1)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(1.0)  # z = sigmoid(1e4) = 1 keeps h as it is, whatever the padding
    for sign in (1.0, -1.0):
        with torch.no_grad():
            module.weight_ih_l0.fill_(sign)
        read = probe_module(module, batch_of(X, [3, 2, 5])).packed.reads[1]
        assert read.final["h_n"].tolist() == [[[False, False, True]]]


@pytest.mark.parametrize("inputs", ["cast", "embedding"])
def test_whole_numbers_are_filled_after_they_became_floats(inputs: Any) -> None:
    batch = batch_of(X.astype(np.int64), [3, 2, 5])
    report = probe_spec(batch, Module(inputs=inputs))
    assert report.packed.rows.tolist() == [2]
    assert any("filled after that" in note for note in report.notes)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_other_dtypes_are_probed_too(dtype: str) -> None:
    x = X.astype("float32" if dtype == "bfloat16" else dtype)
    report = probe_spec(make_batch(x, [3, 2, 5], Call(True, False), dtype=dtype), Module("GRU"))
    assert report.packed.reads[0].final["h_n"].tolist() == [[[False, False, True]]]
    assert report.packed.reads[1].final["h_n"].tolist() == [[[False, False, True]]]


# ---- the module ------------------------------------------------------------------------------------------------------


def test_the_module_the_random_numbers_and_x_stay_as_they_are() -> None:
    module = module_of("LSTM", num_layers=2, dropout=0.5).train()
    weights, drawn = [p.clone() for p in module.parameters()], torch.get_rng_state()
    batch = batch_of(X, [3, 2, 5])
    held = batch.x.tobytes()
    probe_module(module, batch)
    assert module.training
    assert all(p.equal(w) for p, w in zip(module.parameters(), weights, strict=True))
    assert torch.get_rng_state().equal(drawn)
    assert batch.x.tobytes() == held


def test_a_module_of_the_other_layout_is_run_as_x_lies_and_that_is_said() -> None:
    one, other = (probe_module(module_of("GRU", batch_first=b), batch_of(X, [3, 2, 5])) for b in (True, False))
    assert [run.rows.tolist() for run in one.runs] == [run.rows.tolist() for run in other.runs]
    assert not any("batch_first" in note for note in one.notes)
    assert any("batch_first=False" in note for note in other.notes)


def test_a_module_that_somebody_holds_is_probed_with_one_like_it() -> None:
    facts = held_module("GRU", hidden=3, layers=2, directions=2, batch_first=True)
    batch = make_batch(X[..., None], [3, 2, 5], Call(True, False))
    report = probe_spec(batch, facts)
    assert report.module == "nn.GRU(1, 3, num_layers=2, bidirectional=True)"
    assert report.packed.reads[0].out.shape == (2, 2, 3)
    assert report.packed.rows.tolist() == [2]


def test_a_square_batch_is_said_to_hide_the_wrong_layout() -> None:
    x = np.arange(1, 10, dtype=np.float32).reshape(3, 3)
    assert SQUARE in probe_spec(batch_of(x, [3, 3, 3]), Module()).notes


@pytest.mark.parametrize("name", ["first-batch", "inconsistent-lengths", "pack-sequence", "real-lengths", "simple-rnn"])
def test_the_samples_read_padding_where_their_lengths_are_wrong(name: str) -> None:
    found = sample(name)
    report: ProbeReport = probe_spec(found.load(), found.module)
    assert report.packed.rows.tolist() == ([2] if name == "inconsistent-lengths" else [])
    assert report.ok == (name != "inconsistent-lengths")


def test_thousands_of_rows_take_no_longer_than_their_runs() -> None:
    random = np.random.default_rng(0)
    rows, steps = 4000, 20
    lengths = random.integers(1, steps + 1, rows)
    x = np.where(np.arange(steps) < lengths[:, None], random.normal(size=(rows, steps)), 0).astype(np.float32)
    wrong = np.flatnonzero(lengths < steps)[::100]
    lengths[wrong] = steps
    start = time.thread_time()
    report = probe_spec(batch_of(x, lengths), Module(hidden=4))
    assert report.packed.rows.tolist() == wrong.tolist()
    assert time.thread_time() - start < 10
