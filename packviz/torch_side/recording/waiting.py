"""Calls that come in quick succession, held until they are looked at together: one after the other they take half the
time, since the processor finds the code that looks at them where it left it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from packviz.torch_side.recording.observed import Observed

MOST, MOST_BYTES, LONGEST = 64, 8 << 20, 0.25
"""Calls that wait, bytes of their copies, and seconds since the first of them came."""


class Waiting:
    """The calls that wait, in their order."""

    def __init__(self) -> None:
        self._calls: deque[Observed] = deque()
        self._bytes, self._since = 0, 0.0
        self._before = 0.0

    def has_time(self, observed: Observed) -> bool:
        """Whether a call that begins may wait, as one does that comes soon after another; to be asked of each one."""
        before, self._before = self._before, observed.time
        return abs(observed.time - before) < observed.QUICK and observed.can_wait

    def add(self, observed: Observed) -> None:
        """One call more, which holds a copy; one that is as large as all may be does not wait."""
        if observed.nbytes >= MOST_BYTES:
            return
        observed.waits = True
        self._since = self._since or observed.time
        self._calls.append(observed)
        self._bytes += observed.nbytes

    def are_enough(self, now: float) -> bool:
        """Whether those that wait are looked at before another one does."""
        late = self._since and abs(now - self._since) >= LONGEST
        return bool(late) or len(self._calls) >= MOST or self._bytes >= MOST_BYTES

    def all(self) -> Iterator[Observed]:
        """All that wait and are over, which then do no more: each when it comes. One that runs, as one of another
        thread may, waits on."""
        self._since = 0.0
        for _ in range(len(self._calls)):
            if not self._calls:  # a handler of signals, or what frees an object, has looked at them in between
                return
            observed = self._calls.popleft()
            if observed.over is False:
                self._calls.append(observed)
                continue
            self._bytes -= observed.nbytes
            if observed.over:
                yield observed
