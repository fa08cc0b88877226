"""Two runs, held against each other, moment by moment, against a comparison of every number that a row bears."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.cancel import Cancelled, Watch
from packviz.core.errors import BatchError
from packviz.core.moments import Moment, Moments
from packviz.core.packing import Packing, pack_in_order
from packviz.core.trace import Trace
from packviz.core.two_runs import active_in_both, difference, held_against
from tests.traces import numbered_trace

lengths = st.lists(st.integers(1, 5), min_size=1, max_size=4)


def packing_of(counts: list[int]) -> Packing:
    return pack_in_order(counts, np.argsort(-np.array(counts), kind="stable"), 6)


def borne(trace: Trace, row: int, name: str, moment: Moment) -> np.ndarray | None:
    """What a row bears after a moment, from the definition; None of a gate that it does not compute."""
    length, step = int(trace.packing.lengths[row]), moment.step
    active = step < length
    if name == "g" and not active:
        return None
    own = trace.row(name, row, layer=moment.layer, direction=moment.direction)
    if moment.direction and not active:
        return trace.initial[f"{name}_0"][moment.layer * trace.directions + 1, row]
    return own[min(step, length - 1)]


@given(lengths, st.data(), st.integers(1, 2), st.integers(1, 2))
def test_it_finds_the_rows_and_the_first_moment_at_which_what_they_bear_differs(
    counts: list[int], data: st.DataObject, layers: int, directions: int
) -> None:
    others = data.draw(st.lists(st.integers(1, 5), min_size=len(counts), max_size=len(counts)))
    one = numbered_trace(packing_of(counts), layers, directions)
    spoilt = data.draw(st.dictionaries(st.integers(0, 3 * sum(others) - 1), st.sampled_from([np.nan, 1e9]), max_size=3))
    other = numbered_trace(packing_of(others), layers, directions, spoilt)
    found = held_against(one, other, "a", "b")
    moments = Moments(max(*counts, *others), layers, directions)
    assert found.moments == moments
    expected: list[tuple[Moment, int]] = []
    for number, moment in enumerate(moments):
        largest, rows = 0.0, set()
        for row in range(len(counts)):
            for name in one.names:
                a, b = (borne(trace, row, name, moment) for trace in (one, other))
                if a is None or b is None:
                    continue
                by = np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0, np.abs(a - b))
                by = np.where(np.isnan(by), np.inf, by)
                largest = max(largest, float(by.max()))
                if by.max() > 0:  # the numbers of these traces are whole: they differ by 1 or not at all
                    rows.add(row)
        assert found.rows(moment) == rows
        assert found.apart[number] == largest
        expected += [(moment, row) for row in sorted(rows)]
    comparison = found.comparison
    assert comparison.rows == tuple(sorted({row for _, row in expected}))
    assert comparison.largest == found.apart.max(initial=0)
    if expected:
        moment, row = expected[0]
        assert comparison.first == (moment.step, row, moment.layer, moment.direction)
    else:
        assert comparison.first is None
    assert found.most == np.max(found.apart, where=np.isfinite(found.apart), initial=0)
    assert found.rows(Moment(99)) == frozenset()


def test_along_has_the_steps_in_the_order_of_time_in_either_direction() -> None:
    packing = packing_of([3, 2])
    one = numbered_trace(packing, 1, 2)
    spoilt = numbered_trace(packing, 1, 2, {int(packing.index(0, 2)): 77.0})  # h of row 0 at t2, backward
    found = held_against(one, spoilt, "a", "b")
    assert found.along(0, 0).tolist() == [0, 0, 0]
    assert (found.along(0, 1) > 0).tolist() == [False, False, True]


def test_a_difference_within_the_tolerance_is_none_and_nan_alone_is_infinite() -> None:
    packing = packing_of([2])
    one = numbered_trace(packing)
    near = {name: array * (1 + 1e-9) for name, array in one.states[0, 0].items()}
    near["c"][1, 2] = np.nan
    other = replace(one, states={(0, 0): near})
    assert difference(one, other, "h", Moment(1)).tolist() == [[0, 0]]
    assert difference(one, other, "c", Moment(1)).tolist() == [[0, 0, np.inf]]
    assert held_against(one, other, "a", "b").rows(Moment(0)) == frozenset()


def test_a_row_is_active_in_both_where_it_takes_the_step_in_both() -> None:
    one, other = numbered_trace(packing_of([3, 1])), numbered_trace(packing_of([2, 4]))
    assert [active_in_both(one, other, step).tolist() for step in range(3)] == [
        [True, True], [True, False], [False, False],
    ]  # fmt: skip


def test_runs_that_are_not_alike_are_refused_with_what_is_not() -> None:
    one = numbered_trace(packing_of([3, 1]))
    for other, said in (
        (numbered_trace(packing_of([3])), "rows: 2, the other 1"),
        (numbered_trace(packing_of([3, 1]), 2), "layers × directions: 1 × 1, the other 2 × 1"),
    ):
        with pytest.raises(BatchError, match=said):
            held_against(one, other, "a", "b")


def test_it_can_be_given_up() -> None:
    one = numbered_trace(packing_of([5, 4]))
    with pytest.raises(Cancelled):
        held_against(one, one, "a", "b", watch=Watch(cancelled=lambda: True))
