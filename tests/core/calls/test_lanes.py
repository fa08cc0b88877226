"""All calls at a glance: however few columns there are, nothing that is bad vanishes in them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.calls.choosing import FINE, rank
from packviz.core.calls.lanes import LARGEST, bin_at, binned, lanes_of, worst_in
from packviz.core.noted import NotedCall
from tests.core.test_noted import calls as noted_calls
from tests.recorded import call_of

some_calls = st.lists(noted_calls, max_size=30)
columns = st.integers(-1, 40)


def everywhere(calls: list[NotedCall]) -> np.ndarray:  # type: ignore[type-arg]
    return np.arange(len(calls), dtype=np.int64)


@given(some_calls, columns)
def test_every_call_is_in_one_column_and_the_columns_are_in_order(calls: list[NotedCall], columns: int) -> None:
    bins = binned(lanes_of(calls, everywhere(calls)), columns)
    spans = list(zip(bins.first.tolist(), bins.stop.tolist(), strict=True))
    assert [place for first, stop in spans for place in range(first, stop)] == list(range(len(calls)))
    assert len(bins) <= max(1, columns)
    assert all(first < stop for first, stop in spans)
    for place in range(len(calls)):
        first, stop = spans[bin_at(bins, place)]
        assert first <= place < stop
    assert bin_at(bins, len(calls)) == bin_at(bins, -1) == -1


def test_a_call_whose_lengths_could_not_be_told_leaves_a_gap() -> None:
    calls = [call_of(1), call_of(2)._replace(total=0, shortest=0, longest=0), call_of(3)]
    lanes = lanes_of(calls, everywhere(calls))
    for lane in (lanes.shortest, lanes.longest, lanes.total, lanes.padding):
        assert np.isnan(lane).tolist() == [False, True, False]


@given(some_calls, columns)
def test_a_column_has_the_least_the_most_and_the_worst_of_its_calls(calls: list[NotedCall], columns: int) -> None:
    lanes = lanes_of(calls, everywhere(calls))
    bins = binned(lanes, columns)
    for column, (first, stop) in enumerate(zip(bins.first, bins.stop, strict=True)):
        inside = calls[first:stop]
        assert bins.ranks[column] == min(map(rank, inside))
        assert bins.kept[column] == any(call.kept for call in inside)
        known = [call for call in inside if call.measured]
        told = (bins.shortest[column], bins.longest[column], *bins.total[column], *bins.padding[column])
        if not known:
            assert np.isnan((*told, *bins.usual[column])).all()
            continue
        totals, shares = [call.total for call in known], [call.padding for call in known]
        shortest, longest = min(call.shortest for call in known), max(call.longest for call in known)
        assert told == (shortest, longest, min(totals), max(totals), min(shares), max(shares))
        usual = [np.mean([float(call.shortest) for call in known]), np.mean([float(call.longest) for call in known])]
        np.testing.assert_allclose(bins.usual[column], usual)
        worst = worst_in(lanes, bins, column)
        assert first <= worst < stop
        assert rank(calls[worst]) == bins.ranks[column]


def test_one_bad_call_of_ten_thousand_is_seen_in_three_columns() -> None:
    calls = [call_of(1, kept=False)] * 10_000
    calls[7231] = call_of(7232, bad=True)
    lanes = lanes_of(calls, everywhere(calls))
    bins = binned(lanes, 3)
    assert bins.ranks.tolist() == [FINE, FINE, 0]
    assert bins.shortest.tolist() == [2.0, 2.0, 0.0]
    assert worst_in(lanes, bins, 2) == 7231


def test_of_equally_bad_ones_the_one_that_is_kept_is_meant() -> None:
    calls = [call_of(1, kept=False, bad=True), call_of(2, bad=True), call_of(3)]
    calls[0] = calls[0]._replace(reason="")
    lanes = lanes_of(calls, everywhere(calls))
    assert worst_in(lanes, binned(lanes, 1), 0) == 1


def test_lanes_are_in_the_order_of_numbers_whatever_the_order_of_the_list() -> None:
    calls = [call_of(n)._replace(total=n) for n in range(1, 6)]
    lanes = lanes_of(calls, np.array([4, 1, 3]))
    assert (lanes.places.tolist(), lanes.total.tolist()) == ([1, 3, 4], [2.0, 4.0, 5.0])


@pytest.mark.parametrize("huge", [10**400, -(10**400)])
def test_numbers_of_a_damaged_file_are_cut_and_not_wrapped(huge: int) -> None:
    lanes = lanes_of([call_of(1)._replace(total=huge)], np.array([0]))
    assert abs(lanes.total[0]) == LARGEST


def test_nothing_in_it_can_be_written_to() -> None:
    lanes = lanes_of([call_of(1)], np.array([0]))
    with pytest.raises(ValueError, match="read-only"):
        lanes.total[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        binned(lanes, 4).ranks[0] = 0
