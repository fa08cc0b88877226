"""A result is read by its shapes, and what changed in it is told by row."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_sequence

from packviz.core.batch import Call, make_batch
from packviz.torch_side.probe_fills import padding_of_batch
from packviz.torch_side.probe_results import differences, how_read, leaves, part_of, read_as, read_by, same_shapes

BATCH = make_batch(np.array([[1.0, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]]), [3, 2, 4], Call(True, False))


@pytest.mark.parametrize(
    ("shape", "batch_first", "leads", "expected"),
    [
        ((3, 5, 6), True, True, (0, 1)),
        ((3, 4, 6), True, True, (0, 1)),
        ((5, 3, 6), False, True, (1, 0)),
        ((5, 3, 6), True, True, (1, 0)),
        ((3, 5, 6), False, True, (0, 1)),
        ((2, 3, 6), True, False, (1, None)),
        ((2, 3, 6), False, False, (1, None)),
        ((3, 2, 6), True, False, (0, None)),
        ((4, 3, 6), True, False, (1, None)),
        ((5, 3, 6), False, False, (1, 0)),
        ((3, 2, 6), True, True, (0, 1)),
        ((3, 6), True, True, (0, None)),
        ((3, 5), True, True, (0, 1)),
        ((5, 3), False, True, (1, 0)),
        ((2, 3), True, False, (1, None)),
        ((3,), True, True, (0, None)),
        ((7,), True, True, (None, None)),
        ((), True, True, (None, None)),
        ((7, 2, 3), True, True, (None, None)),
    ],
)
def test_shapes_are_read_by_the_dimension_of_rows(
    shape: tuple[int, ...], batch_first: bool, leads: bool, expected: tuple[int | None, int | None]
) -> None:
    """B = 3, T = 5, the longest row has 4 steps."""
    assert read_as(shape, 3, frozenset({5, 4}), batch_first, leads) == expected


def test_all_tensors_of_a_result_are_named_where_they_lie() -> None:
    one = torch.zeros(3)
    found = dict(leaves((one, {"a": [one, None]}, np.zeros(2), "text"), "out"))
    assert list(found) == ["out[0]", "out[1]['a'][0]", "out[2]", "out[3]"]
    assert isinstance(found["out[2]"], torch.Tensor)


def test_a_change_is_told_by_row_and_first_step_and_steps_beyond_the_length_do_not_count() -> None:
    out, state = torch.zeros(5, 3, 2), torch.zeros(2, 3, 4)
    parts = [part_of("out", out, 0, BATCH), part_of("h", state, 1, BATCH)]
    new_out, new_state = out.clone(), state.clone()
    new_out[2:, 0] = new_out[2:, 1] = 1
    new_state[1, 2, 3] = 1
    new = [("out", new_out), ("h", new_state)]
    assert same_shapes(parts, new)
    read = read_by("NaN", parts, differences(parts, new), BATCH, padding_of_batch(BATCH))
    assert read.first.tolist() == [[[2, -1, -1]]]
    assert read.final["state"].tolist() == [[[False, False, True]]]


def test_a_packed_result_is_told_in_the_order_of_the_batch() -> None:
    packed = pack_sequence([torch.zeros(3), torch.zeros(2), torch.zeros(4)], enforce_sorted=False)
    part = part_of("out", packed, 0, BATCH)
    changed = packed._replace(data=torch.arange(9).eq(1).float())  # sorted row 1 at t0: row 0 of the batch
    read = read_by("NaN", [part], differences([part], [("out", changed)]), BATCH, padding_of_batch(BATCH))
    assert read.first.tolist() == [[[0, -1, -1]]]
    assert read.final == {}


def test_how_a_result_was_read_is_said_where_it_is_not_plain() -> None:
    assert how_read([part_of("the result", torch.zeros(3, 5), 0, BATCH)], BATCH) == []
    odd = [part_of("the result", torch.zeros(7), 0, BATCH), part_of("the result[1]", torch.zeros(3, 2, 6), 0, BATCH)]
    whole, share = how_read(odd, BATCH)
    assert whole.startswith("The result, (7,), has no dimension of B = 3")
    assert share.startswith("The result[1] has 2 steps, x has 5")
