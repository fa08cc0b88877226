from __future__ import annotations

from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from packviz.core.look.colour import DARK
from packviz.ui.dialogs.links import LinksDialog, escape, link


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
