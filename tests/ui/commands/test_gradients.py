"""The commands that choose the gradient by which cells are coloured."""

from __future__ import annotations

import numpy as np
from pytestqt.qtbot import QtBot

from packviz.core.batch import Call, make_batch
from packviz.core.module import Module
from packviz.session.actions import GoToPass, Hover, Open, Select
from packviz.session.cursor import Place
from packviz.ui.commands.gradients import output_here
from packviz.ui.window import Window

X = np.random.default_rng(0).normal(size=(2, 4, 2)).astype(np.float32)


def test_they_choose_what_the_gradient_is_of_and_at(window: Window) -> None:
    def ticked() -> set[str]:
        return {name for name, action in window.menus.actions.items() if "gradient" in name and action.isChecked()}

    assert ticked() == set()
    window.menus.do("gradient.h")
    assert ticked() == {"colour.gradient", "gradient.h", "gradient.h_n"}
    window.menus.do("gradient.mean")
    assert ticked() == {"colour.gradient", "gradient.h", "gradient.mean"}
    window.menus.do("gradient.x")
    assert ticked() == {"colour.gradient", "gradient.x", "gradient.mean"}


def test_the_output_of_the_current_cell_is_the_unit_that_is_pointed_at(window: Window, qtbot: QtBot) -> None:
    session = window.session
    session.apply(Open(make_batch(X, [4, 2], Call(True, True)), Module("GRU", 3, directions=2)))
    session.work()
    qtbot.waitUntil(lambda: session.scene.states.grid is not None, timeout=20_000)
    session.apply(Select(1, 1))
    assert output_here(session.scene) == (1, 1, 0)
    session.apply(GoToPass(0, 1))
    assert output_here(session.scene) == (1, 1, 3)
    session.apply(Hover(Place(0, 1, "h", 2)))
    assert output_here(session.scene) == (0, 1, 5)
    session.apply(Hover(Place(0, 1, "z", 2)))
    assert output_here(session.scene) == (0, 1, 3)
    window.menus.do("gradient.output")
    assert session.state.look.gradient == (0, 1, 3)
    qtbot.waitUntil(lambda: "gradient of out[0, 1, 3] at x" in session.scene.padded.footer, timeout=20_000)
