from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from packviz.core.module import Module, Stored, held_module
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


def test_layers_directions_and_the_rest_of_the_module_can_be_chosen(
    popup: ModulePopup, qtbot: QtBot, scene_of: Callable[[str], Scene]
) -> None:
    scene = scene_of("first-batch")
    popup.draw(scene, None)
    asked: list[SetModel] = []
    popup.intent.connect(asked.append)
    popup.layers.setValue(3)
    popup.both.click()
    popup.bias.click()
    popup.projection.setValue(2)
    spec = scene.controls.module
    assert asked == [
        SetModel(replace(spec, layers=3)),
        SetModel(replace(spec, directions=2)),
        SetModel(replace(spec, bias=False)),
        SetModel(replace(spec, projection=2)),
    ]
    popup.drawn.click()
    assert asked[-1] == SetModel(replace(spec, initial="drawn"))
    assert popup.relu.isHidden()
    popup.draw(with_spec(scene, replace(spec, cell="RNN")), scene)
    assert not popup.relu.isHidden()
    assert not popup.projection.isEnabled()
    popup.relu.click()
    assert asked[-1].module.nonlinearity == "relu"


def test_a_projection_is_less_than_the_hidden_size_as_torch_has_it(
    popup: ModulePopup, scene_of: Callable[[str], Scene]
) -> None:
    scene = with_spec(scene_of("first-batch"), Module(hidden=6, projection=4))
    popup.draw(scene, None)
    assert popup.projection.maximum() == 5
    asked: list[SetModel] = []
    popup.intent.connect(asked.append)
    popup.hidden.setValue(4)
    assert asked == [SetModel(Module(hidden=4, projection=0))]


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
    assert cell_text(Module("GRU", layers=3, directions=2), 4) == "GRU 4→6 · 3 × 2"
    embedded = with_spec(scene, Module(inputs="embedding", embedding_size=5, hidden=3))
    assert cell_text(embedded.controls.module, shown_input_size(embedded)) == "LSTM 5→3"
    unfit = with_spec(scene, held_module("LSTM", 7, 2))
    assert cell_text(unfit.controls.module, shown_input_size(unfit)) == "LSTM 7→2"


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
