"""Memory that is used again: copies in it are exact, and none lies over another."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from packviz.torch_side.recording.buffers import Buffers, Raw, arrays
from packviz.torch_side.recording.views import Look


def of(numbers: NDArray[Any]) -> Look:
    return Look(numbers.shape, numbers.dtype.name, "cpu", None).of(numbers)


def copy(buffers: Buffers, *numbers: NDArray[Any] | None) -> tuple[list[NDArray[Any] | None], Raw]:
    """Copies of these, and the memory that was lent for them."""
    looks = [None if one is None else of(one) for one in numbers]
    raw = buffers.copied(looks)
    assert raw is not None
    return arrays(looks, raw), raw


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


def test_memory_that_nobody_needs_again_is_the_systems_again() -> None:
    """Of calls that grow and grow, what the smaller ones took is never asked for again."""
    buffers, small = Buffers(), np.ones(100, dtype=np.uint8)
    for megabytes in range(1, 40):
        lent = [copy(buffers, np.zeros(megabytes << 20, dtype=np.uint8))[1] for _ in range(3)]
        for raw in [*lent, copy(buffers, small)[1]]:
            buffers.give_back(raw)
        assert sum(raw.nbytes for free in buffers._free.values() for raw in free) <= Buffers.IDLE
    again = copy(buffers, np.zeros(39 << 20, dtype=np.uint8))[1]
    assert any(again is raw for raw in lent), "the last ones stay"


def test_a_copy_of_a_transposed_array_is_one() -> None:
    numbers = np.arange(1 << 14, dtype=np.float32).reshape(128, 128).T
    [made], _ = copy(Buffers(), numbers)
    assert made is not None
    assert np.array_equal(made, numbers)


def test_much_memory_is_had_at_once_and_never_twice() -> None:
    buffers = Buffers()
    sizes = 1, 100, 5 << 20, 3 << 19, 1 << 20, 7
    made = [np.asarray(copy(buffers, np.full(n, n % 250, dtype=np.uint8))[1])[:n] for n in sizes]
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
            assert not one.size or np.shares_memory(other, np.asarray(raw))
    buffers.give_back(raw)
    assert copy(buffers, *numbers)[1] is raw


def test_what_lies_elsewhere_is_copied_by_another() -> None:
    here, elsewhere = of(np.ones(3)), Look((3,), "float64", "cuda:0", None)
    assert Buffers().copied([here, None, elsewhere]) is None
