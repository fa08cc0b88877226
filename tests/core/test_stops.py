"""Each kind of stop against a plain loop over the moments of a walk."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.expressions.evaluate import truths
from packviz.core.expressions.parse import parse
from packviz.core.moments import Moment, Moments
from packviz.core.packing import Packing, pack_in_order, stable_order
from packviz.core.stops import (
    ActiveRowsChange,
    AtStep,
    NotFinite,
    RowEnds,
    Stop,
    Where,
)
from tests.traces import numbered_trace

PACKING = pack_in_order([3, 5, 2], stable_order([3, 5, 2]), 5)

LENGTHS = st.lists(st.integers(1, 7), min_size=1, max_size=6)
STACKS = st.tuples(st.integers(1, 3), st.integers(1, 2))
ANY_STOP = st.one_of(st.builds(AtStep, st.integers(-3, 9)), st.builds(RowEnds), st.builds(ActiveRowsChange))


def packing_of(lengths: list[int]) -> Packing:
    return pack_in_order(lengths, stable_order(lengths), max(lengths))


def true_at(stop: Stop, moment: Moment, lengths: list[int]) -> bool:
    """The same in words: of one moment, from the lengths alone."""
    step, _, backward = moment
    active = [sum(length > t for length in lengths) for t in range(max(lengths) + 1)]
    match stop:
        case AtStep(there):
            return step == there
        case RowEnds():
            return step == 0 if backward else step + 1 in lengths
        case ActiveRowsChange():
            before = step + 1 if backward else step - 1
            return 0 <= before < max(lengths) and active[step] != active[before]
    raise AssertionError(stop)


@given(LENGTHS, STACKS, ANY_STOP)
def test_a_stop_is_true_where_a_loop_over_the_moments_says_so(
    lengths: list[int], stack: tuple[int, int], stop: Stop
) -> None:
    packing, moments = packing_of(lengths), Moments(max(lengths), *stack)
    truths = stop.truths(moments, packing, None)
    assert truths.tolist() == [true_at(stop, moment, lengths) for moment in moments]
    assert truths.dtype == bool
    assert not truths.flags.writeable


@given(LENGTHS, STACKS, st.data())
def test_what_is_not_finite_is_stopped_at_where_it_begins(
    lengths: list[int], stack: tuple[int, int], data: st.DataObject
) -> None:
    packing = packing_of(lengths)
    spoilt = data.draw(st.dictionaries(st.integers(0, 3 * packing.size), st.sampled_from([np.nan, np.inf, -np.inf])))
    trace = numbered_trace(packing, *stack, spoilt=spoilt)
    truths = NotFinite().truths(trace.moments, packing, trace)
    for moment, said in zip(trace.moments, truths.tolist(), strict=True):
        step, layer, direction = moment
        begins = False
        for row, length in enumerate(lengths):
            bad = [
                any(not np.isfinite(trace.row(name, row, layer=layer, direction=direction)[t]).all() for name in "hcg")
                for t in range(length)
            ]
            before = step + 1 if direction else step - 1
            begins |= step < length and bad[step] and not (0 <= before < length and bad[before])
        assert said == begins
    assert not truths.flags.writeable


def test_a_stop_that_lacks_what_it_needs_is_nowhere_true() -> None:
    moments = Moments(4, 2, 2)
    for stop in (RowEnds(), ActiveRowsChange(), NotFinite(), AtStep(4), AtStep(-1)):
        assert not stop.truths(moments, None, None).any()
        assert len(stop.truths(moments, None, None)) == len(moments)
    other = numbered_trace(packing_of([2, 3]), spoilt={0: np.nan})
    assert NotFinite().truths(other.moments, None, other).any()
    assert not NotFinite().truths(moments, None, other).any()


def test_lengths_that_x_has_no_steps_for_end_where_they_are_beyond_it() -> None:
    packing = pack_in_order([6, 2], [0, 1], 4)
    assert RowEnds().truths(Moments(4), packing, None).tolist() == [False, True, False, False]
    assert ActiveRowsChange().truths(Moments(4), packing, None).tolist() == [False, False, True, False]
    assert RowEnds().truths(Moments(8), packing, None).tolist() == [
        *[False, True, False, False, False, True],
        *[False] * 2,
    ]


def test_stops_of_different_kinds_differ() -> None:
    kinds = (AtStep(0), AtStep(1), RowEnds(), ActiveRowsChange(), NotFinite())
    assert len(set(kinds)) == 5
    assert len({stop.kind for stop in kinds}) == 4
    with pytest.raises(TypeError, match="abstract"):
        Stop()  # type: ignore[abstract]


@pytest.mark.parametrize("text", ["h > 20", "absmax(h) > 30 and layer == 1", "h[1, 0] > 5", "isnan(h)"])
def test_a_stop_where_an_expression_is_true_is_true_where_it_is(text: str) -> None:
    trace, expression = numbered_trace(PACKING, 2, 2), parse(text)
    stop = Where(expression)
    expected = truths(expression, trace)
    assert stop.truths(trace.moments, trace.packing, trace).tolist() == expected.tolist()
    assert stop == Where(parse(text))
    assert not stop.truths(trace.moments, PACKING, None).any()
    assert not stop.truths(Moments(99), PACKING, trace).any()
    assert stop.trouble(trace) == ""


def test_a_stop_about_a_state_that_there_is_not_is_true_nowhere_and_says_why() -> None:
    trace, stop = numbered_trace(PACKING), Where(parse("isnan(z)"))
    assert not stop.truths(trace.moments, PACKING, trace).any()
    assert "has no 'z'" in stop.trouble(trace)
