from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QScrollArea
from pytestqt.qtbot import QtBot

from packviz.app import lay_out
from packviz.core.batch import Call, make_batch
from packviz.core.findings import Severity
from packviz.core.look.colour import DARK
from packviz.core.messages.explain import explain as explain_message
from packviz.core.rules import check
from packviz.core.rules.meant import with_meant
from packviz.core.samples import sample
from packviz.session.actions import ApplyFix, Open, SetLength, Show
from packviz.session.scene.resolve import Scene, resolve
from packviz.session.updates.update import update
from packviz.ui.cards.finding import severity_line
from packviz.ui.cards.findings import FindingsView
from packviz.ui.cards.prose import Prose
from packviz.ui.look.style import style_sheet
from packviz.ui.look.theme import sans
from tests.ui.conftest import state_of


def shown(qtbot: QtBot, scene: Scene, width: int = 280, height: int = 400) -> FindingsView:
    view = FindingsView()
    qtbot.addWidget(view)
    view.resize(width, height)
    with qtbot.waitExposed(view):
        view.show()
    view.draw(scene, None)
    qtbot.waitUntil(lambda: all(card.height() >= card.heightForWidth(card.width()) for card in view.cards))
    return view


def test_a_silent_finding_offers_its_fix(qtbot: QtBot, scene_of: Callable[[str], Scene]) -> None:
    view = shown(qtbot, scene_of("inconsistent-lengths"))
    card = view.cards[0]
    assert severity_line(card.finding) == "SILENT · torch says nothing"
    with qtbot.waitSignal(view.intent) as asked:
        card.fix.click()
    assert asked.args == [ApplyFix(card.finding.edit)]
    assert card.fix.text() == card.finding.edit.label


def test_show_cell_goes_round_all_cells(qtbot: QtBot, scene_of: Callable[[str], Scene]) -> None:
    view = shown(qtbot, scene_of("inconsistent-lengths"))
    card = next(card for card in view.cards if card.finding.cell_count == 2)
    asked: list[object] = []
    view.intent.connect(asked.append)
    for _ in range(3):
        card.show_cell.click()
    first, second = (Show(*cell) for cell in card.finding.cells)
    assert asked == [first, second, first]


def test_copy_fix_puts_python_on_the_clipboard_and_says_so(qtbot: QtBot, scene_of: Callable[[str], Scene]) -> None:
    view = shown(qtbot, scene_of("inconsistent-lengths"))
    card = view.cards[0]
    label = card.copy.text()
    card.copy.click()
    assert QGuiApplication.clipboard().text() == card.finding.fix
    assert card.copy.text() == "Copied"
    card.copy.told.timeout.emit()
    assert card.copy.text() == label


def test_an_error_quotes_torch_word_for_word(qtbot: QtBot, scene_of: Callable[[str], Scene]) -> None:
    view = shown(qtbot, scene_of("beyond-the-end"))
    card = view.cards[0]
    assert severity_line(card.finding) == "ERROR · torch raises"
    said = [text.toPlainText() for text in card.findChildren(Prose)]
    assert any("start (10) + length (1) exceeds dimension size (10)." in text for text in said)


def test_no_text_is_cut_in_a_narrow_dock(qtbot: QtBot, scene_of: Callable[[str], Scene]) -> None:
    view = shown(qtbot, scene_of("beyond-the-end"), width=200)
    for text in view.findChildren(Prose):
        assert text.document().size().height() <= text.viewport().height() + 1, text.toPlainText()
        assert text.document().idealWidth() <= text.viewport().width() + 1
    for card in view.cards:
        for button in (card.fix, card.show_cell, card.copy):
            assert button.isHidden() or button.geometry().right() <= card.width()


def test_cards_stay_while_the_next_findings_are_looked_for(qtbot: QtBot) -> None:
    state = state_of("inconsistent-lengths")
    scene = resolve(state, None)
    view = shown(qtbot, scene)
    cards, said = list(view.cards), view.summary.text()
    checking = resolve(update(state, SetLength(0, 1)), scene)
    view.draw(checking, scene)
    assert view.cards == cards
    assert view.summary.text() == said  # a blink is no reason to flicker
    with qtbot.assertNotEmitted(view.intent):
        cards[0].fix.click()  # of the batch before: it may no longer fit
    qtbot.waitUntil(lambda: not cards[0].isEnabled(), timeout=2000)
    assert view.summary.text() == "of the last lengths · checking…"
    view.draw(scene, checking)
    assert view.cards == cards
    assert cards[0].isEnabled()
    assert view.summary.text() == said
    with qtbot.waitSignal(view.intent):
        cards[0].fix.click()


def test_cards_of_another_batch_are_gone_at_once(qtbot: QtBot) -> None:
    state = state_of("inconsistent-lengths")
    scene = resolve(state, None)
    view = shown(qtbot, scene)
    view.draw(resolve(update(state, Open(sample("first-batch").load())), scene), scene)
    assert view.cards == []
    assert view.summary.text() == "checking…"


def test_a_batch_without_findings_says_that_the_lengths_fit(qtbot: QtBot, scene_of: Callable[[str], Scene]) -> None:
    view = shown(qtbot, scene_of("inconsistent-lengths"))
    assert view.clean.isHidden()
    nothing = state_of("first-batch")
    clean = resolve(nothing, None)
    from dataclasses import replace

    clean = replace(clean, findings=replace(clean.findings, cards=(), summary=""))
    view.draw(clean, None)
    assert view.cards == []
    assert view.clean.isVisible()


def test_nothing_reaches_beyond_the_side_of_a_narrow_panel(qtbot: QtBot) -> None:
    batch = make_batch(np.ones((5, 0), np.float32), [0] * 5, Call(True, False))
    report = check(batch)
    scene = resolve(state_of("first-batch"), None)
    view = shown(qtbot, replace(scene, findings=replace(scene.findings, cards=report.findings)))
    view.setStyleSheet(style_sheet(DARK))
    view.resize(258, 160)  # as in a window of 1280 × 720
    QApplication.processEvents()
    assert [severity_line(card.finding) for card in view.cards][1] == "ERROR · torch stops before it gets here"
    assert view.findChild(QScrollArea).horizontalScrollBar().maximum() == 0


@pytest.mark.parametrize("own_font", [False, True], ids=["any font", "packviz's own font"])
def test_many_rows_are_walked_row_by_row(qtbot: QtBot, own_font: bool) -> None:
    before = QApplication.font()
    if own_font:  # whose digits are not all as wide
        QApplication.setFont(sans())
    try:
        walk_row_by_row(qtbot)
    finally:
        QApplication.setFont(before)


def walk_row_by_row(qtbot: QtBot) -> None:
    lengths = np.full(40, 3)
    lengths[3:] = 6  # 37 rows count three padding cells each
    x = np.zeros((40, 6), np.float32)
    x[:, :3] = 1
    report = check(make_batch(x, lengths, Call(True, False)))
    scene = resolve(state_of("first-batch"), None)
    view = shown(qtbot, replace(scene, findings=replace(scene.findings, cards=report.findings)))
    card = view.cards[0]
    assert card.finding.title.startswith("37 rows: their lengths count padding")
    asked: list[object] = []
    view.intent.connect(asked.append)
    lay_out()
    stood = {(card.next_row.geometry().getRect(), card.show_cell.geometry().getRect())}
    for _ in range(38):
        card.next_row.click()
        lay_out()
        stood.add((card.next_row.geometry().getRect(), card.show_cell.geometry().getRect()))
    assert len(stood) == 1  # neither moves away from under the pointer
    assert asked == [*(Show(row, 3) for row in range(3, 40)), Show(3, 3)]
    assert (card.next_row.text(), card.show_cell.text()) == ("Next row: 1 of 37", "Show cell 1 of 111")
    card.show_cell.click()
    assert asked[-1] == Show(3, 4)


def test_one_row_has_no_button_for_the_next(qtbot: QtBot, scene_of: Callable[[str], Scene]) -> None:
    view = shown(qtbot, scene_of("inconsistent-lengths"))
    assert [card.next_row.isHidden() for card in view.cards if len(card.finding.rows) == 1] != []
    assert all(card.next_row.isHidden() for card in view.cards if len(card.finding.rows) == 1)


def test_what_explains_messages_is_made_when_there_is_one(qtbot: QtBot, scene_of: Callable[[str], Scene]) -> None:
    scene = scene_of("inconsistent-lengths")
    view = shown(qtbot, scene)
    assert view.explained is None
    told = replace(scene, explanation=explain_message("start (10) + length (1) exceeds dimension size (10)."))
    view.draw(told, scene)
    assert view.explained is not None
    assert view.explained.isVisible()
    view.draw(scene, told)
    assert view.explained.isHidden()


def time_first_and_unsorted() -> Scene:
    x = np.array([[1.0, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 8], [1, 0, 0, 0, 0]])
    report = with_meant(check(make_batch(x, [3, 2, 5, 1], Call())))
    scene = resolve(state_of("first-batch"), None)
    return replace(scene, findings=replace(scene.findings, cards=report.findings, meant=report.meant))


def test_what_follows_from_the_options_is_folded_under_the_card_that_mends_it(qtbot: QtBot) -> None:
    scene = time_first_and_unsorted()
    view = shown(qtbot, scene)
    assert view.meant.isVisible()
    assert len(view.cards) >= 3
    assert not any(card.isVisible() for card in view.cards)
    assert view.following.text() == f"{len(view.cards)} findings that it mends"
    view.following.click()
    lay_out()
    assert all(card.isVisible() for card in view.cards)
    assert view.cards[0].y() > view.following.y() > view.meant.y()
    view.draw(replace(scene, findings=replace(scene.findings, cards=(), meant=None)), scene)
    assert view.meant.isHidden()
    assert view.following.isHidden()


def test_where_nothing_is_wrong_that_is_said_first_and_the_notes_are_folded(
    qtbot: QtBot, scene_of: Callable[[str], Scene]
) -> None:
    view = shown(qtbot, scene_of("first-batch"))
    assert view.clean.isVisible()
    assert (view.clean.text(), view.clean.objectName()) == ("Nothing is wrong: the lengths fit the data.", "good")
    assert view.notes.text() == f"{len(view.cards)} notes"
    assert not any(card.isVisible() for card in view.cards)
    view.notes.click()
    assert all(card.isVisible() for card in view.cards)
    view.draw(scene_of("inconsistent-lengths"), None)
    assert view.clean.isHidden()
    assert view.notes.isHidden()
    assert all(card.isVisible() for card in view.cards)  # the note among them: something is wrong


def test_the_first_card_says_all_and_the_others_their_titles_unless_somebody_turns_them(
    qtbot: QtBot, scene_of: Callable[[str], Scene]
) -> None:
    scene = scene_of("inconsistent-lengths")
    view = shown(qtbot, scene)
    assert [card.unfolded for card in view.cards] == [True, False, False]
    view.cards[0].arrow.click()
    view.cards[1].arrow.click()
    view.draw(replace(scene, findings=replace(scene.findings)), scene)
    assert [card.unfolded for card in view.cards] == [False, True, False]


def test_what_is_filtered_out_is_counted(qtbot: QtBot, scene_of: Callable[[str], Scene]) -> None:
    view = shown(qtbot, scene_of("inconsistent-lengths"))
    assert view.hidden.isHidden()
    view.filter.switches[Severity.SILENT].click()
    assert [card.isVisible() for card in view.cards] == [False, False, True]
    assert view.hidden.isVisible()
    assert view.hidden.text() == "2 findings hidden"
    assert view.cards[2].unfolded  # the first of those that are shown
    view.filter.switches[Severity.SILENT].click()
    assert all(card.isVisible() for card in view.cards)
    assert view.hidden.isHidden()


def test_the_place_that_somebody_scrolled_to_stays_over_another_check(qtbot: QtBot) -> None:
    batch = make_batch(np.ones((5, 0), np.float32), [0, 2, -1, 0, 5], Call(True))
    scene = resolve(state_of("first-batch"), None)
    findings = check(batch).findings
    scene = replace(scene, findings=replace(scene.findings, cards=findings))
    view = shown(qtbot, scene, height=160)
    lay_out()
    bar = view.findChild(QScrollArea).verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    stood = bar.value()
    assert stood > 0
    again = replace(scene, findings=replace(scene.findings, cards=tuple(replace(f) for f in findings)))
    view.draw(again, scene)
    other = replace(again.findings, cards=(*again.findings.cards[:-1], replace(findings[-1], detail="another")))
    view.draw(replace(again, findings=other), again)
    lay_out()
    assert bar.value() == stood
