"""What the probe found, as findings."""

from __future__ import annotations

import pytest

from packviz.core.breaches import PROBED, found, order_told, permutation_told, placed, sentence
from packviz.core.catalogue import CODES, WIDTH, help_text
from packviz.core.findings import Severity
from packviz.core.messages import CAUSES


@pytest.mark.parametrize("code", PROBED)
def test_every_code_has_help_within_its_width_and_is_no_other(code: str) -> None:
    assert code not in CODES
    assert code not in CAUSES
    breach, text = PROBED[code], help_text(code)
    assert max(len(line) for line in text.splitlines()) <= WIDTH
    flat = " ".join(text.split())
    for said in (code, breach.title, breach.body, f"{breach.severity}:"):
        assert said in flat
    assert breach.title.endswith(".")
    assert breach.fix
    compile(breach.fix, code, "exec")


@pytest.mark.parametrize("code", PROBED)
def test_a_finding_has_its_rows_its_severity_and_its_fix(code: str) -> None:
    one, many, note = found(code, [2], "It is."), found(code, [0, 2], "It is."), found(code, [], "It is.", note=True)
    assert one.title.startswith("Row 2: ")
    assert many.title.startswith("2 rows: their ") or "them" in many.title or "their" in many.title
    assert many.rows == (0, 2)
    assert one.severity is PROBED[code].severity
    assert note.severity is Severity.NOTE
    assert one.to_dict()["fix"] == PROBED[code].fix


def test_the_worst_stand_first() -> None:
    codes = sorted(PROBED, key=order_told)
    assert codes[0] == "reads-padding"
    assert codes[-1] == "draws-random"
    ranks = [PROBED[code].severity.rank for code in codes]
    assert ranks == sorted(ranks)


def test_places_and_orders_are_told_in_words() -> None:
    assert placed(["the result[1]"], [0, 2], 3) == "the result[1] of rows 0, 2"
    assert placed(["the result"], [0, 1, 2], 3) == "the result of all 3 rows"
    assert placed(["the result"], [0], 1) == "the result of row 0"
    two = permutation_told({0: 1, 1: 0}, True)
    assert two.startswith("it is returned in sorted order: index it with unsorted_indices (")
    assert two.endswith("(row 0 is that of row 1; row 1 is that of row 0).")
    many = permutation_told({row: 9 - row for row in range(10)}, False)
    assert "another order" in many
    assert "…" in many
    assert sentence("the NaN") == "The NaN"
