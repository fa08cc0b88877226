"""From a recording of 2,000 calls with one bad one to the row and the fix, through the real program."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from packviz.session import selectors
from packviz.ui.window import Window
from tests.e2e.test_walks import lengths, press, settled, walk  # noqa: F401  # the fixture
from tests.recorded import hx_of, record

Key, Mod = Qt.Key, Qt.KeyboardModifier


def open_call(window: Window) -> int:
    return window.scene.calls.open if window.scene is not None else 0


def test_from_the_bad_call_of_two_thousand_to_its_row_and_its_fix(
    walk: Callable[..., int],  # noqa: F811
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    path = record(tmp_path / "run.packviz", 2000, bad=(1377,), kept=(1, 1999, 2000))

    def steps(window: Window) -> None:
        qtbot.waitUntil(lambda: open_call(window) == 1377, timeout=60_000)
        settled(qtbot, window)
        table = window.parts["calls"].table
        assert (table.calls.rowCount(), table.currentIndex().row()) == (2000, 0)
        card = next(card for card in window.findings.cards if card.finding.code == "length-not-positive")
        assert card.finding.rows == (2,)
        assert card.finding.edit is not None
        before = window.session.state.history
        press(qtbot, window, Key.Key_PageDown, Mod.AltModifier)
        qtbot.waitUntil(lambda: open_call(window) == 1)
        settled(qtbot, window)
        press(qtbot, window, Key.Key_F10)
        trace = selectors.trace_of(window.session.state)
        assert trace is not None
        assert trace.result is not None
        assert np.array_equal(trace.result.initial["h_0"], hx_of(1)[0])
        press(qtbot, window, Key.Key_PageUp, Mod.AltModifier)
        qtbot.waitUntil(lambda: open_call(window) == 1377)
        assert window.session.state.history is before
        settled(qtbot, window)
        fix = next(card for card in window.findings.cards if card.finding.code == "length-not-positive")
        fix.fix.click()
        settled(qtbot, window)
        assert lengths(window) == [6, 4, 1]
        assert window.session.state.history.undo_label is not None
        window.menus.do("undo")
        assert lengths(window) == [6, 4, 0]

    assert walk(steps, str(path)) == 0
