from __future__ import annotations

from itertools import combinations, product

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon
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


def test_each_theme_scale_and_mode_has_its_own(qtbot: QtBot) -> None:
    images = [
        icon("move", theme).pixmap(QSize(SIZE, SIZE), scale, mode).toImage()
        for theme, scale, mode in product((DARK, LIGHT), (1.0, 2.0), (QIcon.Mode.Normal, QIcon.Mode.Disabled))
    ]
    assert all(one != other for one, other in combinations(images, 2))
    assert icon("move", DARK).pixmap(QSize(SIZE, SIZE), 1.0, QIcon.Mode.Normal).toImage() == images[0]
