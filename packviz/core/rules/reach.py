"""Which of the findings on a batch torch never gets to, because it stops at another one first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from packviz.core.cells.evidence import Evidence
from packviz.core.findings import Finding
from packviz.core.stopping import IN_ORDER, first_met, is_at
from packviz.core.verdict import Stage


def reached(evidence: Evidence, found: Sequence[Finding]) -> Iterable[Finding]:
    """The findings, those that torch never gets to with the one that it stops at."""
    path = evidence.path
    orders = IN_ORDER if path is None else {**IN_ORDER, "run": ("packed-inconsistent", *path.order)}
    if path is not None and path.inputs is not None and path.risky:
        found = [_asked(finding) for finding in found]
    for finding in found:
        stop = _stop(evidence, found, finding, orders)
        stop = next((f.code for f in found if stop is not None and stop in f.instead), stop)
        yield finding if is_at(finding, stop) else replace(finding, behind=stop)


def _asked(finding: Finding) -> Finding:
    """nn.LSTM may take feature dimensions that it does not know for steps: then even a length beyond x passes."""
    by_length = (
        finding.code in ("length-exceeds-time", "layout-swapped", "lengths-one-cause") and finding.stage == "run"
    )
    return replace(finding, asked=True) if by_length else finding


def _stop(
    evidence: Evidence, found: Sequence[Finding], finding: Finding, orders: Mapping[Stage, tuple[str, ...]]
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
    return first_met(finding.stage, found, orders[finding.stage])
