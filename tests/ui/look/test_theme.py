from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QFontInfo, QPalette
from pytestqt.qtbot import QtBot

from packviz.core.look.colour import DARK, LIGHT, Theme
from packviz.ui.look import theme as looks


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_every_name_in_the_style_sheet_is_a_colour(theme: Theme, qtbot: QtBot) -> None:
    assert re.findall(r"@\w*", looks.style_sheet(theme)) == []


@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize("name", looks.PICTURES)
def test_the_pictures_of_the_style_sheet_are_there_and_have_the_themes_colours(theme: Theme, name: str) -> None:
    [path] = set(re.findall(rf'url\("([^"]*{name}-\w+\.svg)"\)', looks.style_sheet(theme)))
    [stroke] = re.findall(r'stroke="#(\w{6})"', Path(path).read_text())
    colours = {bytes(rgb).hex() for rgb in theme.colours().values()} | {"ffffff"}
    assert stroke in colours


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
