from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from packviz.ui.cards.copy_button import CopyButton


def test_it_copies_says_so_and_is_itself_again(qtbot: QtBot) -> None:
    button = CopyButton("Copy fix", lambda: "lengths[2] = 4")
    qtbot.addWidget(button)
    button.click()
    assert QGuiApplication.clipboard().text() == "lengths[2] = 4"
    assert button.text() == "Copied"
    button.told.timeout.emit()
    assert button.text() == "Copy fix"


def test_without_a_text_nothing_is_copied_and_nothing_said(qtbot: QtBot) -> None:
    QGuiApplication.clipboard().setText("before")
    button = CopyButton("Copy", lambda: None)
    qtbot.addWidget(button)
    button.click()
    assert QGuiApplication.clipboard().text() == "before"
    assert button.text() == "Copy"
