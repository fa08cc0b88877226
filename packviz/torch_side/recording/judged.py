"""What the rules say of a call of a program: the same rules as everywhere, less what this call can't be about."""

from __future__ import annotations

from packviz.core import rules
from packviz.core.cells.uncertain import ends_by_chance, is_a_value, is_computed
from packviz.core.findings import Finding, Severity
from packviz.core.module import Module
from packviz.core.report import Report
from packviz.torch_side.recording.made import STAGE
from packviz.torch_side.recording.taken import Taken

ABOUT_PADDING = frozenset({"length-counts-padding", "row-all-padding", "padding-inside"})
"""What was said already where the sequences were packed; of outputs, which are never padded inside, it says nothing."""
ABOUT_ENDS = frozenset({"length-counts-padding", "row-all-padding"})
"""What is concluded from the last cells inside the lengths."""
ABOUT_WHAT_IS_CUT = frozenset({"length-cuts-data", "lengths-one-cause"})
"""What is concluded from the cells beyond the lengths."""
UNPACKED = ("nan-", "inf-", "module-", "hidden-", "batch-")
"""What is said of a batch that goes through a module unpacked: nobody claims to know its lengths."""


def judged(taken: Taken, *, raised: bool, ask: bool = False) -> Report:
    """All rules over what a call was given. `raised`: the call did; where it did not, nothing is an error at it: torch
    has just shown that. `ask`: torch is run on it again, apart from the program. Raises BatchError."""
    report = report_of(taken, ask=ask)
    stage = STAGE.get(taken.call, "run")
    found = tuple(f for f in report.findings if _concerns(f, taken, stage, raised))
    return Report(
        report.batch, report.packing, found, report.verdict, report.layout, report.exact, report.module, report.meant
    )


def report_of(taken: Taken, source: str = "", *, ask: bool = False) -> Report:
    """The report on its batch, from this source, as `packviz.check` makes it."""
    batch, module = taken.named(source) if source else taken.batch, taken.module or Module()
    if not ask:
        return rules.check(batch, None, module)
    from torch.utils._python_dispatch import _disable_current_modes

    from packviz.torch_side.asking.verdict import ask as ask_torch
    from packviz.torch_side.order import pack_in_torch_order

    with _disable_current_modes():  # nobody who watches the program's operations sees these
        return rules.check(batch, pack_in_torch_order(batch), module).with_verdict(ask_torch(batch, module))


def _concerns(finding: Finding, taken: Taken, stage: str, raised: bool) -> bool:
    if taken.packed:
        if finding.code in ABOUT_PADDING:
            return False
    elif taken.lengths is None and taken.known is not None:
        if not finding.code.startswith(UNPACKED):
            return False
        if not raised and finding.severity is Severity.ERROR:  # nothing is packed, at which it might raise later
            return False
    if not raised and finding.severity is Severity.ERROR and finding.stage == stage:
        return False
    if finding.code in ABOUT_WHAT_IS_CUT:
        return not is_computed(taken.batch)
    if finding.code in ABOUT_ENDS and ends_by_chance(taken.batch):
        return False
    return finding.code not in ABOUT_PADDING or not is_a_value(taken.batch)
