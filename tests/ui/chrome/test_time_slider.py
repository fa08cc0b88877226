from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from packviz.session.actions import StepTo, ToggleBreakpoint
from packviz.session.scene.resolve import Scene
from packviz.ui.chrome.time_slider import TimeSlider


@pytest.fixture
def slider(qtbot: QtBot, scene_of: Callable[[str], Scene]) -> TimeSlider:
    made = TimeSlider()
    qtbot.addWidget(made)
    made.resize(200, 32)
    made.show()
    made.draw(scene_of("first-batch"), None)
    return made


def test_a_click_goes_to_the_step_under_it(slider: TimeSlider, qtbot: QtBot) -> None:
    for step in (3, 1, 2):
        with qtbot.waitSignal(slider.intent) as asked:
            qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(round(slider.x_of(step)), 14))
        assert asked.args == [StepTo(step)]


@pytest.mark.parametrize("last", [0, 1, 7, 5000])
def test_steps_and_pixels_agree(slider: TimeSlider, scene_of: Callable[[str], Scene], last: int) -> None:
    scene = scene_of("first-batch")
    slider.draw(replace(scene, pointer=replace(scene.pointer, last_step=last, breakpoints=(0,))), None)
    slider.grab()
    for step in {0, last // 2, last}:
        assert slider.step_at(slider.x_of(step)) == step
    assert slider.step_at(-50) == 0
    assert slider.step_at(9999) == last


def test_a_double_click_sets_a_breakpoint(slider: TimeSlider, qtbot: QtBot) -> None:
    asked: list[object] = []
    slider.intent.connect(asked.append)
    qtbot.mouseDClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(round(slider.x_of(2)), 14))
    assert ToggleBreakpoint(2) in asked
