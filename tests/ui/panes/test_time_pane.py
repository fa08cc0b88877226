"""What all panes on the time axis do alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from packviz.core.batch import Call, make_batch
from packviz.session import actions as act
from packviz.session.state import Look, State
from packviz.session.updates.update import update
from packviz.ui.panes.time_pane import MARGINS, TURNED_MARGINS

Staged = Callable[..., Any]
BATCH = make_batch(
    [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0], [7, 3, 2, 5, 8]], [3, 2, 5, 5], Call(True, False)
)
BOTH = pytest.mark.parametrize("orientation", ["down", "right"])


def opened(orientation: Any = "down", batch: Any = BATCH) -> State:
    return update(update(State(), act.SetLook(Look(orientation=orientation))), act.Open(batch))


def staged(stage: Staged, orientation: Any = "down") -> Any:
    return stage(opened(orientation), size=(1400, 520) if orientation == "down" else (1100, 1100))


@pytest.mark.parametrize("name", ["padded", "packed", "sizes", "row"])
def test_where_time_runs_right_its_ruler_lies_on_top(stage: Staged, name: str) -> None:
    for orientation, margins in (("down", MARGINS), ("right", TURNED_MARGINS)):
        pane = staged(stage, orientation).pane(name)
        top, left = (
            (pane.time_ruler, pane.across_ruler) if orientation == "right" else (pane.across_ruler, pane.time_ruler)
        )
        assert (pane.canvas.top, pane.canvas.left) == (top, left)
        assert (top.rect().height(), left.rect().width()) == margins


def test_turning_there_and_back_leaves_the_pane_as_it_was(stage: Staged) -> None:
    shown = staged(stage)
    before = shown.board.grab().toImage()
    look = shown.state.look
    shown.do(act.SetLook(Look(orientation="right")), act.SetLook(look))
    QApplication.processEvents()
    assert shown.board.grab().toImage() == before
