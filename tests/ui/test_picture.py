"""A picture as bytes is the picture."""

from __future__ import annotations

from PySide6.QtGui import QColor, QImage

from packviz.ui.picture import png_of


def test_the_bytes_read_back_to_the_image() -> None:
    image = QImage(3, 2, QImage.Format.Format_RGB32)
    image.fill(QColor("tomato"))
    assert QImage.fromData(png_of(image)) == image
