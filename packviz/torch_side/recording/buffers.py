"""Memory for copies of what a program's calls were given."""

from __future__ import annotations

from collections.abc import Sequence
from mmap import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.torch_side.recording.views import Look

ALIGNED = 64
"""Bytes at whose multiples memory begins that is lent; a power of 2."""


LARGE = 1 << 20
"""Bytes for which other threads do not wait while they are copied."""
Raw = memoryview
"""A piece of memory."""


def aligned(size: int) -> int:
    """So many bytes, as far as to where the next may begin."""
    return (size + ALIGNED - 1) & -ALIGNED


class Buffers:
    """Memory for copies, used again: to get fresh memory from the system takes longer than to copy into it.

    It is the system's own, and not that which the program allocates from: even a few bytes that are held there for
    long, between what the program holds for a moment, made a recurrent run a millisecond slower.
    """

    CHUNK = 4 << 20
    """Bytes that the system is asked for at once."""
    IDLE = 64 << 20
    """Bytes that wait to be lent again, at most."""

    def __init__(self) -> None:
        self._chunk, self._used = memoryview(b""), 0
        self._free: dict[int, list[Raw]] = {}
        self._idle = 0

    def copied(self, looks: Sequence[Look | None]) -> Raw | None:
        """The numbers of these, one after the other, each at a multiple of ALIGNED, in memory that is lent; None where
        some lie elsewhere."""
        given, size = [], 0
        for look in looks:
            if look is None:
                continue
            if look.kind is None:
                return None
            given.append((look, size))
            size += aligned(look.nbytes)
        raw = self._lend(size)
        for look, place in given:
            if look.array is None and look.strides is None and look.nbytes < LARGE:
                raw[place : place + look.nbytes] = look.memory
            elif (numbers := look.numbers) is not None:
                np.ndarray(numbers.shape, numbers.dtype, raw, place)[...] = numbers
        return raw

    def _lend(self, size: int) -> Raw:
        step = 1 << max(size.bit_length() - 3, 6)
        room = max(-(-size // step), 1) * step
        free = self._free.get(room)
        if free:
            self._idle -= room
            return free.pop()
        return self._fresh(room)

    def _fresh(self, room: int) -> Raw:
        if room > self.CHUNK // 4:
            return memoryview(mmap(-1, room))
        if self._used + room > len(self._chunk):
            self._chunk, self._used = memoryview(mmap(-1, self.CHUNK)), 0
        found = self._chunk[self._used : self._used + room]
        self._used += aligned(room)
        return found

    def give_back(self, raw: Raw | None) -> None:
        """Nobody reads this any more."""
        if raw is None:
            return
        self._free.setdefault(raw.nbytes, []).append(raw)
        self._idle += raw.nbytes
        while self._idle > self.IDLE:  # calls of these sizes, the first that came, may come no more
            size = next(iter(self._free))
            if self._free[size]:
                self._free[size].pop()
                self._idle -= size
            else:
                del self._free[size]


def arrays(looks: Sequence[Look | None], raw: Raw) -> list[NDArray[Any] | None]:
    """The copies that Buffers made of the numbers of these."""
    place, found = 0, list[NDArray[Any] | None]()
    for look in looks:
        if look is None:
            found.append(None)
            continue
        found.append(np.ndarray(look.shape, look.kind, raw, place))
        place += aligned(look.nbytes)
    return found
