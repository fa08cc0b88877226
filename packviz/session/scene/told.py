"""What is told of a batch: its findings, with torch's verdict, and where in it something is wrong."""

from __future__ import annotations

import numpy as np

from packviz.core.findings import Severity
from packviz.core.report import Report
from packviz.core.verdict import Verdict
from packviz.session.answers import Earlier
from packviz.session.requests import TorchInfo
from packviz.session.scene import words
from packviz.session.scene.pane import NO_MARKS
from packviz.session.scene.parts import Findings, TorchSays, Trouble


def with_verdict(report: Report | None, verdict: Verdict | None) -> Report | None:
    """The findings, with torch's verdict once it is there."""
    return report.with_verdict(verdict) if report and verdict else report


def trouble(report: Report | None) -> Trouble:
    """The rows and the cells in which something is wrong, but for notes."""
    if report is None:
        return Trouble()
    worse = [f for f in report.findings if f.severity is not Severity.NOTE]
    rows = frozenset(r for f in worse for r in f.rows if f.severity is not Severity.WARNING)
    spans = [np.column_stack([f.spans, np.full(len(f.spans), f.severity.rank)]) for f in worse if len(f.spans)]
    return Trouble(rows, np.concatenate(spans) if spans else NO_MARKS)


def findings(report: Report | None, before: Earlier[Report] | None, why: str, walked: str) -> Findings:
    """The cards; while the batch is being checked, those of an edit ago."""
    if report is not None:
        said = words.findings_summary(report)
        return Findings(report.findings, said, False, report.unexplained_text, meant=report.meant, walked=walked)
    if before is not None:
        return Findings(before.result.findings, why, True, of=before.of, meant=before.result.meant, walked=walked)
    return Findings((), why, bool(why))


def torch_says(
    verdict: Verdict | None,
    before: Earlier[Verdict] | None,
    torch: TorchInfo | None,
    waiting: str,
    asking: bool,
    silent: bool,
) -> TorchSays:
    """What torch does with the call; while it is being asked, what it did an edit ago."""
    version = "" if torch is None else " " + torch.version
    title = f"What torch{version} does with this call"
    if verdict is None and before is not None:
        return TorchSays(title, before.result, waiting, asking, before.of)
    if verdict is not None and silent and all(done.ok for done in (verdict.pack, verdict.run, verdict.unpack)):
        title = f"{title}: no error, but wrong"
    return TorchSays(title, verdict, waiting, asking, silent=silent)


def is_silent(report: Report | None) -> bool:
    """Whether something is wrong of which torch says nothing."""
    return report is not None and any(finding.severity is Severity.SILENT for finding in report.findings)
