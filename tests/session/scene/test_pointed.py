"""What the pointer is on, in words: every index and number is torch's or the trace's."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence

import packviz
from packviz.core.batch import Batch, Call, make_batch
from packviz.core.module import STATE_NAMES, Module
from packviz.core.moments import Moment
from packviz.core.packing import pack
from packviz.session.cursor import Cursor, Place
from packviz.session.scene.pointed import bar_text, cell_text, pointed, state_text, what_it_is

ROWS = [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0], [7, 3, 2, 5, 8]]
LENGTHS = [3, 2, 5, 5]
PICTURE = make_batch(ROWS, LENGTHS, Call(True, False), source="picture")
TIME_FIRST = make_batch(np.array(ROWS).T, LENGTHS, Call(False, False))
ROTATED = make_batch(ROWS[:3], [3, 2, 5], Call(True, False))  # whose sorted and unsorted indices differ


def said(batch: Batch, row: int, step: int) -> str:
    return cell_text(batch, pack(batch), Place(row, step))


def test_the_status_line_of_the_picture() -> None:
    assert said(PICTURE, 2, 4) == "x[2, 4] = 0 → data[13] (t4, sorted row 0)"


def test_the_status_line_names_the_cell_as_x_is_indexed() -> None:
    assert said(TIME_FIRST, 2, 4) == "x[4, 2] = 0 → data[13] (t4, sorted row 0)"


@pytest.mark.parametrize("batch", [PICTURE, TIME_FIRST, ROTATED], ids=["batch_first", "time first", "rotated"])
def test_every_status_line_of_a_packed_cell_is_true_in_torch(batch: Batch) -> None:
    packed = pack_padded_sequence(
        torch.tensor(batch.x), torch.tensor(batch.lengths), batch.call.batch_first, enforce_sorted=False
    )
    assert packed.unsorted_indices is not None
    for row, length in enumerate(batch.lengths.tolist()):
        for step in range(length):
            found = re.fullmatch(
                r"x\[(\d+), (\d+)\] = (\d+) → data\[(\d+)\] \(t(\d+), sorted row (\d+)\)", said(batch, row, step)
            )
            assert found is not None
            first, second, value, k, t, rank = map(int, found.groups())
            assert batch.x[first, second] == value == packed.data[k]
            assert t == step
            assert rank == packed.unsorted_indices[row]


@pytest.mark.parametrize(
    ("row", "step", "text"),
    [
        (0, 4, "x[0, 4] = 0 · padding (length 3): not packed"),
        (-1, 3, ""),
        (-1, -1, ""),
        (2, -1, ""),
        (4, 0, ""),
    ],
)
def test_what_is_no_packed_cell_says_what_it_is(row: int, step: int, text: str) -> None:
    assert said(PICTURE, row, step) == text


def test_a_step_that_x_has_not_is_named_with_the_length_that_counts_it() -> None:
    batch = PICTURE.with_lengths([3, 7])
    assert said(batch, 1, 5) == "x[1, 5] does not exist: x has 5 steps, but lengths[1] is 7"
    assert said(batch, 0, 5) == "x[0, 5] does not exist: x has 5 steps"
    assert said(batch, 3, 5) == "x[3, 5] does not exist: x has 5 steps"


def test_a_row_without_a_length_is_said_to_be_dropped() -> None:
    assert said(PICTURE.with_lengths([3, 2]), 3, 0) == "x[3, 0] = 7 · row 3 has no length: torch drops it"


def test_where_torch_packs_nothing_the_cell_is_not_packed() -> None:
    assert said(PICTURE.with_lengths([3, 2, 0, 5]), 0, 0) == "x[0, 0] = 1 · not packed"


def test_the_status_bar_says_what_the_batch_is() -> None:
    left, right = pointed(PICTURE, pack(PICTURE), Cursor(Moment(4), 2)), what_it_is(PICTURE, Module(device="cuda:0"))
    assert left == "x[2, 4] = 0 → data[13] (t4, sorted row 0)"
    assert right == "picture · 4 rows × 5 steps · 25% padding · cuda:0 · int64"
    hovered = pointed(PICTURE, pack(PICTURE), Cursor(Moment(4), 2, Place(0, 0)))
    assert hovered.startswith("x[0, 0] = 1")
    assert (pointed(None, None, Cursor()), what_it_is(None, Module())) == ("", "")


def test_an_x_without_rows_is_named_as_it_is() -> None:
    batch = make_batch(np.array([1.0, 2.0, 0.0]), [2])
    left, right = pointed(batch, pack(batch), Cursor(Moment(1))), what_it_is(batch, Module())
    assert left == "x[1] = 2 · not packed"
    assert right == "x · (3,) · cpu · float64"


def test_a_length_that_is_no_number_is_told_as_it_is() -> None:
    batch = make_batch(np.ones((2, 3)), [3, float("nan")], Call(True))
    assert cell_text(batch, pack(batch), Place(1, 0)) == "x[1, 0] = 1 · padding (length nan): not packed"
    meta = make_batch(np.ones((2, 3)), [0, 0], Call(True), lengths_device="meta")
    assert cell_text(meta, pack(meta), Place(1, 0)) == "x[1, 0] = 1 · not packed"


# ---- a state, a bar --------------------------------------------------------------------------------------------------


TRACED = packviz.trace(
    torch.nn.LSTM(1, 3), torch.tensor(ROWS).float()[..., None], LENGTHS, batch_first=True, enforce_sorted=False
)


@pytest.mark.parametrize("name", "hcifgo")
@pytest.mark.parametrize(("row", "step"), [(0, 1), (1, 4), (2, 4)])
def test_a_state_is_named_with_its_value_in_full(name: str, row: int, step: int) -> None:
    told = state_text(TRACED, Place(row, step, name, 2))
    found = re.match(rf"{name}\[{row}, 2\] = (\S+) after t{step} · {STATE_NAMES[name]}, unit 2", told)
    assert found
    assert np.float32(found[1]) == TRACED.state(name, step)[row, 2]
    assert ("row 1 ended at t1, where it got this" in told) == (row == 1)


def test_a_state_of_an_edit_ago_says_of_what_it_is() -> None:
    cursor = Cursor(Moment(0), 0, Place(0, 0, "h", 0))
    assert pointed(PICTURE, pack(PICTURE), cursor, trace=TRACED, of="the last lengths").endswith("of the last lengths")
    assert not pointed(PICTURE, pack(PICTURE), cursor, trace=TRACED).endswith("lengths")
    assert pointed(PICTURE, pack(PICTURE), cursor) == ""


def test_a_row_that_torch_drops_has_no_state() -> None:
    assert state_text(TRACED, Place(4, 0, "h", 0)) == "row 4 has no length: torch drops it"


@pytest.mark.parametrize("step", range(5))
def test_a_bar_is_told_with_the_rows_that_are_active(step: int) -> None:
    sizes = pack_padded_sequence(torch.tensor(ROWS), torch.tensor(LENGTHS), True, False).batch_sizes.tolist()
    active = [str(row) for row, length in enumerate(LENGTHS) if length > step]
    assert bar_text(pack(PICTURE), step) == f"batch_sizes[{step}] = {sizes[step]} · active: rows {', '.join(active)}"


def test_a_bar_beyond_the_last_step_or_of_no_batch_sizes_is_no_bar() -> None:
    assert bar_text(pack(PICTURE), 5) == "t5 · no row is active"
    assert bar_text(None, 3) == "t3"
    assert bar_text(pack(PICTURE), -1) == ""
    long = pack(make_batch(ROWS, [3, 2, 5, 7], Call(True, False)))
    assert bar_text(long, 6) == "batch_sizes[6] = 1 · active: row 3 · x has 5 steps: no data"


def test_of_features_the_one_that_is_shown_is_named_and_the_first_ones_listed() -> None:
    x = np.arange(2 * 3 * 2 * 4, dtype=np.float32).reshape(2, 3, 2, 4) / 3
    batch = make_batch(x, [3, 2], Call(True))
    told = cell_text(batch, pack(batch), Place(1, 1), 6)
    assert told == "x[1, 1, 1, 2] = 12.666667, of [10.67, 11, 11.33, 11.67, 12, 12.33, …] → data[3] (t1, sorted row 1)"
    assert np.float32("12.666667") == x[1, 1, 1, 2]
    one = make_batch(x[..., :1, :1], [3, 2], Call(True))
    assert cell_text(one, pack(one), Place(0, 1)) == "x[0, 1, 0, 0] = 2.6666667 → data[2] (t1, sorted row 0)"


@given(st.floats(width=32, allow_nan=False))
def test_a_value_in_full_reads_back_to_itself(value: float) -> None:
    batch = make_batch(np.full((1, 1), value, np.float32), [1], Call(True))
    told = cell_text(batch, pack(batch), Place(0, 0))
    assert np.float32(told.removeprefix("x[0, 0] = ").split()[0]) == np.float32(value)
