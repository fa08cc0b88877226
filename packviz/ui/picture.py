"""A picture of the window as the bytes of a file."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QImage, QImageWriter


def png_of(image: QImage) -> bytes:
    """The image as PNG. Raises OSError where it can't be made."""
    held = QBuffer()
    held.open(QIODevice.OpenModeFlag.WriteOnly)
    if not QImageWriter(held, b"png").write(image):
        raise OSError("the picture can't be made: there is not enough memory")
    return bytes(held.data().data())
