"""pyqtgraph is imported when a plot is opened, and not before."""

from __future__ import annotations

import os
import subprocess
import sys

from pytestqt.qtbot import QtBot

from packviz.core.look.colour import DARK, LIGHT
from packviz.ui.plots.graph import paint_in, plot_widget, pyqtgraph

START = """
import sys
from packviz.app import first_paint
first_paint()
assert "pyqtgraph" not in sys.modules, "imported at the start"
"""


def test_the_window_comes_up_without_it() -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([sys.executable, "-c", START], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_plot_has_the_colours_of_the_theme(qtbot: QtBot) -> None:
    assert pyqtgraph().getConfigOption("imageAxisOrder") == "row-major"
    widget = plot_widget("across", "down", "bottom")
    qtbot.addWidget(widget)
    for theme in (DARK, LIGHT):
        paint_in(widget, theme)
        colour = widget.backgroundBrush().color()
        assert (colour.red(), colour.green(), colour.blue()) == theme.rgb("panel")


def test_an_axis_of_whole_numbers_has_ticks_at_them_alone(qtbot: QtBot) -> None:
    widget = plot_widget("step t", "value", "bottom")
    qtbot.addWidget(widget)
    for high in (1, 2, 7, 500):
        for side in ("bottom", "left"):
            levels = widget.getAxis(side).tickValues(0, high, 600)
            fractions = [at for _, values in levels for at in values if at != round(at)]
            assert bool(fractions) == (side == "left" and high < 500), (side, high)


def test_the_ticks_say_the_numbers_whatever_the_range_was_when_the_theme_changed(qtbot: QtBot) -> None:
    widget = plot_widget("step t", "value", "bottom")
    qtbot.addWidget(widget)
    for range_ in ((0, 0.004), (0, 40_000)):
        widget.setYRange(*range_)
        for theme in (DARK, LIGHT):
            paint_in(widget, theme)
        assert widget.getAxis("left").autoSIPrefixScale == 1
