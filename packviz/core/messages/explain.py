"""From a message or a traceback back to its causes, and, given the batch, to the rows that are wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from packviz.core.batch import Batch
from packviz.core.breaches import PROBED
from packviz.core.codes import code_help, code_title
from packviz.core.findings import Finding, Severity
from packviz.core.messages import CAUSES
from packviz.core.messages.heard import exception_named, heard
from packviz.core.report import Report
from packviz.core.rules import RULES
from packviz.core.verdict import STAGES, Verdict

SHORTEST = 12  # characters; less of a message is too little to tell it by
MUST_BE_GIVEN = ("module-input-size", "module-dtype", "hidden-shape")
NO_PROOF = ("last-output", "backward-final")
"""Findings that say nothing of what the code around the batch does: they neither confirm a cause nor rule it out."""


LAYOUT = "unpacked-layout"
_SIZES = re.compile(r"(?:size|tensor [ab]) \(?(\d{1,9})\b")


@dataclass(frozen=True, repr=False)
class Cause:
    """One cause that fits a message.

    `code`: of the finding, or one of the causes that no check of a batch can see. `why`: why it fits, with the numbers
    of the message. `look`: what to look at. `fix`: Python to copy, or None. `confirmed`: True where the batch has it,
    False where the batch rules it out, None where no batch was given or it can't tell. `finding`: what the checks found
    in the batch; `rows`, its rows, in the order of the batch. `exact`: torch raises this very message for it.
    `absent`: the batch does not have it, and the message may be about another batch.
    """

    code: str
    title: str
    why: str
    look: str
    fix: str | None = None
    rows: tuple[int, ...] = ()
    confirmed: bool | None = None
    finding: Finding | None = None
    exact: bool = False
    absent: bool = False

    def __repr__(self) -> str:
        return f"Cause({self.code!r}, confirmed={self.confirmed}, rows={self.rows})"

    def to_dict(self) -> dict[str, Any]:
        """As in the JSON of `packviz explain`."""
        return {
            "code": self.code,
            "title": self.title,
            "why": self.why,
            "look": self.look,
            "fix": self.fix,
            "rows": list(self.rows),
            "confirmed": self.confirmed,
            "finding": None if self.finding is None else self.finding.to_dict(),
        }


@dataclass(frozen=True, repr=False)
class Explanation:
    """What a message means, and the causes that fit: those that the batch has first, then the likeliest.

    `message`: as it was said, with the name of its exception. `means`: what torch says with it; nothing where the
    message is not known. `batch`: the source of the batch that it was compared with, or nothing. `code`, `help`: where
    a code was asked about and not a message: that code, and its help. `beside`: what is wrong with the batch, or likely
    so, and is none of the causes, worst first.
    """

    message: str
    means: str = ""
    causes: tuple[Cause, ...] = ()
    batch: str = ""
    code: str = ""
    help: str = ""
    beside: tuple[Finding, ...] = ()

    @property
    def known(self) -> bool:
        """Whether any cause is known, or the code."""
        return bool(self.causes or self.help)

    def to_dict(self) -> dict[str, Any]:
        """One JSON object, as `packviz explain --format json` prints it."""
        asked = {"code": self.code, "help": self.help} if self.help else {}
        return {
            "version": 1,
            **asked,
            "message": self.message,
            "means": self.means,
            "batch": self.batch or None,
            "causes": [cause.to_dict() for cause in self.causes],
            "beside": [finding.code for finding in self.beside],
        }

    def __str__(self) -> str:
        from packviz.core.texts.explanation import explanation_text

        return explanation_text(self)

    __repr__ = __str__  # as somebody reads it who types explain(...) at a prompt


def explain(what: str | BaseException, report: Report | None = None) -> Explanation:
    """The causes of the last known message in a text, or of an exception and those behind it.

    `report`: on the batch that it is about. A message that nobody knows has no causes: none are invented.
    """
    found = heard(what)
    if found is None:
        explanation = Explanation(exception_named(what))
    else:
        causes = tuple(_suspected(code, why) for code, why in found.suspects)
        explanation = Explanation(found.said, found.means, causes)
    return explanation if report is None else compared(explanation, report)


def explain_code(code: str, report: Report | None = None) -> Explanation:
    """The help of a code, and, given a report, whether the batch has it, which of what a probe finds no report can say.
    Raises KeyError for no such code."""
    told = Explanation("", code=code, help=code_help(code))
    if report is None or code in PROBED:
        return told
    return compared(replace(told, causes=(replace(_suspected(code, ""), title=code_title(code)),)), report)


def compared(explanation: Explanation, report: Report, *, same: bool = True) -> Explanation:
    """The explanation with what the batch of the report has of each cause: what it confirms comes first.

    `same`: the message is about this batch, so that what it does not have is ruled out, and comes last. Where torch
    raises this very message with the batch, it is about this one, and the finding that explains that is the cause,
    whether or not the message is known.
    """
    exact = _found_exactly(explanation.message, report)
    codes = {cause.code for cause in explanation.causes}
    causes = [_compared(cause, report, exact) for cause in explanation.causes]
    causes += [_confirmed(_suspected(f.code, ""), f, True) for f in exact if not any(f.says(code) for code in codes)]
    if not same and not exact:
        causes = [replace(c, confirmed=None, absent=True) if c.confirmed is False else c for c in causes]
    ranks = {True: 0, None: 1, False: 2}
    swapped = _other_layout(explanation.message, report.batch)
    causes = [replace(cause, why=swapped) if swapped and cause.code == LAYOUT else cause for cause in causes]
    causes.sort(key=lambda cause: (not cause.exact, not (swapped and cause.code == LAYOUT), ranks[cause.confirmed]))
    told = {cause.finding.code for cause in causes if cause.finding is not None}
    beside = tuple(f for f in report.findings if f.severity is not Severity.NOTE and f.code not in told)
    return replace(explanation, causes=tuple(causes), batch=report.batch.source.shown, beside=beside)


def _suspected(code: str, why: str) -> Cause:
    plain = CAUSES.get(code)
    if plain is None:  # a finding that explains a message which the table does not have
        return Cause(code, "", why, "")
    return Cause(code, plain.title, why, plain.look, plain.fix)


def _compared(cause: Cause, report: Report, exact: list[Finding]) -> Cause:
    found = next((f for f in report.findings if f.says(cause.code)), None)
    if found is not None and cause.code not in NO_PROOF:
        return _confirmed(cause, found, any(f.says(cause.code) for f in exact))
    return replace(cause, confirmed=_absent(cause.code, report))


def _confirmed(cause: Cause, found: Finding, exact: bool) -> Cause:
    return replace(
        cause,
        title=found.title,
        why=cause.why or found.detail,
        fix=found.fix or cause.fix,
        rows=found.rows,
        confirmed=True,
        finding=found,
        exact=exact,
    )


def _absent(code: str, report: Report) -> bool | None:
    """What it means that the checks did not find a cause: False where they would have, None where they can't."""
    if code not in RULES or code in NO_PROOF or code in ("lengths-device", "padding-value-too-large"):
        return None  # where lengths lay is not kept by every file; and something else than an output may be unpacked
    if code in MUST_BE_GIVEN:
        module = report.module if report.module is not None and report.module.held else None
        given = module is not None and (code != "hidden-shape" or module.hx is not None)
        return False if given else None
    batch = report.batch
    if code == "total-length-too-short":
        return None if batch.call.total_length is None else False
    if code == "layout-swapped":  # the other layout needs a length for each step of this one
        return None if len(batch.counts) == batch.steps else False
    return False


def _other_layout(message: str, batch: Batch) -> str:
    """Why two sizes in a message are rows beside steps of this batch; nothing where they are not."""
    sizes = {int(size) for size in _SIZES.findall(message)}
    longest = int(batch.counts.max(initial=0))
    for steps in (batch.steps, longest):
        if len(sizes) == 2 and sizes == {batch.rows, steps}:
            return f"{batch.rows} is the number of rows, {steps} that of steps: one is (B, T), the other (T, B)."
    return ""


def _found_exactly(message: str, report: Report) -> list[Finding]:
    """The errors for which torch raised this very message with the batch."""
    raised = None if report.verdict is None else _stage(message, report.verdict)
    if raised is None:
        return []
    return [f for f in report.findings if f.severity is Severity.ERROR and raised in f.stages and f.behind is None]


def _stage(message: str, verdict: Verdict) -> str | None:
    """The call that raised this very message."""
    said = _plain(message)
    if len(said) < SHORTEST:
        return None
    for stage in STAGES:
        outcome = getattr(verdict, stage)
        if outcome.ok is False and outcome.text:
            words = _plain(outcome.text)
            if said in words or (len(words) >= SHORTEST and words in said):
                return stage
    return None


def _plain(message: str) -> str:
    """A message without the name of its exception, its blanks and its end."""
    name, colon, words = message.partition(": ")
    return " ".join((words if colon and " " not in name else message).split()).rstrip(".… ").lower()
