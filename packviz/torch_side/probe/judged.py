"""What the oracles of a callable found, and how findings of one kind become one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from packviz.core.breaches import found, order_told, placed, sentence
from packviz.core.cells.bits import Bools, Ints
from packviz.core.findings import Finding, Severity
from packviz.core.rows_read import Crossing
from packviz.core.steps_read import Reached


@dataclass
class Judged:
    """What the oracles found. `untested`: what could not be tested, so that nothing is called right. `broken`: the
    first submodule at which the law breaks, in words. `crossings`, `reached`: as of a ProbeReport."""

    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    untested: list[str] = field(default_factory=list)
    broken: str = ""
    crossings: list[Crossing] = field(default_factory=list)
    reached: list[Reached] = field(default_factory=list)

    def add(self, code: str, rows: Iterable[int] | Ints, detail: str, *, note: bool = False) -> None:
        """One more finding."""
        self.findings.append(found(code, [int(row) for row in rows], detail, note=note))

    def add_whole(self, name: str, wrong: Bools) -> None:
        """Whole numbers of these rows, (B,) bool, that are others alone."""
        if wrong.any():
            which = np.flatnonzero(wrong)
            detail = f"{placed([name], which, len(wrong))} is another number alone, cut to the length of the row."
            self.add("lengths-depend-on-company", which, sentence(detail))


def merged(findings: list[Finding]) -> list[Finding]:
    """One finding of each code and severity, worst first: the rows of all, and what is said of each part."""
    kinds: dict[tuple[str, Severity], list[Finding]] = {}
    for each in findings:
        kinds.setdefault((each.code, each.severity), []).append(each)
    one = [
        found(
            code,
            sorted({row for each in alike for row in each.rows}),
            " ".join(dict.fromkeys(each.detail for each in alike)),
            note=severity is Severity.NOTE,
        )
        for (code, severity), alike in kinds.items()
    ]
    return sorted(one, key=lambda each: (each.severity.rank, order_told(each.code)))
