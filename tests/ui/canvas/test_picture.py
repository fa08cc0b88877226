"""A picture is painted once for each key."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtGui import QColor, QImage, QPainter

from packviz.ui.canvas.picture import Picture


def shown(picture: Picture, key: tuple[Any, ...], paint: Any, size: float = 10, ratio: float = 1) -> QImage:
    """What the picture draws on a black ground."""
    image = QImage(20, 20, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    try:
        picture.draw(painter, key, size, size, ratio, paint)
    finally:
        painter.end()
    return image


def test_it_is_painted_again_only_for_another_key_size_or_ratio(qapp: Any) -> None:
    picture, painted = Picture(), []
    for key, size, ratio in (
        (("a", 1), 10, 1),
        (("a", 1), 10, 1),
        (("a", 2), 10, 1),
        (("a", 2), 12, 1),
        (("a", 2), 12, 2),
        (("a", 2), 12, 2),
    ):
        shown(picture, key, lambda _, now=(key, size, ratio): painted.append(now), size, ratio)
    assert painted == [(("a", 1), 10, 1), (("a", 2), 10, 1), (("a", 2), 12, 1), (("a", 2), 12, 2)]


def test_what_was_painted_is_shown_again_and_the_rest_shows_through(qapp: Any) -> None:
    picture = Picture()

    def paint(p: QPainter) -> None:
        p.fillRect(0, 0, 5, 5, QColor("white"))

    first = shown(picture, ("a",), paint)
    again = shown(picture, ("a",), None)
    assert first == again
    assert again.pixelColor(2, 2) == QColor("white")
    assert again.pixelColor(8, 8) == QColor("black")


def test_a_picture_that_could_not_be_painted_is_tried_again(qapp: Any) -> None:
    picture = Picture()

    def fail(_: QPainter) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        shown(picture, ("a",), fail)
    painted: list[object] = []
    shown(picture, ("a",), painted.append)
    assert len(painted) == 1
