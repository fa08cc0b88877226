from __future__ import annotations

from html import escape

from PySide6.QtGui import QKeySequence
from pytestqt.qtbot import QtBot

from packviz.core.look.colour import DARK
from packviz.ui.commands.table import COMMANDS
from packviz.ui.dialogs.help import HelpDialog, help_html


def test_every_command_and_key_is_on_the_page() -> None:
    page = help_html(DARK)
    for command in COMMANDS:
        assert escape(command.text.rstrip("…?")) in page
        for key in command.keys:
            assert escape(QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)) in page


def test_the_page_opens(qtbot: QtBot) -> None:
    dialog = HelpDialog(DARK)
    qtbot.addWidget(dialog)
    dialog.show()
    assert "F10" in dialog.page.toPlainText()
