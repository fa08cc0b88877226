"""How it was looked at comes back at the next start."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from packviz.session import actions as act
from packviz.session.store import Session
from packviz.ui.window import Window
from tests.ui.conftest import state_of


def opened(qtbot: QtBot, settings: QSettings) -> Window:
    window = Window(Session(state_of("first-batch")), settings)
    qtbot.addWidget(window)
    window.show()
    return window


def test_how_it_was_looked_at_and_played_is_remembered(qtbot: QtBot, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
    first = opened(qtbot, settings)
    first.session.apply(act.SetLook(replace(first.session.state.look, colour="step", orientation="right")))
    first.session.apply(act.SetSpeed(10.0))
    first.close()
    second = opened(qtbot, settings)
    look = second.session.state.look
    assert (look.colour, look.orientation, second.session.state.play.speed) == ("step", "right", 10.0)
    second.close()
    settings.setValue("colour", "mauve")
    settings.setValue("speed", "1e9")
    third = opened(qtbot, settings)
    assert (third.session.state.look.colour, third.session.state.play.speed) == ("sequence", 2.0)
    third.close()
