"""Marks are the same after they were written; what another version knows is left out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import BatchError
from packviz.core.expressions.parse import parse, parse_truth
from packviz.core.moments import Moment
from packviz.core.saved import Marks
from packviz.core.stop_list import Stops
from packviz.core.stops import USUAL, AtStep, Stop, Where
from packviz.files.kept.marks import marks_facts, marks_of

stop = st.one_of(
    st.builds(AtStep, st.integers(0, 99)),
    st.sampled_from(USUAL),
    st.sampled_from(["h > 5", "any(isnan(c))", "absmax(h) >= 1e-3"]).map(lambda said: Where(parse_truth(said))),
)


@st.composite
def marks(draw: st.DrawFn) -> Marks:
    some = draw(st.lists(stop, max_size=5))
    stops = Stops(tuple(some))
    for one in some:
        stops = stops.starting(one, draw(st.integers(1, 5)))
        stops = stops.switched(one) if draw(st.booleans()) else stops
    watches = draw(st.lists(st.sampled_from(["h[2, 7]", "norm(c)", "step"]), max_size=3, unique=True))
    moment = Moment(draw(st.integers(0, 9)), draw(st.integers(0, 2)), draw(st.integers(0, 1)))
    flags = draw(st.booleans()), draw(st.booleans())
    return Marks(
        stops, tuple(map(parse, watches)), draw(st.text()), flags[0], moment, draw(st.integers(0, 9)), flags[1]
    )


@given(marks())
def test_marks_are_the_same_after_they_were_written(some: Marks) -> None:
    again = marks_of(json.loads(json.dumps(marks_facts(some))))
    assert again == some
    assert [str(watch) for watch in again.watches] == [str(watch) for watch in some.watches]


def test_what_another_version_knows_is_left_out() -> None:
    facts = marks_facts(Marks(Stops((AtStep(3),)), (parse("h"),)))
    facts["stops"] += [{"stop": {"kind": "full-moon"}, "on": True, "from": 1}]
    facts["stops"] += [{"stop": {"kind": "where", "expression": "h >>> 5"}, "on": True, "from": 1}]
    facts["watches"] += ["moon(h)"]
    assert marks_of(facts) == Marks(Stops((AtStep(3),)), (parse("h"),))


@pytest.mark.parametrize("odd", [{"row": -1}, {"moment": [1]}, {"stops": [3]}, {"notes": None}, {"stepped": 1}])
def test_what_is_none_is_refused(odd: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError, KeyError)):
        marks_of(marks_facts(Marks()) | odd)


def test_a_kind_of_stop_of_somebody_else_is_not_written() -> None:
    class Mine(Stop):
        kind = "mine"

        def truths(self, moments: Any, packing: Any, trace: Any) -> Any:
            raise NotImplementedError

    with pytest.raises(BatchError, match="a breakpoint of the kind 'mine' can't be saved"):
        marks_facts(Marks(Stops((Mine(),))))
