"""A run that is kept as checkpoints in the scene: what is at hand is shown, what is not is never made up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from packviz.core.batch import Call, make_batch
from packviz.core.cancel import UNWATCHED
from packviz.core.module import Module
from packviz.core.moments import Moment
from packviz.core.trace import Trace
from packviz.session import actions as act
from packviz.session.cursor import Block, Place
from packviz.session.others import OtherWeights
from packviz.session.requests import TorchInfo
from packviz.session.runs import AheadRequest, ReplayRequest, RowsRequest, SearchRequest
from packviz.session.scene.grids import DATA, VOID
from packviz.session.scene.lines import lines_of
from packviz.session.scene.resolve import resolve
from packviz.session.scene.trace_grids import RowGrid, StatesGrid
from packviz.session.scene.two_runs import DifferenceGrid
from packviz.session.selectors import segment_of, trace_of
from packviz.session.state import State, showing
from packviz.session.updates.update import update
from packviz.session.work import wanted
from packviz.torch_side.stepping import trace as stepping
from tests.session.test_other_runs import worked

X = np.random.default_rng(0).normal(size=(3, 12, 2)).astype(np.float32)
BATCH = make_batch(X, [12, 5, 9], Call(True, False))
SPEC = Module("GRU", 3, layers=2, directions=2)
ROWS = np.arange(3)


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> State:
    """Once the run is there, kept as checkpoints of every fourth step, and nothing of it was computed again."""
    monkeypatch.setattr(stepping, "_spans", lambda *_: ((0, 4), (4, 8), (8, 12)))
    made = showing(BATCH, SPEC, torch=TorchInfo("2.x"))
    request = wanted(made)["trace"]
    return update(made, act.Computed(request, request.do(UNWATCHED)))


def whole(state: State) -> Trace:
    """The same run with all of its states."""
    answer = trace_of(state)
    assert answer is not None
    assert answer.result is not None
    trace = answer.result
    states = {at: {name: np.array(column) for name, column in of.items()} for at, of in trace.states.items()}
    return replace(trace, states=states, replays=None, ends=None, given=None)


def states_grid(state: State) -> StatesGrid:
    grid = resolve(state, None).states.grid
    assert isinstance(grid, StatesGrid)
    return grid


def done(state: State, kind: str) -> State:
    request = wanted(state)[kind]
    return update(state, act.Computed(request, request.do(UNWATCHED)))


def test_until_the_steps_are_computed_again_rows_are_void_and_the_pane_says_so(state: State) -> None:
    at = update(state, act.StepTo(6))
    assert set(wanted(at)) >= {"replay"}
    pane = resolve(at, None).states
    assert pane.subtitle.startswith("computing t4 to t7 again, from the nearest checkpoint…")
    kinds = states_grid(at).kinds(ROWS, np.array([0]))
    assert kinds[:, 0].tolist() == [VOID, DATA, VOID]  # row 1 has ended: its last state is known
    there = done(at, "replay")
    grid = states_grid(there)
    assert (grid.kinds(ROWS, np.array([0])) == DATA).all()
    np.testing.assert_array_equal(grid._values(ROWS, np.arange(3)), whole(state).state("h", 6))
    assert "of checkpoints, one every 4 steps" in resolve(there, None).states.footer
    assert not resolve(there, None).states.subtitle.startswith("computing")


def test_the_steps_to_which_the_walk_comes_next_are_computed_ahead_and_used(state: State) -> None:
    there = done(update(state, act.StepTo(3)), "replay")
    ahead = wanted(there)["ahead"]
    assert isinstance(ahead, AheadRequest)
    assert ahead.number == 1
    assert "replay" not in wanted(there)
    next_ones = update(done(there, "ahead"), act.StepTo(4))
    assert "replay" not in wanted(next_ones)
    answer = segment_of(next_ones)
    assert answer is not None
    assert answer.result is not None
    backward = done(update(there, act.GoToPass(0, 1)), "rows")
    assert "ahead" not in wanted(backward)  # backward the walk ends at t0


def test_the_selected_rows_are_computed_over_all_of_their_steps(state: State) -> None:
    there = done(state, "replay")
    request = wanted(there)["rows"]
    assert request == RowsRequest(request.trace, (0,))  # type: ignore[attr-defined]
    before = resolve(there, None).row.grid
    assert isinstance(before, RowGrid)
    assert before.kinds(np.arange(12), np.array([0]))[:, 0].tolist() == [DATA] * 4 + [VOID] * 8
    line = lines_of(before.trace, "h", 1, (0,), (0, 0))[0]
    assert not line.whole
    assert np.isnan(line.values).tolist() == [False] * 4 + [True] * 8
    row = resolve(done(there, "rows"), None).row.grid
    assert isinstance(row, RowGrid)
    assert (row.kinds(np.arange(12), np.array([0])) == DATA).all()
    np.testing.assert_array_equal(row._values(np.arange(12), np.arange(3)), whole(state).row("h", 0))
    assert lines_of(row.trace, "h", 1, (0,), (0, 0))[0].whole
    both = replace(there, cursor=replace(there.cursor, block=Block((1, 2), 0, 3)))
    assert wanted(both)["rows"].rows == (1, 2)  # type: ignore[attr-defined]


def test_a_number_that_is_not_at_hand_is_told_to_be_computed(state: State) -> None:
    there = done(state, "replay")
    inside = resolve(update(there, act.Hover(Place(0, 2, "h", 1))), None)
    assert inside.status.left.startswith("h[0, 1] = ")
    assert inside.inspector.states is not None
    outside = resolve(update(there, act.Hover(Place(0, 9, "h", 1))), None)
    assert outside.status.left == "h[0, 1] after t9 is being computed again…"
    assert outside.inspector.states is None
    assert "nan" not in outside.inspector.as_text()


def test_stops_are_looked_for_in_all_steps_and_found(state: State) -> None:
    from packviz.core.expressions.parse import parse_truth
    from packviz.core.stops import Where

    found = update(state, act.ToggleStop(Where(parse_truth("step == 10 and absmax(h) > 0"))))
    assert isinstance(wanted(found)["search"], SearchRequest)
    stopped = update(done(found, "search"), act.RunToBreakpoint(1))
    assert stopped.cursor.moment == Moment(10)


def test_two_runs_that_are_kept_as_checkpoints_are_compared(state: State) -> None:
    there = worked(update(state, act.HoldAgainst(OtherWeights())))
    two = resolve(there, None).two
    assert two.found is not None
    assert two.found.comparison.first == (0, 0, 0, 0)
    assert isinstance(two.between.grid, DifferenceGrid)
    assert (two.between.grid.kinds(ROWS, np.array([0])) == DATA).all()
    later = resolve(update(there, act.StepTo(9)), None).two.between.grid
    assert isinstance(later, DifferenceGrid)
    assert later.kinds(ROWS, np.array([0]))[[0]].tolist() == [[VOID]]


def test_stepping_inside_the_steps_that_are_at_hand_asks_for_nothing(state: State) -> None:
    there = worked(state)
    assert not any(isinstance(request, ReplayRequest) for request in wanted(update(there, act.StepBy(1))).values())
    scene = resolve(there, None)
    assert resolve(update(there, act.SetSpeed(3)), scene).states is scene.states
