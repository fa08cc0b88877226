"""The features of x: chosen in the heading of the padded batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from pytestqt.qtbot import QtBot

from packviz.core.batch import Call, make_batch
from packviz.session import actions as act
from packviz.session.scene.numbers import full, number
from packviz.session.state import NORM, Look

Staged = Callable[..., Any]
WIDE = make_batch(np.arange(72.0).reshape(2, 3, 3, 4), [3, 2], Call(True, False))
FLAT = make_batch([[1.0, 2.0], [3.0, 0.0]], [2, 1], Call(True, False))


def test_it_is_there_where_there_are_several_and_shows_the_chosen_one(stage: Staged, qtbot: QtBot) -> None:
    shown = stage(WIDE)
    chooser = shown.board.features
    assert chooser.isVisible()
    assert (chooser.field.minimum(), chooser.field.maximum(), chooser.field.value()) == (NORM, 11, 0)
    shown.asked.clear()
    chooser.field.setValue(7)
    assert shown.asked == [act.SetLook(Look(feature=7))]
    shown.do(*shown.asked)
    assert chooser.slider.value() == 7
    assert "Feature 7 (1, 3) of 12 is shown" in chooser.field.toolTip()
    shown.asked.clear()
    chooser.slider.setValue(NORM)
    shown.do(*shown.asked)
    assert chooser.field.text().startswith("norm")
    assert "The norm over all features of 12" in chooser.field.toolTip()
    shown.do(act.Open(FLAT))
    assert chooser.isHidden()


def test_what_is_chosen_is_what_the_cells_and_the_status_bar_show(stage: Staged) -> None:
    shown = stage(WIDE)
    shown.do(act.SetLook(Look(feature=5)))
    d, c = np.array([1]), np.array([1])
    assert shown.scene.padded.grid.texts(d, c) == [[f"{WIDE.x[1, 1].reshape(-1)[5]:.0f}"]]
    shown.do(act.Select(1, 1))
    assert shown.scene.status.left.startswith("x[1, 1, 1, 1] = 53, of [48, 49,")
    shown.do(act.SetLook(Look(feature=NORM)))
    norm = float(np.linalg.norm(WIDE.x[1, 1]))
    assert shown.scene.padded.grid.texts(d, c) == [[number(norm)]]
    assert shown.scene.status.left.startswith(f"‖x[1, 1]‖ = {full(np.float64(norm))}, of [48, 49,")
    assert "norm over 12 features" in shown.scene.padded.subtitle
