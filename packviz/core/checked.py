"""Checked: what is kept of a batch once it has been checked, where there are too many to keep their reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.arrays import frozen
from packviz.core.batch import Batch
from packviz.core.cells.padding import padding_share
from packviz.core.choice import EVERYTHING, Choice
from packviz.core.errors import BatchError
from packviz.core.findings import Severity
from packviz.core.noted import NotedCall
from packviz.core.report import Report
from packviz.core.texts.quoting import cut

MOST_ROWS = 8
"""Rows of a finding that are kept; of more, how many they are."""


@dataclass(frozen=True)
class Told:
    """One finding of a batch: the first of its rows, and how many they are."""

    code: str
    severity: Severity
    title: str
    rows: tuple[int, ...] = ()
    row_count: int = 0


@dataclass(frozen=True, eq=False)
class Checked:
    """One batch that was checked, or that can't be read.

    `source`: as it is displayed. `rows`, `steps`: B and T. `lengths`: (B,) int64, read-only, the cells of each row that
    are inside its length, 0 to T; None where the lengths are not one number a row. `findings`: those that were asked
    for, worst first. `raised`: what torch raised that no finding is about, a sentence. `wrong`: whether it counts as
    such. `asked`: whether torch was asked. `guessed`: whether the lengths were, from the padding. `trouble`: why it
    can't be read, a sentence that names it; it has no findings then.
    """

    source: str
    rows: int = 0
    steps: int = 0
    lengths: NDArray[np.int64] | None = None
    findings: tuple[Told, ...] = ()
    raised: str = ""
    wrong: bool = False
    asked: bool = False
    guessed: bool = False
    trouble: str = ""

    @classmethod
    def of(cls, report: Report, choice: Choice = EVERYTHING, call: NotedCall | None = None) -> Checked:
        """What is kept of a report, which has been narrowed by the choice. `call`: of a recording, that its batch is
        of."""
        batch, raised = report.batch, unexplained(report, call)
        told = tuple(Told(f.code, f.severity, f.title, f.rows[:MOST_ROWS], len(f.rows)) for f in report.findings)
        return cls(
            batch.source.shown,
            batch.rows,
            batch.steps,
            _inside(batch),
            told,
            raised,
            choice.fails((f.severity for f in told), bool(raised)),
            report.verdict is not None,
            batch.given.origin == "guessed",
        )

    @classmethod
    def from_dict(cls, line: object, choice: Choice = EVERYTHING) -> Checked:
        """The same of a line that `packviz check --format json` printed. Raises BatchError where it is none."""
        try:
            return _from(line, choice)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise BatchError(
                f"it is no line of packviz check --format json ({type(error).__name__}: {error})."
            ) from None


def line_of(report: Report, call: NotedCall | None = None) -> dict[str, Any]:
    """The object that `packviz check --format json` prints of a batch. `call`: of a recording, that it is of."""
    line = report.to_dict()
    return line if call is None else {**line, "unexplained": unexplained(report, call) or None, "call": call.told()}


def unexplained(report: Report, call: NotedCall | None = None) -> str:
    """What torch raises that no finding is about, or else what it raised in the program that was recorded, a sentence;
    "" of neither."""
    said = report.unexplained_text
    if said or call is None or not call.error:
        return said
    if any(finding.severity is Severity.ERROR for finding in (*report.findings, *report.left_out)):
        return ""
    return f"{call.call} raised in the program, {cut(call.error)!r}, and no finding explains it."


def _inside(batch: Batch) -> NDArray[np.int64] | None:
    if padding_share(batch) is None:
        return None
    return frozen(np.clip(batch.counts, 0, batch.steps))


def _from(line: object, choice: Choice) -> Checked:
    if not isinstance(line, Mapping):
        raise TypeError("it is no object")
    if "trouble" in line:
        return Checked(str(line["source"]), trouble=str(line["trouble"]))
    batch = line["batch"]
    rows, steps, given = int(batch["rows"]), int(batch["steps"]), batch["lengths"]
    told = []
    for found in line["findings"]:
        places = tuple(int(row) for row in found["rows"])
        severity = Severity(found["severity"])
        if choice.wants(str(found["code"]), map(str, found["instead"])):
            told.append(Told(str(found["code"]), severity, str(found["title"]), places[:MOST_ROWS], len(places)))
    raised = str(line["unexplained"] or "")
    wrong = choice.fails((found.severity for found in told), bool(raised))
    lengths = _lengths(given, rows, steps)
    asked, guessed = line["torch"] is not None, batch["lengths_from"] == "guessed"
    return Checked(str(line["source"]), rows, steps, lengths, tuple(told), raised, wrong, asked, guessed)


def _lengths(given: Any, rows: int, steps: int) -> NDArray[np.int64] | None:
    """(B,) int64, 0 to T, of what a line has as lengths; None where it is not one number a row."""
    if not rows or not isinstance(given, list) or len(given) != rows:
        return None
    if not all(isinstance(n, int | float) for n in given):
        return None
    return frozen(np.clip(np.array(given, dtype=np.float64), 0, steps).astype(np.int64))
