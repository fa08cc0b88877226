"""The grids of a trace: the states of one row over time, and of all rows after one step."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.cancel import UNWATCHED
from packviz.core.look.colour import DARK
from packviz.core.module import STATES, CellKind, Module
from packviz.core.moments import Moment
from packviz.core.packing import Packing, pack
from packviz.core.trace import Trace
from packviz.session.runs import TraceRequest
from packviz.session.scene.grids import Kind
from packviz.session.scene.numbers import state_text
from packviz.session.scene.trace_grids import RowGrid, StatesGrid, limit_of
from tests.traces import numbered_trace

BATCH = make_batch(np.linspace(-1, 1, 20, dtype=np.float32).reshape(4, 5), [3, 2, 5, 4], Call(True, False))


def traced(batch: Batch = BATCH, cell: CellKind = "LSTM", hidden: int = 3) -> Trace:
    trace = TraceRequest(batch, Module(cell, hidden)).do(UNWATCHED)
    assert isinstance(trace, Trace)
    return trace


def test_a_rows_states_stop_where_the_row_ends() -> None:
    trace = traced()
    grid = RowGrid(trace, "h", 0, DARK, 5)
    d, c = np.arange(7), np.arange(3)
    kinds = grid.kinds(d, c)
    assert (kinds[:3] == Kind.DATA).all()
    assert (kinds[3:5] == Kind.VOID).all()
    assert (kinds[5:] == Kind.NONE).all()
    assert grid.texts(d[:3], c) == [[f"{v:.2f}" for v in row] for row in trace.row("h", 0).tolist()]
    assert [head.text for head in grid.heads([0, 2])] == ["h0", "h2"]


def test_a_row_that_torch_drops_has_no_states() -> None:
    trace = traced(BATCH.with_lengths([3, 2]))
    grid = RowGrid(trace, "h", 3, DARK, 5)
    assert grid.length == 0
    assert (grid.kinds(np.arange(5), np.arange(3)) == Kind.VOID).all()
    assert grid.fills(np.arange(5), np.arange(3)).shape == (5, 3, 4)


@pytest.mark.parametrize("cell", ["LSTM", "GRU", "RNN"])
def test_the_state_pane_shows_every_state_in_turn_rows_in_the_order_of_the_batch(cell: CellKind) -> None:
    trace = traced(cell=cell, hidden=13)
    grid = StatesGrid(trace, Moment(2), 4, DARK)
    texts = np.array(grid.texts(np.arange(grid.down), np.arange(grid.across)))
    kinds = grid.kinds(np.arange(grid.down), np.arange(grid.across))
    covered = np.zeros(grid.across, dtype=bool)
    for index, name in enumerate(STATES[cell]):
        first, stop = grid.block(index)
        covered[first:stop] = True
        values = trace.state(name, 2)
        assert texts[:, first:stop].tolist() == [[f"{v:.2f}" for v in row] for row in values.tolist()]
    assert (kinds[:, covered] == Kind.DATA).all()
    assert (kinds[:, ~covered] == Kind.NONE).all()
    assert (texts[:, ~covered] == "").all()


def test_the_h_of_an_ended_row_is_frozen_at_h_n_and_dimmed() -> None:
    trace = traced()
    d, c = np.array([1]), np.arange(3)  # row 1 ends after t1
    now, later = StatesGrid(trace, Moment(1), 4, DARK), StatesGrid(trace, Moment(4), 4, DARK)
    assert now.texts(d, c) == later.texts(d, c) == [[f"{v:.2f}" for v in trace.final["h_n"][0, 1].tolist()]]
    panel = np.array(DARK.rgb("panel"), dtype=int)
    bright = np.abs(now.fills(d, c)[..., :3].astype(int) - panel).sum()
    dimmed = np.abs(later.fills(d, c)[..., :3].astype(int) - panel).sum()
    assert dimmed < 0.7 * bright


def test_rows_that_torch_drops_have_no_cells_in_the_state_pane() -> None:
    grid = StatesGrid(traced(BATCH.with_lengths([3, 2])), Moment(0), 4, DARK)
    kinds = grid.kinds(np.arange(4), np.arange(3))
    assert (kinds[:2] == Kind.DATA).all()
    assert (kinds[2:] == Kind.NONE).all()


def test_some_cells_are_filled_as_in_the_whole() -> None:
    grid = StatesGrid(traced(hidden=30), Moment(1), 4, DARK)
    d, c = np.array([3, 0]), np.array([185, 5, 31, 32, 95])
    whole = grid.fills(np.arange(grid.down), np.arange(grid.across))
    seen = grid.kinds(d, c) == Kind.DATA
    np.testing.assert_array_equal(grid.fills(d, c)[seen], whole[d][:, c][seen])


def test_gates_are_coloured_up_to_1_and_states_up_to_their_largest() -> None:
    trace = traced()
    largest = np.array([trace.limit("h")])
    assert limit_of(trace, "h") == pytest.approx(float(largest[0]))
    assert limit_of(trace, "i") == 1.0
    linked = {limit_of(trace, name, linked=True) for name in trace.names}
    assert linked == {max(1.0, *(limit_of(trace, name) for name in trace.names))}


def test_with_one_scale_for_all_states_the_same_number_has_the_same_colour() -> None:
    trace = traced()
    apart, linked = StatesGrid(trace, Moment(1), 4, DARK), StatesGrid(trace, Moment(1), 4, DARK, linked=True)
    d, c = np.arange(3), np.arange(linked.across)
    assert not np.array_equal(apart.fills(d, c), linked.fills(d, c))
    row = RowGrid(trace, "h", 0, DARK, 5, linked=True)
    units = np.arange(trace.hidden)
    first, _ = linked.block(trace.names.index("h"))
    np.testing.assert_array_equal(row.fills(np.array([1]), units)[0], linked.fills(np.array([0]), first + units)[0])


def test_a_column_of_the_states_is_a_unit_of_a_state_and_back() -> None:
    grid = StatesGrid(traced(hidden=13), Moment(2), 4, DARK)
    named = [grid.unit(column) for column in range(-1, grid.across + 2)]
    assert [unit for unit in named if unit[1] >= 0] == [
        (name, unit) for name in grid.trace.names for unit in range(grid.trace.hidden)
    ]
    for column in range(grid.across):
        name, unit = grid.unit(column)
        assert grid.column(name, unit) == (column if unit >= 0 else -1)
        assert (grid.kinds(np.array([0]), np.array([column]))[0, 0] == Kind.DATA) == (unit >= 0)
    assert grid.column("h", grid.trace.hidden) == grid.column("q", 0) == -1


def stacked() -> Trace:
    """Two layers in both directions, h of two units (a projection), c and g of three; rows of 2, 3 and 1 steps."""
    packing = pack(make_batch(np.zeros((3, 3)), [2, 3, 1], Call(True, False)))
    assert isinstance(packing, Packing)
    return numbered_trace(packing, 2, 2)


@given(st.integers(0, 2), st.integers(0, 1), st.integers(0, 1))
def test_the_states_of_every_layer_and_direction_are_shown_where_their_names_say(
    step: int, layer: int, direction: int
) -> None:
    trace = stacked()
    grid = StatesGrid(trace, Moment(step, layer, direction), 3, DARK)
    d, c = np.arange(3), np.arange(grid.across)
    texts, kinds = np.array(grid.texts(d, c)), grid.kinds(d, c)
    for name in trace.names:
        values = trace.state(name, step, layer=layer, direction=direction)
        for row in range(3):
            for unit in range(trace.width(name)):
                column = grid.column(name, unit)
                assert grid.unit(column) == (name, unit)
                waits = direction == 1 and step >= trace.packing.lengths[row]
                void = waits and name == "g"
                assert kinds[row, column] == (Kind.VOID if void else Kind.DATA)
                assert void or texts[row, column] == state_text(float(values[row, unit]))
    assert grid.column("h", 2) == -1  # of a projection
    assert grid.active(np.arange(4)).tolist() == [*(trace.packing.lengths > step).tolist(), False]


def test_a_row_over_time_is_that_of_its_layer_and_direction() -> None:
    trace = stacked()
    for layer, direction in trace.states:
        grid = RowGrid(trace, "h", 1, DARK, 3, at=(layer, direction))
        expected = trace.row("h", 1, layer=layer, direction=direction)
        texts = grid.texts(np.arange(3), np.arange(grid.across))
        assert texts == [[state_text(v) for v in row] for row in expected.tolist()]
        assert grid.across == 2
