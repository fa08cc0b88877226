"""The strip over all calls: pixels where a bad call is, whatever the width; what is under the pointer is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from packviz.core.calls.lanes import lanes_of
from packviz.core.findings import Severity
from packviz.core.look.colour import DARK, LIGHT, Theme
from packviz.session.scene.calls import CallsPart
from packviz.ui.calls.strip import GUTTER, TALL, CallsStrip
from tests.recorded import call_of


def part_of(calls: int, *bad: int, kept: tuple[int, ...] = ()) -> CallsPart:
    made = tuple(call_of(n, kept=n in (*bad, *kept), bad=n in bad) for n in range(1, calls + 1))
    places = np.arange(calls, dtype=np.int64)
    return CallsPart("run.packviz", calls=made, places=places, lanes=lanes_of(made, places))


def strip_of(qtbot: QtBot, part: CallsPart, width: int = 500, height: int = 120, theme: Theme = DARK) -> CallsStrip:
    made = CallsStrip()
    qtbot.addWidget(made)
    made.resize(width, height)
    made.show_part(part, theme)
    made.show()
    return made


def near(image: QImage, x: float, y: float, colour: str, reach: int = 2) -> bool:
    wanted = QColor(colour)
    for dx in range(-reach, reach + 1):
        seen = image.pixelColor(round(x) + dx, round(y))
        if all(abs(a - b) < 24 for a, b in zip(seen.getRgb()[:3], wanted.getRgb()[:3], strict=True)):  # type: ignore[index]
            return True
    return False


@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize("calls", [3, 60, 10_000])
def test_one_bad_call_is_seen_where_it_stands(qtbot: QtBot, calls: int, theme: Theme) -> None:
    bad = max(2, calls * 7 // 10)
    strip = strip_of(qtbot, part_of(calls, bad), theme=theme)
    image = strip.grab().toImage()
    lane = strip.lanes_at()["found"]
    at = strip.place_of(bad).center().x()
    assert near(image, at, lane.top + lane.high / 2, theme.error)
    assert not near(image, GUTTER + 3, lane.top + lane.high / 2, theme.error)


def test_marks_are_told_by_their_height_too() -> None:
    assert list(TALL) == sorted(set(TALL), reverse=True)


def test_one_that_is_silently_wrong_is_as_wide_as_one_that_raises(qtbot: QtBot) -> None:
    calls = list(part_of(10_000).calls)
    calls[6999] = calls[6999]._replace(findings=(("padding-left", Severity.SILENT),))
    places = np.arange(10_000, dtype=np.int64)
    part = CallsPart("run.packviz", calls=tuple(calls), places=places, lanes=lanes_of(calls, places))
    strip = strip_of(qtbot, part)
    image, lane = strip.grab().toImage(), strip.lanes_at()["found"]
    at, level = strip.place_of(7000).center().x(), lane.top + lane.high - 3
    wide = [dx for dx in range(-6, 7) if near(image, at + dx, level, DARK.silent, reach=0)]
    assert len(wide) >= 2


def test_where_many_calls_share_a_column_their_usual_lengths_stand_out(qtbot: QtBot) -> None:
    calls = [call_of(n)._replace(shortest=1 if n % 50 == 0 else 8, longest=12) for n in range(1, 10_001)]
    places = np.arange(10_000, dtype=np.int64)
    part = CallsPart("run.packviz", calls=tuple(calls), places=places, lanes=lanes_of(calls, places))
    strip = strip_of(qtbot, part)
    image, lane = strip.grab().toImage(), strip.lanes_at()["lengths"]

    ground = image.pixelColor(GUTTER + 200, round(lane.top + lane.high * 0.95)).lightness()

    def contrast(length: float) -> list[int]:
        down = round(lane.top + lane.high * (1 - length / 12))
        return [abs(image.pixelColor(x, down).lightness() - ground) for x in range(90, 480)]

    usual, rare = contrast(10), contrast(4)
    assert min(usual) > max(rare) + 20
    assert max(rare) > min(rare) + 20  # in some columns one call is as short as that, in others none


def test_the_pointer_finds_the_worst_call_of_a_column(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, part_of(10_000, 7001))
    at = strip.place_of(7001).center()
    assert strip.number_at(at) == 7001
    tip = strip.tip(at)
    assert tip.startswith("Call 7,001: nn.LSTM")
    assert "the worst of " in tip
    assert strip.number_at(QPointF(3, 10)) == 0
    assert strip.tip(QPointF(3, 10)) == ""


def test_a_click_asks_for_the_call_there(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, part_of(5, 4))
    asked: list[int] = []
    strip.chosen.connect(asked.append)
    for number in (1, 4):
        at = strip.place_of(number).center().toPoint()
        qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(499, 10))
    qtbot.mouseClick(strip, Qt.MouseButton.RightButton, pos=strip.place_of(1).center().toPoint())
    assert asked == [1, 4]


def test_the_open_call_and_the_one_under_the_pointer_are_marked(qtbot: QtBot) -> None:
    part = part_of(10_000, 7001)
    strip = strip_of(qtbot, replace(part, open=2000))
    image = strip.grab().toImage()
    assert near(image, strip.place_of(2000).center().x(), 4, DARK.accent)
    before = strip.grab().toImage()
    qtbot.mouseMove(strip, strip.place_of(5000).center().toPoint())
    strip._point(5000)
    assert strip.grab().toImage() != before


def test_another_width_is_binned_anew_and_the_same_list_is_not(qtbot: QtBot) -> None:
    part = part_of(10_000, 7001)
    strip = strip_of(qtbot, part)
    bins = strip.bins
    strip.show_part(replace(part, open=3), LIGHT)
    assert strip.bins is bins
    strip.resize(300, 90)
    assert strip.bins is not None
    assert bins is not None
    assert len(strip.bins) < len(bins)


def test_calls_whose_sizes_were_not_told_and_none_at_all_are_drawn(qtbot: QtBot) -> None:
    calls = tuple(call_of(n)._replace(rows=0, steps=0) for n in (1, 2))
    places = np.arange(2, dtype=np.int64)
    part = CallsPart("run.packviz", calls=calls, places=places, lanes=lanes_of(calls, places))
    assert not strip_of(qtbot, part).grab().isNull()
    nothing = CallsPart("run.packviz", lanes=lanes_of((), places[:0]))
    strip = strip_of(qtbot, nothing)
    assert not strip.grab().isNull()
    assert strip.number_at(QPointF(GUTTER + 10, 10)) == 0
    assert strip.place_of(1).isEmpty()
    strip.show_part(CallsPart(), DARK)
    assert not strip.grab().isNull()


def test_it_is_told_to_those_who_can_not_see_it(qtbot: QtBot) -> None:
    assert strip_of(qtbot, part_of(60, 30)).accessibleDescription() == "60 calls, error in 1"
