"""Reporting progress and asking whether to stop, shared by everything that can take longer than a blink.

Work that may be slow takes a `Watch`: it calls `watch.step(fraction)` now and then, which reports how far it is and
raises `Cancelled` when somebody asked it to stop. A Watch without callables costs nothing and never stops.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Protocol


class Cancelled(Exception):
    """The work was stopped because it was asked to; not an error, and not to be shown as one."""


class TooLong(Cancelled):
    """The work was stopped because it takes longer than is allowed. The text is one sentence, to be shown; at the
    boundary of what is read (`errors.only_batch_errors`) it becomes a BatchError."""


@dataclass(frozen=True)
class Watch:
    """Who hears of progress (a fraction, 0 to 1), who says that the work shall stop, and who ends what takes too long.

    `patience`: is called with the fraction that is done, and raises where the time that is allowed is up; see
    `patience.timed`.
    """

    progress: Callable[[float], None] | None = None
    cancelled: Callable[[], bool] | None = None
    patience: Patience | None = None

    def check(self) -> None:
        """Raise Cancelled when the work shall stop, TooLong when it has taken its time."""
        if self.cancelled is not None and self.cancelled():
            raise Cancelled
        if self.patience is not None:
            self.patience(0.0)

    def step(self, fraction: float) -> None:
        """Stop if asked to, else report that `fraction` of the work (0 to 1) is done."""
        self.check()
        if self.patience is not None:
            self.patience(fraction)
        if self.progress is not None:
            self.progress(min(1.0, max(0.0, fraction)))

    def part(self, start: float, share: float) -> Watch:
        """The same watch for a part of the work that begins at `start` and is `share` of it."""
        progress, patience = self.progress, self.patience
        return Watch(
            None if progress is None else lambda fraction: progress(start + share * fraction),
            self.cancelled,
            None if patience is None else _PartOf(patience, start, share),
        )

    def quiet(self) -> Watch:
        """The same watch for work that says nothing of how far it is."""
        return replace(self, progress=None, patience=None if self.patience is None else _Quiet(self.patience))

    def unhurried(self) -> Watch:
        """The same watch for waiting, which may take as long as it likes."""
        return replace(self, patience=None)

    @contextmanager
    def resting(self) -> Iterator[None]:
        """The time that goes by inside is not this work's."""
        if self.patience is None:
            yield
            return
        with self.patience.resting():
            yield


class Patience(Protocol):
    """See `patience.Patience`."""

    def __call__(self, fraction: float) -> None: ...

    def resting(self) -> AbstractContextManager[None]: ...


@dataclass(frozen=True)
class _PartOf:
    whole: Patience
    start: float
    share: float

    def __call__(self, fraction: float) -> None:
        self.whole(self.start + self.share * fraction)

    def resting(self) -> AbstractContextManager[None]:
        return self.whole.resting()


@dataclass(frozen=True)
class _Quiet:
    whole: Patience

    def __call__(self, fraction: float) -> None:
        self.whole(0.0)

    def resting(self) -> AbstractContextManager[None]:
        return self.whole.resting()


UNWATCHED = Watch()
"""The Watch of work that nobody follows."""
