"""The buttons below a dialog: words alone, and they end it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication, QDialog, QDialogButtonBox
from pytestqt.qtbot import QtBot

from packviz.ui.dialogs.buttons import buttons_of

Standard = QDialogButtonBox.StandardButton


@pytest.fixture
def pictured(qapp: QApplication) -> Iterator[None]:
    """A style that puts pictures on the buttons of dialogs, as that of many desktops does."""
    before = qapp.styleSheet()
    qapp.setStyleSheet("QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 1; }")
    yield
    qapp.setStyleSheet(before)


@pytest.mark.parametrize(("which", "result"), [(Standard.Ok, 1), (Standard.Cancel, 0), (Standard.Close, 0)])
def test_a_button_has_no_picture_and_ends_the_dialog(
    pictured: None, qtbot: QtBot, which: Standard, result: int
) -> None:
    dialog = QDialog()
    qtbot.addWidget(dialog)
    box = buttons_of(dialog, which)
    button = box.button(which)
    assert not QDialogButtonBox(which).button(which).icon().isNull()
    assert button.icon().isNull()
    with qtbot.waitSignal(dialog.finished) as done:
        button.click()
    assert done.args == [result]
