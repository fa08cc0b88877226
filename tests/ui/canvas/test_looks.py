"""How one cell looks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter

from packviz.core.look.colour import DARK, LIGHT, Theme
from packviz.session.scene.grids import Kind
from packviz.ui.canvas.looks import CellFonts, Hatch


def drawn(theme: Theme, kind: Kind) -> set[tuple[int, int, int]]:
    """The colours of the pixels well inside a cell of this kind."""
    image = QImage(60, 60, QImage.Format.Format_RGB32)
    image.fill(QColor(*theme.rgb("panel")))
    painter = QPainter(image)
    Hatch(theme).draw(painter, QRectF(5, 5, 50, 50), 5, kind)
    painter.end()
    colours = (image.pixelColor(x, y) for x in range(12, 48) for y in range(12, 48))
    return {(c.red(), c.green(), c.blue()) for c in colours}


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_padding_missing_dropped_and_void_look_different(theme: Theme, qapp: Any) -> None:
    padding, missing, dropped, void = (
        drawn(theme, kind) for kind in (Kind.PADDING, Kind.MISSING, Kind.DROPPED, Kind.VOID)
    )
    assert padding == {theme.rgb("padding"), theme.rgb("hatch")}
    assert theme.rgb("padding") in missing
    assert theme.rgb("hatch") not in missing
    assert len(missing) > 1
    assert dropped == padding  # the same colours, in a pattern of its own
    assert void == {theme.rgb("panel")}


def test_dropped_cells_are_crossed_where_padding_has_stripes(qapp: Any) -> None:
    def hatched(kind: Kind) -> int:
        image = QImage(60, 60, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        Hatch(DARK).draw(painter, QRectF(0, 0, 60, 60), 0, kind)
        painter.end()
        ink = QColor(*DARK.rgb("hatch"))
        return sum(image.pixelColor(x, y) == ink for x in range(10, 50) for y in range(10, 50))

    assert hatched(Kind.DROPPED) > 1.5 * hatched(Kind.PADDING) > 0


@given(st.floats(4, 120), st.floats(4, 120), st.integers(1, 9))
def test_the_longest_number_fits_or_none_is_written(qapp: Any, width: float, height: float, longest: int) -> None:
    fonts = CellFonts(width, height, longest)
    if fonts.main is None:
        assert fonts.note is None
        return
    metrics = QFontMetricsF(fonts.main)
    assert metrics.horizontalAdvance("8" * longest) <= width + 2
    assert metrics.capHeight() <= height
    assert fonts.main.pixelSize() >= 6


def test_roomy_cells_have_room_for_a_note_and_small_ones_for_nothing(qapp: Any) -> None:
    assert CellFonts(55, 49, 2).note is not None
    assert CellFonts(30, 20, 2).main is not None
    assert CellFonts(30, 20, 2).note is None
    assert CellFonts(10, 10, 5).main is None


def test_a_number_is_written_in_its_ink_inside_the_cell(qapp: Any) -> None:
    image = QImage(60, 60, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.black)
    painter = QPainter(image)
    CellFonts(50, 50, 2).draw(painter, QRectF(5, 5, 50, 50), "42", "[7]", QColor("white"))
    painter.end()
    lit = [(x, y) for x in range(60) for y in range(60) if image.pixelColor(x, y).red() > 128]
    assert lit
    assert all(5 <= x < 55 and 5 <= y < 55 for x, y in lit)
    upper, lower = [y for _, y in lit if y < 33], [y for _, y in lit if y >= 37]
    assert upper
    assert lower  # the note
