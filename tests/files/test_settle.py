"""Which options win, and whose lengths."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from torch.nn.utils.rnn import pack_sequence

from packviz.core.batch import OPTIONS, BatchError, Call
from packviz.core.carrier import Padded
from packviz.files.objects import to_batch

GIVEN = frozenset(OPTIONS)
X = [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]]


def test_options_that_were_given_hold_whatever_fits_better():
    call = Call(batch_first=False, enforce_sorted=True)
    batch = to_batch(X, [3, 2, 4], call, options_given=GIVEN)
    assert batch.call == call
    assert batch.x.tolist() == X


OPTIONS = {
    "batch_first": st.booleans(),
    "enforce_sorted": st.booleans(),
    "padding_value": st.integers(-3, 3),
    "total_length": st.none() | st.integers(1, 9),
}
SAID = st.fixed_dictionaries({}, optional=OPTIONS)


@given(SAID, st.builds(Call, **OPTIONS), st.sets(st.sampled_from(sorted(OPTIONS))))
def test_what_was_given_wins_over_what_is_said_and_that_over_the_caller(said, call, names):
    batch = to_batch({"x": X, "lengths": [3, 2, 4], **said}, None, call, options_given=frozenset(names))
    for name in OPTIONS:
        wins = said[name] if name in said and name not in names else getattr(call, name)
        assert getattr(batch.call, name) == wins


@pytest.mark.parametrize("x", [X, np.array(X), torch.tensor(X)], ids=["list", "array", "tensor"])
@pytest.mark.parametrize("count", [3, 5, 4])
def test_no_layout_is_guessed_whatever_the_lengths_fit(x, count):
    batch = to_batch(x, [1] * count)
    assert batch.call == Call()
    assert (batch.rows, batch.steps) == (5, 3)


@pytest.mark.parametrize("enforce_sorted", [False, True])
def test_sequences_are_sorted_as_the_caller_says(enforce_sorted):
    assert to_batch([[1, 2], [3]], call=Call(enforce_sorted=enforce_sorted)).call == Call(True, enforce_sorted)
    rows = [torch.ones(1), torch.ones(3)]
    batch = to_batch(rows)
    with pytest.raises(RuntimeError, match="sorted in decreasing order"):
        pack_sequence(rows)
    assert batch.call == Call(True, True)


@pytest.mark.parametrize("call", [Call(), Call(True, False), Call(False, False)])
def test_a_packed_sequence_says_itself_whether_it_was_sorted(call):
    rows = [torch.ones(3), torch.ones(1)]
    assert to_batch(pack_sequence(rows), call=call).call == Call(True, True)
    assert to_batch(pack_sequence(rows, enforce_sorted=False), call=call).call == Call(True, False)


def test_missing_lengths_are_guessed_and_said_to_be_guessed():
    batch = to_batch(torch.tensor(X), call=Call(batch_first=True))
    assert (batch.lengths.tolist(), batch.given.origin) == ([3, 2, 4], "guessed")
    assert to_batch(np.array(X).T).lengths.tolist() == [3, 2, 4]
    filled = torch.tensor([[1.0, 0.1], [1.0, 1.0]], dtype=torch.bfloat16)
    assert to_batch(filled, call=Call(True, padding_value=0.1)).lengths.tolist() == [1, 2]


def test_wrong_lengths_are_kept_as_they_were_given():
    batch = to_batch(torch.tensor(X), torch.tensor([3.0, 2.5]))
    assert batch.lengths.tolist() == [3.0, 2.5]
    assert to_batch(X, [0, -1, 99]).lengths.tolist() == [0, -1, 99]


def test_options_in_a_dict_win_over_defaults_but_not_over_those_given():
    named = {"x": X, "lengths": [3, 2, 4], "batch_first": False, "padding_value": -1, "total_length": 9}
    batch = to_batch(named, call=Call(padding_value=7), options_given=frozenset({"padding_value"}))
    assert batch.call == Call(False, True, 7, 9)


def test_lengths_beside_a_packed_sequence_are_refused():
    with pytest.raises(BatchError, match="brings its lengths"):
        to_batch(pack_sequence([torch.ones(2)]), [2])


def test_sequences_are_laid_out_batch_first_whatever_was_given():
    batch = to_batch([[1, 2], [3]], call=Call(batch_first=False), options_given=GIVEN)
    assert batch.call.batch_first
    assert batch.rows == 2


def test_sequences_with_lengths_of_their_own_are_padded_first():
    batch = to_batch(([torch.ones(3), torch.ones(1)], [2, 1]))
    assert (type(batch.carrier), batch.lengths.tolist(), batch.steps) == (Padded, [2, 1], 3)


def test_lengths_given_beside_win_over_those_found():
    assert to_batch({"x": X, "lengths": [1, 1, 1]}, [3, 2, 4]).lengths.tolist() == [3, 2, 4]


@pytest.mark.parametrize("lengths", ["3,2", ["a"], [[1], [2, 3]], [None], {3: 2}])
def test_lengths_that_are_no_numbers_are_refused(lengths):
    with pytest.raises(BatchError, match="lengths"):
        to_batch(X, lengths)


@pytest.mark.parametrize("lengths", [[[3], [2], [4]], torch.tensor(3), torch.ones(1, 2, 3), 4])
@pytest.mark.parametrize("x", [X, torch.tensor(X), [torch.ones(2), torch.ones(1)]], ids=["list", "tensor", "sequences"])
def test_lengths_of_any_shape_are_kept_as_they_were_given(x, lengths):
    batch = to_batch(x, lengths)
    assert batch.given.array.tolist() == (lengths.tolist() if isinstance(lengths, torch.Tensor) else lengths)
    assert batch.given.listed is not isinstance(lengths, torch.Tensor)
    assert batch.lengths.ndim == 1


SHAPES = npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)
HELD = st.sampled_from(["bool", "int8", "int64", "float16", "float32", "complex64"])


@given(
    npst.arrays(HELD, SHAPES),
    st.booleans(),
)
def test_an_x_of_any_rank_and_dtype_is_taken_as_it_is_and_guessing_its_lengths_never_fails(x, batch_first):
    batch = to_batch(torch.from_numpy(x), call=Call(batch_first))
    assert (batch.x.shape, batch.dtype) == (x.shape, x.dtype.name)
    assert (len(batch.lengths), batch.given.origin) == (batch.rows, "guessed")
