from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from packviz.session.scene.parts import TorchSays
from packviz.session.scene.resolve import Scene, resolve
from packviz.session.state import showing
from packviz.ui.cards.verdict import VerdictView


def drawn(qtbot: QtBot, scene: Scene) -> VerdictView:
    view = VerdictView()
    qtbot.addWidget(view)
    view.show()
    view.draw(scene, None)
    return view


def test_a_call_that_returns_is_green(qtbot: QtBot, scene_of: Callable[[str], Scene]) -> None:
    view = drawn(qtbot, scene_of("first-batch"))
    assert view.objectName() == "verdict_good"
    assert view.lines["pack"].head.text() == "pack_padded_sequence ✓"
    assert view.waiting.isHidden()


def test_a_call_that_raises_is_red_and_has_the_exact_message(qtbot: QtBot, scene_of: Callable[[str], Scene]) -> None:
    view = drawn(qtbot, scene_of("beyond-the-end"))
    assert view.objectName() == "verdict_bad"
    assert view.lines["run"].head.text() == "nn.LSTM ✗"
    said = view.lines["run"].text
    assert said.toPlainText() == "RuntimeError: start (10) + length (1) exceeds dimension size (10)."
    said.selectAll()
    assert said.textCursor().hasSelection()


def test_before_torch_has_been_asked_it_says_so(qtbot: QtBot, scene_of: Callable[[str], Scene]) -> None:
    batch = scene_of("first-batch").controls.batch
    view = drawn(qtbot, resolve(showing(batch), None))
    assert view.waiting.isVisible()
    assert view.waiting.text()
    assert all(line.isHidden() for line in view.lines.values())


def test_while_torch_is_asked_again_the_old_outcomes_stay_in_grey(
    qtbot: QtBot, scene_of: Callable[[str], Scene]
) -> None:
    scene = scene_of("first-batch")
    view = drawn(qtbot, scene)
    said = view.lines["pack"].text.toPlainText()
    title = view.title.text()
    earlier = TorchSays(scene.torch.title, scene.torch.verdict, "asking torch…", asking=True, of="the last lengths")
    asking = replace(scene, torch=earlier)
    view.draw(asking, scene)
    assert view.title.text() == title
    qtbot.waitUntil(lambda: not view.lines["pack"].isEnabled(), timeout=2000)
    assert view.title.text() == f"{title} · of the last lengths"
    assert (view.objectName(), view.lines["pack"].text.toPlainText()) == ("verdict", said)
    view.draw(scene, asking)
    assert view.objectName() == "verdict_good"
    assert view.lines["pack"].isEnabled()
    assert view.title.text() == title
    other = replace(scene, torch=TorchSays(scene.torch.title, None, "asking torch…", asking=True))
    view.draw(other, scene)
    assert view.lines["pack"].isHidden()
    assert view.waiting.text() == "asking torch…"


def test_a_call_that_was_not_made_is_not_green(qtbot: QtBot, scene_of: Callable[[str], Scene]) -> None:
    scene = scene_of("first-batch")
    verdict = scene.torch.verdict
    assert verdict is not None
    verdict = replace(verdict, run=replace(verdict.run, ok=None, text="not asked: x holds complex64"))
    view = drawn(qtbot, replace(scene, torch=replace(scene.torch, verdict=verdict)))
    assert view.objectName() == "verdict"
    assert view.title.objectName() == "heading"


def test_it_has_the_height_of_its_words_in_whatever_order_they_came(
    qtbot: QtBot, scene_of: Callable[[str], Scene]
) -> None:
    scene = scene_of("first-batch")
    long = replace(scene, torch=replace(scene.torch, title=f"{scene.torch.title}, " * 6))
    heights = set()
    for scenes in ((long,), (scene, long)):
        room = QWidget()
        qtbot.addWidget(room)
        view = VerdictView(room)
        view.resize(262, 500)
        room.resize(400, 700)
        room.show()
        for shown in scenes:
            view.draw(shown, None)
            for _ in range(4):
                QApplication.processEvents()
        heights.add((view.minimumHeight(), view.maximumHeight()))
    assert len(heights) == 1
