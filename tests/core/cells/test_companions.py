"""What stands beside x, by its name, and how it lies on the rows."""

import numpy as np
import pytest

from packviz.core.cells.companions import companion, ends_of, kind_of, on_rows, padded_with

COUNTS = np.array([3, 1])


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("labels", "labels"),
        ("Targets", "labels"),
        ("_y", "labels"),
        ("label_lengths", "lengths"),
        ("sorted_idx", "order"),
        ("ignore_index", "ignored"),
        ("x", None),
        ("lengths", None),
    ],
)
def test_it_is_what_its_name_says(name: str, kind: str | None) -> None:
    assert kind_of(name) == kind


def test_what_does_not_fit_its_name_is_none() -> None:
    assert companion("order", np.array([0.5, 1.5])) is None
    assert companion("label_lengths", np.ones((2, 2), dtype=np.int64)) is None
    assert companion("labels", np.array(1)) is None
    made = companion("labels", np.ones((2, 3)))
    assert made is not None
    assert not made.array.flags.writeable


def test_labels_lie_on_the_rows_whichever_dimension_counts_them() -> None:
    labels = np.arange(6).reshape(2, 3)
    for given in (labels, labels.T, labels[:, :, None]):
        found = on_rows(given, 2, True)
        assert found is not None
        np.testing.assert_array_equal(found, labels)
    square = np.arange(4).reshape(2, 2)
    turned = on_rows(square, 2, False)
    assert turned is not None
    np.testing.assert_array_equal(turned, square.T)
    assert on_rows(labels, 4, True) is None
    assert on_rows(labels.astype(float), 2, True) is None


def test_padding_is_one_number_in_all_cells_beyond_the_lengths() -> None:
    assert padded_with(np.array([[1, 2, 3], [4, 9, 9]]), COUNTS) == 9
    assert padded_with(np.array([[1, 2, 3], [4, 9, 8]]), COUNTS) is None
    assert padded_with(np.array([[1, 2, 3], [4, 9, 8]]), np.array([3, 3])) is None
    assert ends_of(np.array([[1, 0, 3], [4, 0, 0], [0, 0, 0]]), 0).tolist() == [3, 1, 0]
