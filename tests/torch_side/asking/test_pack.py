"""Packing and unpacking, really asked: what torch is given is what was given."""

import warnings
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence

from packviz.core.batch import Call, make_batch
from packviz.torch_side.asking.pack import ask_pack, ask_unpack


@given(
    st.sampled_from(["int64", "bool", "float16", "complex64", "uint8"]),
    st.sampled_from([(2,), (2, 1), (), (1, 2), (3,)]),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["cpu", "meta"]),
)
def test_the_outcome_is_that_of_the_call_with_the_very_lengths(
    dtype: str, shape: tuple[int, ...], batch_first: bool, enforce_sorted: bool, device: str
) -> None:
    x, lengths = np.ones((2, 2), np.float32), np.ones(shape, dtype)
    asked = ask_pack(make_batch(x, lengths, Call(batch_first, enforce_sorted), lengths_device=device))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = pack_padded_sequence(
                torch.tensor(x), torch.tensor(lengths).to(device), batch_first, enforce_sorted
            )
    except Exception as error:
        theirs, said = None, f"{type(error).__name__}: {error}".rstrip()
    if theirs is None:
        assert (asked.outcome.ok, asked.outcome.text) == (False, said)
    else:
        assert asked.outcome.ok
        assert asked.result.batch_sizes.equal(theirs.batch_sizes)


@pytest.mark.filterwarnings("error")
def test_an_imaginary_part_is_dropped_without_a_warning_on_the_terminal() -> None:
    assert ask_pack(make_batch(np.ones((1, 3)), np.array([3 + 1j]), Call(True))).outcome.ok


def test_lengths_on_a_device_that_is_not_here_are_not_asked_about() -> None:
    asked = ask_pack(make_batch(np.ones((1, 3)), [3], Call(True), lengths_device="cuda:63"))
    assert (asked.outcome.ok, asked.outcome.text) == (None, "not asked: there is no cuda:63 here")
    assert asked.result is None


@pytest.mark.parametrize("x", [np.ones(3), np.float64(1), np.empty(0)])
def test_an_x_without_rows_goes_to_torch_as_it_is(x: Any) -> None:
    assert ask_pack(make_batch(x, [1], Call(True))).outcome.ok is False


def test_an_unpacking_that_would_take_too_much_memory_is_not_asked() -> None:
    batch = make_batch(np.ones((1, 3), np.float32), [3], Call(True, total_length=10**12))
    outcome = ask_unpack(batch, ask_pack(batch).result).outcome
    assert outcome.ok is None
    assert "GiB" in outcome.text
