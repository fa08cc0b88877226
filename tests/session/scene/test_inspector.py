"""What the inspector shows is what x and the trace hold, digit by digit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import Call, make_batch
from packviz.session import actions as act
from packviz.session.cursor import Place
from packviz.session.scene.inspector import Table, inspected
from packviz.session.scene.resolve import resolve
from packviz.session.state import State
from packviz.session.updates.update import update
from tests.session.scene.test_resolve import PICTURE, opened

WIDE = make_batch(
    np.random.default_rng(0).standard_normal((3, 4, 2, 2), dtype=np.float32), [4, 2, 3], Call(True, False)
)


def seen(state: State) -> Any:
    return resolve(state, None).inspector


def test_it_is_on_the_current_cell_then_on_the_one_under_the_pointer_and_stays_where_it_is_pinned() -> None:
    state = update(opened(), act.Select(2, 1))
    assert seen(state).place == Place(2, 1)
    state = update(state, act.Hover(Place(1, 0, "h", 2)))
    assert seen(state).place == Place(1, 0, "h", 2)
    assert seen(state).lines[0].startswith("h[1, 2] = ")
    assert seen(update(state, act.Hover(Place(-1, 0)))).place == Place(2, 1)  # a bar has no row
    pinned = update(update(state, act.Pin()), act.Hover(None))
    assert (seen(pinned).place, seen(pinned).pinned) == (Place(1, 0, "h", 2), True)
    assert seen(update(pinned, act.Pin())).place == Place(2, 1)
    assert update(State(), act.Pin()).cursor.pinned is None
    assert update(pinned, act.Open(WIDE)).cursor.pinned is None


@pytest.mark.parametrize("batch", [PICTURE, WIDE], ids=["one feature", "four"])
@pytest.mark.parametrize(("row", "step"), [(0, 1), (1, 3), (2, 2)])
def test_every_number_is_the_one_of_x_and_of_the_trace(batch: Any, row: int, step: int) -> None:
    state = update(update(opened(batch), act.Select(row, step)), act.StepTo(step))
    shown = seen(state)
    trace = resolve(state, None).states.grid.trace
    assert shown.states.names == trace.names
    for column, name in enumerate(trace.names):
        expected = trace.state(name, step)[row]
        assert [np.float32(shown.states.text(unit, column)) for unit in range(len(shown.states))] == expected.tolist()
    if batch is PICTURE:
        assert shown.features is None
    else:
        assert [np.float32(shown.features.text(i, 0)) for i in range(4)] == batch.x[row, step].reshape(-1).tolist()
    ended = step >= batch.counts[row]
    assert shown.states_title == f"After t{step}" + (f": row {row} ended at t{batch.counts[row] - 1}" if ended else "")


def test_the_row_is_told_in_numbers() -> None:
    x = np.array([[1, 2, 6, 9], [np.nan, np.inf, 3, 0], [5, 0, 0, 0]], np.float32)
    batch = make_batch(x, [3, 3, 0], Call(True, False))
    told = [seen(update(update(State(), act.Open(batch)), act.Select(row, 0))).lines[-1] for row in range(3)]
    assert told[0] == "row 0, 3 steps: min 1, max 6, mean 3"
    assert told[1] == "row 1, 3 steps: min 3, max 3, mean 3, 1 NaN, 1 infinite"
    assert told[2] == "row 2, 0 steps"


def test_of_features_the_row_is_told_of_the_one_that_is_shown() -> None:
    state = update(State(), act.Open(WIDE))
    state = update(state, act.SetLook(replace(state.look, feature=3)))
    values = WIDE.x[0, :4, 1, 1]
    assert (
        seen(state).lines[-1].startswith(f"row 0, 4 steps, feature 3: min {values.min():.2f}, max {values.max():.2f}")
    )


def test_states_of_an_edit_ago_say_of_what_they_are() -> None:
    state = update(opened(), act.SetLength(0, 2))
    assert seen(state).states_title.endswith("of the last lengths")


def test_an_empty_window_and_a_cell_that_is_not_there_have_nothing_to_show() -> None:
    nothing = seen(State())
    assert (nothing.lines, nothing.features, nothing.states, nothing.as_text()) == ((), None, None, "")
    far = seen(update(update(State(), act.Open(PICTURE)), act.Hover(Place(1, 99))))
    assert far.lines == ("x[1, 99] does not exist: x has 5 steps",)


def test_all_of_it_is_copied_with_its_numbers_between_tabs() -> None:
    state = update(opened(WIDE), act.Select(1, 0))
    said, features, states = seen(state).as_text().split("\n\n")
    assert said.startswith("x[1, 0, 0, 0] = ")
    assert features.splitlines()[0] == "feature\tx"
    rows = [line.split("\t") for line in states.splitlines()]
    assert rows[0] == ["unit", "h", "c", "i", "f", "g", "o"]
    assert np.float32(rows[3][2]) == resolve(state, None).states.grid.trace.state("c", 0)[1, 2]


@given(st.lists(st.floats(width=32), min_size=1, max_size=5))
def test_a_number_in_a_table_reads_back_to_itself(values: list[float]) -> None:
    table = Table("unit", ("h",), (np.array(values, np.float32),))
    read = np.array([float(table.text(row, 0)) for row in range(len(table))], np.float32)
    np.testing.assert_array_equal(read, np.array(values, np.float32))


def test_it_is_made_anew_only_where_something_of_it_has_changed() -> None:
    state = opened()
    scene = resolve(state, None)
    assert resolve(update(state, act.Say(None)), scene).inspector is scene.inspector
    assert resolve(update(state, act.StepBy(1)), scene).inspector is not scene.inspector
    assert inspected(*scene.made_from["inspector"][0]).place == scene.inspector.place
