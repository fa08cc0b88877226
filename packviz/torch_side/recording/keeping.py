"""What is held in memory of a recording: the last calls with their batches, bounded in number and in bytes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from packviz.core.noted import NotedCall
from packviz.torch_side.recording.buffers import Buffers
from packviz.torch_side.recording.observed import Observed
from packviz.torch_side.recording.taken import Taken

RING_BYTES = 256 << 20
"""What the batches of the last calls may take of memory, all together."""
LARGEST = RING_BYTES // 4
"""What one of them may."""
MOST_PACKS = 4
"""Calls that packed, the last ones, among which what a PackedSequence was packed from is looked for."""

Held = tuple[NotedCall, Taken]


class LastCalls:
    """The last `most` calls with their batches, as far as RING_BYTES hold them, and of the last few that packed.

    `dropped`: how many of those that are still among the last are not held, since they took too much memory.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: deque[Held] = deque()
        self._packs: dict[int, Held] = {}
        self._bytes = 0
        self._numbers: deque[int] = deque(maxlen=max(1, most))
        self.buffers = Buffers()

    def add(self, call: NotedCall, taken: Taken) -> None:
        """One call more; what falls out of the last ones is gone, and its memory used again."""
        self._numbers.append(call.number)
        if taken.nbytes > LARGEST:
            return
        self._held.append((call, taken))
        self._bytes += taken.nbytes
        while len(self._held) > self._most or self._bytes > RING_BYTES:
            gone, old = self._held.popleft()
            self._bytes -= old.nbytes
            if gone.number not in self._packs:
                self.buffers.give_back(old.raw)

    def add_pack(self, call: NotedCall, taken: Taken) -> None:
        """A call that packed."""
        if taken.nbytes > LARGEST:
            return
        self._packs[call.number] = call, taken
        if len(self._packs) > MOST_PACKS:
            number = next(iter(self._packs))
            _, old = self._packs.pop(number)
            if not self._held or self._held[0][0].number > number:
                self.buffers.give_back(old.raw)

    @property
    def packs(self) -> Iterator[Held]:
        """The last calls that packed, the last one first."""
        return reversed(self._packs.values())

    def origin_of(self, observed: Observed) -> Taken | None:
        """What the PackedSequence that a call is given was packed from, where it is the one that its thread packed
        last."""
        if not observed.packed:
            return None
        sizes, thread = observed.sizes, observed.thread
        for call, taken in self.packs:
            if call.thread == thread:
                same = (call.rows, call.longest, call.features) == (sizes.rows, sizes.longest, sizes.features)
                return taken if same else None
        return None

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
