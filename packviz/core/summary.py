"""Summary: what came of checking many batches, of which none is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.arrays import frozen
from packviz.core.bucketing import Bucketing
from packviz.core.findings import Severity

NONE = np.empty(0, dtype=np.int64)

BINS = 10
"""Of the histogram of lengths."""

QUANTILES = (0.5, 0.9, 0.99)


@dataclass(frozen=True)
class Place:
    """Where a finding is: the batch, as it is displayed, the first of its rows there, and how many they are."""

    source: str
    rows: tuple[int, ...] = ()
    row_count: int = 0


@dataclass(frozen=True)
class Occurring:
    """One code in all batches: in how many it was found, in how many of their rows; `places`: the first of them.

    `severity`: the worst that it had; `title`: of its first place, where it had that.
    """

    code: str
    severity: Severity
    title: str
    batches: int
    rows: int
    places: tuple[Place, ...]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "title": self.title,
            "batches": self.batches,
            "rows": self.rows,
            "places": [{"source": place.source, "rows": list(place.rows)} for place in self.places],
        }


@dataclass(frozen=True, eq=False)
class LengthSpread:
    """How the lengths of all rows are spread: `values`, (n,) int64, ascending, those that occur, and `counts`, (n,)
    int64, in how many rows. Read-only."""

    values: NDArray[np.int64]
    counts: NDArray[np.int64]

    @property
    def rows(self) -> int:
        """How many rows have a length."""
        return int(self.counts.sum())

    @property
    def mean(self) -> float:
        """Of all rows; NaN of none."""
        return float((self.values * self.counts).sum() / self.rows) if self.rows else float("nan")

    def quantile(self, share: float) -> int:
        """The smallest length that at least this share of the rows, above 0, does not exceed. IndexError of no rows."""
        return int(self.values[np.searchsorted(np.cumsum(self.counts), share * self.rows)])

    def histogram(self, most: int = BINS) -> list[tuple[int, int, int]]:
        """(shortest, longest, rows) of at most so many spans of equal width, which cover all lengths; () of no rows."""
        if not len(self.values):
            return []
        least, longest = int(self.values[0]), int(self.values[-1])
        width = -(-(longest - least + 1) // most)
        bins = np.bincount((self.values - least) // width, weights=self.counts).astype(np.int64).tolist()
        return [(start := least + i * width, min(start + width - 1, longest), rows) for i, rows in enumerate(bins)]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        if not len(self.values):
            return {"rows": 0}
        return {
            "rows": self.rows,
            "shortest": int(self.values[0]),
            "longest": int(self.values[-1]),
            "mean": self.mean,
            "quantiles": {f"{share:g}": self.quantile(share) for share in QUANTILES},
            "histogram": [{"from": start, "to": end, "rows": rows} for start, end, rows in self.histogram()],
        }


@dataclass(frozen=True, eq=False, repr=False)
class Summary:
    """What came of checking many batches.

    `batches`: how many were checked, `rows` of them all; `wrong`: how many of them are; `unread`: how many can't be
    read, beside these; `asked`: about how many torch was asked; `guessed`: in how many the lengths were guessed from
    the padding, so that what is said of these hangs on that. `findings`: by code, worst first. `raised`: the first
    batches in which torch raised what no finding is about, and `raised_in`, how many they are. `lengths`: how they are
    spread; `padding`: what is padding, and what sorting rows by their lengths would save of it; both of the batches
    that have one length a row, `measured` of them. `troubles`: why the first of the unread can't be read, a sentence
    each. `stopped`: a limit was reached, so that there may be more of them; `interrupted`: Ctrl+C came before the end.
    """

    batches: int = 0
    rows: int = 0
    wrong: int = 0
    unread: int = 0
    asked: int = 0
    guessed: int = 0
    findings: tuple[Occurring, ...] = ()
    raised: tuple[Place, ...] = ()
    raised_in: int = 0
    lengths: LengthSpread = field(default_factory=lambda: LengthSpread(frozen(NONE), frozen(NONE)))
    padding: Bucketing = field(default_factory=Bucketing)
    measured: int = 0
    troubles: tuple[str, ...] = ()
    stopped: bool = False
    interrupted: bool = False

    @property
    def ok(self) -> bool:
        """Every batch can be read, and none is wrong: no error, nothing silently wrong, nothing that torch raised."""
        return not self.wrong and not self.unread

    def to_dict(self) -> dict[str, Any]:
        """One JSON object."""
        return {
            "version": 1,
            "ok": self.ok,
            "batches": self.batches,
            "rows": self.rows,
            "wrong": self.wrong,
            "unread": self.unread,
            "asked": self.asked,
            "guessed": self.guessed,
            "findings": [occurring.to_dict() for occurring in self.findings],
            "raised": {"batches": self.raised_in, "places": [place.source for place in self.raised]},
            "lengths": self.lengths.to_dict(),
            "padding": {"batches": self.measured, **self.padding.to_dict()},
            "troubles": list(self.troubles),
            "stopped": self.stopped,
            "interrupted": self.interrupted,
        }

    def __str__(self) -> str:
        from packviz.core.texts.summary import summary_text

        return summary_text(self)

    __repr__ = __str__  # what somebody sees who calls check_loader in a console
