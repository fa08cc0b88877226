"""What is held in memory of a recording: the last calls with their batches, bounded in number and in bytes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from mmap import mmap

import numpy as np
from numpy.typing import NDArray

from packviz.core.noted import NotedCall
from packviz.torch_side.recording.taken import Taken
from packviz.torch_side.recording.views import Look

RING_BYTES = 256 << 20
"""What the batches of the last calls may take of memory, all together."""
LARGEST = RING_BYTES // 4
"""What one of them may."""
ALIGNED = 64
"""Bytes at whose multiples memory begins that is lent."""
MOST_PACKS = 4
"""Calls that packed, the last ones, among which what a PackedSequence was packed from is looked for."""

Held = tuple[NotedCall, Taken]


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

    def copies(self, looks: Sequence[Look | None]) -> tuple[list[Look | None], NDArray[np.uint8]]:
        """The same looks at copies of the numbers, and the memory that was lent for all of them."""
        size = sum([_room(look.numbers.nbytes) for look in looks if look is not None and look.numbers is not None])
        raw, place, found = self._lend(size), 0, list[Look | None]()
        for look in looks:
            if look is None or look.numbers is None:
                found.append(look)
                continue
            numbers = look.numbers
            copy = np.ndarray(numbers.shape, numbers.dtype, raw, place)
            copy[...] = numbers
            place += _room(numbers.nbytes)
            found.append(Look(look.shape, look.dtype, look.device, copy))
        return found, raw

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


class LastCalls:
    """The last `most` calls with their batches, as far as RING_BYTES hold them, and of the last few that packed.

    `dropped`: how many of those that are still among the last are not held, since they took too much memory.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: deque[Held] = deque()
        self._packs: deque[Held] = deque()
        self._bytes = 0
        self._numbers: deque[int] = deque(maxlen=max(1, most))
        self.buffers = Buffers()

    def add(self, call: NotedCall, taken: Taken) -> None:
        """One call more; what falls out of the last ones is gone, and its memory used again."""
        if not self._most:
            return
        self._numbers.append(call.number)
        if taken.nbytes > LARGEST:
            return
        self._held.append((call, taken))
        self._bytes += taken.nbytes
        while len(self._held) > self._most or self._bytes > RING_BYTES:
            _, old = self._held.popleft()
            self._bytes -= old.nbytes
            if all(pack is not old for _, pack in self._packs):
                self.buffers.give_back(old.raw)

    def add_pack(self, call: NotedCall, taken: Taken) -> None:
        """A call that packed."""
        if taken.nbytes > LARGEST:
            return
        self._packs.append((call, taken))
        if len(self._packs) > MOST_PACKS:
            number, old = self._packs[0][0].number, self._packs.popleft()[1]
            if not self._held or self._held[0][0].number > number:
                self.buffers.give_back(old.raw)

    @property
    def packs(self) -> Iterator[Held]:
        """The last calls that packed, the last one first."""
        return reversed(self._packs)

    @property
    def dropped(self) -> int:
        held = {call.number for call, _ in self._held}
        return sum(number not in held for number in self._numbers) if self._most else 0

    def __iter__(self) -> Iterator[Held]:
        return iter(self._held)

    def __reversed__(self) -> Iterator[Held]:
        return reversed(self._held)

    def __len__(self) -> int:
        return len(self._held)
