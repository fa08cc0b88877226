"""Which values of a dict are batches, and which one it is all about: the same for one batch and for several."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_sequence

from packviz.core.batch import BatchError
from packviz.files.known.held import (
    held,
    is_batch,
    is_one,
    is_pair,
    is_pair_with_lengths,
    says_x,
    several_named,
    within,
)
from packviz.files.objects import to_batch
from packviz.files.several import batches_in

X, LENGTHS = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 0.0]]), torch.tensor([3, 2])
PACKED = pack_sequence([X[0], X[1, :2]])
BATCH = {"x": X, "lengths": LENGTHS}
NAMED = {"feats": X, "feats_lengths": LENGTHS}
NOTES = {"names": ["a", "b"]}


@pytest.mark.parametrize(
    ("named", "names"),
    [
        ({"a": BATCH, "b": NAMED, "epoch": 3}, "a b"),
        ({"a": (X, LENGTHS), "b": PACKED, "notes": NOTES, "config": {"lr": 1}}, "a b notes"),
        ({"notes": NOTES}, ""),
        ({"a": X, "b": LENGTHS}, ""),
        ({"a": {}, "b": None}, ""),
    ],
)
def test_batches_are_known_where_one_of_them_surely_is_one(named: dict[str, Any], names: str) -> None:
    assert " ".join(held(named)) == names


def test_a_dict_says_x_under_a_usual_name_or_beside_its_lengths() -> None:
    assert all(map(says_x, (BATCH, NAMED, {"batch": BATCH}, (X, LENGTHS), PACKED)))
    assert not any(map(says_x, (NOTES, {"x": 3}, {3: X}, {"a": X, "b": X})))
    assert is_batch(NOTES)
    assert not is_batch({"lr": 1})


def test_a_pair_has_lengths() -> None:
    assert is_pair(X, LENGTHS)
    assert is_pair(X, LENGTHS[:, None])
    assert not is_pair(X, X)
    assert not is_pair(PACKED, LENGTHS)
    assert is_pair_with_lengths([[[1, 2], [3, 0]], [2, 1]])
    assert not is_pair_with_lengths([[[1, 2], [3, 0]], []])


@pytest.mark.parametrize("beside", [{"labels": [0, 1]}, {"labels": [0, 1], "meta": NOTES}, {"y": X, "z": X}])
def test_a_dict_with_labels_beside_it_is_one_batch_wherever_it_is_read(beside: dict[str, Any]) -> None:
    named = {"inner": BATCH, **beside}
    assert within(named) is BATCH
    assert is_one(named)
    assert batches_in(named) is None
    assert to_batch(named).lengths.tolist() == [3, 2]


@pytest.mark.parametrize(
    "named",
    [
        {"one": BATCH, "two": BATCH, "labels": [0, 1]},
        {"one": (X, LENGTHS), "two": BATCH},
        {"one": (X, LENGTHS), "two": (X, LENGTHS), "three": {"x": [1, 2], "n": [[3]]}},
    ],
)
def test_of_several_batches_none_is_passed_over_without_a_word(named: dict[str, Any]) -> None:
    names = [name for name in named if name != "labels"]
    assert several_named(named) == names
    with pytest.raises(BatchError, match=f"it holds {len(names)} batches \\({', '.join(names)}\\): give one of them"):
        to_batch(named)
    found = batches_in(named)
    assert found is not None
    assert set(names) <= set(found.names)


PARTS = st.sampled_from(
    [X, LENGTHS, PACKED, BATCH, NAMED, NOTES, {}, (), [], None, 3, (X, LENGTHS), np.zeros((0, 3)), {"x": []}, {"x": X}]
)


@given(
    st.dictionaries(st.sampled_from(["a", "b", "c", "x_0", "x_1", "b.x", "lengths", "labels", "y"]), PARTS, min_size=1)
)
def test_a_dict_that_is_read_as_one_batch_is_never_several(named: dict[str, Any]) -> None:
    try:
        to_batch(named)
    except BatchError:
        return
    found = batches_in(named)
    assert found is None or len(found.names) == 1
