from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from packviz.core.look.colour import DARK, LIGHT, Theme
from packviz.ui.look.icons import ICONS, SIZE, icon


@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize("name", ICONS)
def test_every_icon_has_ink_and_air(name: str, theme: Theme, qtbot: QtBot) -> None:
    image = icon(name, theme).pixmap(SIZE, SIZE).toImage()
    alphas = [image.pixelColor(x, y).alpha() for x in range(image.width()) for y in range(image.height())]
    assert max(alphas) > 60
    assert min(alphas) == 0
