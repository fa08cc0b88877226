"""The table that `make bench` prints: one row for each target of speed or memory."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple


class Row(NamedTuple):
    """One measurement beside its target.

    `measured`: a ratio where `against` is something measured in the same run, else in the unit of the target
    (ms for p95). `target`: at most this much; at least, of a `rate`. `note`: the absolute figures, in words. NaN: not
    measured here.
    """

    what: str
    against: str
    target: float
    measured: float
    note: str = ""
    unit: str = ""
    rate: bool = False

    @property
    def reached(self) -> bool:
        return self.measured >= self.target if self.rate else self.measured <= self.target

    @property
    def wanted(self) -> str:
        """The target as it is printed: `≤ 4`, `≥ 300 a second`."""
        return f"{'≥' if self.rate else '≤'} {self.target:g}{self.unit}"


def interleaved(*sides: Callable[[], object], repeats: int) -> list[float]:
    """Median seconds of each side; the sides take turns, so that a slow spell of the machine hits all of them."""
    times: list[list[float]] = [[] for _ in sides]
    for side in sides:
        side()
    for _ in range(repeats):
        for side, found in zip(sides, times, strict=True):
            found.append(seconds(side))
    return [statistics.median(found) for found in times]


def seconds(side: Callable[[], object]) -> float:
    """Seconds that one call takes."""
    start = time.perf_counter()
    side()
    return time.perf_counter() - start


def p95(times: Sequence[float]) -> float:
    """The 95th percentile of some seconds, in milliseconds."""
    return 1000 * statistics.quantiles(times, n=20)[-1] if len(times) > 1 else 1000 * times[0]


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    head = ("what", "against, in the same run", "target", "measured", "", "note")
    cells = [head, *((r.what, r.against, r.wanted, _figure(r), _mark(r), r.note) for r in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(head))]
    lines = ["| " + " | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) + " |" for line in cells]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _figure(row: Row) -> str:
    return "-" if row.measured != row.measured else f"{row.measured:.{0 if row.rate else 2}f}{row.unit}"


def _mark(row: Row) -> str:
    if row.measured != row.measured:
        return "not here"
    return "reached" if row.reached else "MISSED"
