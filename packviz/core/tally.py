"""Tally: counts batches that were checked, one after the other, and keeps none of them."""

from __future__ import annotations

from collections import Counter

import numpy as np

from packviz.core.arrays import frozen
from packviz.core.bucketing import WINDOW, Buckets
from packviz.core.checked import Checked, Told
from packviz.core.summary import LengthSpread, Occurring, Place, Summary

MOST_PLACES = 5
"""Batches that are named of each code."""

MOST_TROUBLES = 20
"""Sentences that are kept of what can't be read; all are counted."""


class Tally:
    """Counts batch after batch, and gives the Summary of those that were counted. `window`: as of `Bucketing`."""

    def __init__(self, window: int = WINDOW) -> None:
        self._counts: Counter[str] = Counter()
        self._codes: dict[str, Occurring] = {}
        self._places: dict[str, list[Place]] = {}
        self._raised: list[Place] = []
        self._troubles: list[str] = []
        self._buckets = Buckets(window)

    @property
    def seen(self) -> int:
        """How many batches were counted, with those that can't be read."""
        return self._counts["batches"] + self._counts["unread"]

    @property
    def wrong(self) -> int:
        """How many of them are wrong."""
        return self._counts["wrong"]

    @property
    def unread(self) -> int:
        """How many of them can't be read."""
        return self._counts["unread"]

    @property
    def guessed(self) -> int:
        """In how many of them the lengths were guessed."""
        return self._counts["guessed"]

    def add(self, checked: Checked) -> None:
        """One more."""
        counts = self._counts
        if checked.trouble:
            counts["unread"] += 1
            if len(self._troubles) < MOST_TROUBLES:
                self._troubles.append(checked.trouble)
            return
        counts["batches"] += 1
        counts["rows"] += checked.rows
        counts["wrong"] += checked.wrong
        counts["asked"] += checked.asked
        counts["guessed"] += checked.guessed
        if checked.raised:
            counts["raised_in"] += 1
            if len(self._raised) < MOST_PLACES:
                self._raised.append(Place(checked.source))
        if checked.lengths is not None:
            counts["measured"] += 1
            self._buckets.add(checked.steps, checked.lengths)
        for told in checked.findings:
            self._found(checked.source, told)

    def _found(self, source: str, told: Told) -> None:
        before, places = self._codes.get(told.code), self._places.setdefault(told.code, [])
        if len(places) < MOST_PLACES:
            places.append(Place(source, told.rows, told.row_count))
        worse = before is None or told.severity.rank < before.severity.rank
        self._codes[told.code] = Occurring(
            told.code,
            told.severity if before is None or worse else before.severity,
            told.title if before is None or worse else before.title,
            1 + (0 if before is None else before.batches),
            told.row_count + (0 if before is None else before.rows),
            (),
        )

    def summary(self, *, stopped: bool = False, interrupted: bool = False) -> Summary:
        """Of all that were counted so far. `stopped`, `interrupted`: as of Summary."""
        found = [
            Occurring(o.code, o.severity, o.title, o.batches, o.rows, tuple(self._places[o.code]))
            for o in self._codes.values()
        ]
        found.sort(key=lambda o: (o.severity.rank, -o.batches, o.code))
        spread = sorted(self._buckets.lengths.items())
        table = np.array(spread, dtype=np.int64).reshape(-1, 2)
        names = ("batches", "rows", "wrong", "unread", "asked", "guessed", "raised_in", "measured")
        return Summary(
            **{name: self._counts[name] for name in names},
            findings=tuple(found),
            raised=tuple(self._raised),
            lengths=LengthSpread(frozen(table[:, 0]), frozen(table[:, 1])),
            padding=self._buckets.counted(),
            troubles=tuple(self._troubles),
            stopped=stopped,
            interrupted=interrupted,
        )
