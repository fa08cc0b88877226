"""Lettering: labels that elide themselves, fonts and widths that are made once."""

from __future__ import annotations

import re

import pytest
from PySide6.QtGui import QFontMetricsF, QImage, QTextDocument
from pytestqt.qtbot import QtBot

from packviz.ui.look.lettering import Elided, as_it_is, label_font, number_font, width_of

LONG = "a subtitle that is much too long for eighty pixels"


@pytest.fixture
def label(qtbot: QtBot) -> Elided:
    made = Elided("paneTitle")
    qtbot.addWidget(made)
    made.resize(80, 20)
    made.show()
    return made


def inked(image: QImage) -> int:
    """How many pixels differ from the corner."""
    ground = image.pixel(0, 0)
    return sum(image.pixel(x, y) != ground for x in range(image.width()) for y in range(image.height()))


def test_a_line_too_long_is_elided_and_whole_in_its_tool_tip(label: Elided) -> None:
    label.set_full(LONG)
    assert label.shown().endswith("…")
    assert (label.toolTip(), label.accessibleName()) == (LONG, LONG)
    label.resize(1200, 20)
    assert label.shown() == LONG


def test_of_what_counts_at_its_end_the_end_stays_in_view(qtbot: QtBot) -> None:
    label = Elided("muted", left=True)
    qtbot.addWidget(label)
    label.resize(80, 20)
    label.set_full(LONG)
    assert label.shown().startswith("…")
    assert label.shown().endswith("pixels")


def test_there_are_no_two_ellipses_where_the_text_has_one_of_its_own(label: Elided) -> None:
    label.set_full("[1, 2, …, 9] rows")
    seen = set()
    for width in range(30, 160):
        label.resize(width, 20)
        seen.add(label.shown())
    assert "[1, 2,…" in seen
    assert not any("……" in text for text in seen)


def test_it_paints_what_it_shows(label: Elided) -> None:
    assert inked(label.grab().toImage()) == 0
    label.set_full("row 2")
    short = inked(label.grab().toImage())
    label.set_full("rows 2, 3, 4")
    assert 0 < short < inked(label.grab().toImage())


def test_another_font_elides_anew(label: Elided) -> None:
    label.set_full("a subtitle")
    label.resize(90, 20)
    before = label.shown()
    label.setFont(label_font(40))
    assert label.shown() != before


def test_a_width_is_that_of_its_font(qapp: object) -> None:
    for bold in (False, True):
        assert width_of("len 12", 11, bold) == QFontMetricsF(label_font(11, bold)).horizontalAdvance("len 12")
    assert label_font(11) is label_font(11)
    assert number_font(12).family() != label_font(12).family()


def test_a_tip_shows_what_looks_like_a_tag_as_it_is(label: Elided) -> None:
    said = "KeyError: '<s>' & <b>x\nin a.npz"
    words = QTextDocument()
    words.setHtml(as_it_is(said))
    assert words.toPlainText() == said
    assert as_it_is("a & b") == "a & b"
    label.set_full(said)
    assert label.toolTip() == as_it_is(said)


def test_no_number_is_cut_into_another(qtbot: QtBot) -> None:
    """Whatever fits, the whole numbers that can be read are numbers of the text."""
    for left, text in (
        (True, "run.packviz[208 train.py:31] · 60 rows"),
        (False, "since 4,589: shortest 300 → 123, N 4000 → 31999"),
    ):
        made = Elided("small", left=left)
        qtbot.addWidget(made)
        made.set_full(text)
        seen = set()
        for width in range(20, 320):
            made.resize(width, 20)
            seen.add(made.shown())
            assert set(re.findall(r"[\d,]*\d", made.shown())) <= set(re.findall(r"[\d,]*\d", text))
        assert len(seen) > 10
    made.set_full("x[0] = 0.5034824, of a row")
    made.resize(made.fontMetrics().horizontalAdvance("x[0] = 0.50348…") + 6, 20)
    assert made.shown().startswith("x[0] = 0.5")  # of a fraction the beginning is no other number
