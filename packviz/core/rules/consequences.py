"""What a fix of lengths asks for besides: options of the call that fitted the wrong lengths, and do not fit the right
ones. Without them a fix would make torch raise where it did not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from packviz.core.cells.evidence import Evidence, Ints
from packviz.core.findings import Edit, Finding

PACKS = "packed = pack_padded_sequence("


def whole_fix(evidence: Evidence, finding: Finding, codes: Iterable[str]) -> Finding:
    """The finding, its fix with the options that the new lengths need.

    `codes`: of all findings; what is one of its own is mended there, and not here.
    """
    call, lengths = evidence.batch.call, _lengths_made(evidence, finding)
    if finding.fix is None or not len(lengths):
        return finding
    edit = finding.edit or Edit("")
    first = call.batch_first if edit.batch_first is None else edit.batch_first
    keeps = call.enforce_sorted if edit.enforce_sorted is None else edit.enforce_sorted
    total = call.total_length if edit.total_length is None else edit.total_length
    longest, layout = int(lengths.max()), "batch_first=True, " if first else ""
    lines, labels, told = finding.fix.splitlines(), [edit.label], finding.detail
    if keeps and "lengths-unsorted" not in codes and bool(np.any(lengths[1:] > lengths[:-1])):
        edit = replace(edit, enforce_sorted=False)
        labels.append("enforce_sorted=False")
        told += " The right lengths are in no decreasing order: enforce_sorted=False goes with them."
        lines = [line for line in lines if not line.startswith(PACKS)]
        lines.append(f"{PACKS}x, lengths, {layout}enforce_sorted=False)")
    if total is not None and total < longest and "total-length-too-short" not in codes:
        edit = replace(edit, total_length=longest)
        labels.append(f"total_length={longest}")
        told += f" total_length={total} is too short for them: it must be at least {longest}."
        lines.append(f"out, lengths = pad_packed_sequence(packed, {layout}total_length={longest})")
    if len(labels) == 1:
        return finding
    whole = None if finding.edit is None else replace(edit, label=", ".join(labels))
    return replace(finding, edit=whole, fix="\n".join(lines), detail=told)


def _lengths_made(evidence: Evidence, finding: Finding) -> Ints:
    """The lengths, (n,), that a fix makes; none where it makes no others."""
    if finding.edit is not None:
        return np.array(finding.edit.lengths or (), dtype=np.int64)
    if finding.code == "mask-not-right" and evidence.mask is not None and "lengths = " in (finding.fix or ""):
        return np.maximum(evidence.mask.lengths, 1)
    return np.empty(0, dtype=np.int64)
