"""Calls as bytes and back."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.carrier import PackedFields
from packviz.core.module import Module, StateFacts, Stored, held_module
from packviz.torch_side.asking.wire import PackedCall, decode, encode, framed, read_frame
from tests.hand_made import Fields, hand_made, held


@given(hand_made(), st.sampled_from([0, -1.5, float("nan"), float("inf"), 2**40]))
def test_a_call_comes_back_as_it_was(fields: Fields, padding: float) -> None:
    facts = held_module("GRU", hx=(StateFacts((1, 2, 3), "float64"), None), layers=2, directions=2)
    ready = np.ones((2, 3), dtype=np.float32)
    call = PackedCall(held(fields), "bfloat16", False, padding, 7, facts, ready, "float16", 1.5, 2**30)
    again = decode(encode(call))
    assert (again.dtype, again.batch_first, again.total_length, again.module) == ("bfloat16", False, 7, facts)
    assert (again.ready_dtype, again.seconds, again.memory) == ("float16", 1.5, 2**30)
    assert repr(again.padding_value) == repr(padding)
    pairs = [(getattr(again.fields, name), getattr(call.fields, name)) for name in PackedFields.__dataclass_fields__]
    for ours, theirs in [*pairs, (again.ready, call.ready)]:
        assert (ours is None) == (theirs is None)
        assert ours is None or (
            ours.dtype == theirs.dtype and np.array_equal(ours, theirs) and ours.ndim == theirs.ndim
        )


def test_a_call_without_module_and_options_comes_back_so() -> None:
    again = decode(encode(PackedCall(PackedFields(np.ones(2), np.array(2)), "float64")))
    assert (again.module, again.ready, again.total_length, again.fields.sorted_indices) == (None, None, None, None)
    assert again.fields.batch_sizes.shape == ()


def test_the_numbers_of_a_module_are_not_sent() -> None:
    arrays = {"weight_ih_l0": np.zeros((6, 5)), "weight_hh_l0": np.zeros((6, 2))}
    module = Module().with_weights(Stored("w.pt", arrays, "float64"))
    fields = PackedFields(np.ones((2, 3)), np.array([2]))
    again = decode(encode(PackedCall(fields, "float64", module=module))).module
    assert again == held_module("GRU", 5, 2, dtype="float64", bias=False)


def test_no_pickle_is_read() -> None:
    fields = PackedFields(np.array([print], dtype=object), np.ones(1))
    with pytest.raises(ValueError, match="allow_pickle"):
        decode(encode(PackedCall(fields, "float32")))


@given(st.lists(st.binary(max_size=40)), st.integers(1, 9))
def test_frames_come_one_by_one_however_the_bytes_arrive(frames: list[bytes], most: int) -> None:
    stream = BytesIO(b"".join(framed(frame) for frame in frames))
    assert [read_frame(lambda size: stream.read(min(size, most))) for _ in frames] == frames
    assert read_frame(stream.read) is None


def test_half_a_frame_is_none() -> None:
    assert read_frame(BytesIO(framed(b"abc")[:-1]).read) is None
    assert read_frame(BytesIO(framed(b"abc")[:5]).read) is None
