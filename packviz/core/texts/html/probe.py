"""What the leak probe found, as a notebook shows it: the batch drawn, with the padding that is read marked, each run,
and where the law is broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from packviz.core.arrays import frozen
from packviz.core.packing import Packing, has_one_order, pack
from packviz.core.texts.html.findings import finding_item, findings_list
from packviz.core.texts.html.grids import MOST_SPANS, Drawing, grids
from packviz.core.texts.html.page import element, facts_table, page
from packviz.core.texts.probe import NO_PADDING, RUN_TITLES, law_line, padding_line, run_line
from packviz.core.texts.report import rows_of

if TYPE_CHECKING:
    from packviz.core.probing import ProbeReport


def probe_html(report: ProbeReport) -> str:
    """The report as HTML of its own."""
    facts = [("module", report.module), ("padding", padding_line(report))]
    for run in report.runs:
        said = NO_PADDING if report.judged and run.clean else run_line(run)
        facts.append((RUN_TITLES[run.name], said))
    if report.judged:
        facts.append(("law", law_line(report)))
    if report.broken:
        facts.append(("where", report.broken))
    facts += [("note", note) for note in report.notes]
    items = [finding_item(finding, (("rows", rows_of(finding)),)) for finding in report.findings]
    said = "The law holds of it." if report.judged else "It reads no padding."
    verdict = said if report.ok else "It is wrong, or could not be tested in full."
    return page(
        f"Leak probe of {report.module} over {report.batch.source}",
        facts_table(facts),
        grids(drawn(report)),
        element("p", verdict, "good" if report.ok else "error"),
        findings_list(items),
    )


def drawn(report: ProbeReport) -> Drawing:
    """The batch, with the padding of the rows that read it marked; packed where its order is certain without torch."""
    batch, padding = report.batch, report.padding
    rows = np.unique(np.concatenate([run.rows for run in report.runs]))
    rows = rows[rows < len(padding.cells)][:MOST_SPANS]
    edges = np.diff(np.pad(padding.cells[rows].astype(np.int8), ((0, 0), (1, 1))), axis=1)
    begins, ends = np.argwhere(edges == 1), np.argwhere(edges == -1)
    spans = np.stack([rows[begins[:, 0]], begins[:, 1], ends[:, 1]], axis=1)
    packed = pack(batch) if has_one_order(batch) else None
    packing = packed if isinstance(packed, Packing) and packed.rows == batch.rows else None
    lengths = np.clip(padding.lengths, 0, batch.steps)
    return Drawing(batch.rows, batch.steps, lengths, packing, frozen(spans[: MOST_SPANS + 1]))
