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
    widget = plot_widget("across", "down")
    qtbot.addWidget(widget)
    for theme in (DARK, LIGHT):
        paint_in(widget, theme)
        colour = widget.backgroundBrush().color()
        assert (colour.red(), colour.green(), colour.blue()) == theme.rgb("panel")
