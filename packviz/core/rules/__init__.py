"""The rules: a batch in, its findings out. RULES holds them all; each rule's docstring is the text of its help.

To add one, write a function under `@rule("its-code")` into the module of its theme; a new module goes into ROOMS, too.

Of a finding that is an error, more has to be told: at which call torch raises (`stage`) and what it meets first there
(core/stopping.py; core/refusals.py for packing, core/run_path.py for a given module), what a message of torch's means
(core/messages/causes.py), and, for the tests, the message that torch raises (tests/core/test_rules.py) and the code
that the oracle expects (tests/oracle/sweep.py).
"""

from __future__ import annotations

from packviz.core.batch import Batch
from packviz.core.cells.evidence import gather
from packviz.core.module import Module
from packviz.core.packing import Packing, Refusal
from packviz.core.report import LEADING, Report, place
from packviz.core.rules import (
    cells,
    companions,
    layout,
    lengths,
    masks,
    modules,
    numbers,
    outputs,
    packed,
    padding,
    shapes,
    together,
)
from packviz.core.rules.consequences import whole_fix
from packviz.core.rules.reach import reached
from packviz.core.rules.table import RULES, Rule

__all__ = ["LEADING", "RULES", "Rule", "check"]

ROOMS = (lengths, together, shapes, cells, padding, numbers, layout, masks, packed, modules, outputs, companions)
"""The modules that hold the rules, in the order of their help; importing them fills RULES."""


def check(batch: Batch, packing: Packing | Refusal | None = None, module: Module | None = None) -> Report:
    """All findings on a batch, worst first; of those, what torch stops at first; then by code.

    `packing`: what torch made of this batch, with its own order of equal lengths; without it no packed index is named
    where that order is not certain. `module`: the one that the call goes on with.
    """
    evidence = gather(batch, packing, module)
    found = [finding for rule in RULES.values() if (finding := rule.look(evidence)) is not None]
    left_out = {code for finding in found for code in finding.instead}
    found = [finding for finding in found if finding.code not in left_out]
    codes = {finding.code for finding in found}
    told = list(reached(evidence, [whole_fix(evidence, finding, codes) for finding in found]))
    told.sort(key=place)
    return Report(batch, evidence.packing, tuple(told), layout=evidence.layout, exact=evidence.exact, module=module)
