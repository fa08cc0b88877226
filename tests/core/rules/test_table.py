"""The table of rules: a docstring is the help, and a code is taken once."""

import pytest

from packviz.core.cells.evidence import Evidence
from packviz.core.findings import Finding
from packviz.core.rules import table
from packviz.core.rules.table import RULES, rule


def test_a_rule_is_registered_under_its_code_with_its_docstring_as_help(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "RULES", {})

    @rule("a-code")
    def look(evidence: Evidence) -> Finding | None:
        """What it finds.

        Why that happens.
        """
        return None

    assert table.RULES["a-code"].look is look
    assert table.RULES["a-code"].help == "What it finds.\n\nWhy that happens."


def test_a_code_is_taken_once() -> None:
    taken = next(iter(RULES))
    with pytest.raises(ValueError, match=f"two rules are called {taken}"):
        rule(taken)(lambda evidence: None)
