"""What every pane has around its body."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from packviz.core.batch import Call, make_batch
from packviz.session import actions as act
from packviz.session.state import Look, State
from packviz.session.updates.update import update
from packviz.ui.panes.frame import PaneFrame

Staged = Callable[..., Any]
BATCH = make_batch(
    [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0], [7, 3, 2, 5, 8]], [3, 2, 5, 5], Call(True, False)
)
BOTH = pytest.mark.parametrize("orientation", ["down", "right"])


def opened(orientation: Any = "down", batch: Any = BATCH) -> State:
    return update(update(State(), act.SetLook(Look(orientation=orientation))), act.Open(batch))


def staged(stage: Staged, orientation: Any = "down") -> Any:
    return stage(opened(orientation), size=(1400, 520) if orientation == "down" else (1100, 1100))


def test_a_pane_without_cells_says_why_in_their_place(stage: Staged) -> None:
    shown = stage(State())
    pane = shown.pane("padded")
    assert pane.empty.isVisible()
    assert pane.empty.text() == "Open, paste or drop a batch, or choose a sample."
    assert not pane.canvas.isVisible()
    shown.do(act.Open(BATCH))
    assert pane.canvas.isVisible()
    assert not pane.empty.isVisible()


def test_title_subtitle_and_footer_are_those_of_the_scene(stage: Staged) -> None:
    shown = staged(stage)
    pane = shown.pane("padded")
    assert pane.title.full == "Padded x"
    assert pane.subtitle.full == "(4, 5) int64 · batch_first · time ↓"
    assert pane.footer.full == shown.scene.padded.footer
    assert pane.subtitle.toolTip() == pane.subtitle.full


def test_a_blank_pane_has_its_heading_on_top_and_nothing_below(qtbot: QtBot) -> None:
    frame = PaneFrame("padded")
    qtbot.addWidget(frame)
    frame.set_body(QWidget())
    frame.resize(300, 400)
    frame.show()
    frame.write("Packed data", "", "", "")
    frame.blank(True)
    assert not frame.body.isVisible()
    QApplication.processEvents()
    assert frame.heading.y() < 20
    frame.blank(False)
    assert frame.body.isVisible()
    frame.write("Packed data", "", "", "not packed")
    frame.blank(False)
    assert not frame.body.isVisible()
