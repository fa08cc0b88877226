"""What is held: the last calls, bounded in number and in bytes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from packviz.core.batch import Call
from packviz.core.noted import NotedCall, Site
from packviz.torch_side.recording import keeping
from packviz.torch_side.recording.buffers import Buffers, Raw
from packviz.torch_side.recording.keeping import MOST_PACKS, LastCalls
from packviz.torch_side.recording.taken import Taken
from packviz.torch_side.recording.views import Look


def call(number: int) -> NotedCall:
    return NotedCall(number, "pack_padded_sequence", Site("a.py", 1))


def one(size: int, buffers: Buffers | None = None) -> Taken:
    look = Look((size,), "uint8", "cpu", None).of(np.zeros(size, dtype=np.uint8))
    raw = None if buffers is None else buffers.copied([look])
    return Taken("", Call(), False, False, (look,), 1, raw)


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
    exact = LastCalls(10)
    exact.add(call(0), one(60))
    exact.add(call(1), one(40))
    assert len(exact) == 2, "as much as it may"
    exact.add(call(2), one(1))
    assert [held.number for held, _ in exact] == [1, 2]
    last.add(call(6), one(61))
    assert [held.number for held, _ in last] == [3, 4, 5], "one that is too large makes no room"
    assert last.dropped == 4


def test_the_last_that_packed_are_known() -> None:
    last = LastCalls(0)
    for number in range(MOST_PACKS + 2):
        last.add_pack(call(number), one(4))
    assert [held.number for held, _ in last.packs] == list(range(MOST_PACKS + 1, 1, -1))


@given(st.integers(0, 6), st.lists(st.booleans(), max_size=40))
@example(3, [False] * 30)
@example(3, [True] * 30)
@example(0, [True] * 30)
@example(0, [False] * 30)
@example(5, [True] * 7)  # the oldest that packed is among the last, too
@example(6, [True] * 5 + [False] * 9)
def test_memory_is_used_again_of_what_is_held_nowhere_and_only_of_that(most: int, packs: list[bool]) -> None:
    last, lent = LastCalls(most), list[Raw | None]()
    for number, pack in enumerate(packs):
        taken = one(1 << 15, last.buffers)
        held = [*(old for _, old in last), *(old for _, old in last.packs)]
        assert all(taken.raw is not old.raw for old in held)
        if all(taken.raw is not raw for raw in lent):
            lent.append(taken.raw)
        if pack:
            last.add_pack(call(number), taken)
        last.add(call(number), taken)
    free = [id(raw) for raws in last.buffers._free.values() for raw in raws]
    assert len(free) == len(set(free)), "nothing is given back twice"
    assert len(lent) <= most + MOST_PACKS + 1


def test_one_that_is_too_large_is_not_among_those_that_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "LARGEST", 60)
    last = LastCalls(3)
    last.add_pack(call(0), one(60))
    last.add_pack(call(1), one(61))
    assert [held.number for held, _ in last.packs] == [0]
