"""Which findings somebody asks for, and how bad one must be to count as wrong."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from packviz.core.errors import BatchError
from packviz.core.findings import Severity
from packviz.core.texts.quoting import quoted

if TYPE_CHECKING:
    from packviz.core.report import Report

ALL = "ALL"
"""Stands for every code."""


@dataclass(frozen=True)
class Choice:
    """`select`, `ignore`: codes, the words that codes begin with, or ALL. What both name is decided by the longer name,
    and left out where they are equally long; what neither names is taken where nothing is selected. `fail_on`: a batch
    is wrong where it has a finding at least as bad; None: whatever is found."""

    select: tuple[str, ...] = (ALL,)
    ignore: tuple[str, ...] = ()
    fail_on: Severity | None = Severity.SILENT

    @property
    def narrows(self) -> bool:
        """Whether it may leave a finding out."""
        return self.select != (ALL,) or bool(self.ignore)

    def takes(self, code: str) -> bool:
        """Whether findings of this code are asked for."""
        return _nearest(self.select, code) > _nearest(self.ignore, code)

    def of(self, report: Report) -> Report:
        """The report with the findings that are asked for; it keeps the others as `left_out`."""
        if not self.narrows:
            return report
        taken = tuple(finding for finding in report.findings if self.wants(finding.code, finding.instead))
        others = tuple(finding for finding in report.findings if not self.wants(finding.code, finding.instead))
        return replace(report, findings=taken, left_out=(*report.left_out, *others))

    def wants(self, code: str, instead: Iterable[str] = ()) -> bool:
        """Whether a finding is asked for; where some were selected, also as what stands in the place of one of these,
        `instead`."""
        selected = self.select != (ALL,) and any(self.takes(other) for other in instead)
        return selected or self.takes(code)

    def fails(self, severities: Iterable[Severity], raised: bool = False) -> bool:
        """Whether a batch with findings of these severities is wrong. `raised`: torch raised what no finding is about,
        which is as bad as an error."""
        if self.fail_on is None:
            return False
        return raised or any(severity.rank <= self.fail_on.rank for severity in severities)


EVERYTHING = Choice()
"""All findings; errors and silent ones are wrong."""


def _nearest(names: tuple[str, ...], code: str) -> int:
    """How long the longest of the names is that means this code, 0 of ALL; -1 where none does."""
    return max((0 if name == ALL else len(name) for name in names if _means(name, code)), default=-1)


def _means(name: str, code: str) -> bool:
    return name in (ALL, code) or code.startswith(f"{name}-")


def codes_named(text: str) -> tuple[str, ...]:
    """The names in `padding-left,lengths`: codes, the words that codes begin with, or ALL. Raises BatchError for one
    that means no code of a check."""
    from packviz.core.catalogue import CODES

    names = [word.strip().rstrip("*").rstrip("-") for word in text.split(",") if word.strip()]
    if not names or not all(names):
        raise BatchError(f"{quoted(text, 40)} names no code: there are padding-left, or padding for all such.")
    for i, name in enumerate(names):
        if name.upper() == ALL:
            names[i] = ALL
            continue
        names[i] = name.lower()
        if not any(_means(names[i], code) for code in CODES):
            words = {code.partition("-")[0] for code in CODES}
            known = [*sorted(words), *CODES]
            close = [word for word in known if word.startswith(names[i])] or difflib.get_close_matches(names[i], known)
            hint = f"did you mean {close[0]}?" if close else "packviz explain --codes lists them."
            raise BatchError(f"there is no finding {quoted(name, 40)}: {hint}")
    return tuple(names)
