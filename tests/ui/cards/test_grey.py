"""Turning grey: once, after a while, and not at all where what is awaited has come."""

from __future__ import annotations

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from packviz.ui.cards.grey import GREY_MS, Grey


def test_it_turns_once_however_often_it_is_asked(qtbot: QtBot) -> None:
    turned: list[int] = []
    owner = QObject()
    grey = Grey(owner, lambda: turned.append(1))
    grey.soon()
    left = grey.remainingTime()
    grey.soon()
    assert grey.remainingTime() <= left
    qtbot.waitUntil(lambda: turned == [1], timeout=2000)
    assert not grey.isActive()


def test_what_has_come_by_then_does_not_turn(qtbot: QtBot) -> None:
    turned: list[int] = []
    owner = QObject()
    grey = Grey(owner, lambda: turned.append(1))
    grey.soon()
    grey.stop()
    qtbot.wait(2 * GREY_MS)
    assert turned == []
