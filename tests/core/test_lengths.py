"""Lengths as torch is given them, and as they are read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from packviz.core.errors import BatchError
from packviz.core.lengths import META, make_lengths


@pytest.mark.parametrize(
    ("lengths", "how", "known", "is_vector", "per_row"),
    [
        ([3, 2], {}, True, True, [3, 2]),
        ([3, 2, 4], {}, True, True, [3, 2, 4]),  # more than rows: a vector all the same
        ([], {}, True, True, []),
        ([3.0, 2.5], {"listed": True}, True, True, [3, 2]),
        ([3, 2], {"device": "cuda:0"}, True, True, [3, 2]),
        ([[3], [2]], {}, True, False, [3, 2]),  # one number a row
        ([[1, 1, 0], [1, 0, 0]], {}, True, False, []),
        (3, {}, True, False, []),
        ([0, 0], {"device": META}, False, False, []),
        ([[0], [0]], {"device": META}, False, False, []),
    ],
)
def test_whether_lengths_are_a_vector_and_what_they_say_of_two_rows(
    lengths: Any, how: Any, known: bool, is_vector: bool, per_row: list[int]
) -> None:
    made = make_lengths(lengths, **how)
    assert (made.known, made.is_vector) == (known, is_vector)
    assert made.per_row(2).tolist() == per_row
    assert made.per_row(2).dtype == np.int64
    assert len(made) == len(made.read) == np.size(lengths)


def test_one_number_says_the_length_of_one_row() -> None:
    assert make_lengths(3).per_row(1).tolist() == [3]


@pytest.mark.parametrize("odd", [2.9, np.nan, np.inf, -np.inf, True])
def test_they_are_read_as_torch_reads_them(odd: float) -> None:
    array = np.array([3, odd])
    made = make_lengths(array)
    assert made.counts.tolist() == torch.tensor(array).to(torch.int64).tolist()
    for held in (made.array, made.read, made.counts):
        with pytest.raises(ValueError, match="read-only"):
            held[0] = 5


def test_of_complex_lengths_the_real_part_is_read() -> None:
    assert make_lengths([3 + 1j, 2]).counts.tolist() == [3, 2]


def test_a_mask_in_their_place_is_kept_and_read_as_what_it_says() -> None:
    mask = make_lengths([[True, True, False], [True, False, False]], device="cuda:0", listed=True)
    said = mask.read_as(np.array([2, 1]))
    assert said.array is mask.array
    assert (said.counts.tolist(), said.origin, said.device, said.listed) == ([2, 1], "mask", "cuda:0", True)
    assert not said.is_vector
    assert said.per_row(2).tolist() == [2, 1]
    assert mask.counts.tolist() == [1, 1, 0, 1, 0, 0]


def test_a_list_of_whole_numbers_is_as_good_as_a_tensor() -> None:
    assert not make_lengths([3, 2], listed=True).listed
    assert make_lengths([3.0, 2], listed=True).listed
    assert make_lengths([[3], [2]], listed=True).listed


def test_what_holds_no_numbers_is_refused_but_nothing_at_all_is_whole_numbers() -> None:
    with pytest.raises(BatchError, match="lengths holds <U1, but whole numbers are expected"):
        make_lengths(["a"])
    assert make_lengths(np.empty(0, dtype=object)).counts.dtype == np.int64
