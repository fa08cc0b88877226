from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from packviz.core.breaches import PROBED
from packviz.core.catalogue import CODES, entry
from packviz.core.findings import Severity
from packviz.core.look.colour import DARK, LIGHT, Theme
from packviz.session.actions import Load, SetLook
from packviz.session.state import Look
from packviz.ui.dialogs.findings_help import GROUPS, NONE_LEFT, FindingsHelp, matches, page_html
from packviz.ui.window import Window


@pytest.fixture
def dialog(qtbot: QtBot) -> Iterator[FindingsHelp]:
    made = FindingsHelp(lambda: DARK)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.close()


def lines(dialog: FindingsHelp) -> list[str]:
    """What the list shows."""
    return [item.text() for item in dialog._items() if not item.isHidden()]


def test_all_findings_are_listed_under_their_worst_severity_in_words(dialog: FindingsHelp) -> None:
    assert sorted(dialog.codes()) == sorted([*CODES, *PROBED])
    shown = lines(dialog)
    for code in CODES:
        at = next(i for i, line in enumerate(shown) if line.split(" ")[0] == code)
        heading = next(line for line in reversed(shown[:at]) if line in GROUPS.values())
        assert heading == GROUPS[entry(code).severities[0]]
    assert "lengths-count · or silent" in shown


@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize("code", CODES)
def test_the_page_says_all_about_a_finding(code: str, theme: Theme, dialog: FindingsHelp) -> None:
    about = entry(code)
    dialog.page.setHtml(page_html(about, theme))
    text = " ".join(dialog.page.toPlainText().split())
    for said in (code, about.title, about.sample.look, *about.body.split("\n\n"), *about.pains):
        assert " ".join(said.replace("`", "").split()) in text
    for severity in about.severities:
        assert severity.value.upper() in text


def test_what_is_typed_leaves_the_findings_with_these_words(qtbot: QtBot, dialog: FindingsHelp) -> None:
    assert dialog.field.hasFocus()
    qtbot.keyClicks(dialog.field, "#43227")
    assert dialog.codes() == [dialog.code] == ["lengths-device"]
    assert lines(dialog) == [GROUPS[Severity.ERROR], "lengths-device"]
    dialog.field.setText("no such words")
    assert (dialog.codes(), dialog.code, lines(dialog)) == ([], "", [])
    assert dialog.page.toPlainText() == NONE_LEFT
    assert not dialog.open_sample.isEnabled()
    dialog.field.clear()
    assert sorted(dialog.codes()) == sorted([*CODES, *PROBED])
    assert dialog.code


@pytest.mark.parametrize("code", [*CODES, *PROBED])
def test_enter_is_told_where_there_is_a_sample_to_open(code: str, dialog: FindingsHelp) -> None:
    dialog.choose(code)
    assert ("Enter opens the sample" in dialog.hint.text()) == (code in CODES) == dialog.open_sample.isEnabled()
    dialog.field.setText("no such words")
    assert dialog.hint.text() == "↑ ↓ choose · Esc closes"


def test_a_code_that_begins_with_what_is_typed_is_chosen(dialog: FindingsHelp) -> None:
    dialog.field.setText("total-l")
    assert dialog.code == "total-length-too-short"


def test_words_are_found_in_the_help_in_any_order() -> None:
    assert matches(entry("lengths-count"), "ROWS length")
    assert matches(entry("length-exceeds-time"), "truncated")
    assert matches(entry("last-output"), "note")
    assert not matches(entry("lengths-count"), "length zzz")


def test_the_arrows_move_in_the_list_over_its_headings(qtbot: QtBot, dialog: FindingsHelp) -> None:
    codes = dialog.codes()
    for code in codes[1:]:
        qtbot.keyClick(dialog.field, Qt.Key.Key_Down)
        assert dialog.code == code
    qtbot.keyClick(dialog.field, Qt.Key.Key_Down)
    assert dialog.code == codes[-1]
    qtbot.keyClick(dialog.field, Qt.Key.Key_Up)
    assert dialog.code == codes[-2]
    for _ in range(len(codes)):
        qtbot.keyClick(dialog.field, Qt.Key.Key_PageUp)
    assert dialog.code == codes[0]
    assert dialog.field.hasFocus()


@pytest.mark.parametrize("where", ["field", "list"])
def test_enter_opens_the_sample_and_the_dialog_gives_way(where: str, qtbot: QtBot, dialog: FindingsHelp) -> None:
    dialog.choose("length-exceeds-time")
    with qtbot.waitSignal(dialog.intent) as asked:
        qtbot.keyClick(getattr(dialog, where), Qt.Key.Key_Return)
    [load] = asked.args
    assert isinstance(load, Load)
    assert load.request.sample == "length-exceeds-time"
    assert load.request.note == entry("length-exceeds-time").sample.look
    assert not dialog.isVisible()


def test_escape_closes_it_and_opens_nothing(qtbot: QtBot, dialog: FindingsHelp) -> None:
    asked: list[object] = []
    dialog.intent.connect(asked.append)
    qtbot.keyClick(dialog.field, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert asked == []


def test_a_finding_that_the_filter_hides_is_shown_when_it_is_asked_for(dialog: FindingsHelp) -> None:
    dialog.field.setText("#43227")
    dialog.choose("last-output")
    assert (dialog.code, dialog.field.text()) == ("last-output", "")


def test_the_page_follows_the_theme_of_the_window(window: Window) -> None:
    window.session.apply(SetLook(Look(theme="light")))
    window.beside.show_findings("lengths-count")
    help_ = window.beside.findings
    assert help_ is not None
    assert LIGHT.error in help_.page.toHtml()
    window.session.apply(SetLook(Look(theme="dark")))
    QApplication.processEvents()
    assert DARK.error in help_.page.toHtml()


def test_the_window_opens_it_at_a_finding_and_again_where_it_was(window: Window) -> None:
    window.menus.do("findings")
    help_ = window.beside.findings
    assert help_ is not None
    assert help_.isVisible()
    assert help_.code == help_.codes()[0]
    help_.choose("last-output")
    help_.hide()
    window.menus.do("findings")
    assert window.beside.findings is help_
    assert help_.code == "last-output"


def test_a_card_leads_to_the_help_of_its_finding(window: Window) -> None:
    card = window.findings.cards[0]
    card.what.click()
    assert window.beside.findings is not None
    assert window.beside.findings.isVisible()
    assert window.beside.findings.code == card.finding.code
    assert card.finding.code in card.what.toolTip()


def test_the_sample_that_is_opened_is_loaded_with_its_sentence(window: Window) -> None:
    window.beside.show_findings("lengths-count")
    assert window.beside.findings is not None
    window.beside.findings.open_sample.click()
    loading = window.session.state.loading
    assert loading is not None


@pytest.mark.parametrize("code", PROBED)
def test_what_the_probe_finds_has_a_page_and_no_sample(code: str, dialog: FindingsHelp) -> None:
    dialog.choose(code)
    assert dialog.code == code
    text = " ".join(dialog.page.toPlainText().split())
    breach = PROBED[code]
    for said in (code, breach.title.replace("`", ""), *(breach.fix or "").split()):
        assert said in text
    assert "The sample" not in text
    assert not dialog.open_sample.isEnabled()
