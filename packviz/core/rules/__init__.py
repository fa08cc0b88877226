"""The rules: a batch in, its findings out. RULES holds them all; each rule's docstring is the text of its help.

To add one, write a function under `@rule("its-code")` into the module of its theme, and import that module here.
"""

from __future__ import annotations

from packviz.core.batch import Batch
from packviz.core.evidence import gather
from packviz.core.findings import Report
from packviz.core.packing import Packing, Refusal
from packviz.core.rules import cells, layout, lengths, masks, modules, numbers, outputs, packed, padding, shapes
from packviz.core.rules.reach import reached
from packviz.core.rules.table import RULES, Rule

__all__ = ["RULES", "Rule", "check"]

ROOMS = (cells, layout, lengths, masks, modules, numbers, outputs, packed, padding, shapes)
"""The modules that hold the rules; importing them fills RULES."""


def check(batch: Batch, packing: Packing | Refusal | None = None) -> Report:
    """All findings on a batch, worst first; of those, what torch stops at first; then by code.

    `packing`: what torch made of this batch, with its own order of equal lengths; without it no packed index is named
    where that order is not certain.
    """
    evidence = gather(batch, packing)
    found = [finding for rule in RULES.values() if (finding := rule.look(evidence)) is not None]
    told = list(reached(evidence, found))
    told.sort(key=lambda finding: (finding.severity.rank, finding.behind is not None, finding.code))
    return Report(batch, evidence.packing, tuple(told))
