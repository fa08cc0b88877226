from __future__ import annotations

import numpy as np
import pytest

from packviz.core.batch import BatchError
from packviz.core.errors import Undecided
from packviz.files.known.items import of_items
from packviz.files.objects import to_batch

X = np.random.default_rng(0).random((3, 5, 2))
IDS = np.arange(15).reshape(3, 5) + 4
LENGTHS = np.array([5, 2, 3])
MASK = np.arange(5) < LENGTHS[:, None]


@pytest.mark.parametrize("obj", [(X, MASK), [IDS, MASK.astype(np.int64)], (X, MASK.astype(float))])
def test_x_beside_its_mask_is_no_list_of_two_sequences(obj: object) -> None:
    found = of_items(obj)
    assert found is not None
    assert found.mask is not None
    assert "its mask the second" in found.said[0]


def test_the_lengths_are_the_vector_whose_longest_is_a_dimension_of_x() -> None:
    for obj, place in (((X, np.array([0, 1, 1]), LENGTHS), 2), ((X, LENGTHS, np.array([0, 1, 1])), 1)):
        batch = to_batch(obj)
        assert batch.lengths.tolist() == [5, 2, 3]
        assert f"its lengths are item {place}" in batch.read_as[0]


def test_of_several_that_may_be_x_the_user_chooses() -> None:
    with pytest.raises(Undecided) as caught:
        of_items((IDS, LENGTHS, X, LENGTHS - 1))
    assert caught.value.choices == ("0", "2")
    assert caught.value.pick("2").x is X
    assert "--x 0 or --x 2" in caught.value.typed()


def test_two_tensors_of_ids_of_one_shape_are_refused() -> None:
    with pytest.raises(BatchError, match="x and its targets or two sequences"):
        to_batch((IDS, IDS + 1))
    assert to_batch([IDS, IDS + 1]).lengths.tolist() == [3, 3]


@pytest.mark.parametrize("obj", [[X, X], (X, LENGTHS), [], [[1, 2], [3]], [LENGTHS, LENGTHS[:2]], (X, np.array(3))])
def test_sequences_and_pairs_are_left_to_others(obj: object) -> None:
    assert of_items(obj) is None


@pytest.mark.parametrize("second", [[0, 0, 1], [0, 1, 1], [1, 0, 1]])
def test_two_columns_are_two_sequences_of_one_feature(second: list[int]) -> None:
    assert of_items([np.array([[1], [2], [3]]), np.array(second)[:, None]]) is None
    found = of_items([np.array([[1], [2], [3]]), np.array([[1], [1], [0]])])
    assert found is not None
    assert found.mask is not None
