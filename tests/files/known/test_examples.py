from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from packviz.files.known.examples import uncollated
from packviz.files.objects import to_batch
from packviz.files.several import batches_in

ROWS = [[5, 6, 7], [8], [9, 10]]


@pytest.mark.parametrize(
    "obj",
    [
        [{"input_ids": row, "attention_mask": [1] * len(row)} for row in ROWS],
        [{"text": np.array(row), "label": 1} for row in ROWS],
        [(row, 0) for row in ROWS],
        [(np.array(row), np.int64(1)) for row in ROWS],
    ],
)
def test_a_list_of_examples_is_one_batch_of_them(obj: Any) -> None:
    assert batches_in(obj) is None
    batch = to_batch(obj)
    assert batch.lengths.tolist() == [3, 1, 2]
    assert [batch.x[i, :n].tolist() for i, n in enumerate([3, 1, 2])] == ROWS
    assert "3 examples" in batch.read_as[0]


@pytest.mark.parametrize(
    "obj",
    [
        [],
        [[1, 2], [3, 4]],
        [{"input_ids": [[1, 2], [3, 0]], "lengths": [2, 1]}] * 2,
        [{"input_ids": [1, 2]}, {"ids": [3]}],
        [{"a": [1, 2], "b": [3, 4]}] * 2,
        [{"epoch": 3}],
        [([[1, 2], [3, 0]], [2, 1])] * 2,
    ],
)
def test_batches_and_other_lists_are_none(obj: Any) -> None:
    assert uncollated(obj) is None
