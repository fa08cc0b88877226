"""Findings as a list: each with its rows and cells, what torch does about it, and the Python that mends it."""

from __future__ import annotations

from collections.abc import Iterable

from packviz.core.findings import Finding
from packviz.core.texts.html.page import element, facts_table, words

MOST_FINDINGS = 50
Facts = Iterable[tuple[str, str | None]]


def finding_item(finding: Finding, facts: Facts) -> str:
    """One item of the list; `facts`: names and plain texts, those that say nothing left out."""
    kind = finding.severity.value
    head = f"{element('strong', words(f'{kind.upper()} {finding.code}'), kind)} {words(finding.title)}"
    parts = [element("div", head), element("div", words(finding.detail), "muted")]
    parts.append(facts_table((name, said) for name, said in facts if said))
    if finding.fix:
        parts.append(element("pre", words(finding.fix)))
    return element("li", "".join(parts))


def findings_list(items: list[str]) -> str:
    """The items, of very many the first."""
    left = len(items) - MOST_FINDINGS
    more = element("p", words(f"and {left} more"), "muted") if left > 0 else ""
    return element("ul", "".join(items[:MOST_FINDINGS])) + more if items else ""
