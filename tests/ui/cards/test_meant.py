from __future__ import annotations

from pytestqt.qtbot import QtBot

from packviz.core.findings import Edit
from packviz.core.report import Meant
from packviz.session.actions import ApplyFix
from packviz.ui.cards.meant import MeantCard

EDIT = Edit("batch_first=True, enforce_sorted=False", batch_first=True, enforce_sorted=False)


def test_one_click_asks_for_all_options_at_once_but_not_while_it_is_of_an_edit_ago(qtbot: QtBot) -> None:
    card = MeantCard()
    qtbot.addWidget(card)
    card.show_meant(None)
    assert card.isHidden()
    card.show_meant(Meant(EDIT, ("layout-swapped", "lengths-count")))
    assert card.title.toPlainText() == "The batch is meant for batch_first=True, enforce_sorted=False"
    assert card.detail.toPlainText().startswith("2 findings are about the options")
    with qtbot.waitSignal(card.intent) as asked:
        card.button.click()
    assert asked.args == [ApplyFix(EDIT)]
    card.stale = True
    with qtbot.assertNotEmitted(card.intent):
        card.button.click()
    card.show_meant(Meant(EDIT, ("lengths-unsorted",)))
    assert card.detail.toPlainText().startswith("1 finding is about")
