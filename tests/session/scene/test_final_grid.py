"""The grid of the final states: each cell is the number of torch's h_n that stands there, and says where it is from."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.look import colour
from packviz.core.module import Module
from packviz.core.moments import Moment
from packviz.core.origins import OfState
from packviz.core.packing import Packing, pack
from packviz.core.trace import Trace
from packviz.session.scene.final_grid import FinalGrid, FinalNumber, finals_of
from packviz.session.scene.grids import DATA, NONE
from packviz.session.scene.numbers import full
from packviz.torch_side.order import sorted_indices
from packviz.torch_side.stepping.trace import run
from tests.traces import numbered_trace

X = np.random.default_rng(0).normal(size=(3, 5, 2)).astype(np.float32)
LENGTHS = [3, 5, 2]
BATCH = make_batch(X, LENGTHS, Call(True, False))


def packed(batch: Batch) -> Packing:
    packing = pack(batch, sorted_indices(batch.counts))
    assert isinstance(packing, Packing)
    return packing


def grid_of(shown: str = "h_n", layers: int = 2, directions: int = 2, trace: Trace | None = None) -> FinalGrid:
    trace = trace or run(BATCH, packed(BATCH), Module("LSTM", 4, layers=layers, directions=directions))
    return FinalGrid(trace, shown, 3, colour.DARK)


def test_its_cells_are_what_torch_returns_slot_after_slot() -> None:
    torch.manual_seed(0)
    lstm = torch.nn.LSTM(2, 4, 2, batch_first=True, bidirectional=True)
    with torch.inference_mode():
        _, finals = lstm(pack_padded_sequence(torch.from_numpy(X), torch.tensor(LENGTHS), True, False))
    for shown, expected in zip(("h_n", "c_n"), finals, strict=True):
        grid = grid_of(shown)
        assert (grid.slots, grid.down, grid.across) == (4, 3, 4 * 4 + 3)
        rows, columns = np.arange(3), np.arange(grid.across)
        values, kinds = grid._sampled(rows, columns), grid.kinds(rows, columns)
        seen = 0
        for row in rows.tolist():
            for column in columns.tolist():
                number = grid.number(row, column)
                assert (kinds[row, column] == DATA) == (number is not None)
                if number is None:
                    assert kinds[row, column] == NONE
                    continue
                seen += 1
                assert values[row, column] == np.float32(expected[number].item())
                assert grid.column(number) == column
        assert seen == expected.numel()
        assert grid.limit >= float(expected.abs().max())


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=5),
    st.integers(1, 3),
    st.integers(1, 2),
    st.sampled_from(["h_n", "c_n"]),
    st.data(),
)
def test_every_number_says_the_moment_that_has_it(
    lengths: list[int], layers: int, directions: int, shown: str, data: st.DataObject
) -> None:
    batch = make_batch(np.zeros((len(lengths), 5)), lengths, Call(True, False))
    trace = numbered_trace(packed(batch), layers, directions)  # in which all numbers are different
    grid = FinalGrid(trace, shown, len(lengths), colour.LIGHT)
    row, column = data.draw(st.integers(-1, len(lengths))), data.draw(st.integers(-1, grid.across))
    number = grid.number(row, column)
    if number is None:
        return
    of = grid.of(number)
    value = trace.state(of.name, of.moment)[row, number.unit]
    assert value == trace.final[shown][number]
    assert of == OfState(shown[0], of.moment, row, number.unit)
    assert grid.slot_of(of.moment.layer, of.moment.direction) == number.slot
    first, stop = grid.block(number.slot)
    assert first <= column < stop


def test_the_way_of_a_number_is_told_in_one_line() -> None:
    grid = grid_of()
    backward, forward = FinalNumber(1, 2, 3), FinalNumber(2, 1, 0)
    assert (grid.moment(backward), grid.moment(forward)) == (Moment(0, 0, 1), Moment(4, 1, 0))
    k = grid.trace.packing.index(2, 0)
    value = full(grid.values[1, 2, 3])
    said = f"h_n[1, 2, 3] = {value} · layer 0 ←, after t0 of row 2 = data[{k}] = x[2, 0]"
    assert grid.told(backward, BATCH) == said
    assert grid.told(forward, BATCH).endswith(
        f" · layer 1 →, after t4 of row 1 = data[{grid.trace.packing.index(1, 4)}] = x[1, 4]"
    )
    time_first = make_batch(X.swapaxes(0, 1).copy(), LENGTHS, Call(False, False))
    assert grid.told(forward, time_first).endswith(" = x[4, 1]")
    assert " · layer 0, after t1 of row 2 = data" in grid_of(directions=1).told(FinalNumber(0, 2, 0), BATCH)


def test_a_row_that_torch_drops_has_none() -> None:
    batch = make_batch(X, [3, 5], Call(True, False))
    grid = FinalGrid(run(batch, packed(batch), Module("GRU", 4)), "h_n", 3, colour.DARK)
    assert grid.number(2, 0) is None
    assert grid.kinds(np.arange(3), np.array([0])).tolist() == [[DATA], [DATA], [NONE]]
    assert grid.texts(np.array([2]), np.array([0])) == [[""]]
    assert grid.slot_of(0, 1) == -1


def test_its_colours_and_texts_are_those_of_its_numbers() -> None:
    grid = grid_of()
    d, c = np.array([0, 2]), np.array([0, 4, 5])  # a column between two slots
    values = grid._sampled(d, c)
    assert np.array_equal(grid.fills(d, c), colour.diverging(values, grid.limit, colour.DARK))
    texts: Any = grid.texts(d, c)
    assert [row[1] for row in texts] == ["", ""]
    assert texts[0][0] == f"{values[0, 0]:.2f}"
    assert (grid.notes(d, c), len(grid.heads([0, 1]))) == (None, 2)


def test_what_there_is_to_choose_from() -> None:
    assert finals_of(None) == ()
    assert finals_of(run(BATCH, packed(BATCH), Module("GRU", 2))) == ("h_n",)
    assert finals_of(grid_of().trace) == ("h_n", "c_n")
