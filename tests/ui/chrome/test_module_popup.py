from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from packviz.core.module import Module, Stored
from packviz.session.actions import SetModel
from packviz.session.scene.resolve import Scene
from packviz.ui.chrome.module_popup import ModulePopup, cell_text, shown_input_size


@pytest.fixture
def popup(qtbot: QtBot) -> ModulePopup:
    made = ModulePopup()
    qtbot.addWidget(made)
    return made


def with_spec(scene: Scene, spec: Module) -> Scene:
    return replace(scene, controls=replace(scene.controls, module=spec))


def test_each_field_asks_for_its_part_of_the_module(
    popup: ModulePopup, qtbot: QtBot, scene_of: Callable[[str], Scene]
) -> None:
    scene = scene_of("first-batch")
    popup.draw(scene, None)
    asked: list[object] = []
    popup.intent.connect(asked.append)
    popup.hidden.setValue(4)
    popup.seed.setValue(9)
    popup.kinds.button(1).click()
    spec = scene.controls.module
    assert asked == [
        SetModel(replace(spec, hidden=4)),
        SetModel(replace(spec, seed=9)),
        SetModel(replace(spec, cell="GRU")),
    ]


def test_loaded_weights_settle_cell_size_and_can_be_cleared(
    popup: ModulePopup, qtbot: QtBot, scene_of: Callable[[str], Scene]
) -> None:
    arrays = {"weight_ih_l0": np.zeros((8, 1), np.float32), "weight_hh_l0": np.zeros((8, 2), np.float32)}
    spec = Module(hidden=2, weights=Stored("w.pt", arrays))
    popup.draw(with_spec(scene_of("first-batch"), spec), None)
    assert not popup.hidden.isEnabled()
    assert "w.pt" in popup.weights.text()
    with qtbot.waitSignal(popup.intent) as asked:
        popup.clear.click()
    assert asked.args == [SetModel(Module(hidden=2))]


def test_the_input_size_is_that_of_x_or_of_the_embedding(scene_of: Callable[[str], Scene]) -> None:
    scene = scene_of("first-batch")
    assert cell_text(scene.controls.module, shown_input_size(scene)) == "LSTM 1→6"
    embedded = with_spec(scene, Module(inputs="embedding", embedding_size=5, hidden=3))
    assert cell_text(embedded.controls.module, shown_input_size(embedded)) == "LSTM 5→3"


def test_any_choice_is_taken_in_place_of_the_module_that_the_batch_brings_along(
    popup: ModulePopup, qtbot: QtBot, scene_of: Callable[[str], Scene]
) -> None:
    scene = scene_of("module-input-size")
    popup.draw(scene, None)
    assert not popup.own.isHidden()
    assert "its own nn.LSTM" in popup.own.text()
    assert not any(button.isChecked() for button in popup.kinds.buttons())
    with qtbot.waitSignal(popup.intent) as asked:
        popup.kinds.button(0).click()  # the very one that the window had before
    assert asked.args == [SetModel(Module())]
    other = scene_of("first-batch")
    popup.draw(other, scene)
    assert popup.own.isHidden()
    assert [b.text() for b in popup.kinds.buttons() if b.isChecked()] == ["LSTM"]
