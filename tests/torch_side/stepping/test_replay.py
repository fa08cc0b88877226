"""A run that is kept as checkpoints is the run that is kept whole, to the last bit, wherever it is looked at."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from packviz.core.batch import Batch, BatchError, Call, make_batch
from packviz.core.budget import MEMORY
from packviz.core.cancel import Cancelled, Watch
from packviz.core.expressions.evaluate import first, numbers, truths
from packviz.core.expressions.parse import parse
from packviz.core.module import Module
from packviz.core.moments import Moment
from packviz.core.packing import Packing, pack
from packviz.core.replaying import rows_held
from packviz.core.stops import NotFinite
from packviz.core.trace import Trace
from packviz.core.two_runs import held_against
from packviz.torch_side.order import sorted_indices
from packviz.torch_side.stepping import trace as stepping
from packviz.torch_side.stepping.replay import AT_HAND, FOR_SEGMENTS, SHORTEST, Checkpoints, spans_for
from packviz.torch_side.stepping.trace import run, trace_module

KINDS: list[dict[str, Any]] = [
    {"cell": "LSTM", "hidden": 3},
    {"cell": "LSTM", "hidden": 4, "layers": 2, "directions": 2, "projection": 2},
    {"cell": "LSTM", "hidden": 3, "layers": 3, "initial": "drawn"},
    {"cell": "GRU", "hidden": 3, "layers": 2, "directions": 2, "initial": "drawn"},
    {"cell": "GRU", "hidden": 2, "bias": False},
    {"cell": "RNN", "hidden": 3, "directions": 2},
    {"cell": "RNN", "hidden": 3, "layers": 2, "nonlinearity": "relu"},
]


def batch_of(lengths: list[int], steps: int = 12, spoilt: bool = False, dtype: str = "float32") -> Batch:
    x = np.random.default_rng(len(lengths)).normal(size=(len(lengths), steps, 2)).astype(dtype)
    if spoilt:
        x[0, lengths[0] // 2, 1] = np.nan
    return make_batch(x, lengths, Call(True, False))


def packing_of(batch: Batch) -> Packing:
    packing = pack(batch, sorted_indices(batch.counts))
    assert isinstance(packing, Packing)
    return packing


def both(batch: Batch, spec: Module, length: int) -> tuple[Trace, Trace]:
    """A run kept as checkpoints of spans of so many steps, before it all states that it made on its first way."""
    packing = packing_of(batch)
    spans = tuple((at, min(at + length, packing.longest)) for at in range(0, packing.longest, length))
    seen: dict[Any, dict[str, np.ndarray]] = {}
    first_run = Checkpoints.run

    def watched(self: Checkpoints, made: Any, watch: Watch) -> torch.Tensor:
        def both_made(at: Any, span: Any, buffers: dict[str, torch.Tensor]) -> None:
            start, stop = (int(packing.offsets[step]) for step in span)
            for name, buffer in buffers.items():
                whole = seen.setdefault(at, {}).setdefault(name, np.full((packing.size, buffer.shape[1]), -9.0))
                whole[start:stop] = buffer.numpy()
            made(at, span, buffers)

        return first_run(self, both_made, watch)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(stepping, "_spans", lambda *_: spans)
        patched.setattr(Checkpoints, "run", watched)
        kept = run(batch, packing, spec)
    assert kept.replays is not None
    dtype = kept.values["h"].dtype
    states = {at: {name: values.astype(dtype) for name, values in of.items()} for at, of in sorted(seen.items())}
    return replace(kept, states=states, replays=None, ends=None, given=None), kept


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 12), min_size=1, max_size=5), st.sampled_from(KINDS), st.integers(1, 5))
def test_it_is_the_run_that_is_kept_whole_but_for_rounding(
    lengths: list[int], kind: dict[str, Any], length: int
) -> None:
    batch = batch_of(lengths)
    whole, (_, kept) = run(batch, packing_of(batch), Module(**kind)), both(batch, Module(**kind), length)
    assert whole.replays is None
    assert kept.agrees
    for at, name in product(whole.states, whole.names):
        torch.testing.assert_close(
            torch.from_numpy(np.array(kept.states[at][name])), torch.from_numpy(np.array(whole.states[at][name]))
        )


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(1, 12), min_size=1, max_size=5),
    st.sampled_from(KINDS),
    st.integers(1, 5),
    st.booleans(),
    st.sampled_from(["float32", "float64"]),
)
def test_every_number_that_is_asked_for_is_that_of_the_first_way(
    lengths: list[int], kind: dict[str, Any], length: int, spoilt: bool, dtype: str
) -> None:
    whole, kept = both(batch_of(lengths, spoilt=spoilt, dtype=dtype), Module(**kind), length)
    equal = np.testing.assert_array_equal
    for (layer, direction), name in product(whole.states, whole.names):
        values = whole.states[layer, direction][name]
        equal(kept.states[layer, direction][name], values)
        sizes = np.abs(values)
        assert kept.limits[layer, direction, name] == np.max(sizes, where=np.isfinite(sizes), initial=0)
        for step in range(whole.steps):
            there = Moment(step, layer, direction)
            equal(kept.state(name, there), whole.state(name, there))
        equal(*(trace.row(name, 0, layer=layer, direction=direction) for trace in (kept, whole)))
    assert kept.final.keys() == whole.final.keys()
    for name, values in whole.final.items():
        equal(kept.final[name], values)


EXPRESSIONS = (
    "absmax(h) > 0.5",
    "isnan(h)",
    "change(h[0, 1])",
    "norm(h)",
    "h[row, 0] > 0",
    "step > 3 and layer == 0",
    "any(change(h) > 0.1)",
    "change(absmax(h)) > 0.01",
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=4),
    st.sampled_from(KINDS),
    st.integers(1, 4),
    st.booleans(),
    st.sampled_from(EXPRESSIONS),
)
def test_what_is_looked_for_is_found_at_the_same_places(
    lengths: list[int], kind: dict[str, Any], length: int, spoilt: bool, text: str
) -> None:
    whole, kept = both(batch_of(lengths, spoilt=spoilt), Module(**kind), length)
    expression = parse(text)
    if expression.truth:
        np.testing.assert_array_equal(truths(expression, kept), truths(expression, whole))
        assert first(expression, kept) == first(expression, whole)
    else:
        np.testing.assert_array_equal(numbers(expression, kept), numbers(expression, whole))
    stop = NotFinite()
    np.testing.assert_array_equal(
        stop.truths(kept.moments, kept.packing, kept), stop.truths(whole.moments, whole.packing, whole)
    )
    assert held_against(kept, whole, "a", "b").comparison.equal


def test_segments_and_rows_are_parts_of_the_whole_run() -> None:
    whole, kept = both(batch_of([12, 5, 9]), Module("GRU", 3, layers=2, directions=2), 4)
    assert kept.replays is not None
    assert kept.spans == ((0, 4), (4, 8), (8, 12))
    segment = kept.replays.segment(1)
    seen = kept.through(segment)
    for direction in (0, 1):
        inside, outside = Moment(5, 1, direction), Moment(9, 1, direction)
        np.testing.assert_array_equal(seen.state("n", inside), whole.state("n", inside))
        assert seen.known(inside).all()
        assert seen.known(outside).tolist() == [False, True, True]  # rows that have ended, or not begun
    held = rows_held(kept.replays, kept.packing, (1, 2))
    with_rows = kept.through(segment, held)
    for row in (1, 2):
        mine, theirs = (trace.row("h", row, layer=1, direction=1) for trace in (with_rows, whole))
        np.testing.assert_array_equal(mine, theirs)
    assert np.isnan(with_rows.row("h", 0)[[0, 1, 2, 3, 8, 9, 10, 11]]).all()
    assert held.nbytes == 2 * 2 * (5 + 9) * 12 * 4
    assert segment.nbytes == sum(array.nbytes for of in segment.states.values() for array in of.values())


def test_a_segment_is_computed_once_while_somebody_reads_on_in_it() -> None:
    _, kept = both(batch_of([12, 12]), Module("RNN", 3), 2)  # six segments
    replays = kept.replays
    assert isinstance(replays, Checkpoints)
    kept_states = sum(part.nbytes for states in replays._entered.values() for state in states for part in state)
    assert replays.nbytes == kept_states + replays._data.nbytes
    one = replays.segment(5)
    assert replays.segment(5) is one
    for number in range(AT_HAND - 1):
        replays.segment(number)
    assert replays.segment(5) is one
    for number in range(AT_HAND):
        replays.segment(number)
    assert replays.segment(5) is not one
    with pytest.raises(Cancelled):
        replays.segment(4, Watch(cancelled=lambda: True))


def test_later_training_of_the_module_does_not_change_a_run_that_is_kept() -> None:
    module = torch.nn.LSTM(2, 4, 2, bidirectional=True)
    batch = batch_of([40, 7, 23], 40)
    whole = trace_module(module, batch)
    with MEMORY.within(26_000):
        kept = trace_module(module, batch)
    assert kept.replays is not None
    assert kept.nbytes < whole.nbytes
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
    np.testing.assert_allclose(kept.states[1, 1]["c"], whole.states[1, 1]["c"], atol=1e-6)
    torch.testing.assert_close(kept.output.data, whole.output.data)
    torch.testing.assert_close(kept.h_n, whole.h_n)
    assert kept.first("absmax(h) > 0.3") == whole.first("absmax(h) > 0.3")


@given(st.lists(st.integers(1, 60), min_size=1, max_size=8), st.integers(1, 64), st.integers(1, 16), st.integers(1, 40))
def test_spans_are_short_fit_and_go_over_all_steps(lengths: list[int], cell: int, carried: int, tenth: int) -> None:
    packing = packing_of(batch_of(lengths, 60))
    limit = packing.size * cell * tenth // 10
    spans = spans_for(packing, cell, carried, limit)
    sizes = packing.batch_sizes
    if spans is None:
        for length in [SHORTEST << n for n in range(5) if SHORTEST << n < packing.longest]:
            parts = [sizes[at : at + length] for at in range(0, packing.longest, length)]
            kept = sum(int(part[0]) for part in parts) * carried
            assert kept + FOR_SEGMENTS * cell * max(int(part.sum()) for part in parts) > limit
        return
    assert [step for span in spans for step in range(*span)] == list(range(packing.longest))
    kept = sum(int(sizes[at]) for at, _ in spans) * carried
    assert kept + FOR_SEGMENTS * cell * max(int(sizes[at:stop].sum()) for at, stop in spans) <= limit


def test_where_not_even_checkpoints_fit_it_is_said() -> None:
    batch = batch_of([2] * 10, 2)
    with MEMORY.within(1000), pytest.raises(BatchError, match="and checkpoints of it more than the 1000 B allowed"):
        run(batch, packing_of(batch), Module("LSTM", 4))
