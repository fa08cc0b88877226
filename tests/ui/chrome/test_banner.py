from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from packviz.session.actions import CancelLoad, Redo, Say, Undo
from packviz.session.scene.resolve import Banner as Said
from packviz.session.scene.resolve import Scene
from packviz.session.state import Offer
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


def banner_over(qtbot: QtBot, width: int) -> tuple[QWidget, Banner]:
    """One in a shown widget that is so wide."""
    under = QWidget()
    qtbot.addWidget(under)
    under.resize(width, 400)
    view = Banner(under)
    under.show()
    return under, view


def test_it_lies_over_what_it_is_a_child_of_and_moves_nothing(qtbot: QtBot, scene_of: Callable[[str], Scene]) -> None:
    under, view = banner_over(qtbot, 700)
    scene = scene_of("first-batch")
    view.draw(replace(scene, banner=Said("It can't be read. " * 20, bad=True)), scene)
    for width in (700, 500, 1400):
        under.resize(width, 400)
        assert view.width() <= width - 2 * 16
        assert 400 - view.geometry().bottom() in (16, 17)
        assert abs(view.geometry().center().x() - width // 2) <= 1
        assert view.text.height() >= view.text.heightForWidth(view.text.width())


def test_offers_that_come_while_it_is_shown_have_room(qtbot: QtBot, scene_of: Callable[[str], Scene]) -> None:
    _, view = banner_over(qtbot, 700)
    scene = scene_of("first-batch")
    reading = replace(scene, banner=Said("Reading mels.npy…", loading=True))
    view.draw(reading, scene)
    offers = tuple(Offer(name, Say(None)) for name in ("BTF", "TBF", "BFT"))
    view.draw(replace(scene, banner=Said("It may be one of three.", bad=True, offers=offers)), reading)
    for button in view.offers:
        assert button.height() >= button.sizeHint().height()
        assert view.rect().contains(button.geometry())
    assert not any(button.geometry().intersects(view.text.geometry()) for button in view.offers)
    assert view.text.height() >= view.text.heightForWidth(view.text.width())


def test_a_long_message_in_the_place_of_a_short_one_has_room(qtbot: QtBot, scene_of: Callable[[str], Scene]) -> None:
    _, view = banner_over(qtbot, 1000)
    scene = scene_of("first-batch")
    offering = replace(scene, banner=Said("It ended.", offers=(Offer("Open it", Say(None)),)))
    reading = replace(scene, banner=Said("Reading 1.packviz…", loading=True))
    bad = replace(scene, banner=Said("The last changes may be missing. " * 9, bad=True))
    for before, now in pairwise((scene, offering, scene, reading, bad)):
        view.draw(now, before)
        QApplication.processEvents()
    assert view.text.height() >= view.text.heightForWidth(view.text.width())
    assert view.text.geometry().bottom() < view.height()


def test_what_it_offers_is_done_and_it_goes(qtbot: QtBot, scene_of: Callable[[str], Scene]) -> None:
    view = Banner()
    qtbot.addWidget(view)
    scene = scene_of("first-batch")
    offered = replace(scene, banner=Said("3 lengths.", offers=(Offer("Take them", Undo()), Offer("Open", Redo()))))
    view.draw(offered, scene)
    assert [button.text() for button in view.offers] == ["Take them", "Open"]
    asked: list[object] = []
    view.intent.connect(asked.append)
    view.offers[1].click()
    assert asked == [Say(None), Redo()]
    view.draw(scene, offered)
    assert view.offers == []


@pytest.mark.parametrize(
    ("said", "goes"),
    [
        (Said("Three rows."), True),
        (Said("It can't be read.", bad=True), False),
        (Said("Lengths?", offers=(Offer("Take them", Undo()),)), False),
        (Said("Reading…", loading=True), False),
        (Said(""), False),
    ],
)
def test_what_only_tells_something_goes_by_itself(
    qtbot: QtBot, scene_of: Callable[[str], Scene], said: Said, goes: bool
) -> None:
    view = Banner()
    qtbot.addWidget(view)
    scene = scene_of("first-batch")
    view.draw(scene, None)
    view.draw(replace(scene, banner=said), scene)
    assert view._goes.isActive() is goes
    if goes:
        with qtbot.waitSignal(view.intent) as asked:
            view._goes.timeout.emit()
        assert asked.args == [Say(None)]


def test_the_status_bar_says_what_the_pointer_is_on(qtbot: QtBot, scene_of: Callable[[str], Scene]) -> None:
    view = StatusView()
    qtbot.addWidget(view)
    view.draw(scene_of("first-batch"), None)
    assert view.left.full == "x[0, 0] = 1 → data[1] (t0, sorted row 1)"
    assert "first-batch" in view.right.full


def test_of_a_long_name_the_status_bar_keeps_the_sizes_and_says_that_it_is_cut(
    qtbot: QtBot, scene_of: Callable[[str], Scene]
) -> None:
    view = StatusView()
    qtbot.addWidget(view)
    view.resize(500, 24)
    view.show()
    scene = scene_of("first-batch")
    view.draw(scene, None)
    view.draw(replace(scene, status=replace(scene.status, right="a" * 200 + " · 3 rows × 5 steps")), scene)
    assert view.right.shown().startswith("…a")
    assert view.right.shown().endswith("· 3 rows × 5 steps")
