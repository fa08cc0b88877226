"""Python objects to Batch; torch is asked what it makes of the same objects."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import OPTIONS, BatchError
from packviz.core.carrier import Sequences
from packviz.files.objects import to_batch
from tests.tensors import DTYPES, as_tensor
from tests.views import VIEWS, view_of

GIVEN = frozenset(OPTIONS)
X = [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]]


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("kind", ["tensor", "array", "pair", "dict"])
def test_a_view_stays_a_view_whatever_it_is_handed_over_in(name, kind):
    view, lengths = view_of(name, 30, 20), np.arange(30) % 20 + 1
    obj = {"tensor": view, "array": view.numpy(), "pair": (view, lengths), "dict": {"x": view, "lengths": lengths}}
    for counts in (None, lengths) if kind in ("tensor", "array") else (None,):
        batch = to_batch(obj[kind], counts)
        for x in (batch.x, batch.with_swapped_layout().x.swapaxes(0, 1), batch.with_lengths(lengths).x):
            assert x.ctypes.data == view.data_ptr()
            assert x.strides == tuple(4 * stride for stride in view.stride())


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_a_tensor_keeps_its_values_and_its_dtype_by_name(dtype):
    x = torch.tensor(X).to(dtype)
    batch = to_batch(x, [3, 2, 4])
    assert batch.dtype == str(dtype).removeprefix("torch.")
    assert torch.equal(as_tensor(batch), x)
    assert not batch.x.flags.writeable


def test_arrays_and_tensors_are_not_copied():
    array, tensor = np.zeros((3, 4), np.float32), torch.zeros(3, 4, requires_grad=True)
    assert np.shares_memory(to_batch(array).x, array)
    assert np.shares_memory(to_batch(tensor).x, tensor.detach().numpy())
    assert array.flags.writeable


@pytest.mark.parametrize(
    ("obj", "said"),
    [
        (None, "x is nothing"),
        (object(), "type object"),
        ("text", "type str"),
        ([[1, 2], "ab"], r"x\[1\] is the text 'ab'"),
        ([[1, None]], "null"),
        ([[10**30]], "100 bits"),
        ([[1, 2], 3], r"x\[1\] is 3"),
        ([torch.ones(2, 3), torch.ones(2, 4)], r"x\[1\] has shape \(2, 4\)"),
        (np.array([[object()]]), "torch does not have"),
        (np.array([["a"]]), "torch does not have"),
        ({"a": 1}, "name it x"),
        ({3: X}, "not all text"),
        ({"weight_ih_l0": torch.ones(4, 4)}, "weights"),
        ({"x": X, "batch_first": "yes"}, "batch_first is 'yes'"),
        ({"x": X, "total_length": 2.5}, "total_length is '2.5'"),
        ({"x": X, "padding_value": "0"}, "padding_value is '0'"),
        ((X, [[3], [2], [4]], 5), "."),
    ],
)
def test_what_is_no_batch_is_refused_in_one_sentence(obj, said):
    with pytest.raises(BatchError, match=said):
        to_batch(obj)


def test_lists_without_end_are_refused():
    endless: list[object] = []
    endless.append(endless)
    named: dict[str, object] = {}
    named["x"] = named
    for obj in (endless, named):
        with pytest.raises(BatchError, match="deep"):
            to_batch(obj)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["x", "lengths", "data", "a"]), inner),
    max_leaves=12,
)


@given(JUNK, JUNK)
def test_arbitrary_objects_raise_nothing_but_batch_error(obj, lengths):
    with suppress(BatchError):
        to_batch(obj, lengths)


def test_objects_are_read_without_importing_torch():
    code = (
        "import sys, numpy as np; from packviz.files import registry, weights;"
        "from packviz.files.objects import to_batch;"
        "to_batch([[1, 2], [3]]); to_batch(np.ones((2, 3)), [3, 1]); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("x", [[1, 2, 3], torch.tensor(3.0), np.ones(4), []])
def test_an_x_without_rows_and_steps_is_a_batch_for_the_checks_to_speak_of(x):
    batch = to_batch(x)
    assert batch.x.shape == np.shape(x)
    assert (batch.rows, batch.steps, batch.given.origin) == (1, batch.x.size, "guessed")


@pytest.mark.parametrize(
    "lengths", [torch.tensor(3), torch.tensor([[3], [2]]), torch.tensor([[3, 2]]), np.array([3, 2])]
)
def test_a_pair_may_have_lengths_of_any_shape_that_are_no_sequence_beside_x(lengths):
    batch = to_batch((torch.ones(2, 3), lengths))
    assert batch.x.shape == (2, 3)
    assert batch.lengths.tolist() == np.asarray(lengths).reshape(-1).tolist()


def test_two_tensors_of_the_same_features_are_two_sequences():
    assert isinstance(to_batch((torch.ones(3, 1), torch.ones(2, 1))).carrier, Sequences)


@pytest.mark.parametrize("kind", [tuple, list])
def test_one_dict_in_a_tuple_is_a_batch_only_beside_arrays(kind):
    one = {"x": np.ones((2, 3, 1), np.float32), "lengths": np.array([3, 2])}
    assert to_batch(kind([one, np.array([0, 1])])).lengths.tolist() == [3, 2]
    for alone in (kind([one]), kind([one, one]), kind([one, 3])):
        with pytest.raises(BatchError):
            to_batch(alone)


def test_what_is_passed_over_is_said():
    batch = to_batch((np.ones((2, 3, 1), np.float32), np.array([3, 2]), ["a", "b"]))
    assert "item 2 holds no numbers, and is passed over" in batch.read_as
