from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from packviz.core.look.colour import DARK
from packviz.ui.dialogs.links import LinksDialog, escape, link, scrolled_words


class Links(LinksDialog):
    """Notes where somebody went."""

    def __init__(self) -> None:
        self.gone: list[str] = []
        super().__init__("Links", "What leads where", None, QPushButton("More"))

    def followed(self, where: str) -> None:
        self.gone.append(where)


def test_a_link_leads_where_it_says_and_close_closes(qtbot: QtBot) -> None:
    dialog = Links()
    qtbot.addWidget(dialog)
    dialog.said.setText(link("3:first", escape("a < b"), DARK))
    assert "a &lt; b" in dialog.said.text()
    dialog.show()
    dialog.said.linkActivated.emit("3:first")
    assert dialog.gone == ["3:first"]
    buttons = {button.text(): button for button in dialog.findChildren(QPushButton)}
    assert set(buttons) == {"More", "Close"}
    assert buttons["More"].x() < buttons["Close"].x()
    buttons["Close"].click()
    assert not dialog.isVisible()


def test_words_scroll_and_can_be_selected_and_followed(qtbot: QtBot) -> None:
    gone: list[str] = []
    words, area = scrolled_words("What leads where", gone.append)
    qtbot.addWidget(area)
    assert area.widget() is words
    assert area.accessibleName() == "What leads where"
    assert words.textInteractionFlags() == Qt.TextInteractionFlag.TextBrowserInteraction
    words.linkActivated.emit("1:last")
    assert gone == ["1:last"]
