"""A layer covers the cells of its canvas, whatever their size."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF
from pytestqt.qtbot import QtBot

from packviz.ui.canvas.canvas import Canvas
from packviz.ui.canvas.cells import CellsLayer
from packviz.ui.canvas.layer import CanvasLayer
from packviz.ui.panes.bars import BarsLayer


@pytest.mark.parametrize("kind", [CellsLayer, BarsLayer])
def test_a_layer_is_as_large_as_the_cells_and_follows_them(qtbot: QtBot, kind: type[CanvasLayer]) -> None:
    canvas = Canvas(margins=(20, 40))
    qtbot.addWidget(canvas)
    layer = kind(canvas)
    canvas.resize(400, 300)
    with qtbot.waitExposed(canvas):
        canvas.show()
    assert layer.rect() == QRectF(0, 0, 360, 280)
    canvas.resize(500, 200)
    qtbot.waitUntil(lambda: layer.rect() == QRectF(0, 0, 460, 180))
