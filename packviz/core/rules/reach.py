"""At which finding each of torch's calls stops: it names one cause only, and never gets to those behind it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from packviz.core.evidence import Evidence
from packviz.core.findings import Finding, Severity

IN_ORDER = {
    "run": ("packed-inconsistent", "hidden-shape", "module-dtype", "module-input-size", "length-exceeds-time"),
    "unpack": ("packed-inconsistent", "total-length-too-short", "length-exceeds-time"),
}
"""The causes of each stage, in the order in which torch comes upon them. Those of packing: `core.packing.pack`."""


def reached(evidence: Evidence, found: Sequence[Finding]) -> Iterable[Finding]:
    """The findings, those that torch never gets to with the one that it stops at."""
    for finding in found:
        stop = _stop(evidence, found, finding)
        yield finding if stop is None or stop == finding.code else replace(finding, behind=stop)


def _stop(evidence: Evidence, found: Sequence[Finding], finding: Finding) -> str | None:
    """The code of the finding at which torch stops before or at this one; None where it gets to it."""
    if finding.stage is None:
        return None
    packing = evidence.refusal
    # A length beyond the end of x is no refusal of torch's: it packs it.
    if packing is not None and packing.code != "length-exceeds-time":
        return packing.code
    if finding.stage == "pack":
        return None
    here = {f.code for f in found if f.severity is Severity.ERROR and finding.stage in f.stages}
    return next((code for code in IN_ORDER[finding.stage] if code in here), None)
