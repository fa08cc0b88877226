"""The strip: its bars differ in height and not in colour alone, and lead to their rows."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from packviz.core.look.colour import THEMES
from packviz.core.probing import Reads
from packviz.session.scene.probe import CLEAN, FINAL, OUT, ProbeLine
from packviz.ui.cards.probe_strip import MOST_HIGH, NO_BAR, Strip, laid_out, marks_shown, patterns


def line_of(marks: list[int]) -> ProbeLine:
    shape = (1, 1, len(marks))
    kinds = np.array(marks, dtype=np.uint8)
    out = (kinds == OUT).reshape(shape)
    final = MappingProxyType({"h_n": (kinds != CLEAN).reshape(shape)})
    return ProbeLine("layer 0", kinds, Reads("NaN", out, np.where(out, 3, -1), final), 0, 0)


def strip_of(qtbot: QtBot, marks: list[int], width: int = 300) -> Strip:
    strip = Strip(line_of(marks), "packed", numbers=True)
    qtbot.addWidget(strip)
    strip.resize(width, strip.heightForWidth(width))
    with qtbot.waitExposed(strip):
        strip.show()
    return strip


@given(st.integers(1, 20_000), st.integers(60, 2500))
def test_every_row_has_a_bar_that_fits_and_every_bar_a_row(rows: int, room: int) -> None:
    bars = laid_out(rows, room)
    assert bars.width * bars.across <= room
    assert bars.down * bars.height <= MOST_HIGH
    assert bars.share == 1 or bars.width == 3
    held = bars.across * bars.down * bars.share
    assert held >= rows > held - (bars.across + 1) * bars.share
    marks = np.zeros(rows, dtype=np.uint8)
    marks[rows // 2] = OUT
    shown = marks_shown(marks, bars)
    assert int((shown == OUT).sum()) == 1
    assert int((shown != NO_BAR).sum()) == -(-rows // bars.share)


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
@pytest.mark.parametrize(("width", "height"), [(26, 18), (9, 12), (3, 12)])
def test_the_marks_differ_in_height(theme: object, width: int, height: int) -> None:
    looks = patterns(theme, width, height)  # type: ignore[arg-type]
    empty = looks[CLEAN, height // 2 - 2, 0]  # over the low bar
    heights = [int((looks[mark, :, 0] != empty).any(axis=1)[1:-1].sum()) for mark in (CLEAN, FINAL, OUT)]
    assert heights[0] + 2 <= heights[1]
    assert heights[1] + 3 <= heights[2]
    assert not looks[NO_BAR].any()


def test_a_click_leads_to_the_row(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, [CLEAN, FINAL, OUT])
    chosen: list[int] = []
    strip.chosen.connect(chosen.append)
    for row in (2, 0):
        qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.place_of(row).center())
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.rect().bottomRight())
    assert chosen == [2, 0]


def test_of_rows_that_share_a_bar_the_worst_is_shown_and_chosen(qtbot: QtBot) -> None:
    marks = [CLEAN] * 5000
    marks[3001] = OUT
    strip = strip_of(qtbot, marks)
    assert strip.bars.share > 1
    assert strip.row_at(QPointF(strip.place_of(3001).center())) == 3001
    assert f"the worst of {strip.bars.share} rows" in strip.tip(3001)


def test_a_tip_says_what_the_row_reads(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, [CLEAN, FINAL, OUT])
    assert [strip.tip(row) for row in range(3)] == [
        "row 0 · packed, layer 0: clean",
        "row 1 · packed, layer 0: h_n",
        "row 2 · packed, layer 0: out from t3, h_n",
    ]
    assert strip.accessibleName() == (
        "packed, layer 0: 1 row: clean, 1 row: a final state reads padding, 1 row: outputs read padding"
    )


def test_the_bars_are_drawn_where_their_rows_are(qtbot: QtBot) -> None:
    theme = THEMES["dark"]
    strip = strip_of(qtbot, [OUT, CLEAN, FINAL])
    strip.show_in(theme, -1)
    QApplication.processEvents()
    image = strip.grab().toImage()
    for row, top in ((0, True), (1, False), (2, False)):
        place = strip.place_of(row)
        at = (place.center().x(), place.top() + 4)
        assert (image.pixelColor(*at).name() == theme.error) == top
    low = strip.place_of(2)
    assert image.pixelColor(low.center().x(), low.bottom() - 4).name() == theme.warning


def test_the_selected_row_is_outlined(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, [CLEAN] * 4)
    strip.show_in(THEMES["dark"], -1)
    plain = strip.grab().toImage()
    strip.show_in(THEMES["dark"], 2)
    outlined = strip.grab().toImage()
    place = strip.place_of(2)
    differing = [
        x for x in range(strip.width()) if plain.pixel(x, place.center().y()) != outlined.pixel(x, place.center().y())
    ]
    assert differing
    assert all(place.left() <= x <= place.right() for x in differing)
