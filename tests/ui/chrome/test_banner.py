from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from packviz.session.actions import CancelLoad, Say
from packviz.session.scene.resolve import Banner as Said
from packviz.session.scene.resolve import Scene
from packviz.ui.chrome.banner import Banner, StatusView


@pytest.mark.parametrize(
    ("said", "button", "asks"),
    [
        (Said("It can't be read.", bad=True), "Dismiss", Say(None)),
        (Said("Reading x.npy…", loading=True, fraction=0.25), "Cancel", CancelLoad()),
    ],
)
def test_a_message_is_dismissed_and_a_load_cancelled(
    qtbot: QtBot, scene_of: Callable[[str], Scene], said: Said, button: str, asks: object
) -> None:
    view = Banner()
    qtbot.addWidget(view)
    scene = scene_of("first-batch")
    view.draw(scene, None)
    assert view.isHidden()
    view.draw(replace(scene, banner=said), scene)
    assert view.isVisible()
    assert view.button.text() == button
    assert view.progress.isHidden() is not said.loading
    assert view.progress.value() == round(said.fraction * 1000)
    with qtbot.waitSignal(view.intent) as asked:
        view.button.click()
    assert asked.args == [asks]


def test_the_status_bar_says_what_the_pointer_is_on(qtbot: QtBot, scene_of: Callable[[str], Scene]) -> None:
    view = StatusView()
    qtbot.addWidget(view)
    view.draw(scene_of("first-batch"), None)
    assert view.left.text() == "x[0, 0] = 1 → data[1] (t0, sorted row 1)"
    assert "first-batch" in view.right.text()
