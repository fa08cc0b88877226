"""How long packviz may take for what it reads and runs. As with memory, it is allowed beforehand; and what turns out to
take far longer is refused as soon as its pace is known, not when the time is up.

How long a work takes is not known from its size alone: machines differ by far more than readers do. So the clock is
asked where the work says how far it is (`Watch.step`) and where it may be given up (`Watch.check`).
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from packviz.core.allowance import Allowance
from packviz.core.cancel import TooLong, Watch
from packviz.core.errors import BatchError
from packviz.core.texts.quoting import quoted, worded

SECONDS = 120.0
"""Unless the user says otherwise, for each file, paste or run."""

SETTLED = 2.0
"""Seconds after which the pace of a work is taken for what it will be."""

FAR = 4.0
"""A work is refused before its time is up where at its pace it would take so many times what is allowed."""

_SECONDS = re.compile(r"\s*(\d{1,9}(?:\.\d{1,3})?)\s*s?\s*", re.IGNORECASE)
clock = time.monotonic


class Patience:
    """The time that `what`, a subject such as "reading x.csv", may take; it begins now. Called with the fraction that
    is done, raises TooLong."""

    def __init__(self, what: str, seconds: float) -> None:
        self._what, self._seconds, self._begun = what, seconds, clock()

    def __call__(self, fraction: float) -> None:
        spent = clock() - self._begun
        if spent > self._seconds:
            raise TooLong(self._refused(f"takes more than the {self._seconds:g} s allowed"))
        if spent >= SETTLED and fraction > 0 and spent / fraction > FAR * self._seconds:
            told = f"{spent / fraction:,.0f} s at its pace, more than the {self._seconds:g} s allowed"
            raise TooLong(self._refused(f"would take {told}"))

    @contextmanager
    def resting(self) -> Iterator[None]:
        """What goes by inside is not counted: somebody else is at work."""
        begun = clock()
        try:
            yield
        finally:
            self._begun += clock() - begun

    def _refused(self, why: str) -> str:
        return f"{self._what} {why}: where that is meant, allow more with --seconds 3600, or with {TIME.variable}=3600."


def timed(watch: Watch, what: str) -> Watch:
    """The same watch for a work that may take as long as is allowed from now on; a part of a timed work is timed with
    it. `what`: a subject."""
    return watch if watch.patience is not None else replace(watch, patience=Patience(what, TIME.most()))


def seconds_of(said: object) -> float:
    """The seconds of `600`, `90 s`, `0.5` or a number. Raises BatchError."""
    if isinstance(said, int | float) and not isinstance(said, bool) and 0 < said < 1e9:
        return float(said)
    match = _SECONDS.fullmatch(said) if isinstance(said, str) else None
    found = float(match[1]) if match is not None else 0.0
    if found <= 0:
        raise BatchError(f"{quoted(worded(said), 40)} is no number of seconds: write 600, or 0.5.")
    return found


TIME = Allowance("PACKVIZ_SECONDS", SECONDS, seconds_of)
"""The seconds that a work may take."""
