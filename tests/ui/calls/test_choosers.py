"""The boxes that narrow the list: what there is, with how many, and what is chosen."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from packviz.core.calls.choosing import Which
from packviz.core.findings import Severity
from packviz.core.look.colour import DARK
from packviz.session.listing import Choices
from packviz.session.scene.calls import CallsPart
from packviz.ui.calls.choosers import Choosers
from tests.recorded import EVAL, TRAIN, call_of

CHOICES = Choices(
    ((TRAIN, 1200), (EVAL, 2)),
    (("length-not-positive", Severity.ERROR, 1), ("padding-left", Severity.SILENT, 30)),
    ((Severity.ERROR, 1), (Severity.SILENT, 30)),
)


@pytest.fixture
def choosers(qtbot: QtBot) -> Choosers:
    made = Choosers()
    qtbot.addWidget(made)
    made.show_part(CallsPart("run.packviz", choices=CHOICES, which=Which(code="padding-left")), DARK)
    return made


def texts(box: QComboBox) -> list[str]:
    return [box.itemText(at) for at in range(box.count())]


def test_they_name_what_there_is_with_how_many(choosers: Choosers) -> None:
    assert texts(choosers.site) == ["all sites", "train.py:31 · 1,200", "eval.py:12 · 2"]
    assert texts(choosers.code) == ["all findings", "length-not-positive · 1", "padding-left · 30"]
    assert texts(choosers.severity) == ["all severities", "error · 1", "silent · 30"]
    assert [box.currentIndex() for box in (choosers.site, choosers.code, choosers.severity)] == [0, 2, 0]


def test_a_choice_is_added_to_the_others_and_taken_back(choosers: Choosers) -> None:
    asked: list[Which] = []
    choosers.changed.connect(asked.append)
    choosers.site.setCurrentIndex(2)
    choosers.site.activated.emit(2)
    choosers.severity.setCurrentIndex(1)
    choosers.severity.activated.emit(1)
    choosers.code.setCurrentIndex(0)
    choosers.code.activated.emit(0)
    assert asked == [
        Which(EVAL, "padding-left"),
        Which(EVAL, "padding-left", Severity.ERROR),
        Which(EVAL, "", Severity.ERROR),
    ]


def test_what_is_asked_for_finds_the_calls_that_have_it(choosers: Choosers) -> None:
    """Qt gives a plain "silent" back where a Severity was put in, which no call's worst finding is."""
    calls = [call_of(1), call_of(2, bad=True), call_of(3, site=EVAL)._replace(findings=(("a", Severity.SILENT),))]
    choosers.show_part(CallsPart("run.packviz", choices=CHOICES), DARK)
    asked: list[Which] = []
    choosers.changed.connect(asked.append)
    for box, item in ((choosers.severity, 2), (choosers.site, 2), (choosers.severity, 1)):
        box.setCurrentIndex(item)
        box.activated.emit(item)
    found = [[call.number for call in calls if which.takes(call)] for which in asked]
    assert (found[0], [which.site for which in asked]) == ([3], [None, EVAL, EVAL])
    choosers.show_part(CallsPart("run.packviz", choices=CHOICES), DARK)
    choosers.severity.setCurrentIndex(1)
    choosers.severity.activated.emit(1)
    assert [call.number for call in calls if asked[-1].takes(call)] == [2]


def test_to_show_is_not_to_ask(choosers: Choosers) -> None:
    asked: list[Which] = []
    choosers.changed.connect(asked.append)
    choosers.show_part(CallsPart("run.packviz", choices=CHOICES, which=Which(TRAIN)), DARK)
    choosers.show_part(CallsPart(), DARK)
    assert asked == []
    assert texts(choosers.site) == ["all sites"]
