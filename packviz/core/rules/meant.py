"""The call that a batch is meant for: another layout, another order, and what of the findings is gone under it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from packviz.core.findings import Edit
from packviz.core.report import Meant, Report
from packviz.core.rules import check

CAUSES = ("layout-swapped", "lengths-unsorted")
"""Findings about the options of the call, in the order in which they are mended."""


def with_meant(report: Report) -> Report:
    """The report with the call that its batch is meant for, where its options are why there are several findings.

    What follows from them is found out by applying the edit and checking again, without torch.
    """
    batch, options = report.batch, dict[str, bool]()
    found, mended = report.findings, report
    for code in CAUSES:
        edit = next((f.edit for f in mended.findings if f.code == code), None)
        if edit is None:
            continue
        options |= {name: on for name in ("batch_first", "enforce_sorted") if (on := getattr(edit, name)) is not None}
        mended = check(_edit("", options).apply(batch), module=report.module)
    left = {finding.code for finding in mended.findings}
    gone = tuple(finding.code for finding in found if finding.code not in left)
    if len(gone) < 2 and len(options) < 2:
        return report  # the card of the one finding says it all
    label = ", ".join(f"{name}={on}" for name, on in options.items())
    return replace(report, meant=Meant(_edit(label, options), gone)) if options else report


def _edit(label: str, options: Mapping[str, bool]) -> Edit:
    return Edit(label, batch_first=options.get("batch_first"), enforce_sorted=options.get("enforce_sorted"))
