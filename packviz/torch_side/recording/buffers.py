"""Memory for copies of what a program's calls were given."""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import memmove
from mmap import mmap
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from packviz.torch_side.recording.views import Look

ALIGNED = 64
"""Bytes at whose multiples memory begins that is lent."""


class Raw(NamedTuple):
    """A piece of memory, and its address."""

    memory: NDArray[np.uint8]
    address: int


def aligned(size: int) -> int:
    """So many bytes, as far as to where the next may begin."""
    return -(-size // ALIGNED) * ALIGNED


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
        self._chunk, self._used = np.empty(0, dtype=np.uint8), 0
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
            if look.array is None and look.strides is None:
                memmove(raw.address + place, look.address, look.nbytes)
            elif (numbers := look.numbers) is not None:
                np.ndarray(numbers.shape, numbers.dtype, raw.memory, place)[...] = numbers
        return raw

    def _lend(self, size: int) -> Raw:
        step = 1 << max(size.bit_length() - 3, 6)
        room = max(-(-size // step), 1) * step
        free = self._free.get(room)
        if free:
            self._idle -= room
            return free.pop()
        memory = self._fresh(room)
        return Raw(memory, memory.ctypes.data)

    def _fresh(self, room: int) -> NDArray[np.uint8]:
        if room > self.CHUNK // 4:
            return np.frombuffer(mmap(-1, room), dtype=np.uint8)
        if self._used + room > len(self._chunk):
            self._chunk, self._used = np.frombuffer(mmap(-1, self.CHUNK), dtype=np.uint8), 0
        found = self._chunk[self._used : self._used + room]
        self._used += aligned(room)
        return found

    def give_back(self, raw: Raw | None) -> None:
        """Nobody reads this any more."""
        if raw is None:
            return
        self._free.setdefault(raw.memory.nbytes, []).append(raw)
        self._idle += raw.memory.nbytes
        while self._idle > self.IDLE:  # calls of these sizes, the first that came, may come no more
            size = next(iter(self._free))
            if self._free[size]:
                self._free[size].pop()
                self._idle -= size
            else:
                del self._free[size]


def views(looks: Sequence[Look | None], raw: Raw) -> list[Look | None]:
    """These looks, at the copies that Buffers made of their numbers."""
    place, found = 0, list[Look | None]()
    for look in looks:
        if look is None:
            found.append(None)
            continue
        shape, dtype, device, _, kind, _, nbytes, _ = look
        array = np.ndarray(shape, kind, raw.memory, place)
        found.append(Look(shape, dtype, device, array, kind, 0, nbytes))
        place += aligned(nbytes)
    return found
