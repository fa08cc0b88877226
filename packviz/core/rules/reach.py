"""At which finding each of torch's calls stops: it names one cause only, and never gets to those behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from packviz.core.cells.evidence import Evidence
from packviz.core.findings import Finding, Severity

IN_ORDER = {
    "run": ("packed-inconsistent", "length-exceeds-time"),
    "unpack": ("total-length-too-short", "packed-inconsistent", "length-exceeds-time", "padding-value-too-large"),
}
"""The causes of each stage, in the order in which torch comes upon them. Those of packing: `core.packing.pack`; those
of running a given module differ with the module: `core.run_path`."""

SEEN_AS = {
    "layout-swapped": ("lengths-count", "length-exceeds-time"),
    "lengths-are-mask": ("length-not-positive", "lengths-unsorted"),
    "lengths-one-cause": ("length-not-positive", "lengths-unsorted", "length-exceeds-time"),
}
"""Causes that torch meets as another one, which follows from them."""


def reached(evidence: Evidence, found: Sequence[Finding]) -> Iterable[Finding]:
    """The findings, those that torch never gets to with the one that it stops at."""
    path = evidence.path
    orders = IN_ORDER if path is None else {**IN_ORDER, "run": ("packed-inconsistent", *path.order)}
    if path is not None and path.inputs is not None and path.risky:
        found = [_asked(finding) for finding in found]
    for finding in found:
        stop = _stop(evidence, found, finding, orders)
        stop = next((f.code for f in found if stop is not None and stop in f.instead), stop)
        met = stop is None or stop == finding.code or stop in SEEN_AS.get(finding.code, ())
        yield finding if met else replace(finding, behind=stop)


def _asked(finding: Finding) -> Finding:
    """nn.LSTM may take feature dimensions that it does not know for steps: then even a length beyond x passes."""
    by_length = (
        finding.code in ("length-exceeds-time", "layout-swapped", "lengths-one-cause") and finding.stage == "run"
    )
    return replace(finding, asked=True) if by_length else finding


def _stop(
    evidence: Evidence, found: Sequence[Finding], finding: Finding, orders: Mapping[str, tuple[str, ...]]
) -> str | None:
    """The code of the finding at which torch stops before or at this one; None where it gets to it."""
    if finding.stage is None:
        return None
    packing = evidence.refusal
    # A length beyond the end of x is no refusal of torch's: it packs it. A PackedSequence is packed already.
    if packing is not None and packing.code not in ("length-exceeds-time", "packed-inconsistent"):
        return packing.code
    if finding.stage == "pack":
        return None
    errors = [f for f in found if f.severity is Severity.ERROR and finding.stage in f.stages]
    here = {code for f in errors for code in (f.code, *f.instead)}
    return next((code for code in orders[finding.stage] if code in here), None)
