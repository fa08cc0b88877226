from __future__ import annotations

from hypothesis import given

from packviz.core.findings import Finding, Severity
from packviz.core.texts.html.findings import MOST_FINDINGS, finding_item, findings_list
from packviz.core.texts.html.page import page
from tests.core.texts.html.pages import Seen, check_page, hostile_text


@given(hostile_text, hostile_text, hostile_text)
def test_a_finding_with_hostile_words_is_still_one_item(title: str, detail: str, fix: str) -> None:
    finding = Finding("its-code", Severity.ERROR, title, detail, fix=fix)
    made = page("x", findings_list([finding_item(finding, (("torch", detail), ("rows", None)))]))
    check_page(made)
    assert made.count("<li>") == 1


def test_an_item_says_all_of_a_finding() -> None:
    finding = Finding("its-code", Severity.SILENT, "Row 2 is wrong", "why", fix="lengths[2] = 4")
    said = Seen(finding_item(finding, (("rows", "2, 3"), ("torch", "says nothing"), ("cells", None)))).words
    for part in ("SILENT its-code", "Row 2 is wrong", "why", "rows", "2, 3", "says nothing", "lengths[2] = 4"):
        assert part in said
    assert "cells" not in said


def test_of_very_many_findings_the_first_are_listed() -> None:
    made = findings_list(["<li>one</li>"] * (MOST_FINDINGS + 3))
    assert made.count("<li>") == MOST_FINDINGS
    assert "and 3 more" in made
    assert findings_list([]) == ""
