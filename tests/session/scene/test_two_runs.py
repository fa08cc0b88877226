"""Two runs side by side in the scene: three panes of the same cells, and the words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from packviz.core.batch import Call, make_batch
from packviz.core.look import colour
from packviz.core.module import Module
from packviz.core.moments import Moment
from packviz.session import actions as act
from packviz.session.cursor import Place
from packviz.session.others import BeforeEdit, Kept, OtherWeights, Unpacked
from packviz.session.scene.grids import DATA, NONE, VOID
from packviz.session.scene.numbers import full
from packviz.session.scene.resolve import resolve
from packviz.session.scene.trace_grids import StatesGrid
from packviz.session.scene.two_runs import DifferenceGrid
from packviz.session.state import State
from packviz.session.updates.update import update
from tests.session.test_other_runs import opened, worked

D, C = np.arange(3), np.arange(3)


def grids(state: State) -> tuple[StatesGrid, StatesGrid, DifferenceGrid]:
    two = resolve(state, None).two
    this, that, between = two.this.grid, two.that.grid, two.between.grid
    assert isinstance(this, StatesGrid)
    assert isinstance(that, StatesGrid)
    assert isinstance(between, DifferenceGrid)
    return this, that, between


def test_the_difference_is_that_of_the_two_panes_cell_by_cell() -> None:
    state = worked(opened(act.HoldAgainst(OtherWeights()), act.StepTo(1)))
    this, that, between = grids(state)
    apart = np.abs(this._values(D, C).astype(np.float64) - that._values(D, C))
    np.testing.assert_allclose(between._values(D, C), apart)
    assert this.moment == that.moment == between.moment == Moment(1)
    two = resolve(state, None).two
    assert two.said.startswith("This run against the run of seed 1: differs in rows 0, 1, 2, first after t0")
    assert two.between.subtitle == "rows 0, 1, 2 differ"
    limit = max(this.trace.limit("h"), that.trace.limit("h"))
    assert this.limit("h") == that.limit("h") == limit  # the same number has the same colour in both
    expected = colour.diverging(that._values(D, C), limit, that.theme)
    assert np.array_equal(that.fills(D, C), expected)


def test_gates_are_compared_where_both_compute_them_and_equal_numbers_stay_blank() -> None:
    state = worked(opened(act.HoldAgainst(Unpacked()), act.StepTo(2)))
    _, _, between = grids(state)  # row 1 has ended at t1; unpacked it goes on
    first_gate = between.column("r", 0)
    kinds = between.kinds(D, np.array([0, first_gate]))
    assert kinds.tolist() == [[DATA, DATA], [DATA, VOID], [DATA, DATA]]
    assert between.kinds(np.array([7]), np.array([0])).tolist() == [[NONE]]
    texts = between.texts(D, np.array([0, first_gate]))
    assert [row[0] for row in texts][::2] == ["", ""]
    assert texts[1][0] not in ("", "0.00")
    assert texts[1][1] == ""
    neutral = (*between.theme.rgb("neutral"), 255)
    assert tuple(between.fills(D, C)[0, 0].tolist()) == neutral
    assert tuple(between.fills(D, C)[1, 0].tolist()) != neutral
    assert resolve(state, None).two.differ == {1}


def test_a_difference_that_two_digits_do_not_show_is_still_seen() -> None:
    state = worked(opened(act.HoldAgainst(OtherWeights())))
    _, _, grid = grids(state)
    held = {name: array + np.float32(0.001) for name, array in grid.trace.states[0, 0].items()}
    near = replace(grid.trace, states=grid.trace.states | {(0, 0): held})
    same = DifferenceGrid(grid.trace, grid.moment, grid.rows, grid.theme, other=grid.trace, most=1.0)
    assert same.texts(D, C) == [["", "", ""]] * 3
    assert replace(same, other=near).texts(D, C) == [["≈0", "≈0", "≈0"]] * 3


def test_the_number_under_the_pointer_is_told_of_both() -> None:
    state = worked(opened(act.HoldAgainst(OtherWeights())))
    this, that, _ = grids(state)
    told = resolve(update(state, act.Hover(Place(2, 0, "h", 1))), None).two.pointed
    here, there = this.trace.state("h", 0)[2, 1], that.trace.state("h", 0)[2, 1]
    assert told.startswith(f"h[2, 1] after t0: {full(here)} in this run, {full(there)} in the other, ")
    assert told.endswith(f"{abs(float(here) - float(there)):.2g} apart")
    assert resolve(update(state, act.Hover(Place(2, 0))), None).two.pointed == ""


def test_runs_of_other_modules_stand_side_by_side_without_a_difference() -> None:
    state = worked(opened(act.KeepRun(), act.SetModel(Module("LSTM", 2)), act.HoldAgainst(Kept())))
    two = resolve(state, None).two
    assert isinstance(two.that.grid, StatesGrid)
    assert two.between.grid is None
    assert "can't be compared" in two.said
    assert two.between.empty == two.said


def test_the_other_run_keeps_its_last_step_where_it_has_fewer() -> None:
    state = worked(opened(act.SetLengths([1, 1, 1]), act.SetLengths([4, 4, 4]), act.HoldAgainst(BeforeEdit())))
    state = update(state, act.StepTo(3))
    this, that, _ = grids(state)
    assert np.array_equal(that._values(D, C), that.trace.state("h", 0))
    assert np.array_equal(this._values(D, C), this.trace.state("h", 3))
    backward = update(state, act.GoToPass(0, 1))
    _, that, between = grids(backward)
    assert not that._values(D, C).any()  # at t3 none of its rows has begun: h_0, which is zeros
    assert between.kinds(D, np.array([between.column("z", 0)])).tolist() == [[VOID]] * 3


def test_without_one_nothing_is_shown_and_one_that_is_gone_is_said() -> None:
    assert resolve(opened(), None).two.chosen is None
    gone = resolve(opened(act.HoldAgainst(BeforeEdit())), None).two
    assert gone.said.startswith("Nothing of this batch was edited yet: change its lengths")
    kept = resolve(opened(act.KeepRun(), act.HoldAgainst(Kept())), None).two
    assert kept.said.startswith("The run that is kept is the open one: change the lengths")
    waiting = resolve(opened(act.HoldAgainst(Unpacked())), None).two
    assert waiting.said
    assert waiting.that.empty == waiting.said


def test_the_part_is_made_anew_only_where_it_changes() -> None:
    state = worked(opened(act.HoldAgainst(Unpacked())))
    scene = resolve(state, None)
    assert resolve(update(state, act.SetSpeed(5)), scene).two is scene.two
    assert resolve(update(state, act.StepTo(1)), scene).two is not scene.two


def test_a_batch_that_is_not_stepped_says_why() -> None:
    bad = make_batch(np.ones((2, 3, 1), np.float32), [3, 0], Call(True, False))
    state = worked(update(opened(act.HoldAgainst(Unpacked())), act.Open(bad)))
    assert "not packed" in resolve(state, None).two.said
