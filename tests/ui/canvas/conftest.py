"""What the tests of a canvas have in common."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from packviz.ui.canvas.canvas import Canvas
from packviz.ui.canvas.surface import TimeAxis


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    """An empty canvas that is shown: cells of 600 × 400 pixels, rulers of 40 and 30 beside them."""
    made = Canvas(time=TimeAxis(), margins=(30, 40))
    qtbot.addWidget(made)
    made.resize(640, 430)
    with qtbot.waitExposed(made):
        made.show()
    return made
