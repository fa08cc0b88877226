"""Breakpoints and watches in the scene: how often each is met, and what each watch reads."""

from __future__ import annotations

import numpy as np

from packviz.core.batch import Call, make_batch
from packviz.core.cancel import UNWATCHED
from packviz.core.expressions.parse import parse
from packviz.core.module import Module
from packviz.core.stops import ActiveRowsChange, AtStep, NotFinite, RowEnds, Where
from packviz.session import actions as act
from packviz.session.requests import TorchInfo
from packviz.session.runs import SearchRequest
from packviz.session.scene.resolve import resolve
from packviz.session.scene.stops import NO_VALUE, stop_text
from packviz.session.selectors import search_of
from packviz.session.state import State, showing
from packviz.session.updates.update import update
from packviz.session.work import wanted

X = np.array([[[1.0], [2], [3], [0]], [[4], [5], [0], [0]], [[6], [np.nan], [8], [9]]], dtype=np.float32)
BATCH = make_batch(X, [3, 2, 4], Call(True, False))


def worked(state: State) -> State:
    while requests := wanted(state):
        for request in requests.values():
            state = update(state, act.Computed(request, request.do(UNWATCHED)))
    return state


def opened(*actions: object) -> State:
    state = showing(BATCH, Module("GRU", 3, layers=2, directions=2), torch=TorchInfo("2.x"))
    for action in actions:
        state = update(state, action)  # type: ignore[arg-type]
    return worked(state)


def test_each_breakpoint_says_how_often_it_is_met_up_to_here() -> None:
    stops = (AtStep(1), RowEnds(), NotFinite(), Where(parse("isnan(h)")), Where(parse("isnan(c)")))
    state = opened(*map(act.ToggleStop, stops), act.SwitchStop(AtStep(1)))
    assert isinstance(wanted(update(state, act.ToggleStop(Where(parse("h > 5"))))).get("search"), SearchRequest)
    lines = {line.stop: line for line in resolve(state, None).stops.stops}
    assert list(lines) == list(stops)
    assert not lines[AtStep(1)].on
    assert lines[AtStep(1)].told == "0 of 4"
    assert lines[RowEnds()].told == "0 of 8"
    assert lines[NotFinite()].told == "0 of 4"
    assert lines[Where(parse("isnan(h)"))].told == "0 of 13"
    assert "has no 'c'" in lines[Where(parse("isnan(c)"))].trouble
    state = update(state, act.RunToBreakpoint(1))
    lines = {line.stop: line for line in resolve(state, None).stops.stops}
    assert state.cursor.step == 1
    assert lines[NotFinite()].told == "1 of 4"
    assert lines[NotFinite()].here
    assert lines[RowEnds()].here


def test_a_breakpoint_says_from_which_hit_on_it_is_stopped_at_and_how_it_is_written() -> None:
    where = Where(parse("isnan(h)"))
    state = opened(act.ToggleStop(where), act.ToggleWatch(parse("h[0,1]")), act.StopFrom(where, 3))
    scene = resolve(state, None)
    [line] = scene.stops.stops
    assert (line.first, line.told) == (3, "0 of 13")
    met = update(state, act.RunToBreakpoint(1))
    assert resolve(met, None).stops.stops[0].told == "3 of 13"
    every = resolve(update(state, act.StopFrom(where, 1)), scene)
    assert every.stops.stops[0].first == 1
    changed = update(state, act.ReplaceStop(where, Where(parse("isnan( h )"))))
    changed = update(changed, act.ReplaceWatch(parse("h[0, 1]"), parse("h[ 0, 1 ]")))
    again = resolve(changed, scene).stops
    assert again.stops[0].text == "isnan( h )"
    assert str(again.watches[0].expression) == "h[ 0, 1 ]"
    assert wanted(changed) == {}  # what it means was looked for already
    other = resolve(update(state, act.SetLook(state.look)), scene)
    assert other.stops is scene.stops


def test_a_watch_reads_its_number_its_change_and_its_line() -> None:
    watches = tuple(parse(text) for text in ("h[0, 1]", "isnan(h)", "h[9, 0]"))
    state = opened(*map(act.ToggleWatch, watches), act.StepTo(1))
    grid = resolve(state, None).states.grid
    trace = grid.trace  # type: ignore[union-attr]
    value, nan, missing = resolve(state, None).stops.watches
    now, before = trace.state("h", 1)[0, 1], trace.state("h", 0)[0, 1]
    assert float(value.value) == np.float64(now)
    assert float(value.change) == np.float64(f"{np.float64(now) - np.float64(before):.3g}")
    assert value.numbers[:3].tolist() == trace.row("h", 0)[:, 1].tolist()
    assert np.isnan(value.numbers[3])
    assert (nan.value, nan.numbers.tolist()) == ("true", [0, 1, 1, 1])
    assert "there are 3 rows" in missing.trouble
    back = resolve(update(state, act.GoToPass(1, 1)), None).stops.watches[0]
    assert back.numbers[:3].tolist() == trace.row("h", 0, layer=1, direction=1)[:, 1].tolist()
    assert resolve(update(state, act.ToggleWatch(watches[0])), None).stops.watches[0].expression == watches[1]


def test_what_is_looked_for_goes_along_to_another_batch_and_stays_over_an_undo() -> None:
    state = opened(act.ToggleStop(NotFinite()), act.ToggleStop(AtStep(2)), act.ToggleWatch(parse("absmax(h)")))
    other = update(state, act.Open(BATCH.with_lengths([1, 1, 1])))
    assert other.document is not None
    assert other.document.stops.stops == (NotFinite(),)
    assert other.document.watches == (parse("absmax(h)"),)
    edited = update(update(state, act.SetLength(0, 2)), act.ToggleWatch(parse("norm(h)")))
    undone = update(edited, act.Undo())
    assert undone.document is not None
    assert undone.document.watches == (parse("absmax(h)"), parse("norm(h)"))
    assert update(undone, act.ClearStops()).document.stops.stops == ()  # type: ignore[union-attr]


def test_nothing_is_searched_where_there_is_nothing_to_look_for() -> None:
    assert search_of(opened()) is None
    assert search_of(opened(act.ToggleStop(RowEnds()))) is None
    assert search_of(State()) is None
    assert update(State(), act.ToggleStop(RowEnds())).document is None


def test_every_kind_has_words() -> None:
    stops = (AtStep(3), RowEnds(), ActiveRowsChange(), NotFinite(), Where(parse("h > 1")))
    assert [stop_text(stop) for stop in stops] == [
        "t3",
        "a row ends",
        "the number of active rows changes",
        "the first NaN or infinity of a row",
        "h > 1",
    ]


def test_where_a_watch_has_no_number_it_is_not_said_to_be_nan() -> None:
    """Row 0 ends at step 3, row 2 is NaN from step 1 on, and nothing comes before step 0."""
    texts = ("norm(h[0])", "norm(h[2])", "change(h[0, 0])", "norm(h[0:2])")
    state = opened(*(act.ToggleWatch(parse(text)) for text in texts))

    def values(step: int) -> list[str]:
        return [line.value for line in resolve(update(state, act.StepTo(step)), None).stops.watches]

    assert [value == NO_VALUE for value in values(0)] == [False, False, True, False]
    assert [value == NO_VALUE for value in values(1)] == [False] * 4
    assert [value == NO_VALUE for value in values(3)] == [True, False, True, True]
    assert values(3)[1] == "nan"
