"""What was drawn once and is shown again for as long as nothing has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPixmap


class Picture:
    """A picture of something that is drawn again only when its key changes. Keys are compared by `==`."""

    def __init__(self) -> None:
        self.key: tuple[Any, ...] | None = None
        self.pixmap = QPixmap()

    def draw(
        self,
        p: QPainter,
        key: tuple[Any, ...],
        width: float,
        height: float,
        ratio: float,
        paint: Callable[[QPainter], None],
    ) -> None:
        """Blit the picture, (width, height) in logical pixels, painting it first where the key is another one."""
        key = (*key, width, height, ratio)
        if key != self.key:
            self.pixmap = QPixmap(max(1, round(width * ratio)), max(1, round(height * ratio)))
            self.pixmap.setDevicePixelRatio(ratio)
            self.pixmap.fill(Qt.GlobalColor.transparent)
            self._paint(key, paint)
        p.drawPixmap(QPointF(0, 0), self.pixmap)

    def mend(self, old: tuple[Any, ...], new: tuple[Any, ...], paint: Callable[[QPainter], None]) -> None:
        """Where the picture has the key `old`, paint over it what makes it the one of `new`; else leave it as it is."""
        if self.key is not None and self.key[:-3] == old:
            self._paint((*new, *self.key[-3:]), paint)

    def _paint(self, key: tuple[Any, ...], paint: Callable[[QPainter], None]) -> None:
        self.key = None
        inner = QPainter(self.pixmap)
        try:
            inner.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint(inner)
        finally:
            inner.end()  # a painter that outlives its pixmap takes the process with it
        self.key = key
