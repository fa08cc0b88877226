from pytestqt.qtbot import QtBot

from packviz.core.cancel import UNWATCHED
from packviz.core.samples import sample
from packviz.session.actions import Show
from packviz.session.requests import CheckRequest
from packviz.ui.cards.place import PlaceCard


def test_a_card_with_a_finding_leads_to_its_cells_and_one_without_leads_nowhere(qtbot: QtBot) -> None:
    report = CheckRequest(sample("length-counts-padding").load()).do(UNWATCHED)
    finding = next(found for found in report.findings if found.code == "length-counts-padding")
    card, bare = PlaceCard(finding.code, finding), PlaceCard("loading-packed", None)
    for made in (card, bare):
        qtbot.addWidget(made)
        made.add_places("Copy fix", None)
    gone: list[object] = []
    card.intent.connect(gone.append)
    for _ in finding.cells:
        card.show_cell.click()
    assert gone == [Show(*cell) for cell in finding.cells]
    assert card.buttons.count() >= 1
    assert bare.buttons.count() == 0
    assert bare.show_cell.isHidden()


def test_the_question_mark_asks_for_the_help_of_the_code(qtbot: QtBot) -> None:
    card = PlaceCard("padding-left", None)
    qtbot.addWidget(card)
    card.add_places("Copy fix", None)
    with qtbot.waitSignal(card.help_asked) as asked:
        card.what.click()
    assert asked.args == ["padding-left"]
