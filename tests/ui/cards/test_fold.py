from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from packviz.ui.cards.fold import Fold


def test_it_is_there_where_something_is_under_it_and_turns_when_clicked(qtbot: QtBot) -> None:
    fold = Fold()
    qtbot.addWidget(fold)
    fold.say("")
    assert fold.isHidden()
    fold.say("2 notes")
    assert not fold.isHidden()
    assert (fold.accessibleName(), fold.accessibleDescription()) == ("2 notes", "folded")
    assert not fold.open
    with qtbot.waitSignal(fold.turned):
        qtbot.mouseClick(fold, Qt.MouseButton.LeftButton)
    assert fold.open
    assert fold.accessibleDescription() == "shown"
    assert fold.arrowType() is Qt.ArrowType.DownArrow
