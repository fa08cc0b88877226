from __future__ import annotations

import numpy as np
import pytest

from packviz.core.carrier import Padded, Sequences
from packviz.files.objects import to_batch

X = np.random.default_rng(0).random((3, 10, 2)) + 1
FIRST = np.zeros((3, 10), dtype=bool)
FIRST[:, 0] = FIRST[0, 4] = FIRST[2, 1] = True
LENGTHS = [4, 6, 10, 1, 9]


@pytest.mark.parametrize("turned", [False, True])
def test_rows_are_cut_at_first_steps_whichever_way_round_they_lie(turned: bool) -> None:
    x, marks = (X.swapaxes(0, 1), FIRST.T) if turned else (X, FIRST)
    batch = to_batch({"obs": x, "is_first": marks, "action": np.ones((3, 10, 2))})
    assert isinstance(batch.carrier, Sequences)
    assert batch.lengths.tolist() == LENGTHS
    assert np.array_equal(batch.x[1, :6], X[0, 4:])
    assert "5 episodes" in batch.read_as[0]


def test_rows_are_cut_after_last_steps_and_where_they_were_cut_short() -> None:
    done = np.zeros((3, 10))
    done[:, -1] = done[0, 3] = 1
    cut = np.zeros((3, 10))
    cut[2, 0] = 1
    assert to_batch({"obs": X, "dones": done, "truncated": cut}).lengths.tolist() == LENGTHS


def test_one_episode_a_row_with_padding_after_it_is_a_padded_batch() -> None:
    lengths = np.array([4, 10, 7])
    x = np.where((np.arange(10) < lengths[:, None])[..., None], X, 0)
    batch = to_batch({"obs": x, "done": np.arange(10) == lengths[:, None] - 1})
    assert isinstance(batch.carrier, Padded)
    assert (batch.lengths.tolist(), batch.call.batch_first) == ([4, 10, 7], True)


@pytest.mark.parametrize("marks", [np.zeros((3, 10)), np.full((3, 10), 2), np.ones((3, 9)), np.ones((3, 10))])
def test_marks_that_tell_nothing_are_passed_over(marks: np.ndarray) -> None:
    batch = to_batch({"obs": X, "is_first": marks})
    assert isinstance(batch.carrier, Padded)
    assert batch.given.origin == "guessed"
