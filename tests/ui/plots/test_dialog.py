from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from packviz.session.scene.resolve import Scene
from packviz.ui.plots.dialog import PlotDialog


class Plot(PlotDialog):
    """Notes what it is asked to draw."""

    def __init__(self) -> None:
        super().__init__("A plot", ("across", "down", "bottom"), None, QPushButton("More"))
        self.drawn: list[Scene] = []

    def draw(self, scene: Scene, last: Scene | None) -> None:
        self._scene = scene
        self.drawn.append(scene)


def test_what_is_chosen_stays_while_it_is_offered(qtbot: QtBot) -> None:
    plot = Plot()
    qtbot.addWidget(plot)
    plot.offer((("h", "hidden"), ("c", "cell")))
    plot.of.setCurrentIndex(1)
    plot.offer((("x", "x"), ("h", "hidden"), ("c", "cell")))
    assert (plot.of.currentData(), plot.of.currentText(), plot.of.count()) == ("c", "cell", 3)
    plot.offer((("x", "x"), ("h", "hidden")))
    assert plot.of.currentData() == "x"


def test_only_what_is_another_is_new(qtbot: QtBot) -> None:
    plot, thing = Plot(), object()
    qtbot.addWidget(plot)
    assert [plot.is_new(*shown) for shown in (("h", thing), ("h", thing), ("c", thing), ("c", object()), ("c",))] == [
        True, False, True, True, True,
    ]  # fmt: skip


def test_another_choice_draws_the_same_scene_again_and_close_is_the_last_button(
    qtbot: QtBot, scene_of: Callable[[str], Scene]
) -> None:
    plot = Plot()
    qtbot.addWidget(plot)
    plot.show()
    plot.of.activated.emit(0)
    assert plot.drawn == []
    scene = scene_of("first-batch")
    plot.draw(scene, None)
    plot.of.activated.emit(0)
    assert plot.drawn == [scene, scene]
    buttons = plot.findChildren(QPushButton)
    assert {button.text() for button in buttons} == {"More", "Close"}
    assert not any(button.autoDefault() for button in buttons)
    close = next(button for button in buttons if button.text() == "Close")
    assert close.x() == max(button.x() for button in buttons)
    close.click()
    assert not plot.isVisible()
