from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from packviz.app import lay_out
from packviz.session.store import Session
from packviz.ui.window import Window
from tests.ui.conftest import state_of


@pytest.mark.parametrize("size", [(1280, 720), (1600, 1000), (2560, 1440)])
def test_the_board_has_most_of_the_room(window: Window, size: tuple[int, int]) -> None:
    window.resize(*size)
    window.layout_keeper.proportion()
    QApplication.processEvents()
    assert (window.width(), window.height()) == size
    assert 0.7 <= window.board.width() / size[0] <= 0.86
    assert window.board.height() > 0.35 * size[1]
    assert 250 <= window.docks["findings"].width() <= 440


def test_a_pane_is_hidden_and_comes_back(window: Window) -> None:
    keeper = window.layout_keeper
    keeper.set_shown("row", False)
    assert not window.board.panes["row"].isVisible()
    keeper.reset()
    assert window.board.panes["row"].isVisible()


def test_docks_keep_their_share_of_a_window_that_grows_or_shrinks(window: Window) -> None:
    window.resize(1600, 1000)
    window.layout_keeper.proportion()
    QApplication.processEvents()
    before = window.docks["states"].height() / 1000
    window.resize(1280, 720)
    QApplication.processEvents()
    assert window.docks["states"].height() / 720 == pytest.approx(before, abs=0.03)
    assert window.docks["findings"].width() / 1280 == pytest.approx(0.21, abs=0.03)


def test_a_dock_behind_a_tab_does_not_squeeze_the_others(window: Window) -> None:
    """Below 850 pixels of height the Python is a tab behind the verdict."""
    window.resize(1280, 720)
    window.layout_keeper.proportion()
    QApplication.processEvents()
    before = window.docks["findings"].width() / 1280
    for size in ((1200, 700), (960, 600), (1280, 720)):
        window.resize(*size)
        QApplication.processEvents()
        assert window.docks["findings"].width() / size[0] == pytest.approx(before, abs=0.03)
        assert window.docks["torch"].width() == window.docks["findings"].width()


def test_one_pane_gets_all_the_room_and_everything_comes_back(window: Window) -> None:
    def stood() -> dict[str, Any]:
        lay_out()
        panes = {name: pane.isVisible() for name, pane in window.board.panes.items()}
        return {**panes, **{name: (dock.isVisible(), dock.size()) for name, dock in window.docks.items()}}

    before = stood()
    keeper = window.layout_keeper
    for name in ("padded", "states", "findings"):
        keeper.maximise(name)
        lay_out()
        assert keeper.maximised == name
        shown = [other for other, pane in window.board.panes.items() if pane.isVisible()]
        docked = [other for other, dock in window.docks.items() if dock.isVisible()]
        assert shown + docked == [name]
        part = window.board.panes.get(name) or window.docks[name]
        assert part.width() > 0.9 * window.width()
        keeper.maximise(name)
        assert keeper.maximised == ""
        after = stood()
        assert {n: v if isinstance(v, bool) else v[0] for n, v in after.items()} == {
            n: v if isinstance(v, bool) else v[0] for n, v in before.items()
        }
    assert window.menus.actions["part.findings"].isChecked()


def test_a_double_click_on_a_heading_or_a_strip_does_so_and_the_key_for_what_has_the_focus(
    window: Window, qtbot: QtBot
) -> None:
    qtbot.mouseDClick(window.board.panes["packed"].heading, Qt.MouseButton.LeftButton)
    assert window.layout_keeper.maximised == "packed"
    qtbot.mouseDClick(window.board.panes["packed"].heading, Qt.MouseButton.LeftButton)
    qtbot.mouseDClick(window.docks["findings"].grip, Qt.MouseButton.LeftButton)
    assert window.layout_keeper.maximised == "findings"
    window.reset_layout()
    assert window.layout_keeper.maximised == ""
    window.board.panes["sizes"].canvas.setFocus()
    qtbot.waitUntil(window.board.panes["sizes"].canvas.hasFocus)
    window.menus.do("maximise")
    assert window.layout_keeper.maximised == "sizes"
    window.menus.do("maximise")
    assert window.layout_keeper.maximised == ""


def test_a_layout_with_one_pane_alone_is_not_remembered(qtbot: QtBot, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
    made = Window(Session(state_of("first-batch")), settings)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    made.layout_keeper.maximise("padded")
    made.close()
    again = Window(Session(state_of("first-batch")), settings)
    qtbot.addWidget(again)
    with qtbot.waitExposed(again):
        again.show()
    assert all(pane.isVisible() for pane in again.board.panes.values())
    assert again.docks["findings"].isVisible()
    again.close()


def test_a_drag_on_the_strip_of_a_dock_resizes_it(window: Window, qtbot: QtBot) -> None:
    window.resize(1200, 900)
    lay_out()
    states, height = window.docks["states"], window.docks["states"].height()
    window.layout_keeper.dragged("states", -60)
    lay_out()
    assert states.height() > height + 30
    findings, torch = window.docks["findings"], window.docks["torch"]
    tall = findings.height()
    window.layout_keeper.dragged("torch", 40)
    lay_out()
    assert findings.height() >= tall
    assert torch.isVisible()


def test_the_strip_tells_how_far_it_was_dragged_and_leaves_its_handle_to_the_dock(window: Window, qtbot: QtBot) -> None:
    grip = window.docks["torch"].grip
    told: list[int] = []
    grip.dragged.connect(told.append)
    at = QPoint(grip.width() // 4, 6)
    qtbot.mousePress(grip, Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseMove(grip, at + QPoint(0, 9))
    qtbot.mouseRelease(grip, Qt.MouseButton.LeftButton, pos=at + QPoint(0, 9))
    assert sum(told) == 9
    told.clear()
    grip._show(True)
    qtbot.mousePress(grip, Qt.MouseButton.LeftButton, pos=grip.handle.geometry().center())
    qtbot.mouseMove(grip, grip.handle.geometry().center() + QPoint(0, 1))
    qtbot.mouseRelease(grip, Qt.MouseButton.LeftButton, pos=grip.handle.geometry().center())
    assert told == []
