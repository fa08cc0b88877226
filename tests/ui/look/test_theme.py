from __future__ import annotations

import pytest
from PySide6.QtGui import QFontInfo, QPalette
from pytestqt.qtbot import QtBot

from packviz.core.look.colour import DARK, LIGHT, Theme
from packviz.ui.look import theme as looks


def test_the_bundled_fonts_are_used(qtbot: QtBot) -> None:
    assert QFontInfo(looks.sans()).family() == looks.SANS
    assert QFontInfo(looks.mono()).family() == looks.MONO


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_the_palette_has_the_themes_colours(theme: Theme) -> None:
    window = looks.palette(theme).color(QPalette.ColorRole.Window)
    assert (window.red(), window.green(), window.blue()) == theme.rgb("background")


def test_a_colour_is_opaque_unless_asked_for_otherwise() -> None:
    assert looks.qcolour(DARK, "accent").getRgb() == (*DARK.rgb("accent"), 255)
    assert looks.qcolour(DARK, "accent", 40).getRgb() == (*DARK.rgb("accent"), 40)
