"""A time pane is moved by its heading, and shows where it will land."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QSettings, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from packviz.session.actions import SetLook, StepTo
from packviz.session.state import Look
from packviz.session.store import Session
from packviz.ui.window import Window
from tests.ui.conftest import state_of

FIRST = ["padded", "packed", "sizes", "row"]


def drag(window: Window, name: str, to: QPoint, *, drop: bool = True) -> None:
    """From the middle of a heading to a point of the board, by the left button."""
    heading = window.board.panes[name].heading
    start = QPoint(8, 8)
    end = heading.mapFromGlobal(window.board.splitter.mapToGlobal(to))
    kinds = [(QEvent.Type.MouseButtonPress, start), (QEvent.Type.MouseMove, end)]
    kinds += [(QEvent.Type.MouseButtonRelease, end)] if drop else []
    for kind, at in kinds:
        left = Qt.MouseButton.LeftButton
        event = QMouseEvent(
            kind, QPointF(at), QPointF(heading.mapToGlobal(at)), left, left, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(heading, event)


def middle(window: Window, name: str, beyond: int) -> QPoint:
    """A little beyond, or before, the middle of a pane."""
    return window.board.panes[name].geometry().center() + QPoint(beyond, beyond)


@pytest.mark.parametrize("orientation", ["down", "right"])
def test_a_pane_goes_where_it_is_dropped(window: Window, orientation: str) -> None:
    window.resize(1400, 900)
    window.session.apply(SetLook(Look(orientation=orientation)))  # type: ignore[arg-type]
    QApplication.processEvents()
    board = window.board
    assert board.order() == FIRST
    drag(window, "row", middle(window, "packed", -6))
    assert board.order() == ["padded", "row", "packed", "sizes"]
    drag(window, "padded", middle(window, "sizes", 6))
    assert board.order() == ["row", "packed", "sizes", "padded"]
    drag(window, "packed", middle(window, "packed", 3))
    assert board.order() == ["row", "packed", "sizes", "padded"]
    window.session.apply(StepTo(2))
    shown = [name for name in board.order() if board.panes[name].canvas.isVisible()]
    assert board._canvases() == [board.panes[name].canvas for name in shown]
    assert board.landing.isHidden()
    window.menus.do("reset_layout")
    assert board.order() == FIRST


def test_while_it_is_moved_a_line_shows_where_it_will_land(window: Window) -> None:
    window.resize(1400, 900)
    QApplication.processEvents()
    drag(window, "row", middle(window, "packed", -6), drop=False)
    board = window.board
    assert board.landing.isVisible()
    left, right = board.panes["padded"].geometry().right(), board.panes["packed"].geometry().left()
    assert left - 4 <= board.landing.geometry().center().x() <= right + 4
    assert board.order() == FIRST  # nothing has moved yet


def test_a_click_moves_nothing_and_a_double_click_still_gives_all_the_room(window: Window, qtbot: QtBot) -> None:
    heading = window.board.panes["packed"].heading
    qtbot.mouseClick(heading, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert window.board.order() == FIRST
    qtbot.mouseDClick(heading, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert window.layout_keeper.maximised == "packed"
    qtbot.mouseDClick(heading, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert window.layout_keeper.maximised == ""


def test_a_hidden_pane_keeps_its_place_and_the_order_is_remembered(qtbot: QtBot, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
    first = Window(Session(state_of("first-batch")), settings)
    qtbot.addWidget(first)
    first.show()
    first.board.set_shown("packed", False)
    QApplication.processEvents()
    drag(first, "row", middle(first, "sizes", -6))
    assert first.board.order() == ["padded", "packed", "row", "sizes"]
    first.close()
    second = Window(Session(state_of("first-batch")), settings)
    qtbot.addWidget(second)
    second.show()
    assert second.board.order() == ["padded", "packed", "row", "sizes"]
    second.close()


def test_any_order_can_be_asked_for_and_unknown_names_are_passed_over(window: Window) -> None:
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(FIRST).tolist()
        window.board.arrange([*order[:2], "none", *order[2:]])
        assert window.board.order() == order
    window.board.arrange(["row"])
    assert window.board.order()[0] == "row"
