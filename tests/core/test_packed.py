"""What contradicts what in a PackedSequence, and what can still be read from it; torch packs, and is the oracle."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.utils.rnn import PackedSequence, pack_sequence, pad_packed_sequence

from packviz.core.carrier import PackedFields
from packviz.core.packed import LEAST_BYTES, contradictions, inverse, is_permutation, reading
from tests.hand_made import Fields, agree, hand_made, held


def fields_of(sizes: Any, count: int = 5, order: Any = None, back: Any = None) -> PackedFields:
    parts = [None if part is None else np.array(part) for part in (sizes, order, back)]
    assert parts[0] is not None
    return PackedFields(np.arange(1.0, count + 1), *parts)


CASES: dict[str, tuple[PackedFields, str]] = {
    "rising": (fields_of([2, 1, 2]), "batch_sizes[2] is 2 after 1, but rows that ended do not come back"),
    "zero": (fields_of([5, 0]), "batch_sizes[1] is 0, but at least one row is active at every step"),
    "negative": (fields_of([6, -1]), "batch_sizes[1] is -1, but at least one row is active at every step"),
    "sum": (fields_of([2, 2]), "batch_sizes sum to 4, but data has 5 rows"),
    "sum of huge numbers": (fields_of([2**62] * 2), f"batch_sizes sum to {2**63}, but data has 5 rows"),
    "empty": (fields_of(np.zeros(0, dtype=np.int64)), "batch_sizes is empty, but has one entry a step"),
    "matrix": (fields_of([[3, 2]]), "batch_sizes has shape (1, 2), but one dimension is expected, one entry a step"),
    "fractions": (fields_of([3.0, 2.0]), "batch_sizes holds float64, but torch takes int64 only"),
    "int32": (fields_of(np.array([3, 2], "i4")), "batch_sizes holds int32, but torch takes int64 only"),
    "too few": (
        fields_of([3, 2], order=[0, 1], back=[0, 1]),
        "sorted_indices has 2 entries, but batch_sizes[0] is 3",
    ),
    "twice": (
        fields_of([3, 2], order=[1, 0, 1], back=[1, 0, 2]),
        "sorted_indices[2] is 1 a second time, but each row has one place",
    ),
    "no row": (
        fields_of([3, 2], order=[1, 0, 2], back=[1, 0, 3]),
        "unsorted_indices[2] is 3, but the rows are numbered 0 to 2",
    ),
    "no inverse": (
        fields_of([3, 2], order=[1, 2, 0], back=[1, 2, 0]),
        "unsorted_indices[0] is 1, but row 0 is at sorted_indices[2]: the two are not inverses of each other",
    ),
    "float indices": (
        fields_of([3, 2], order=[1.0, 2.0, 0.0], back=[2, 0, 1]),
        "sorted_indices holds float64, but torch takes int64 or int32 only",
    ),
    "flat index": (
        fields_of([1], 1, order=0, back=[0]),
        "sorted_indices has shape (), but one dimension is expected, one entry a row",
    ),
    "sorted alone": (
        fields_of([3, 2], order=[1, 2, 0]),
        "unsorted_indices is None, but sorted_indices is given: packing sets both or neither",
    ),
    "unsorted alone": (
        fields_of([3, 2], back=[1, 2, 0]),
        "sorted_indices is None, but unsorted_indices is given: packing sets both or neither",
    ),
    "flat data": (
        PackedFields(np.array(3.0), np.array([1])),
        "data is one number, but has the shape (N, *)",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_first_contradiction_is_named_with_its_numbers(case: str) -> None:
    fields, said = CASES[case]
    assert contradictions(fields)[0].said == said


def test_each_kind_of_contradiction_is_told_once_and_in_the_order_of_the_fields() -> None:
    found = contradictions(fields_of([0, 3, 1, 2], 4, order=[0, 0], back=[7]))
    assert [one.field for one in found] == ["batch_sizes"] * 3 + ["sorted_indices", "unsorted_indices"]


@given(hand_made())
def test_fields_contradict_each_other_exactly_where_packing_can_not_have_made_them(fields: Fields) -> None:
    assert (not contradictions(held(fields))) == agree(fields)


@given(st.lists(st.integers(1, 6), min_size=1, max_size=20), st.booleans())
def test_what_torch_packs_agrees_and_is_read_as_torch_unpacks_it(lengths: list[int], enforce_sorted: bool) -> None:
    lengths = sorted(lengths, reverse=True) if enforce_sorted else lengths
    packed = pack_sequence([torch.arange(1.0, n + 1) for n in lengths], enforce_sorted)
    fields = held(tuple(packed))
    assert contradictions(fields) == ()
    x, counts = reading(fields, 0)
    theirs = pad_packed_sequence(packed, batch_first=True)
    assert x.tolist() == theirs[0].tolist()
    assert counts.tolist() == lengths


def test_data_is_laid_out_step_by_step_as_long_as_there_is_any() -> None:
    x, lengths = reading(fields_of([2, 3, 3]), -1)
    assert x.tolist() == [[1, 3, -1], [2, 4, -1], [-1, 5, -1]]
    assert lengths.tolist() == [3, 3, 3]
    x, lengths = reading(fields_of([3, 2], order=[2, 0, 1], back=[0, 0, 0]), -1)
    assert x.tolist() == [[2, 5], [3, -1], [1, 4]]
    assert lengths.tolist() == [2, 1, 2]


def test_data_without_any_size_is_one_row() -> None:
    x, lengths = reading(fields_of([0, -3]), 0)
    assert (x.shape, lengths.tolist()) == ((1, 5), [5])


@given(hand_made(), st.sampled_from(["i8", "i1", "u8", "f4", "f8", "?", "c8"]))
def test_a_reading_is_made_of_any_numbers_and_its_lengths_end_inside_it(fields: Fields, dtype: str) -> None:
    told = held(fields)
    sizes = told.batch_sizes.astype(dtype)
    x, lengths = reading(PackedFields(told.data, sizes, told.sorted_indices, told.unsorted_indices), 0)
    assert x.shape[0] == len(lengths)
    assert x.shape[2:] == told.data.shape[1:]
    assert ((lengths >= 1) & (lengths <= x.shape[1])).all() or not len(told.data)
    assert np.isin(x[x != 0], told.data).all()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "sizes",
    [
        np.array([2**62, -(2**62), 2**62]),
        np.array([2**64 - 1, 1], dtype=np.uint64),
        np.array([np.inf, np.nan, -np.inf, 1e300]),
        np.full(10**6, 10**6),
        np.arange(10**6),
        np.array([[1 + 2j]]),
    ],
    ids=str,
)
def test_sizes_of_any_size_take_little_memory(sizes: np.ndarray) -> None:
    data = np.ones((1000, 3), dtype=np.float32)
    x, lengths = reading(PackedFields(data, sizes), 0)
    assert x.nbytes <= max(LEAST_BYTES, 4 * data.nbytes)
    assert lengths.max() <= x.shape[1]


@given(st.permutations(range(6)))
def test_the_inverse_is_torchs(order: list[int]) -> None:
    theirs = PackedSequence(torch.zeros(6), torch.tensor([6]), torch.tensor(order)).unsorted_indices
    assert theirs is not None
    assert inverse(np.array(order)).tolist() == theirs.tolist()
    assert is_permutation(np.array(order))
    assert not is_permutation(np.array([*order, 0]))
