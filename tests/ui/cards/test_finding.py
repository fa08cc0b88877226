from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from packviz.core.findings import Severity
from packviz.core.rules import check
from packviz.core.samples import sample
from packviz.ui.cards.finding import FindingCard, key_of, place_line, severity_line

FINDING = check(sample("inconsistent-lengths").load()).findings[0]


def test_the_title_and_the_buttons_are_always_there_the_rest_is_unfolded(qtbot: QtBot) -> None:
    card = FindingCard(FINDING)
    qtbot.addWidget(card)
    card.show()
    assert card.title.isVisible()
    assert card.fix.isVisible()
    assert card.mark.accessibleName() == "SILENT · torch says nothing"
    assert not any(text.isVisible() for text in card.texts)
    with qtbot.waitSignal(card.turned):
        qtbot.mouseClick(card.mark, Qt.MouseButton.LeftButton)
    assert card.unfolded
    assert all(text.isVisible() for text in card.texts)
    card.unfold(False)
    assert not any(text.isVisible() for text in card.texts)
    assert FINDING.title in card.arrow.accessibleName()


@pytest.mark.parametrize("severity", Severity)
def test_each_severity_has_a_line_of_its_own(severity: Severity) -> None:
    said = severity_line(replace(FINDING, severity=severity))
    assert said.startswith(severity.value.upper())


def test_rows_and_cells_are_counted_and_two_that_look_the_same_have_one_key() -> None:
    assert place_line(FINDING) == "row 2 · 2 cells"
    assert place_line(replace(FINDING, rows=())) == ""
    assert key_of(FINDING) == key_of(replace(FINDING))
    assert key_of(FINDING) != key_of(replace(FINDING, detail="other"))
