"""Stepping, breakpoints and playing: the step stays inside the run, and stops where it should."""

from __future__ import annotations

import numpy as np

from packviz.core.batch import Call, make_batch
from packviz.core.expressions.parse import parse
from packviz.core.module import Module
from packviz.core.moments import Moment
from packviz.core.origins import OfState, OfX
from packviz.core.stop_list import Stops
from packviz.core.stops import AtStep, NotFinite, RowEnds, Where
from packviz.session import actions as act
from packviz.session.cursor import Block, Place
from packviz.session.state import State, showing
from packviz.session.updates.stepping import computed_in_turn
from packviz.session.updates.update import update

SAMPLE = make_batch([[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]], [3, 2, 4], Call(True, False))


def test_steps_stop_at_both_ends() -> None:
    state = update(State(), act.Open(SAMPLE))
    assert state.last_step == 3
    assert update(state, act.StepBy(99)).cursor.step == 3
    assert update(state, act.StepTo(-1)).cursor.step == 3
    assert update(update(state, act.StepTo(2)), act.StepBy(-9)).cursor.step == 0


def test_running_stops_at_breakpoints_and_then_at_the_ends() -> None:
    state = update(State(), act.Open(SAMPLE))
    for step in (1, 2):
        state = update(state, act.ToggleBreakpoint(step))
    seen = []
    for direction in (1, 1, 1, 1, -1, -1, -1):
        state = update(state, act.RunToBreakpoint(direction))
        seen.append(state.cursor.step)
    assert seen == [1, 2, 3, 3, 2, 1, 0]


def test_playing_stops_at_a_breakpoint_and_at_the_end_and_then_starts_again() -> None:
    state = update(update(State(), act.Open(SAMPLE)), act.ToggleBreakpoint(2))
    state = update(state, act.TogglePlay())
    seen = []
    while state.play.on:
        state = update(state, act.Tick())
        seen.append(state.cursor.step)
    assert seen == [1, 2]
    state = update(state, act.TogglePlay())
    while state.play.on:
        state = update(state, act.Tick())
    assert state.cursor.step == 3
    again = update(state, act.TogglePlay())
    assert again.play.on
    assert again.cursor.step == 0


def test_the_first_step_is_remembered_until_another_batch_is_opened() -> None:
    state = update(State(), act.Open(SAMPLE))
    assert not state.stepped
    for action in (act.StepBy(-1), act.StepTo(0), act.RunToBreakpoint(-1)):
        assert update(state, action).stepped
    stepped = update(update(state, act.StepBy(1)), act.SetLength(0, 1))
    assert stepped.stepped
    assert not update(stepped, act.Open(SAMPLE)).stepped


def test_run_to_hover_goes_to_the_hovered_step_inside_the_run() -> None:
    state = update(State(), act.Open(SAMPLE))
    for place, step in ((Place(-1, 2), 2), (Place(1, 4), 3)):
        assert update(update(state, act.Hover(place)), act.RunToHover()).cursor.step == step


def test_a_cell_that_is_to_be_shown_is_selected_and_the_steps_of_the_rnn_go_no_further_than_they_do() -> None:
    batch = make_batch(np.ones((3, 6)), [2, 3, 1], Call(True, False))
    state = update(showing(batch), act.Show(1, 5))  # beyond every length
    assert (state.cursor.row, state.cursor.step) == (1, 2)
    assert state.cursor.shown == (Place(1, 5), 1)
    state = update(state, act.Show(2))
    assert (state.cursor.row, state.cursor.step) == (2, 2)
    assert state.cursor.shown == (Place(2, 2), 2)
    assert update(state, act.Show(3, 0)) is state
    empty = State()
    assert update(empty, act.Show(0, 0)) is empty


def test_a_block_is_selected_grows_by_rows_and_goes_with_the_next_selection() -> None:
    state = showing(make_batch(np.ones((5, 6)), [6] * 5, Call(True, False)))
    state = update(state, act.SelectBlock((3, 1, 2, 9), 4, 2))
    assert state.cursor.block == Block((1, 2, 3), 2, 4)
    assert str(state.cursor.block) == "rows 1, 2, 3, t2 to t4"
    assert state.cursor.block.cells == 9
    grown = update(state, act.ToggleRow(0))
    assert grown.cursor.block == Block((0, 1, 2, 3), 2, 4)
    assert update(grown, act.ToggleRow(0)).cursor.block == state.cursor.block
    assert update(state, act.Select(1)).cursor.block is None
    assert update(state, act.StepBy(1)).cursor.block == state.cursor.block
    alone = update(showing(make_batch(np.ones((5, 6)), [6] * 5, Call(True, False))), act.ToggleRow(2))
    assert alone.cursor.block == Block((0, 2), 0, 5)
    assert update(state, act.SelectBlock((7,), 0, 0)) is state
    smaller = make_batch(np.ones((2, 6)), [6] * 2, Call(True, False))
    assert update(state, act.Open(smaller)).cursor.block is None


def stacked() -> State:
    return showing(SAMPLE, Module("GRU", layers=2, directions=2))


def test_steps_walk_all_layers_and_directions_in_torchs_order() -> None:
    state = stacked()
    seen = [state.cursor.moment]
    while state.cursor.moment != state.moments[-1]:
        state = update(state, act.StepBy(1))
        seen.append(state.cursor.moment)
    steps = [*range(4)]
    assert seen == [
        Moment(step, layer, direction)
        for layer in (0, 1)
        for direction in (0, 1)
        for step in (reversed(steps) if direction else steps)
    ]
    for moment in reversed(seen[:-1]):
        state = update(state, act.StepBy(-1))
        assert state.cursor.moment == moment


def test_another_layer_or_direction_is_shown_at_the_same_step() -> None:
    state = update(update(stacked(), act.StepTo(2)), act.GoToPass(1, 1))
    assert state.cursor.moment == Moment(2, 1, 1)
    assert update(state, act.StepTo(-1)).cursor.moment == Moment(3, 1, 1)
    assert update(state, act.GoToPass(7, 0)).cursor.moment == Moment(2, 1, 0)
    back = update(state, act.SetModel(Module("GRU")))
    assert back.cursor.moment == Moment(2)
    assert update(update(State(), act.Open(SAMPLE)), act.GoToPass(1, 1)).cursor.moment == Moment(0)


def test_running_stops_at_a_breakpoint_in_every_layer_and_direction() -> None:
    state = update(stacked(), act.ToggleBreakpoint(1))
    seen = []
    for _ in range(5):
        state = update(state, act.RunToBreakpoint(1))
        seen.append(state.cursor.moment)
    assert seen == [Moment(1, 0, 0), Moment(1, 0, 1), Moment(1, 1, 0), Moment(1, 1, 1), Moment(0, 1, 1)]


def test_running_either_way_and_playing_leave_out_the_hits_before_the_one_that_counts() -> None:
    state = update(update(stacked(), act.ToggleBreakpoint(1)), act.StopFrom(AtStep(1), 3))
    seen = []
    for direction in (1, 1, 1, -1, -1, -1):
        state = update(state, act.RunToBreakpoint(direction))
        seen.append(state.cursor.moment)
    first, second = Moment(1, 1, 0), Moment(1, 1, 1)
    assert seen == [first, second, Moment(0, 1, 1), second, first, Moment(0)]
    state = update(state, act.TogglePlay())
    while state.play.on:
        state = update(state, act.Tick())
    assert state.cursor.moment == first
    every = update(update(state, act.StepBy(-99)), act.StopFrom(AtStep(1), 1))
    assert update(every, act.RunToBreakpoint(1)).cursor.moment == Moment(1)


def test_clearing_the_stops_clears_from_which_hit_on_they_were() -> None:
    state = update(update(stacked(), act.ToggleStop(RowEnds())), act.StopFrom(RowEnds(), 3))
    cleared = update(state, act.ClearStops())
    assert cleared.document is not None
    assert cleared.document.stops == Stops()
    again = update(cleared, act.ToggleStop(RowEnds())).document
    assert again is not None
    assert again.stops.first_hit(RowEnds()) == 1


def test_a_stop_and_a_watch_are_replaced_in_their_places_and_no_edit_is_made() -> None:
    five, six = Where(parse("h > 5")), Where(parse("h > 6"))
    state = stacked()
    for stop in (RowEnds(), five, NotFinite()):
        state = update(state, act.ToggleStop(stop))
    state = update(update(state, act.SwitchStop(five)), act.StopFrom(five, 4))
    for text in ("h", "norm(h)", "absmax(h)"):
        state = update(state, act.ToggleWatch(parse(text)))
    changed = update(update(state, act.ReplaceStop(five, six)), act.ReplaceWatch(parse("norm(h)"), parse("mean(h)")))
    assert changed.document is not None
    assert changed.document.stops == Stops((RowEnds(), six, NotFinite()), frozenset({six}), ((six, 4),))
    assert changed.document.watches == (parse("h"), parse("mean(h)"), parse("absmax(h)"))
    assert changed.history is state.history
    fewer = update(update(changed, act.ReplaceStop(six, RowEnds())), act.ReplaceWatch(parse("h"), parse("mean(h)")))
    assert fewer.document is not None
    assert fewer.document.stops == Stops((RowEnds(), NotFinite()))
    assert fewer.document.watches == (parse("mean(h)"), parse("absmax(h)"))


def test_in_an_empty_window_they_are_changed_for_the_first_batch() -> None:
    state = update(update(State(), act.ToggleStop(RowEnds())), act.StopFrom(RowEnds(), 2))
    state = update(update(state, act.ToggleWatch(parse("h"))), act.ReplaceWatch(parse("h"), parse("c")))
    opened = update(state, act.Open(SAMPLE)).document
    assert opened is not None
    assert opened.stops.from_hit == ((RowEnds(), 2),)
    assert opened.watches == (parse("c"),)


def test_stepping_into_goes_through_the_gates_in_the_order_in_which_they_are_computed() -> None:
    state = update(update(stacked(), act.SetModel(Module("LSTM", 3, directions=2))), act.Select(1))
    seen = []
    for _ in range(14):
        state = update(state, act.StepInto())
        assert state.origin is not None
        assert state.cursor.moment == state.origin.moment
        seen.append((state.origin.name, state.origin.moment))
    assert [name for name, _ in seen[:7]] == [*"ifgoch", "i"]
    assert [moment for _, moment in seen[:6]] == [Moment(0)] * 6
    assert seen[6][1] == Moment(1)
    assert seen[12:] == [
        ("i", Moment(1, 0, 1)),
        ("f", Moment(1, 0, 1)),
    ]  # where row 1 begins backward
    out = update(state, act.StepOut())
    assert out.origin is None
    assert out.cursor.moment == Moment(1, 0, 1)
    asked = update(out, act.AskOrigin(OfState("c", Moment(0), 0, 2)))
    again = update(update(asked, act.Select(2)), act.StepInto())
    assert again.origin == OfState("i", Moment(0), 2, 2)  # the same unit of another row


def test_stepping_out_leaves_the_layer_and_direction() -> None:
    state = update(stacked(), act.StepTo(1))
    seen = []
    for _ in range(5):
        state = update(state, act.StepOut())
        seen.append(state.cursor.moment)
    assert seen == [Moment(3, 0, 1), Moment(0, 1, 0), Moment(3, 1, 1), Moment(0, 1, 1), Moment(0, 1, 1)]
    assert update(State(), act.StepOut()).batch is None
    assert update(State(), act.StepInto()).origin is None
    assert computed_in_turn(("h", "r", "z", "n")) == ("r", "z", "n", "h")
    assert computed_in_turn(("h",)) == ("h",)


def test_asking_where_a_cell_goes_moves_to_where_it_is_read() -> None:
    state = update(stacked(), act.GoToPass(1, 1))
    asked = update(state, act.AskReach(OfX(2, 1, 0)))
    assert asked.reach == OfX(2, 1, 0)
    assert (asked.cursor.row, asked.cursor.moment) == (2, Moment(1, 1, 1))
    assert asked.stepped
    assert update(asked, act.AskReach(OfX(9, 1, 0))) is asked  # there is no such row
    away = update(asked, act.AskReach(None))
    assert away.reach is None
    assert away.cursor == asked.cursor
    assert update(away, act.AskReach(None)) is away
    assert update(State(), act.AskReach(OfX(0, 0, 0))).reach is None
