"""A result is taken apart into tensors, and what changed in it is told by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_sequence

from packviz.core.batch import Call, make_batch
from packviz.core.probing import Reads
from packviz.torch_side.probe.axes import Reading
from packviz.torch_side.probe.fills import padding_of_batch
from packviz.torch_side.probe.results import (
    EITHER,
    Part,
    differences,
    how_read,
    leaves,
    parts_of,
    read_by,
    refused,
    same_shapes,
    tensors_of,
)

BATCH = make_batch(np.array([[1.0, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]]), [3, 2, 4], Call(True, False))


def read(readings: list[Reading], old: list[Any], new: list[Any]) -> Reads:
    before, after = ([(str(at), value) for at, value in enumerate(values)] for values in (old, new))
    assert same_shapes(before, after)
    parts = [Part(name, value, how) for (name, value), how in zip(before, readings, strict=True)]
    return read_by("NaN", parts, differences(before, after), BATCH, padding_of_batch(BATCH))


@dataclass
class Output:
    logits: torch.Tensor
    extra: object = None


def test_all_tensors_of_a_result_are_named_where_they_lie() -> None:
    one = torch.zeros(3)
    found = dict(leaves((one, {"a": [one, None]}, np.zeros(2), "text", Output(one)), "out"))
    assert list(found) == ["out[0]", "out[1]['a'][0]", "out[2]", "out[3]", "out[4].logits"]
    assert isinstance(found["out[2]"], torch.Tensor)
    assert [name for name, _ in tensors_of(list(found.items()))] == [name for name in found if name != "out[3]"]


def test_what_can_not_be_looked_into_is_refused() -> None:
    one = torch.zeros(3)
    assert refused([("the result", one), ("n", 3), ("text", "a")]) == ""
    assert "the result[1] is of type object" in refused([("the result[0]", one), ("the result[1]", object())])
    assert "sparse or nested" in refused([("the result", one.to_sparse())])
    assert "of type ndarray" in refused([("the result", np.array(["a"]))])


def test_a_change_is_told_by_row_and_first_step_and_steps_beyond_the_length_do_not_count() -> None:
    out, state = torch.zeros(5, 3, 2), torch.zeros(2, 3, 4)
    new_out, new_state = out.clone(), state.clone()
    new_out[2:, 0] = new_out[2:, 1] = 1
    new_state[1, 2, 3] = 1
    found = read([Reading(1, 0), Reading(1, None)], [out, state], [new_out, new_state])
    assert found.first.tolist() == [[[2, -1, -1]]]
    assert found.final["state"].tolist() == [[[False, False, True]]]
    assert found.undecided is not None
    assert not found.undecided.any()


def test_of_what_may_be_a_state_a_change_beyond_the_length_is_undecided_and_one_before_it_counts() -> None:
    old = torch.zeros(3, 5)
    new = old.clone()
    new[0, 3], new[1, 1] = 1, 1
    found = read([Reading(0, 1, sure=False)], [old], [new])
    assert found.final[EITHER].tolist() == [[[False, True, False]]]
    assert found.undecided is not None
    assert found.undecided.tolist() == [[[True, False, False]]]
    assert not found.out.any()
    # what another tensor shows needs no decision
    both = read([Reading(0, 1, sure=False), Reading(0, None)], [old, torch.zeros(3)], [new, torch.ones(3)])
    assert both.undecided is not None
    assert not both.undecided.any()


def test_a_packed_result_is_told_in_the_order_of_the_batch() -> None:
    packed = pack_sequence([torch.zeros(3), torch.zeros(2), torch.zeros(4)], enforce_sorted=False)
    changed = packed._replace(data=torch.arange(9).eq(1).float())  # sorted row 1 at t0: row 0 of the batch
    found = read([Reading(0, 1)], [packed], [changed])
    assert found.first.tolist() == [[[0, -1, -1]]]
    assert found.final == {}


def test_a_tensor_whose_rows_are_not_found_is_refused_by_name() -> None:
    fine, odd = ("the result[0]", torch.zeros(3, 5, 2)), ("the result[1]", torch.zeros(7))
    parts, refusal = parts_of([fine, odd], None, BATCH)
    assert parts == []
    assert refusal.startswith("not compared: the result[1], (7,), does not have a row for each of the 3 rows of x: ")
    short = pack_sequence([torch.zeros(3), torch.zeros(2)])
    assert "(2,), does not have a row" in parts_of([("the result", short)], None, BATCH)[1]
    assert [part.reading for part in parts_of([fine], None, BATCH)[0]] == [Reading(0, 1)]


@pytest.mark.parametrize(
    ("value", "reading", "said"),
    [
        (torch.zeros(3, 5), Reading(0, 1), None),
        (torch.zeros(3, 1, 6), Reading(0, None), None),
        (torch.zeros(2, 3, 6), Reading(1, None), None),
        (torch.zeros(3, 5), Reading(0, 1, sure=False), "may hold steps in its dimension 1, or be a state"),
        (torch.zeros(3, 2, 6), Reading(0, None), "does not have the steps of x: any change in a row"),
        (torch.zeros(3, dtype=torch.int64), Reading(0, None), "holds whole numbers"),
        (torch.full((3,), torch.nan), Reading(0, None), "holds NaN over x as it is"),
    ],
)
def test_how_a_result_was_read_is_said_where_it_is_not_plain(
    value: torch.Tensor, reading: Reading, said: str | None
) -> None:
    notes = how_read([Part("the result", value, reading)], BATCH, "ValueError: no")
    assert len(notes) == (said is not None)
    assert all(note.startswith("The result") and str(said) in note for note in notes)
