"""A window on a recording of 60 calls, of which one in seven is kept, and call 30 is bad."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from packviz.session.store import Session
from packviz.ui.calls.view import CallsView
from packviz.ui.window import Window
from tests.recorded import EVAL, record
from tests.session.updates.test_recordings import opened

KEPT = tuple(range(7, 61, 7))


@pytest.fixture
def calls_window(qtbot: QtBot, tmp_path: Path) -> Iterator[Window]:
    """It does no work of its own."""
    path = record(tmp_path / "run.packviz", 60, bad=(30,), kept=KEPT, sites=dict.fromkeys(range(40, 61), EVAL))
    made = Window(Session(opened(path)))
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    yield made
    made.close()


@pytest.fixture
def view(calls_window: Window) -> CallsView:
    found: CallsView = calls_window.parts["calls"]
    return found
