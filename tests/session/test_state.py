"""The state: the last step of any batch."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.module import Module
from packviz.session.state import SPEEDS, Play, State, showing


def batch(lengths: list[int]) -> Batch:
    return make_batch(np.zeros((3, 5)), lengths, Call(True, False))


@pytest.mark.parametrize(
    ("lengths", "last"),
    [([3, 2, 4], 3), ([5, 5, 5], 4), ([1, 1, 1], 0), ([3, 2, 9], 4), ([0, -1, 0], 4), ([], 4), ([2, 2], 1)],
)
def test_the_last_step_is_the_longest_rows_last_one_that_x_has(lengths: list[int], last: int) -> None:
    assert showing(batch(lengths)).last_step == last


def test_without_a_batch_or_without_steps_the_last_step_is_0() -> None:
    assert State().last_step == 0
    assert showing(make_batch(np.zeros((3, 0)), [1, 1, 1], Call(True))).last_step == 0


def test_the_state_is_frozen_and_its_results_are_equal_only_to_themselves() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        State().spare = Module()  # type: ignore[misc]
    assert State() != State()


def test_the_first_speed_is_one_of_those_offered() -> None:
    assert Play().speed in SPEEDS
