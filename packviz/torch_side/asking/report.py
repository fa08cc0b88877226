"""All that is found on a batch: by the rules, and by torch, where it is asked."""

from __future__ import annotations

from typing import Any

from packviz.core.batch import Batch
from packviz.core.module import Module
from packviz.core.report import Report


def report_on(batch: Batch, module: Module, *, own: Any = None, hx: Any = None, ask: bool = True) -> Report:
    """All findings on a batch, packed in torch's own order, with torch's verdict on the call and the module.

    `own`: a user's, which is run in place of `module`. `hx`: its initial state, in the order of the batch. `ask`: False
    for the findings of the rules alone, without torch.
    Raises BatchError where `own` is no torch.nn.Module.
    """
    from packviz.core import rules

    if own is not None:
        from packviz.torch_side.facts import facts_of

        module = facts_of(own, hx)
    if not ask:
        return rules.check(batch, None, module)
    from packviz.torch_side.asking.verdict import ask as ask_torch
    from packviz.torch_side.order import pack_in_torch_order

    report = rules.check(batch, pack_in_torch_order(batch), module)
    return report.with_verdict(ask_torch(batch, module, own=own, hx=hx))
