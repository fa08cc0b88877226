"""Stops of a batch, and the next and the previous one of a walk, against a plain loop over its moments."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.expressions.evaluate import truths
from packviz.core.expressions.parse import parse
from packviz.core.moments import Moment, Moments
from packviz.core.packing import Packing
from packviz.core.stop_list import MOST_HITS, Stops
from packviz.core.stops import ActiveRowsChange, AtStep, NotFinite, RowEnds, Searched, Stop, Truths, Where
from packviz.core.trace import Trace
from tests.core.test_stops import ANY_STOP, LENGTHS, STACKS, packing_of, true_at
from tests.traces import numbered_trace


@given(LENGTHS, STACKS, st.lists(ANY_STOP, max_size=4), st.data())
def test_next_and_previous_are_those_of_a_walk_moment_by_moment(
    lengths: list[int], stack: tuple[int, int], chosen: list[Stop], data: st.DataObject
) -> None:
    packing, moments = packing_of(lengths), Moments(max(lengths), *stack)
    off = data.draw(st.sets(st.sampled_from(chosen))) if chosen else set()
    late = data.draw(st.dictionaries(st.sampled_from(chosen), st.integers(1, 5))) if chosen else {}
    stops = Stops(tuple(chosen), frozenset(off), tuple(late.items()))
    now = moments[data.draw(st.integers(0, len(moments) - 1))]
    met = dict.fromkeys(chosen, 0)
    stopped = []
    for moment in moments:
        here = [stop for stop in met if true_at(stop, moment, lengths)]
        met.update({stop: met[stop] + 1 for stop in here})
        if any(met[stop] >= late.get(stop, 1) for stop in here if stop not in off):
            stopped.append(moment)
    at = moments.index_of(now)
    later = [m for m in stopped if moments.index_of(m) > at]
    earlier = [m for m in stopped if moments.index_of(m) < at]
    assert stops.next(now, moments, packing) == (later[0] if later else None)
    assert stops.previous(now, moments, packing) == (earlier[-1] if earlier else None)
    assert [moments[i] for i in stops.indices(moments, packing)] == stopped


def test_a_walk_without_moments_has_nothing_to_stop_at() -> None:
    stops = Stops((AtStep(0), RowEnds(), ActiveRowsChange(), NotFinite()))
    assert stops.next(Moment(0), Moments(0)) is None
    assert stops.previous(Moment(0), Moments(0)) is None


def test_a_moment_outside_the_walk_counts_as_its_nearest() -> None:
    stops, moments = Stops((AtStep(1),)), Moments(3, 1, 2)
    assert stops.next(Moment(-5, -1, -1), moments) == Moment(1)
    assert stops.previous(Moment(9, 9, 9), moments) == Moment(1)
    assert stops.previous(Moment(0, 9, 9), moments) == Moment(1, 0, 1)


def test_stops_are_put_in_taken_out_and_switched_off() -> None:
    stops = Stops().toggled(AtStep(2)).toggled(RowEnds())
    assert stops == Stops((AtStep(2), RowEnds()))
    assert hash(stops) == hash(Stops((AtStep(2), RowEnds(), AtStep(2))))
    quiet = stops.switched(RowEnds())
    assert (quiet.on, quiet.off) == ((AtStep(2),), {RowEnds()})
    assert quiet.switched(RowEnds()) == stops
    assert quiet.switched(AtStep(7)) is quiet
    assert quiet.toggled(RowEnds()) == Stops((AtStep(2),))
    assert quiet.toggled(RowEnds()).toggled(RowEnds()).on == (AtStep(2), RowEnds())
    assert Stops((), frozenset({RowEnds()})).off == frozenset()


ROW, WHERE = RowEnds(), Where(parse("h > 5"))


EACH = st.sampled_from([AtStep(2), ROW, ActiveRowsChange(), NotFinite(), WHERE, Where(parse("h > 6"))])


SETS = st.builds(
    Stops,
    st.lists(EACH, max_size=5).map(tuple),
    st.frozensets(EACH),
    st.lists(st.tuples(EACH, st.integers(-3, 9)), max_size=6).map(tuple),
)


@given(SETS, EACH, st.integers())
def test_from_which_hit_on_is_kept_of_each_that_is_there_and_of_no_other(stops: Stops, stop: Stop, n: int) -> None:
    assert set(dict(stops.from_hit)) <= set(stops.stops)
    assert all(n > 1 for _, n in stops.from_hit)
    late = stops.starting(stop, n)
    if stop not in stops.stops:
        assert late is stops
    else:
        assert late.first_hit(stop) == max(1, min(n, MOST_HITS))
        assert late.starting(stop, n) is late
        assert late.starting(stop, stops.first_hit(stop)) == stops
        assert late.switched(stop).first_hit(stop) == late.first_hit(stop)
        assert late.toggled(stop).toggled(stop).first_hit(stop) == 1
    for other in {*stops.stops} - {stop}:
        assert late.first_hit(other) == stops.first_hit(other)
        assert late.toggled(stop).first_hit(other) == stops.first_hit(other)
    assert (late.stops, late.off) == (stops.stops, stops.off)
    assert pickle.loads(pickle.dumps(late)) == copy.deepcopy(late) == late
    assert hash(late) == hash(Stops(late.stops, late.off, late.from_hit[::-1]))


def test_stops_that_differ_in_nothing_but_the_hit_differ() -> None:
    assert Stops((ROW,), from_hit=((ROW, 2),)) != Stops((ROW,)) == Stops((ROW,), from_hit=((ROW, 1), (WHERE, 3)))


@given(SETS, EACH, EACH)
def test_one_is_replaced_in_its_place_as_on_or_off_and_from_the_same_hit_on(stops: Stops, old: Stop, new: Stop) -> None:
    changed = stops.replaced(old, new)
    if old not in stops.stops:
        assert changed is stops
    elif new in stops.stops:
        assert changed == (stops if new == old else stops.toggled(old))
    else:
        place = stops.stops.index(old)
        assert changed.stops == (*stops.stops[:place], new, *stops.stops[place + 1 :])
        assert (new in changed.off) == (old in stops.off)
        assert changed.off - {new} == stops.off - {old}
        assert changed.first_hit(new) == stops.first_hit(old)
        assert changed.replaced(new, old) == stops


def test_one_that_is_off_is_off_in_its_new_place() -> None:
    stops = Stops((AtStep(1), WHERE), frozenset({WHERE}), ((WHERE, 3),))
    changed = stops.replaced(WHERE, AtStep(2))
    assert changed == Stops((AtStep(1), AtStep(2)), frozenset({AtStep(2)}), ((AtStep(2), 3),))
    assert stops.replaced(AtStep(1), AtStep(2)).off == {WHERE}


def test_what_was_searched_in_another_walk_is_not_taken_for_this_one() -> None:
    moments, truth = Moments(3), np.ones(5, dtype=bool)
    searched = Searched({AtStep(1): truth}, {}, {})
    assert Stops((AtStep(1),)).indices(moments, searched=searched).tolist() == [1]


def test_one_that_means_the_same_is_written_anew() -> None:
    stops = Stops((AtStep(1), WHERE), frozenset({WHERE}), ((WHERE, 3),))
    changed = stops.replaced(WHERE, Where(parse("h>5.0")))
    assert changed == stops
    assert [str(stop.expression) for stop in changed.stops if isinstance(stop, Where)] == ["h>5.0"]


def test_hits_are_counted_from_the_start_of_the_walk_in_what_was_searched_too() -> None:
    moments, truth = Moments(4, 2), np.array([1, 0, 1, 1, 0, 1, 0, 1], dtype=bool)
    searched = Searched({WHERE: truth}, {}, {})
    for n, expected in ((1, [0, 2, 3, 5, 7]), (2, [2, 3, 5, 7]), (5, [7]), (6, []), (10**30, [])):
        stops = Stops((WHERE,), from_hit=((WHERE, n),))
        assert stops.indices(moments, searched=searched).tolist() == expected
        assert stops.next(moments[3], moments, searched=searched) == (
            moments[next(i for i in expected if i > 3)] if n < 6 else None
        )
    both = Stops((WHERE, AtStep(0)), from_hit=((WHERE, 4),))
    assert both.indices(moments, searched=searched).tolist() == [0, 4, 5, 7]
    assert truth.sum() == 5


@dataclass(frozen=True)
class Counted(Stop):
    """True at step 1 from the length of the packing on; counts how often it is asked."""

    kind: ClassVar[str] = "counted"
    asked: ClassVar[list[int]] = []

    def truths(self, moments: Moments, packing: Packing | None, trace: Trace | None) -> Truths:
        self.asked.append(0)
        return moments.along(np.arange(moments.steps) == (0 if packing is None else packing.rows))


def test_truths_are_asked_for_once_in_a_walk_and_anew_in_another() -> None:
    Counted.asked.clear()
    stops, moments, two, one = Stops((Counted(),)), Moments(4), packing_of([4, 2]), packing_of([4])
    trace = numbered_trace(two)
    for _ in range(5):
        assert stops.next(Moment(0), moments, two) == Moment(2)
        assert stops.previous(Moment(3), Moments(4), two) == Moment(2)
    assert len(Counted.asked) == 1
    assert not stops.indices(moments, two).flags.writeable
    assert stops.next(Moment(0), moments, one) == Moment(1)
    assert stops.next(Moment(0), moments, packing_of([4])) == Moment(1)
    assert stops.next(Moment(0), Moments(4, 1, 2), one) == Moment(1)
    assert stops.next(Moment(0), moments, one, trace) == Moment(1)
    assert len(Counted.asked) == 5


def test_neither_a_packing_nor_a_trace_is_kept_alive_or_taken_for_none() -> None:
    stops, moments, packing = Stops((Counted(),)), Moments(4), packing_of([4, 2])
    trace = numbered_trace(packing)
    assert stops.next(Moment(0), moments, packing, trace) == Moment(2)
    dead = weakref.ref(packing), weakref.ref(trace)
    del packing, trace
    gc.collect()
    assert [ref() for ref in dead] == [None, None]
    assert stops.next(Moment(1), moments) is None


def test_stops_that_have_searched_can_be_copied() -> None:
    stops, packing = Stops((AtStep(2), RowEnds()), frozenset({RowEnds()})), packing_of([4, 2])
    stops.indices(Moments(4), packing)
    assert pickle.loads(pickle.dumps(stops)) == copy.deepcopy(stops) == stops


def test_what_is_stopped_at_next_is_where_an_expression_is_true() -> None:
    trace = numbered_trace(packing_of([3, 5, 2]), 2, 2)
    true_of = np.flatnonzero(truths(WHERE.expression, trace)).tolist()
    assert 0 < len(true_of) < len(trace.moments)
    later = [trace.moments[i] for i in true_of if i > 0]
    assert Stops((WHERE,)).next(trace.moments[0], trace.moments, trace.packing, trace) == later[0]
