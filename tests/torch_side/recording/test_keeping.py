"""What is held: the last calls, bounded in number and in bytes; and memory that is used again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from packviz.core.batch import Call
from packviz.core.noted import NotedCall, Site
from packviz.torch_side.recording import keeping
from packviz.torch_side.recording.keeping import MOST_PACKS, Buffers, LastCalls
from packviz.torch_side.recording.taken import Taken
from packviz.torch_side.recording.views import Look


def call(number: int) -> NotedCall:
    return NotedCall(number, "pack_padded_sequence", Site("a.py", 1))


def of(numbers: NDArray[Any]) -> Look:
    return Look(numbers.shape, numbers.dtype.name, "cpu", numbers)


def copy(buffers: Buffers, *numbers: NDArray[Any] | None) -> tuple[list[NDArray[Any] | None], NDArray[np.uint8]]:
    """Copies of these, and the memory that was lent for them."""
    looks, raw = buffers.copies([None if one is None else of(one) for one in numbers])
    return [None if look is None else look.numbers for look in looks], raw


def one(size: int, buffers: Buffers | None = None) -> Taken:
    looks: list[Look | None] = [of(np.zeros(size, dtype=np.uint8))]
    looks, raw = (looks, None) if buffers is None else buffers.copies(looks)
    return Taken("", Call(), tuple(looks), raw=raw, nbytes=size)


@given(st.integers(0, 5), st.integers(0, 12))
def test_it_holds_the_last_ones(most: int, many: int) -> None:
    last = LastCalls(most)
    for number in range(many):
        last.add(call(number), one(4))
    assert [held.number for held, _ in last] == list(range(many))[max(0, many - most) :][: most or None][:most]
    assert [held.number for held, _ in reversed(last)] == [held.number for held, _ in last][::-1]
    assert len(last) == min(most, many)
    assert last.dropped == 0


def test_it_holds_no_more_bytes_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "RING_BYTES", 100)
    monkeypatch.setattr(keeping, "LARGEST", 60)
    last = LastCalls(10)
    for number in range(6):
        last.add(call(number), one(30))
    assert [held.number for held, _ in last] == [3, 4, 5]
    assert last.dropped == 3
    last.add(call(6), one(61))
    assert [held.number for held, _ in last] == [3, 4, 5], "one that is too large makes no room"
    assert last.dropped == 4


def test_the_last_that_packed_are_known() -> None:
    last = LastCalls(0)
    for number in range(MOST_PACKS + 2):
        last.add_pack(call(number), one(4))
    assert [held.number for held, _ in last.packs] == list(range(MOST_PACKS + 1, 1, -1))


@given(st.integers(1, 6), st.lists(st.booleans(), max_size=40))
def test_memory_is_used_again_only_of_what_is_held_nowhere(most: int, packs: list[bool]) -> None:
    last = LastCalls(most)
    for number, pack in enumerate(packs):
        taken = one(1 << 15, last.buffers)
        held = [*(old for _, old in last), *(old for _, old in last.packs)]
        assert all(taken.raw is not old.raw for old in held)
        if pack:
            last.add_pack(call(number), taken)
        last.add(call(number), taken)
    free = [id(raw) for raws in last.buffers._free.values() for raw in raws]
    assert len(free) == len(set(free)), "nothing is given back twice"


@given(st.integers(0, 1 << 17), st.sampled_from(["uint8", "float32", "complex128"]))
def test_copies_are_exact_whatever_their_size(size: int, dtype: str) -> None:
    buffers = Buffers()
    numbers = (np.arange(size // np.dtype(dtype).itemsize) % 200).astype(dtype)
    for _ in range(2):
        [made], raw = copy(buffers, numbers)
        assert made is not None
        assert made.dtype == numbers.dtype
        assert np.array_equal(made, numbers)
        buffers.give_back(raw)
    assert sum(map(len, buffers._free.values())) == 1


def test_a_copy_of_a_transposed_array_is_one() -> None:
    numbers = np.arange(1 << 14, dtype=np.float32).reshape(128, 128).T
    [made], _ = copy(Buffers(), numbers)
    assert made is not None
    assert np.array_equal(made, numbers)


def test_much_memory_is_had_at_once_and_never_twice() -> None:
    buffers = Buffers()
    sizes = 1, 100, 5 << 20, 3 << 19, 1 << 20, 7
    made = [copy(buffers, np.full(n, n % 250, dtype=np.uint8))[1][:n] for n in sizes]
    assert [int(one[0]) for one in made] == [n % 250 for n in sizes]
    assert all((one == one[0]).all() for one in made)
    assert not any(np.shares_memory(one, other) for one in made for other in made if one is not other)


def test_several_lie_side_by_side_in_one_piece_of_memory() -> None:
    buffers = Buffers()
    numbers = [np.arange(5, dtype=np.int64), None, np.ones((3, 0)), np.arange(7, dtype=np.float64).reshape(7, 1)]
    made, raw = copy(buffers, *numbers)
    assert made[1] is None
    for one, other in zip(numbers, made, strict=True):
        if one is not None:
            assert other is not None
            assert np.array_equal(one, other)
            assert other.dtype == one.dtype
            assert other.flags.aligned
            assert not one.size or np.shares_memory(other, raw)
    buffers.give_back(raw)
    assert copy(buffers, *numbers)[1] is raw
