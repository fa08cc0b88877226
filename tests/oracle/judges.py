"""What else is held against the report of a call: the rules alone find the same, and torch's words are explained."""

from __future__ import annotations

from collections.abc import Iterable

import packviz
from packviz.core.findings import Finding, Severity
from packviz.core.report import Report
from packviz.core.verdict import CRASHES, STAGES

OF_TORCH = {"torch"}
ASKED_OF_TORCH = {"torch", "severity", "stage", "also", "behind"}
"""What a verdict may add to a finding, and what it decides where the rule leaves it to torch."""


def told(finding: Finding) -> dict[str, str]:
    """All of a finding but what is of torch, in words: a NaN is none that could be compared."""
    ours = {name: value for name, value in vars(finding).items() if not name.startswith("_")}
    ours["spans"] = finding.spans.tolist()
    return {name: repr(ours[name]) for name in ours.keys() - (ASKED_OF_TORCH if finding.asked else OF_TORCH)}


def _name(said: dict[str, str]) -> tuple[str, str]:
    return said["code"], said["title"]


def differences(alone: Report, asked: Report) -> Iterable[str]:
    """How what the rules find alone is not what they find with torch asked, but for what only torch can tell."""
    found, with_torch = (sorted(map(told, report.findings), key=_name) for report in (alone, asked))
    if found != with_torch:
        yield f"the rules alone find {found}, and with torch {with_torch}"
    for name, report in (("alone", alone), ("with torch", asked)):  # what torch decides may change which is the worst
        ranks = [finding.severity.rank for finding in report.findings]
        if ranks != sorted(ranks):
            yield f"{name} the findings are not worst first: {ranks}"
    if alone.verdict is not None or any(finding.torch is not None for finding in alone.findings):
        yield f"torch was not asked, but is quoted: {alone.verdict}"
    if str(alone.layout) != str(asked.layout):
        yield f"alone the layout is {alone.layout}, with torch {asked.layout}"
    ours, theirs = alone.to_dict(), asked.to_dict()
    if ours["torch"] is not None:
        yield f"torch was not asked, but the JSON has {ours['torch']}"
    if ours.keys() != theirs.keys() or str(ours["batch"]) != str(theirs["batch"]):
        yield f"alone the JSON has {list(ours)} and {ours['batch']}, with torch {list(theirs)} and {theirs['batch']}"


def unexplained(report: Report) -> Iterable[str]:
    """What torch raised that `explain` does not know, or whose cause it does not name."""
    raising = [stage for stage in STAGES if getattr(report.verdict, stage).ok is False]
    for stage in raising:
        text = getattr(report.verdict, stage).text
        if text.startswith(CRASHES):
            continue  # in packviz's own words
        codes = {cause.code for cause in packviz.explain(text).causes}
        errors = [f for f in report.findings if f.severity is Severity.ERROR and stage in f.stages and not f.behind]
        named = {code for f in errors for code in (f.code, *f.instead)}
        if not codes:
            yield f"{text}: no cause is known"
        elif not named & codes and not (stage == "unpack" and "run" in raising):
            yield f"{text}: {sorted(named)} is not among {sorted(codes)}"
