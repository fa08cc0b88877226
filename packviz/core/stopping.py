"""At which finding each of torch's calls stops, and what torch did about each once it has been asked.

It names one cause only, and never gets to those behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from packviz.core.findings import Finding, Severity
from packviz.core.verdict import Outcome, Stage, Verdict

IN_ORDER: dict[Stage, tuple[str, ...]] = {
    "run": ("packed-inconsistent", "length-exceeds-time"),
    "unpack": ("total-length-too-short", "padding-value-too-large", "packed-inconsistent", "length-exceeds-time"),
}
"""The causes of each stage, in the order in which torch comes upon them: unpacking compares total_length, fills a
tensor with padding_value, and then puts in the steps. Those of packing: `core.packing.pack`; those of running a given
module differ with the module: `core.run_path`."""

SEEN_AS = {
    "layout-swapped": ("lengths-count", "length-exceeds-time"),
    "lengths-are-mask": ("length-not-positive", "lengths-unsorted"),
    "lengths-one-cause": ("length-not-positive", "lengths-unsorted", "length-exceeds-time"),
}
"""Causes that torch meets as another one, which follows from them."""


def first_met(stage: Stage, found: Iterable[Finding], order: Sequence[str]) -> str | None:
    """The code in this order at which this call stops, of those of the errors found; None where none is there."""
    errors = [f for f in found if f.severity is Severity.ERROR and stage in f.stages]
    here = {code for f in errors for code in (f.code, *f.instead)}
    return next((code for code in order if code in here), None)


def is_at(finding: Finding, stop: str | None) -> bool:
    """Whether torch gets to this finding where it stops at that code."""
    return stop is None or finding.says(stop) or stop in SEEN_AS.get(finding.code, ())


def heard(findings: Sequence[Finding], verdict: Verdict) -> tuple[Finding, ...]:
    """The findings with what torch did about each; where torch decides the severity, with that.

    No finding stays behind one that torch turned out to pass.
    """
    certain = [f for f in findings if not f.asked]
    told = [_decided(finding, certain, verdict) for finding in findings]
    errors = {f.code for f in told if f.severity is Severity.ERROR}
    free = (f if f.behind in errors else _decided(replace(f, behind=None), certain, verdict) for f in told)
    return tuple(_quoted(finding, verdict) for finding in free)


def _decided(finding: Finding, certain: Sequence[Finding], verdict: Verdict) -> Finding:
    """The finding as torch has it, where it is for torch to say.

    `certain`: the findings about which nobody has to ask. A later stage that stops at one of these, and so does not get
    to this finding, tells nothing of it.
    """
    if not finding.asked:
        return finding
    did = {
        stage: getattr(verdict, stage).ok
        for stage in finding.stages
        if stage == finding.stage or is_at(finding, first_met(stage, certain, IN_ORDER.get(stage, ())))
    }
    raising = next((stage for stage, ok in did.items() if ok is False), None)
    passed = next(iter(did.values()), None) is True  # the call at which it may stand behind another one
    if raising is None and passed:
        return replace(finding, severity=Severity.SILENT, also=(), behind=None)
    if raising is not None and (finding.behind is None or passed):
        return replace(finding, severity=Severity.ERROR, stage=raising, also=(), behind=None)
    return finding  # torch did not get to it, or was not asked: it stays as the rule has it


def _quoted(finding: Finding, verdict: Verdict) -> Finding:
    """The finding with torch's own words."""
    if finding.behind is not None:
        return replace(finding, torch=f"does not get here: it stops at {finding.behind}")
    if finding.severity is Severity.SILENT:
        return replace(finding, torch="says nothing")
    if finding.stage is None:
        return replace(finding, torch=None)
    outcome: Outcome = getattr(verdict, finding.stage)
    return replace(finding, torch=f"{outcome.call} {outcome.said}" if outcome.ok is False else None)
