"""The picture of a stack of layers: what is lit, where a click goes, what there is room for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from packviz.core.batch import Call, make_batch
from packviz.core.look.colour import DARK
from packviz.core.module import Module
from packviz.core.moments import Moment
from packviz.session import actions as act
from packviz.session.cursor import Cursor
from packviz.session.state import showing

Staged = Callable[..., Any]
BATCH = make_batch([[1, 2, 3, 0], [4, 5, 0, 0], [6, 7, 8, 9]], [3, 2, 4], Call(True, False))


def staged(stage: Staged, layers: int, directions: int, *actions: Any) -> Any:
    shown = stage(showing(BATCH, Module(layers=layers, directions=directions)), *actions, size=(1400, 620))
    shown.work()
    return shown


@pytest.mark.parametrize(("layers", "directions"), [(2, 2), (3, 1), (1, 2), (4, 2)])
def test_a_click_shows_the_layer_and_direction_whose_box_is_lit(
    stage: Staged, qtbot: QtBot, layers: int, directions: int
) -> None:
    shown = staged(stage, layers, directions)
    picture = shown.pane("states").stack
    boxes = picture.boxes()
    assert list(boxes) == [(layer, d) for layer in range(layers) for d in range(directions)]
    for place, box in boxes.items():
        qtbot.mouseClick(picture, Qt.MouseButton.LeftButton, pos=box.center().toPoint())
        shown.do(shown.asked.pop())
        moment = shown.state.cursor.moment
        assert (moment.layer, moment.direction) == place
        image = picture.grab().toImage()
        for other, at in picture.boxes().items():
            edge = image.pixelColor(QPoint(int(at.left()), int(at.center().y())))
            assert ((edge.red(), edge.green(), edge.blue()) == DARK.rgb("accent")) == (other == place)


def test_a_module_of_one_layer_and_direction_has_no_picture(stage: Staged) -> None:
    shown = stage(BATCH)
    assert shown.pane("states").stack.isHidden()
    shown.do(act.SetModel(Module(layers=2)))
    assert shown.pane("states").stack.isHidden(), "nothing is stepped yet"
    shown.work()
    assert not shown.pane("states").stack.isHidden()


def test_of_many_layers_those_around_the_current_one_are_shown(stage: Staged) -> None:
    shown = staged(stage, 60, 1, act.GoToPass(30))
    boxes = shown.pane("states").stack.boxes()
    layers = [layer for layer, _ in boxes]
    assert 30 in layers
    assert len(layers) < 30
    assert layers == list(range(layers[0], layers[-1] + 1))
    whole = shown.pane("states").stack.rect()
    assert all(whole.contains(box.toRect()) for box in boxes.values())
    for layer in (0, 59):
        shown.do(act.GoToPass(layer))
        assert (layer, 0) in shown.pane("states").stack.boxes()


def test_it_says_what_it_shows(stage: Staged) -> None:
    shown = staged(stage, 2, 2, act.GoToPass(1, 1))
    picture = shown.pane("states").stack
    assert picture.accessibleName() == "Stack of 2 layers, 2 directions: layer 1 ← shown"
    assert "h_n[3] is its h after step 0 of each row" in picture._told(1, 1)
    assert "Layer 0, forward: reads x." in picture._told(0, 0)
    assert Cursor(Moment(0, 1, 1)).shown_pass == (1, 1)
