from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from packviz.core.findings import Severity
from packviz.core.look.colour import DARK, LIGHT, Theme
from packviz.ui.cards.severity_mark import SIZE, severity_mark


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_each_severity_has_a_shape_of_its_own_whatever_its_colour(theme: Theme, qtbot: QtBot) -> None:
    shapes = []
    for severity in Severity:
        image = severity_mark(severity, theme).pixmap(SIZE, SIZE).toImage()
        colours = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
        assert min(colour.alpha() for colour in colours) == 0
        ground = theme.rgb("panel")
        near = [sum(abs(a - b) for a, b in zip(c.getRgb()[:3], ground, strict=True)) < 60 for c in colours]
        shapes.append(tuple(c.alpha() > 128 and not same for c, same in zip(colours, near, strict=True)))
    assert len(set(shapes)) == len(Severity)
