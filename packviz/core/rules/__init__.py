"""The rules: a batch in, its findings out. RULES holds them all; each rule's docstring is the text of its help.

To add one, write a function under `@rule("its-code")` into the module of its theme, and import that module here.
"""

from __future__ import annotations

from dataclasses import replace

from packviz.core.batch import Batch
from packviz.core.evidence import Evidence, gather
from packviz.core.findings import Finding, Report
from packviz.core.packing import Packing, Refusal
from packviz.core.rules import cells, lengths, outputs
from packviz.core.rules.table import RULES, Rule

__all__ = ["RULES", "Rule", "cells", "check", "lengths", "outputs"]


def check(batch: Batch, packing: Packing | Refusal | None = None) -> Report:
    """All findings on a batch, worst first; of those, what torch stops at first; then by code.

    `packing`: what torch made of this batch, with its own order of equal lengths; without it no packed index is named
    where that order is not certain.
    """
    evidence = gather(batch, packing)
    found = [finding for rule in RULES.values() if (finding := rule.look(evidence)) is not None]
    stop = _stops_at(evidence)
    told = [_reach(finding, stop) for finding in found]
    told.sort(key=lambda finding: (finding.severity.rank, finding.behind is not None, finding.code))
    return Report(batch, evidence.packing, tuple(told))


def _stops_at(evidence: Evidence) -> str | None:
    """The code of the finding that pack_padded_sequence raises about, None where it returns: it names one cause only.

    A length beyond the end of x is none of them: torch packs it.
    """
    refusal = evidence.refusal
    return None if refusal is None or refusal.code == "length-exceeds-time" else refusal.code


def _reach(finding: Finding, stop: str | None) -> Finding:
    """A finding of torch's packing stage that is not the one it stops at is never reached."""
    if stop is None or finding.stage is None or finding.code == stop:
        return finding
    return replace(finding, behind=stop)
