from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QScrollArea
from pytestqt.qtbot import QtBot

from packviz.core.batch import Call, make_batch
from packviz.core.look.colour import DARK
from packviz.core.messages.explain import Explanation, compared, explain
from packviz.core.rules import check
from packviz.session.actions import DismissExplanation, Show
from packviz.session.scene.resolve import resolve
from packviz.session.state import Told
from packviz.ui.cards.explanation import ExplanationView
from packviz.ui.cards.findings import FindingsView
from packviz.ui.cards.prose import Prose
from packviz.ui.look.style import style_sheet
from tests.ui.conftest import state_of

TOO_LONG = "RuntimeError: start (10) + length (1) exceeds dimension size (10)."
X = [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]]
REPORT = check(make_batch(X, [3, 2, 6], Call(True, False)))


def shown(qtbot: QtBot, explanation: Explanation, width: int = 260) -> ExplanationView:
    view = ExplanationView()
    qtbot.addWidget(view)
    view.setStyleSheet(style_sheet(DARK))
    view.resize(width, 900)
    with qtbot.waitExposed(view):
        view.show()
    view.show_explanation(explanation)
    QApplication.processEvents()
    return view


def words(view: ExplanationView) -> str:
    return "\n".join(text.toPlainText() for text in view.findChildren(Prose) if text.isVisible())


def test_the_message_its_causes_and_what_to_look_at_are_shown(qtbot: QtBot) -> None:
    view = shown(qtbot, explain(TOO_LONG))
    assert view.message.toPlainText() == TOO_LONG
    assert [cause.cause.code for cause in view.causes] == [
        "length-exceeds-time",
        "layout-swapped",
        "packed-inconsistent",
    ]
    assert "Compare max(lengths) with T" in words(view)
    assert view.causes[0].show_cell.isHidden()  # no batch, no row


def test_a_confirmed_cause_shows_its_row_and_copies_its_fix(qtbot: QtBot) -> None:
    view = shown(qtbot, explain(TOO_LONG, REPORT))
    cause = view.causes[0]
    assert cause.mark.text() == "IN THIS BATCH"
    with qtbot.waitSignal(view.intent) as asked:
        cause.show_cell.click()
    assert asked.args == [Show(2)]
    cause.copy.click()
    assert QGuiApplication.clipboard().text() == cause.cause.fix == "lengths[2] = 4"
    assert cause.copy.text() == "Copied"
    cause.copy.told.timeout.emit()
    assert cause.copy.text() == "Copy fix"


def test_cells_are_shown_one_after_another(qtbot: QtBot) -> None:
    report = check(make_batch(X, [3, 2], Call(True, False)))
    view = shown(qtbot, explain("Expected input batch_size (2) to match target batch_size (3).", report))
    cause = next(cause for cause in view.causes if cause.cause.code == "lengths-count")
    asked: list[object] = []
    view.intent.connect(asked.append)
    cause.show_cell.click()
    cause.show_cell.click()
    assert asked == [Show(2, 0), Show(2, 1)]


def test_a_cause_that_is_ruled_out_is_one_line_without_a_fix(qtbot: QtBot) -> None:
    view = shown(qtbot, explain(TOO_LONG, REPORT))
    last = view.causes[-1]
    assert last.mark.text() == "NOT IN THIS BATCH"
    assert len(last.findChildren(Prose)) == 1
    assert last.copy.isHidden()


def test_what_the_open_batch_lacks_is_said_in_the_words_of_the_terminal(qtbot: QtBot) -> None:
    told = compared(explain("Cannot pack empty tensors."), REPORT, same=False)
    view = shown(qtbot, told)
    assert "none of these was found" in view.means.toPlainText()
    assert [cause.mark.text() for cause in view.causes] == ["NOT IN THIS BATCH", "NOT IN THIS BATCH"]
    assert str(told).count("not in this batch") == 2
    assert "Look at x.shape for a 0" in words(view)  # the message may be about another batch
    view = shown(qtbot, explain("Cannot pack empty tensors."))
    assert view.causes[0].mark.text() == "POSSIBLE"


def test_the_help_of_a_finding_is_asked_for_and_what_is_no_finding_has_none(qtbot: QtBot) -> None:
    view = shown(qtbot, explain("index out of range in self"))
    with qtbot.waitSignal(view.help_asked) as asked:
        view.causes[0].what.click()
    assert asked.args == ["lengths-count"]
    assert view.causes[1].cause.code == "embedding-index"
    assert view.causes[1].what.isHidden()


def test_an_unknown_message_is_said_to_be_so(qtbot: QtBot) -> None:
    view = shown(qtbot, explain("OddError: the moon is full"))
    assert view.causes == []
    assert "knows no cause" in view.means.toPlainText()


def test_dismiss_asks_for_it_to_be_put_away(qtbot: QtBot) -> None:
    view = shown(qtbot, explain(TOO_LONG))
    with qtbot.waitSignal(view.intent) as asked:
        view.dismiss.click()
    assert asked.args == [DismissExplanation()]
    view.show_explanation(None)
    assert view.isHidden()


def test_the_same_message_stays_while_the_batch_is_checked(qtbot: QtBot) -> None:
    view = shown(qtbot, explain(TOO_LONG, REPORT))
    causes = list(view.causes)
    assert not view.show_explanation(explain(TOO_LONG), waiting=True)
    assert view.causes == causes
    assert view.show_explanation(explain("Cannot pack empty tensors."), waiting=True)
    assert [cause.cause.code for cause in view.causes] == ["batch-empty", "lengths-count"]


def test_causes_that_look_the_same_are_not_made_anew(qtbot: QtBot) -> None:
    view = shown(qtbot, explain(TOO_LONG, REPORT))
    causes = list(view.causes)
    view.show_explanation(explain(TOO_LONG, REPORT))
    assert view.causes == causes


@pytest.mark.parametrize("width", [200, 258, 400])
def test_no_text_is_cut_in_a_narrow_dock(qtbot: QtBot, width: int) -> None:
    view = FindingsView()
    qtbot.addWidget(view)
    view.setStyleSheet(style_sheet(DARK))
    view.resize(width, 500)
    with qtbot.waitExposed(view):
        view.show()
    state = replace(
        state_of("beyond-the-end"), told=Told(explain("mat1 and mat2 shapes cannot be multiplied (1x9 and 1x12)"))
    )
    view.draw(resolve(state, None), None)
    qtbot.waitUntil(lambda: all(c.height() >= c.heightForWidth(c.width()) for c in view.explained.causes))
    assert view.findChild(QScrollArea).horizontalScrollBar().maximum() == 0
    for text in view.explained.findChildren(Prose):
        assert text.document().size().height() <= text.viewport().height() + 1, text.toPlainText()
    for cause in view.explained.causes:
        for button in (cause.show_cell, cause.copy):
            assert button.isHidden() or button.geometry().right() <= cause.width()


def test_a_new_message_is_scrolled_to(qtbot: QtBot) -> None:
    view = FindingsView()
    qtbot.addWidget(view)
    view.resize(280, 200)
    with qtbot.waitExposed(view):
        view.show()
    state = state_of("beyond-the-end")
    before = resolve(state, None)
    view.draw(before, None)
    bar = view.findChild(QScrollArea).verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    bar.setValue(bar.maximum())
    view.draw(resolve(replace(state, told=Told(explain(TOO_LONG))), before), before)
    assert bar.value() == 0
    assert view.explained.isVisible()
    assert view.explained.geometry().bottom() <= view.cards[0].geometry().top() or view.cards[0].y() == 0
