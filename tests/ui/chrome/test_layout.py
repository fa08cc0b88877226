from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from packviz.ui.window import Window


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
