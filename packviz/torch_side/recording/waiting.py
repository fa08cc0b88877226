"""Calls that come in quick succession, held until they are looked at together: one after the other they take half the
time, since the processor finds the code that looks at them where it left it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator

from packviz.torch_side.recording.observed import Observed

QUICK = 0.02
"""Seconds after the call before in which one comes in quick succession."""
MOST, MOST_BYTES, LONGEST = 64, 8 << 20, 0.25
"""Calls that wait, bytes of their copies, and seconds since the first of them."""


class Waiting:
    """The calls that wait, in their order."""

    def __init__(self) -> None:
        self._calls: deque[Observed] = deque()
        self._bytes = 0
        self._before = 0.0

    def has_time(self, observed: Observed) -> bool:
        """Whether a call may wait, as one does that comes soon after another; to be asked of each one."""
        before, self._before = self._before, observed.time
        return observed.can_wait and abs(observed.time - before) < QUICK

    def add(self, observed: Observed) -> bool:
        """One call more, which holds a copy. Gives whether they are looked at now: there are enough, the first has
        waited long enough, or this one took so long itself that to look at them is little."""
        self._calls.append(observed)
        self._bytes += observed.nbytes
        now = time.time()
        late = abs(now - observed.time) >= QUICK or abs(now - self._calls[0].time) >= LONGEST
        return late or len(self._calls) >= MOST or self._bytes >= MOST_BYTES

    def all(self) -> Iterator[Observed]:
        """All that wait, which then do no more: each when it comes."""
        self._bytes = 0
        while self._calls:
            yield self._calls.popleft()
