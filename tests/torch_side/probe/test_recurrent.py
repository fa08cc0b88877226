"""A packed run held against the whole law: the oracle is torch itself, with NaN put in by hand, step by step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.cancel import UNWATCHED, Cancelled, TooLong, Watch
from packviz.core.module import Module
from packviz.core.probing import ProbeReport
from packviz.core.rows_read import YES
from packviz.core.samples import sample
from packviz.torch_side.probe import probes, recurrent
from packviz.torch_side.probe.caller import PASSES
from packviz.torch_side.probe.probes import probe_module, probe_spec

pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections")

HIDDEN = 5
KINDS: list[tuple[str, dict[str, Any]]] = [
    ("LSTM", {}),
    ("GRU", {"bidirectional": True}),
    ("LSTM", {"num_layers": 2, "bidirectional": True}),
    ("LSTM", {"num_layers": 2, "proj_size": 2}),
    ("RNN", {"num_layers": 2, "nonlinearity": "relu", "bidirectional": True}),
]


def batch_of(lengths: list[int], batch_first: bool = True, steps: int = 7, **call: Any) -> Batch:
    x = np.random.default_rng(len(lengths)).normal(0, 1, (len(lengths), steps, 3)).astype(np.float32)
    x[np.arange(steps) >= np.array(lengths)[:, None]] = 0
    return make_batch(x if batch_first else x.swapaxes(0, 1), lengths, Call(batch_first, False, **call))


def module_of(kind: str = "LSTM", **options: Any) -> Any:
    torch.manual_seed(3)
    return getattr(nn, kind)(3, HIDDEN, **options)


def read_in_truth(module: Any, batch: Batch) -> dict[str, np.ndarray]:
    """Of each result, (B, B, T, G) bool: that NaN at a step of a row of x comes out in a group of a row of it."""
    lengths = torch.tensor(batch.counts)
    layers, ways = module.num_layers, 2 if module.bidirectional else 1
    x, rows = torch.tensor(batch.grid.copy()), batch.rows
    total = batch.call.total_length or int(lengths.max())
    found: dict[str, np.ndarray] = {}

    def note(name: str, at: tuple[int, int], nan: Tensor) -> None:
        found.setdefault(name, np.zeros((rows, rows, batch.steps, ways), dtype=bool))[:, at[0], at[1]] = nan.numpy()

    for row in range(rows):
        for step in range(int(lengths[row])):
            poisoned = x.clone()
            poisoned[row, step] = torch.nan
            with torch.no_grad():
                packed = pack_padded_sequence(poisoned, lengths, batch_first=True, enforce_sorted=False)
                out, final = module(packed)
            out = pad_packed_sequence(out, batch_first=True, total_length=total)[0].unflatten(-1, (ways, -1))
            h_n = (final[0] if isinstance(final, tuple) else final).unflatten(0, (layers, ways)).isnan().any(-1)
            for layer in range(layers):
                note(f"h_n, layer {layer}" if layers > 1 else "h_n", (row, step), h_n[layer].T)
            note("last", (row, step), out[:, -1].isnan().any(-1))
            note("end", (row, step), out[torch.arange(rows), lengths - 1].isnan().any(-1))
            note("start", (row, step), out[:, 0].isnan().any(-1))
    return found


NAMES = {"out[:, -1]": "last", "out[-1]": "last", "out at lengths - 1": "end", "out[:, 0]": "start", "out[0]": "start"}


def assert_as_in_truth(report: ProbeReport, truth: dict[str, np.ndarray]) -> None:
    for reached in report.reached:
        reads = truth[NAMES.get(reached.of, reached.of)]
        assert reached.exact.all(), reached
        for row, group in np.ndindex(reached.first.shape):
            steps = np.flatnonzero(reads[row, row, :, group])
            assert reached.nothing[row, group] == (not len(steps)), reached
            if len(steps):
                assert (reached.first[row, group], reached.last[row, group]) == (steps[0], steps[-1]), reached
    anything = np.any([reads.any(axis=(2, 3)) for name, reads in truth.items() if name.startswith("h_n")], axis=0)
    [crossing] = report.crossings
    np.testing.assert_array_equal(crossing.cells == YES, anything)
    assert not crossing.untold


@pytest.mark.parametrize(("kind", "options"), KINDS, ids=str)
@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("lengths", [[4, 7, 1, 3], [5, 5], [2], [7, 1, 2, 3, 6]])
def test_rows_and_steps_that_are_read_are_those_that_nan_put_in_by_hand_shows(
    kind: str, options: dict[str, Any], batch_first: bool, lengths: list[int]
) -> None:
    batch, module = batch_of(lengths, batch_first), module_of(kind, **options)
    report = probe_module(module, batch)
    assert report.judged
    assert report.ok, str(report)
    truth = read_in_truth(module, batch)
    if len(lengths) == 1:
        assert report.crossings == ()
        return
    assert_as_in_truth(report, truth)
    assert report.crossings[0].of == ("out, h_n and c_n" if kind == "LSTM" else "out and h_n")
    assert next(reached.of for reached in report.reached if "out" in reached.of) == (
        "out[:, -1]" if batch_first else "out[-1]"
    )


@given(st.lists(st.integers(1, 6), min_size=2, max_size=40), st.sampled_from(KINDS))
@settings(max_examples=15, deadline=None)
def test_in_any_batch_each_row_reads_itself_and_no_other(lengths: list[int], kind: tuple[str, dict[str, Any]]) -> None:
    report = probe_module(module_of(kind[0], **kind[1]), batch_of(lengths))
    assert report.ok, str(report)
    assert [crossing.identity for crossing in report.crossings] == [True]
    assert all(reached.exact.all() for reached in report.reached)
    final = next(reached for reached in report.reached if reached.of.startswith("h_n"))
    assert final.whole.all()


def test_what_is_taken_at_minus_one_has_read_nothing_of_the_shorter_rows() -> None:
    report = probe_spec(sample("first-batch").load(), Module(directions=2))
    last, end = (next(r for r in report.reached if r.of == of) for of in ("out[:, -1]", "out at lengths - 1"))
    assert last.nothing.tolist() == [[True, True], [True, True], [False, False]]
    assert end.whole[:, 0].all()
    assert (end.first[:, 1] == end.lengths - 1).all()  # the backward half has read the last step alone
    assert "backward: the last step alone of each row" in " ".join(str(report).split())


def test_total_length_is_that_of_the_call() -> None:
    report = probe_module(module_of(), batch_of([4, 6, 2], total_length=7))
    last = next(reached for reached in report.reached if reached.of == "out[:, -1]")
    assert last.nothing.all()
    assert report.ok


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 6, 16, 17, 40, 100])
@pytest.mark.parametrize("both", [True, False])
@pytest.mark.parametrize("own", [True, False])
def test_all_of_it_takes_at_most_twenty_passes(
    monkeypatch: pytest.MonkeyPatch, rows: int, both: bool, own: bool
) -> None:
    lengths = np.random.default_rng(rows).integers(1, 8, rows).tolist()
    seen: list[int] = []

    def counted(module: Any, args: Any) -> None:
        given = args[0]
        seen.append(int(given.batch_sizes[0]) if hasattr(given, "batch_sizes") else given.shape[not module.batch_first])

    hook = nn.modules.module.register_module_forward_pre_hook(counted)
    try:
        batch = batch_of(lengths)
        spec = Module(directions=2 if both else 1, hidden=HIDDEN)
        report = probe_spec(batch, spec) if own else probe_module(module_of(bidirectional=both), batch)
    finally:
        hook.remove()
    assert report.ok, str(report)
    assert rows * 13 < sum(seen) <= PASSES * rows


@pytest.mark.parametrize("total", [None, 9])
def test_outputs_that_are_unpacked_in_pieces_are_those_of_torch(
    monkeypatch: pytest.MonkeyPatch, total: int | None
) -> None:
    lengths = torch.tensor([3, 7, 2])
    packed = pack_padded_sequence(torch.randn(3, 7, 5), lengths, batch_first=True, enforce_sorted=False)
    expected = pad_packed_sequence(packed, batch_first=True, total_length=total)[0]
    finals = [(torch.zeros(1, 3, 5),)]
    for piece in (1, 24, 1 << 22):
        monkeypatch.setattr(recurrent, "PIECE", piece)
        assert recurrent.result_of(packed, finals, total, UNWATCHED)[0][1].equal(expected)


def test_an_initial_state_goes_with_its_row() -> None:
    torch.manual_seed(0)
    module, lengths = module_of(num_layers=2, bidirectional=True), [3, 7, 2, 5, *[4] * 20]
    hx = tuple(torch.randn(4, 24, HIDDEN) * 3 for _ in range(2))
    report = probe_module(module, batch_of(lengths), hx=hx)
    assert report.ok, str(report)
    assert report.crossings[0].identity


def test_a_module_that_keeps_something_between_calls_is_found() -> None:
    module = module_of()

    def grow(module: Any, given: Any, out: Any) -> None:
        with torch.no_grad():
            module.bias_hh_l0 += 0.5

    module.register_forward_hook(grow)
    before = module.bias_hh_l0.detach().clone()
    report = probe_module(module, batch_of([3, 7, 2]))
    assert [finding.code for finding in report.findings] == ["state-kept"]
    assert not report.ok
    assert module.bias_hh_l0.equal(before)


def test_rows_that_torch_drops_leave_it_untested_and_that_is_said() -> None:
    batch = make_batch(np.ones((3, 4), dtype=np.float32), [3, 2], Call(True, False))
    report = probe_spec(batch, Module())
    assert report.crossings == ()
    assert not report.ok
    assert any("torch returns 2 of 3 rows" in note for note in report.untested)


def test_what_padding_it_reads_is_found_as_before_and_the_rest_of_the_law_is_kept() -> None:
    report = probe_spec(sample("inconsistent-lengths").load(), Module())
    assert [finding.code for finding in report.findings] == ["reads-padding"]
    assert not report.ok
    assert report.crossings[0].identity
    failing = probe_spec(sample("beyond-the-end").load(), Module())
    assert (failing.crossings, failing.reached, failing.judged) == ((), (), False)


def test_a_row_that_holds_nan_tells_nothing_of_its_steps() -> None:
    batch = batch_of([4, 3])
    x = batch.x.copy()
    x[0, 2] = np.nan
    report = probe_module(module_of(), make_batch(x, [4, 3], Call(True, False)))
    [final] = [reached for reached in report.reached if reached.of == "h_n"]
    assert final.exact.tolist() == [[False], [True]]


def test_it_can_be_given_up() -> None:
    calls = iter([False] * 60 + [True] * 1000)
    told: list[float] = []
    with pytest.raises(Cancelled):
        probe_module(module_of(), batch_of([3, 7, 2]), watch=Watch(told.append, lambda: next(calls)))
    told.clear()
    probe_module(module_of(), batch_of([3, 7, 2]), watch=Watch(progress=told.append))
    assert told == sorted(told)
    assert sum(0.6 < fraction < 1 for fraction in told) >= 5
    assert told[-1] == 1.0


def test_where_time_is_up_what_it_reads_of_padding_is_said_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*given: Any) -> Any:
        raise TooLong("probing it takes more than the 120 s allowed.")

    monkeypatch.setattr(recurrent, "crossed", late)
    report = probe_module(module_of(), batch_of([3, 7, 2]))
    assert report.ok
    assert not report.judged
    assert report.packed.clean
    assert "It was not held against other rows: probing it takes more than the 120 s allowed." in report.notes


def test_what_is_raised_over_rows_alone_leaves_it_untested(monkeypatch: pytest.MonkeyPatch) -> None:
    def raises(*given: Any, **named: Any) -> Any:
        raise RuntimeError("no room")

    monkeypatch.setattr(recurrent, "crossed", raises)
    report = probe_module(module_of(), batch_of([3, 7, 2]))
    assert not report.ok
    assert any("RuntimeError: no room" in said for said in report.untested)
    assert probes.Judged is recurrent.Judged
