"""A batch that Python code hands over, with the options of its call."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import OPTIONS, BatchError, Call, make_batch
from packviz.files.handed import batch_of, with_given

X = [[1, 2, 3, 0], [4, 5, 0, 0]]
CALLS = st.builds(Call, st.booleans(), st.booleans(), st.sampled_from([0, -1, 2.5]), st.none() | st.integers(4, 9))


@given(CALLS, CALLS)
def test_the_options_of_the_call_hold_and_a_dict_says_what_it_leaves_to_torch(call: Call, own: Call) -> None:
    lengths = [3, 2] if call.batch_first else [2, 2, 1, 1]
    assert batch_of(np.array(X), lengths, call).call == call
    said = {name: getattr(own, name) for name in OPTIONS}
    held = batch_of({"x": np.array(X), "lengths": [2, 1], **said}, None, call).call
    for name in OPTIONS:
        left = getattr(call, name) == getattr(Call(), name)
        assert getattr(held, name) == getattr(own if left else call, name)


@given(CALLS, CALLS)
def test_a_batch_that_is_there_keeps_its_options_and_its_lengths_unless_others_are_given(own: Call, call: Call) -> None:
    batch = make_batch(X, [3, 2, 1, 1][: 2 if own.batch_first else 4], own)
    assert batch_of(batch, None, call) is batch
    other = [1, 2, 1, 1][: batch.rows]
    found = batch_of(batch, other, call)
    assert (found.call, found.lengths.tolist()) == (own, other)
    assert found.x is batch.x


def test_a_mask_gives_the_lengths_where_they_were_guessed() -> None:
    mask = np.array([[1, 1, 1, 0], [1, 0, 0, 0]])
    guessed = batch_of(X, None, Call(True, False))
    assert guessed.lengths.tolist() == [3, 2]
    assert with_given(guessed, None, mask).lengths.tolist() == [3, 1]
    assert with_given(guessed, [2, 2], mask).lengths.tolist() == [2, 2]
    assert batch_of(guessed, None, Call(), mask).lengths.tolist() == [3, 1]


@pytest.mark.parametrize("x", [None, 3, "text", {"x": "text"}])
def test_what_is_no_batch_is_refused(x: Any) -> None:
    with pytest.raises(BatchError):
        batch_of(x, [1], Call())
