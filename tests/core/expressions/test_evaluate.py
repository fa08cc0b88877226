"""Expressions over a run, against plain loops over its moments and rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packviz.core.batch import Call, make_batch
from packviz.core.expressions.evaluate import Place, first, moment_of, numbers, truths
from packviz.core.expressions.parse import ExpressionError, parse
from packviz.core.moments import Moment
from packviz.core.packing import Packing, pack
from packviz.core.trace import Trace
from tests.traces import numbered_trace

Rows = dict[int, np.ndarray]
"""The values of each active row, (units,)."""


def trace_of(lengths: list[int], layers: int, directions: int, spoilt: dict[int, float] | None = None) -> Trace:
    packing = pack(make_batch(np.zeros((len(lengths), max(lengths))), lengths, Call(True, False)))
    assert isinstance(packing, Packing)
    return numbered_trace(packing, layers, directions, spoilt)


class Here:
    """One moment, as a plain loop sees it."""

    def __init__(self, trace: Trace, moment: Moment) -> None:
        self.trace, self.moment = trace, moment
        self.rows = [row for row, length in enumerate(trace.packing.lengths.tolist()) if length > moment.step]

    def state(self, name: str, step: int | None = None) -> Rows:
        at = self.moment.step if step is None else step
        states = self.trace.states[self.moment.layer, self.moment.direction][name]
        lengths = self.trace.packing.lengths
        return {r: states[int(self.trace.packing.index(r, at))] for r in self.rows if 0 <= at < lengths[r]}

    def all(self, name: str) -> np.ndarray:
        return np.concatenate([values.astype(float) for values in self.state(name).values()])

    def changes(self, name: str) -> list[float]:
        before = self.state(name, self.moment.step + (1 if self.moment.direction else -1))
        now = self.state(name)
        return [float(v) for row in before for v in now[row] - before[row]]


def finite(values: np.ndarray) -> np.ndarray:
    return values[~np.isnan(values)]


def at(here: Here, name: str, row: int, unit: int) -> float | None:
    values = here.state(name).get(row)
    return None if values is None else float(values[unit])


TRUTHS: dict[str, Callable[[Here], Any]] = {
    "absmax(h) > 40": lambda m: max(map(abs, finite(m.all("h"))), default=-1) > 40,
    "max(h) > 40 and min(c) < 90": lambda m: finite(m.all("h")).max() > 40 and finite(m.all("c")).min() < 90,
    "isnan(h)": lambda m: np.isnan(m.all("h")).any(),
    "isnan(c) or isinf(g)": lambda m: np.isnan(m.all("c")).any() or np.isinf(m.all("g")).any(),
    "all(isfinite(h))": lambda m: np.isfinite(m.all("h")).all(),
    "not isnan(g)": lambda m: (~np.isnan(m.all("g"))).any(),
    "h[1, 1] > 20": lambda m: (v := at(m, "h", 1, 1)) is not None and v > 20,
    "not h[1, 1] > 20": lambda m: (v := at(m, "h", 1, 1)) is not None and not v > 20,
    "h[1, 1] > 20 or step == 0": lambda m: m.moment.step == 0 or ((v := at(m, "h", 1, 1)) is not None and v > 20),
    "h[-1, 0] > 20": lambda m: (v := at(m, "h", len(m.trace.packing.lengths) - 1, 0)) is not None and v > 20,
    "norm(c[row]) > 60": lambda m: any(math.sqrt(sum(float(x) ** 2 for x in v)) > 60 for v in m.state("c").values()),
    "mean(h) > 25": lambda m: np.mean(m.all("h")) > 25,
    "sum(h[0:1]) > 25": lambda m: 0 in m.state("h") and sum(map(float, m.state("h")[0])) > 25,
    "isnan(h[0:1])": lambda m: 0 in m.state("h") and bool(np.isnan(m.state("h")[0]).any()),
    "std(g) < 5": lambda m: np.std(m.all("g")) < 5,
    "h[:, 1] > 30": lambda m: any(v[1] > 30 for v in m.state("h").values()),
    "c[:, 1:] > h[:, 0] + 30": lambda m: any((m.state("c")[r][1:] > m.state("h")[r][0] + 30).any() for r in m.rows),
    "c - g < 0": lambda m: any((m.state("c")[r] - m.state("g")[r] < 0).any() for r in m.rows),
    "abs(change(h)) > 3": lambda m: any(abs(v) > 3 for v in m.changes("h")),
    "layer == 1 and direction == backward": lambda m: (m.moment.layer, m.moment.direction) == (1, 1),
    "t >= 2 and h > 10": lambda m: m.moment.step >= 2 and bool((m.all("h") > 10).any()),
    "1 < 2": lambda m: True,
    "max(h) / 0 > 1": lambda m: finite(m.all("h")).max() > 0,
}


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(TRUTHS)),
    st.lists(st.integers(1, 4), min_size=2, max_size=5),
    st.integers(1, 2),
    st.integers(1, 2),
    st.dictionaries(st.integers(0, 40), st.sampled_from([math.nan, math.inf, -math.inf, 1e9]), max_size=2),
)
def test_it_is_what_a_loop_over_moments_and_rows_finds(
    text: str, lengths: list[int], layers: int, directions: int, spoilt: dict[int, float]
) -> None:
    trace = trace_of(lengths, layers, directions, spoilt)
    with np.errstate(all="ignore"):
        expected = [bool(TRUTHS[text](Here(trace, moment))) for moment in trace.moments]
        found = truths(parse(text), trace)
    assert found.tolist() == expected
    assert not found.flags.writeable
    place = first(parse(text), trace)
    assert (place is None) == (not any(expected))
    if place is not None:
        assert trace.moments.index_of(moment_of(place)) == expected.index(True)
        assert place.row == -1 or place.row in Here(trace, moment_of(place)).rows


def test_the_first_row_of_a_moment_is_named() -> None:
    trace = trace_of([2, 4, 3], 1, 1)
    # (row, step, unit 1) of h in packed order 1, 2, 0: 1, 3, 5 | 7, 9, 11 | 13, 15 | 17
    assert first(parse("h > 8"), trace) == Place(1, 0)
    assert first(parse("h[1, 1] > 8"), trace) == Place(2, 1)
    assert first(parse("absmax(h) > 8"), trace) == Place(1, -1)
    assert first(parse("h > 1e9"), trace) is None
    both = trace_of([2, 4, 3], 1, 2)
    assert first(parse("direction == backward"), both) == Place(3, -1, 0, 1)
    assert first(parse("direction == backward and isfinite(h)"), both) == Place(3, 1, 0, 1)


def test_a_number_a_moment_is_read_off_and_is_nan_where_there_is_none() -> None:
    trace = trace_of([2, 4, 3], 2, 2)
    for text, number in (
        ("absmax(h)", lambda m: max(abs(m.all("h")))),
        ("norm(c)", lambda m: float(np.linalg.norm(m.all("c")))),
        ("h[0, 1]", lambda m: math.nan if (v := at(m, "h", 0, 1)) is None else v),
        ("change(max(h))", None),
        ("step * 2 + layer", lambda m: m.moment.step * 2 + m.moment.layer),
        ("h[2, 0] > 5", lambda m: float((v := at(m, "h", 2, 0)) is not None and v > 5)),
    ):
        found = numbers(parse(text), trace)
        assert found.shape == (len(trace.moments),)
        if number is not None:
            np.testing.assert_allclose(found, [number(Here(trace, moment)) for moment in trace.moments])
    changes = numbers(parse("change(max(h))"), trace)
    tops = numbers(parse("max(h)"), trace)
    assert np.isnan(changes[:: trace.steps]).all()
    assert changes[1] == tops[1] - tops[0]
    assert changes[trace.steps + 1] == tops[trace.steps + 1] - tops[trace.steps]


def test_a_number_is_no_truth() -> None:
    for ask in (truths, first):
        with pytest.raises(ExpressionError, match="this is a number, but a comparison is expected"):
            ask(parse("absmax(h)"), trace_of([2, 4, 3], 1, 1))
