"""The line of a watch over all steps: gaps where there is no number, and a dot at the step that is shown."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from packviz.core.expressions.parse import parse
from packviz.core.look.colour import DARK
from packviz.session.scene.stops import WatchLine
from packviz.ui.cards.sparkline import Sparkline


def picture(qtbot: QtBot, numbers: list[float], step: int) -> QImage:
    spark = Sparkline()
    qtbot.addWidget(spark)
    spark.resize(104, 18)
    spark.show_line(WatchLine(parse("norm(h)"), "", "", np.array(numbers), step), DARK)
    return spark.grab().toImage()


def differ(one: QImage, other: QImage) -> list[int]:
    """The columns in which two pictures differ."""
    rows, columns = range(one.height()), range(one.width())
    return [x for x in columns if any(one.pixel(x, y) != other.pixel(x, y) for y in rows)]


def test_the_dot_stands_at_the_step(qtbot: QtBot) -> None:
    numbers = [0.0, 1, 2, 3, 4]
    none = picture(qtbot, numbers, 9)
    for step, at in ((0, 2), (2, 52), (4, 102)):
        columns = differ(picture(qtbot, numbers, step), none)
        assert columns
        assert all(abs(x - at) <= 4 for x in columns)
    gap = [0.0, np.nan, 2]
    assert differ(picture(qtbot, gap, 1), picture(qtbot, gap, 9)) == []


def test_there_is_a_gap_where_there_is_no_number(qtbot: QtBot) -> None:
    empty = picture(qtbot, [], 0)
    columns = differ(picture(qtbot, [1, 1, np.nan, 1, 1], 9), empty)
    assert {*range(5, 25), *range(80, 100)} <= set(columns)
    assert not set(range(32, 72)) & set(columns)
    assert differ(picture(qtbot, [np.nan] * 3, 0), empty) == []
