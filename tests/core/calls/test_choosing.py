"""The calls that are wanted, in the order that is wanted; the worst on top unless another is."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.calls.choosing import (
    COLUMNS,
    FINE,
    Order,
    Which,
    codes_of,
    kept_from,
    nearest_kept,
    places_of,
    rank,
    sites_of,
    worst_kept,
)
from packviz.core.findings import Severity
from packviz.core.noted import NotedCall
from tests.core.test_noted import calls as noted_calls
from tests.recorded import EVAL, TRAIN, call_of

numbered = st.lists(noted_calls, max_size=12).map(
    lambda some: tuple(call._replace(number=place + 1) for place, call in enumerate(some))
)


@given(numbered, st.builds(Order, st.sampled_from(COLUMNS), st.booleans()))
def test_all_calls_are_listed_whatever_the_order(calls: tuple[NotedCall, ...], order: Order) -> None:
    places = places_of(calls, Which(), order)
    assert places.dtype == np.int64
    assert sorted(places.tolist()) == list(range(len(calls)))


@given(numbered)
def test_the_worst_are_on_top_and_equals_in_the_order_of_their_numbers(calls: tuple[NotedCall, ...]) -> None:
    listed = [(rank(calls[place]), place) for place in places_of(calls, Which(), Order()).tolist()]
    assert listed == sorted(listed)
    worst = worst_kept(calls)
    kept = [calls[place] for _, place in listed if calls[place].kept]
    assert worst is (kept[0] if kept else None)


@given(numbered, st.booleans())
def test_equals_keep_the_order_of_their_numbers_the_other_way_round_too(
    calls: tuple[NotedCall, ...], reverse: bool
) -> None:
    listed = places_of(calls, Which(), Order("outcome", reverse)).tolist()
    for one, other in itertools.pairwise(listed):
        if calls[one].error == calls[other].error:
            assert one < other


CALLS = (
    call_of(1),
    call_of(2, kept=False)._replace(findings=(("padding-left", Severity.SILENT), ("padding-left", Severity.NOTE))),
    call_of(3, bad=True),
    call_of(4, site=EVAL)._replace(findings=(("padding-left", Severity.NOTE),)),
    call_of(5, kept=False, site=EVAL)._replace(error="ValueError: no"),
)


@pytest.mark.parametrize(
    ("which", "numbers"),
    [
        (Which(), [3, 5, 2, 4, 1]),
        (Which(site=EVAL), [5, 4]),
        (Which(code="padding-left"), [2, 4]),
        (Which(severity=Severity.ERROR), [3, 5]),
        (Which(TRAIN, "padding-left", Severity.SILENT), [2]),
        (Which(TRAIN, "padding-left", Severity.NOTE), []),
    ],
)
def test_only_the_calls_that_are_wanted_are_listed(which: Which, numbers: list[int]) -> None:
    assert [CALLS[place].number for place in places_of(CALLS, which, Order())] == numbers
    assert which.all is (which == Which())


def test_a_column_asked_for_again_is_turned_round() -> None:
    assert Order().by_column("number") == Order("number")
    assert Order("number").by_column("number") == Order("number", True)
    assert Order("number", True).by_column("number") == Order("number")


def test_the_next_call_is_the_next_one_of_the_list_whose_batch_is_kept() -> None:
    places = places_of(CALLS, Which(), Order())
    assert [_number(kept_from(CALLS, places, number, 1)) for number in (3, 5, 4, 1, None, 99)] == [4, 4, 1, None, 3, 3]
    assert [_number(kept_from(CALLS, places, number, -1)) for number in (1, 4, 3, None)] == [4, 3, None, 1]
    assert kept_from(CALLS, places_of(CALLS, Which(site=EVAL), Order()), 3, 1) is CALLS[3]
    assert kept_from((), places[:0], None, 1) is None


def _number(call: NotedCall | None) -> int | None:
    return None if call is None else call.number


@given(numbered, st.integers(0, 12), st.sets(st.integers(0, 12)))
def test_the_nearest_kept_call_is_none_farther_than_any_other(
    calls: tuple[NotedCall, ...], place: int, some: set[int]
) -> None:
    places = np.array(sorted(one for one in some if one < len(calls)), dtype=np.int64)
    found = nearest_kept(calls, places, place)
    kept = [abs(other - place) for other in places.tolist() if calls[other].kept]
    assert (found is None) == (not kept)
    if found is not None:
        assert found.number - 1 in places
        assert abs(found.number - 1 - place) == min(kept)


def test_sites_and_codes_are_counted() -> None:
    assert sites_of(CALLS) == ((TRAIN, 3), (EVAL, 2))
    assert codes_of(CALLS) == (("length-not-positive", Severity.ERROR, 1), ("padding-left", Severity.SILENT, 2))
    assert rank(CALLS[0]) == FINE
