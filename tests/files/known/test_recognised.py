from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as arrays

from packviz.core.batch import BatchError, Call
from packviz.core.errors import Undecided
from packviz.files.known.recognised import recognised
from packviz.files.paste.found import Found
from packviz.files.settle import settle

LENGTHS = np.array([5, 18, 11, 7, 2, 16])
X = np.random.default_rng(3).random((6, 18, 4)).astype(np.float32) + 1


def padded(value: float) -> np.ndarray:
    return np.where((np.arange(18) < LENGTHS[:, None])[..., None], X, np.float32(value))


def test_an_option_that_somebody_said_stands() -> None:
    found = Found(np.moveaxis(padded(-100), 1, 2), LENGTHS)
    free = recognised(found, Call(), frozenset())
    assert (free.options, free.axes) == ({"batch_first": True, "padding_value": -100}, "BFT")
    said = recognised(found, Call(batch_first=True, padding_value=0), frozenset({"batch_first", "padding_value"}))
    assert (said.options, said.axes, said.said) == ({}, None, ())
    own = recognised(Found(found.x, LENGTHS, {"batch_first": True}), Call(), frozenset({"padding_value"}))
    assert own.axes is None


def test_axes_that_are_typed_win() -> None:
    found = recognised(Found(padded(0), LENGTHS), Call(), frozenset(), axes="TBF")
    assert found.options["batch_first"] is False
    with pytest.raises(BatchError, match="axes is BT"):
        recognised(Found(padded(0), LENGTHS), Call(), frozenset(), axes="BT")


def test_lengths_that_add_up_to_x_make_it_flat() -> None:
    flat = np.arange(41.0).reshape(41, 1)
    found = recognised(Found(flat, [3, 20, 18], name="values"), Call(), frozenset())
    assert settle(found, Call(), frozenset(), "x").lengths.tolist() == [3, 20, 18]
    with pytest.raises(BatchError, match="batch_sizes"):
        recognised(Found(flat, [20, 18, 3]), Call(), frozenset())


@given(arrays.arrays("f4", arrays.array_shapes(min_dims=0, max_dims=4, max_side=5)))
def test_whatever_the_array_it_comes_back_or_is_asked_about(x: np.ndarray) -> None:
    try:
        found = recognised(Found(x), Call(), frozenset())
    except Undecided:
        return
    batch = settle(found, Call(), frozenset(), "x")
    assert np.array_equal(np.sort(batch.x, axis=None), np.sort(x, axis=None), equal_nan=True)
