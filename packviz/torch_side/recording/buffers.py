"""Memory for copies of what a program's calls were given."""

from __future__ import annotations

from collections.abc import Sequence
from mmap import mmap

import numpy as np
from numpy.typing import NDArray

from packviz.torch_side.recording.views import Look

ALIGNED = 64
"""Bytes at whose multiples memory begins that is lent."""


class Buffers:
    """Memory for copies, used again: to get fresh memory from the system takes longer than to copy into it.

    It is the system's own, and not that which the program allocates from: even a few bytes that are held there for
    long, between what the program holds for a moment, made a recurrent run a millisecond slower.
    """

    CHUNK = 4 << 20
    """Bytes that the system is asked for at once."""

    def __init__(self) -> None:
        self._chunk, self._used = np.empty(0, dtype=np.uint8), 0
        self._free: dict[int, list[NDArray[np.uint8]]] = {}

    def copied(self, looks: Sequence[Look | None]) -> NDArray[np.uint8]:
        """The numbers of these, one after the other, each at a multiple of ALIGNED, in memory that is lent."""
        size = 0
        for look in looks:
            if look is not None and look.numbers is not None:
                size += _room(look.numbers.nbytes)
        raw, place = self._lend(size), 0
        for look in looks:
            if look is not None and look.numbers is not None:
                numbers = look.numbers
                np.ndarray(numbers.shape, numbers.dtype, raw, place)[...] = numbers
                place += _room(numbers.nbytes)
        return raw

    def _lend(self, size: int) -> NDArray[np.uint8]:
        step = 1 << max(size.bit_length() - 3, 6)
        room = max(-(-size // step), 1) * step
        free = self._free.get(room)
        return free.pop() if free else self._fresh(room)

    def _fresh(self, room: int) -> NDArray[np.uint8]:
        if room > self.CHUNK // 4:
            return np.frombuffer(mmap(-1, room), dtype=np.uint8)
        if self._used + room > len(self._chunk):
            self._chunk, self._used = np.frombuffer(mmap(-1, self.CHUNK), dtype=np.uint8), 0
        found = self._chunk[self._used : self._used + room]
        self._used += _room(room)
        return found

    def give_back(self, raw: NDArray[np.uint8] | None) -> None:
        """Nobody reads this any more."""
        if raw is not None:
            self._free.setdefault(raw.nbytes, []).append(raw)


def _room(size: int) -> int:
    return -(-size // ALIGNED) * ALIGNED


def views(looks: Sequence[Look | None], raw: NDArray[np.uint8]) -> list[Look | None]:
    """These looks, at the copies that Buffers made of their numbers."""
    place, found = 0, list[Look | None]()
    for look in looks:
        if look is not None and look.numbers is not None:
            kind, size = look.numbers.dtype, look.numbers.nbytes
            found.append(Look(look.shape, look.dtype, look.device, np.ndarray(look.shape, kind, raw, place)))
            place += _room(size)
        else:
            found.append(look)
    return found
