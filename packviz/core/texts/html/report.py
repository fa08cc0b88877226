"""A report as a notebook shows it: the batch drawn, torch's own verdict, and the findings, worst first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packviz.core.texts.html.findings import finding_item, findings_list
from packviz.core.texts.html.grids import grids, of_batch
from packviz.core.texts.html.page import element, facts_table, page, words
from packviz.core.texts.report import UNASKED, Ink, cells_of, facts_of, rows_of, summary
from packviz.core.verdict import Verdict

if TYPE_CHECKING:
    from packviz.core.report import Report

MARKS = {True: ("✓", "good"), False: ("✗", "error"), None: ("–", "muted")}


def report_html(report: Report) -> str:
    """The report as HTML of its own, at most some 100 KB of it."""
    items = [
        finding_item(
            finding, (("rows", rows_of(finding)), ("cells", cells_of(report, finding)), ("torch", finding.torch))
        )
        for finding in report.findings
    ]
    said = element("p", words(summary(report, Ink(False))), "good" if report.ok else "error")
    return page(
        report.batch.source.shown,
        facts_table(facts_of(report)),
        grids(of_batch(report.batch, report.packing, report.findings)),
        element("p", words(UNASKED), "muted") if report.verdict is None else _verdict(report.verdict),
        said,
        findings_list(items),
    )


def _verdict(verdict: Verdict) -> str:
    lines = []
    for outcome in verdict.outcomes:
        mark, kind = MARKS[outcome.ok]
        told = "".join(element("td", words(text)) for text in (outcome.call, outcome.said))
        lines.append(element("tr", element("td", words(mark), kind) + told))
    return element("p", words(f"What torch {verdict.version} does with this call")) + element("table", "".join(lines))
