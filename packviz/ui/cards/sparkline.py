"""A watch over all steps, as a line as high as its text."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from packviz.core.look.colour import DARK, Theme
from packviz.session.scene.stops import WatchLine
from packviz.ui.look.theme import qcolour


class Sparkline(QWidget):
    """The numbers of a watch over all steps, and where it is now; gaps where there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line: WatchLine | None = None
        self._theme: Theme = DARK
        self.setMinimumWidth(60)
        self.setFixedHeight(18)

    def show_line(self, line: WatchLine, theme: Theme) -> None:
        """Other numbers."""
        self._line, self._theme = line, theme
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(90, 18)

    def paintEvent(self, event: QPaintEvent) -> None:
        line = self._line
        if line is None or not len(line.numbers):
            return
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        finite = line.numbers[np.isfinite(line.numbers)]
        low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
        apart = (high - low) or 1.0
        width, height = self.width() - 4, self.height() - 4
        steps = max(1, len(line.numbers) - 1)

        def at(step: int) -> QPointF:
            return QPointF(2 + width * step / steps, 2 + height * (1 - (float(line.numbers[step]) - low) / apart))

        p.setPen(QPen(qcolour(self._theme, "muted"), 1.2))
        run: list[QPointF] = []
        for step in range(len(line.numbers) + 1):
            if step < len(line.numbers) and np.isfinite(line.numbers[step]):
                run.append(at(step))
            elif run:
                p.drawPolyline(QPolygonF(run))
                run = []
        if 0 <= line.step < len(line.numbers) and np.isfinite(line.numbers[line.step]):
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(qcolour(self._theme, "accent"))
            p.drawEllipse(at(line.step), 3, 3)
