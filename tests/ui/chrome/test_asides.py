"""The list of calls has room for calls, in a window that remembers another layout, too; without it all is as before."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QSettings, QSize, Qt
from pytestqt.qtbot import QtBot

from packviz.app import lay_out
from packviz.session.state import State
from packviz.session.store import Session
from packviz.ui.calls.table import LINE
from packviz.ui.chrome.asides import _read
from packviz.ui.window import Window
from tests.recorded import record
from tests.session.updates.test_recordings import opened
from tests.ui.conftest import state_of

Opened = Callable[..., Window]


@pytest.fixture
def recording(tmp_path: Path) -> State:
    return opened(record(tmp_path / "run.packviz", 60, bad=(30,), kept=tuple(range(1, 61))))


@pytest.fixture
def start(qtbot: QtBot, tmp_path: Path) -> Opened:
    """A window with the settings of all others, closed before the next one."""
    settings = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
    windows: list[Window] = []

    def made(state: State, size: tuple[int, int] = (1600, 960)) -> Window:
        for window in windows:
            window.close()
        window = Window(Session(state), settings)
        windows.append(window)
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        window.resize(*size)  # more than the screen of the tests has, of which the docks took their share before
        window.resizeDocks([window.docks["findings"]], [round(0.21 * size[0])], Qt.Orientation.Horizontal)
        lay_out()
        return window

    return made


def lines(window: Window) -> float:
    """The calls that can be read at once."""
    return window.parts["calls"].table.viewport().height() / LINE


def open_recording(window: Window, recording: State, qtbot: QtBot) -> None:
    assert recording.recording is not None
    window.session.work()
    window.opening.open_paths(recording.recording.recording.place)
    qtbot.waitUntil(lambda: window.session.scene.calls.shown and window.session.state.loading is None)
    lay_out()


@pytest.mark.parametrize(("size", "least"), [((1280, 720), 5), ((1600, 960), 8), ((2560, 1440), 15)])
def test_some_calls_can_be_read_at_once_beside_the_states(
    start: Opened, recording: State, size: tuple[int, int], least: int
) -> None:
    window = start(recording, size)
    window.layout_keeper.proportion()
    lay_out()
    assert lines(window) >= least
    assert window.docks["calls"].width() == pytest.approx(min(1100, 0.45 * size[0]), abs=12)
    assert window.docks["states"].width() > 0.3 * size[0]
    assert window.board.height() > 0.3 * size[1]


def remembered(start: Opened) -> tuple[Window, int]:
    """A window whose layout is that of one before, and how high its states are."""
    start(state_of("first-batch"))
    window = start(state_of("first-batch"))
    window.resizeDocks([window.docks["states"]], [360], Qt.Orientation.Vertical)
    lay_out()
    return window, window.docks["states"].height()


def test_where_a_layout_is_remembered_too(start: Opened, recording: State, qtbot: QtBot) -> None:
    window, before = remembered(start)
    open_recording(window, recording, qtbot)
    assert window.docks["calls"].width() == pytest.approx(0.45 * 1600, abs=12)
    assert lines(window) >= 8
    assert window.docks["states"].height() > before
    window.menus.do("close_recording")
    lay_out()
    assert window.docks["calls"].isHidden()
    assert window.docks["states"].height() == pytest.approx(before, abs=3)


def test_it_comes_back_as_it_was_left(start: Opened, recording: State, qtbot: QtBot) -> None:
    window, alone = remembered(start)
    open_recording(window, recording, qtbot)
    row = [window.docks["calls"], window.docks["states"]]
    window.resizeDocks(row, [500, row[0].width() + row[1].width() - 500], Qt.Orientation.Horizontal)
    window.resizeDocks(row, [500, 500], Qt.Orientation.Vertical)
    lay_out()
    left: QSize = window.docks["calls"].size()
    assert left.width() == pytest.approx(500, abs=12)
    window = start(state_of("first-batch"))
    assert window.docks["calls"].isHidden()
    assert window.docks["states"].height() == pytest.approx(alone, abs=12)
    open_recording(window, recording, qtbot)
    assert window.docks["calls"].width() == pytest.approx(left.width(), abs=4)
    assert window.docks["calls"].height() == pytest.approx(left.height(), abs=4)
    window.menus.do("reset_layout")
    lay_out()
    assert window.docks["calls"].width() == pytest.approx(0.45 * 1600, abs=12)


def test_one_that_floats_is_left_where_it_is(start: Opened, recording: State, qtbot: QtBot) -> None:
    start(state_of("first-batch"))
    window = start(state_of("first-batch"))
    window.docks["calls"].setFloating(True)
    before = window.docks["states"].height()
    open_recording(window, recording, qtbot)
    assert window.docks["calls"].isFloating()
    window.docks["calls"].hide()
    assert window.docks["states"].height() == pytest.approx(before, abs=3)


told_by_others = st.recursive(
    st.none() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["left", "alone", "calls"]), inner),
)


@given(st.binary(max_size=60) | told_by_others.map(lambda said: json.dumps(said).encode()))
def test_of_what_was_not_told_by_it_nothing_is_taken(told: bytes) -> None:
    left, alone = _read(told)
    assert all(0 < share <= 1 for share in [*alone.values(), *(one for pair in left.values() for one in pair)])
