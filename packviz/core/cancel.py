"""Reporting progress and asking whether to stop, shared by everything that can take longer than a blink.

Work that may be slow takes a `Watch`: it calls `watch.step(fraction)` now and then, which reports how far it is and
raises `Cancelled` when somebody asked it to stop. A Watch without callables costs nothing and never stops.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


class Cancelled(Exception):
    """The work was stopped because it was asked to; not an error, and not to be shown as one."""


@dataclass(frozen=True)
class Watch:
    """Who hears of progress (a fraction, 0 to 1) and who says that the work shall stop."""

    progress: Callable[[float], None] | None = None
    cancelled: Callable[[], bool] | None = None

    def check(self) -> None:
        """Raise Cancelled when the work shall stop."""
        if self.cancelled is not None and self.cancelled():
            raise Cancelled

    def step(self, fraction: float) -> None:
        """Stop if asked to, else report that `fraction` of the work (0 to 1) is done."""
        self.check()
        if self.progress is not None:
            self.progress(min(1.0, max(0.0, fraction)))


UNWATCHED = Watch()
"""The Watch of work that nobody follows."""
