"""The colour bar stands where a pane is coloured by value, and shows the colours of its scale."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from packviz.core.look.colour import DARK
from packviz.session import actions as act
from packviz.session.scene.scale import Scale
from packviz.ui.panes.colour_bar import WIDTH, ColourBar
from packviz.ui.window import Window

SCALE = Scale("-3", "3", True, "from -3 to 3")


def test_it_shows_the_ramp_from_end_to_end_and_the_odd_ones(qtbot: QtBot) -> None:
    bar = ColourBar()
    qtbot.addWidget(bar)
    bar.show_scale(SCALE, DARK)
    bar.resize(bar.sizeHint())
    image = bar.grab().toImage()
    pixels = [image.pixelColor(x, image.height() // 2) for x in range(image.width())]
    ramp = SCALE.colours(WIDTH, DARK)
    for place in (2, WIDTH // 2, WIDTH - 3):
        assert QColor(*ramp[place].tolist()) in pixels
    for rgb in SCALE.odd(DARK).values():
        assert QColor(*rgb) in pixels
    assert "NaN" in bar.toolTip()
    assert bar.accessibleName() == "from -3 to 3"


def test_it_comes_and_goes_with_the_colouring(window: Window) -> None:
    pane = window.board.panes["padded"]
    assert pane.bar.isHidden()
    height = pane.heading.height()
    window.session.apply(act.SetLook(replace(window.session.state.look, colour="value")))
    QApplication.processEvents()
    assert pane.bar.isVisible()
    assert pane.heading.height() == height
    window.session.apply(act.SetLook(replace(window.session.state.look, colour="step")))
    assert pane.bar.isHidden()


def test_with_less_room_it_leaves_out_the_squares_then_the_numbers_then_itself(qtbot: QtBot) -> None:
    bar = ColourBar()
    qtbot.addWidget(bar)
    bar.show_scale(SCALE, DARK)
    widths = []
    for room in (300, 110, 60, 20):
        bar.fit(room)
        widths.append(0 if bar.isHidden() else bar.sizeHint().width())
        assert widths[-1] <= room
    assert widths == sorted(set(widths), reverse=True)
    assert widths[-1] == 0


def test_the_title_of_a_pane_is_never_cut_for_it(window: Window) -> None:
    look = replace(window.session.state.look, colour="value")
    for turned in ("down", "right"):
        window.session.apply(act.SetLook(replace(look, orientation=turned)))
        for width in (1600, 1280, 960):
            window.resize(width, 720)
            for _ in range(3):
                QApplication.processEvents()
            for pane in window.board.panes.values():
                assert pane.title.shown() == pane.title.full or not pane.bar.isVisible()
