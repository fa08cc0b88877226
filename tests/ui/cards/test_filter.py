from __future__ import annotations

from pytestqt.qtbot import QtBot

from packviz.core.findings import Severity
from packviz.core.look.colour import LIGHT
from packviz.ui.cards.filter import SeverityFilter


def test_a_switch_for_each_severity_that_occurs_says_how_many_and_whether_they_are_shown(qtbot: QtBot) -> None:
    view = SeverityFilter()
    qtbot.addWidget(view)
    view.set_theme(LIGHT)
    view.show_counts({Severity.ERROR: 3, Severity.NOTE: 1})
    there = [severity for severity, switch in view.switches.items() if not switch.isHidden()]
    assert there == [Severity.ERROR, Severity.NOTE]
    errors = view.switches[Severity.ERROR]
    assert (errors.text(), errors.accessibleName()) == ("3", "3 errors, shown")
    assert view.switches[Severity.NOTE].toolTip() == "1 note: click to hide them"
    with qtbot.waitSignal(view.changed):
        errors.click()
    assert [view.shows(severity) for severity in Severity] == [False, True, True, True]
    assert (errors.accessibleName(), errors.toolTip()) == ("3 errors, hidden", "3 errors: click to show them")
    view.show_counts({})
    assert all(switch.isHidden() for switch in view.switches.values())
    assert not view.shows(Severity.ERROR)  # as somebody left it
