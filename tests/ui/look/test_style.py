from __future__ import annotations

import re
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from packviz.core.look.colour import DARK, LIGHT, Theme
from packviz.ui.look.style import PICTURES, style_sheet


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_every_name_in_the_style_sheet_is_a_colour(theme: Theme, qtbot: QtBot) -> None:
    assert re.findall(r"@\w*", style_sheet(theme)) == []


@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize("name", PICTURES)
def test_the_pictures_of_the_style_sheet_are_there_and_have_the_themes_colours(theme: Theme, name: str) -> None:
    [path] = set(re.findall(rf'url\("([^"]*{name}-\w+\.svg)"\)', style_sheet(theme)))
    [stroke] = re.findall(r'stroke="#(\w{6})"', Path(path).read_text())
    colours = {bytes(rgb).hex() for rgb in theme.colours().values()} | {"ffffff"}
    assert stroke in colours
