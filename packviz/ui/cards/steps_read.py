"""Which steps of its own row each group of a result has read: a line a row, beside the matrix of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from packviz.core.look.colour import DARK, Theme
from packviz.core.steps_read import Reached
from packviz.core.texts.probe_rows import reached_line, span_words
from packviz.session.scene.probe_rows import BEYOND, MAYBE, READ, UNREAD, step_kinds
from packviz.ui.cards.row_matrix import LEFT, NUMBERS_PIXELS, ROOM, TOP, WORDS_PIXELS, numbered, squares
from packviz.ui.look.theme import mono, qcolour, sans

NARROWEST, GAP = 90, 10  # pixels of a panel, and between two of them
STRIPE = 5
KEY = {
    READ: "from the first to the last step read",
    UNREAD: "not read",
    MAYBE: "not told",
}


class Panel(NamedTuple):
    """One group of one result."""

    reached: Reached
    group: int

    @property
    def title(self) -> str:
        """`out[:, -1] forward`."""
        groups = self.reached.groups
        return f"{self.reached.of} {groups[self.group]}" if len(groups) > 1 else self.reached.of


def panels(results: Sequence[Reached]) -> list[Panel]:
    """All groups of all results."""
    return [Panel(reached, group) for reached in results for group in range(len(reached.groups))]


def needed(results: Sequence[Reached]) -> int:
    """Pixels that all groups of these results need side by side."""
    return LEFT + len(panels(results)) * (NARROWEST + GAP)


def looks(theme: Theme) -> NDArray[np.uint8]:
    """(4, STRIPE, 4) uint8 RGBA: the look of each code, along its stripes."""
    found = np.zeros((4, STRIPE, 4), dtype=np.uint8)
    for kind, name in ((UNREAD, "ended"), (MAYBE, "neutral"), (READ, "accent")):
        found[kind] = (*theme.rgb(name), 255)
    found[MAYBE, :2] = (*theme.rgb("muted"), 255)
    found[BEYOND] = 0
    return found


def across(width: int, steps: int) -> NDArray[np.int64]:
    """(width,) the step that each pixel of a panel shows; some share a pixel where there are more."""
    return np.arange(width, dtype=np.int64) * steps // max(1, width)


class StepsRead(QWidget):
    """Panels side by side, a line a row in each, at most `room` pixels high. `chosen`: (row, step) that was clicked."""

    chosen = Signal(int, int)

    def __init__(self, results: Sequence[Reached], room: int = ROOM, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.results = tuple(results)
        self.panels = panels(results)
        lengths = results[0].lengths
        self.rows, self.steps = len(lengths), max(1, int(lengths.max(initial=1)))
        self.squares = squares(self.rows, room)
        self._theme, self._row, self._step = DARK, -1, -1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(LEFT + len(self.panels) * NARROWEST)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        told = "; ".join(f"{reached.of}: {reached_line(reached)}" for reached in results)
        self.setAccessibleName(f"Which steps of its row each result has read: {told}")

    def show_in(self, theme: Theme, row: int, step: int) -> None:
        """Take the colours of a theme, outline the selected row, and mark the step."""
        if (theme, row, step) != (self._theme, self._row, self._step):
            self._theme, self._row, self._step = theme, row, step
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(LEFT + len(self.panels) * (NARROWEST + GAP), TOP + self.squares.length + 2)

    @property
    def wide(self) -> int:
        """Pixels of a panel."""
        count = len(self.panels)
        return max(1, (self.width() - LEFT - (count - 1) * GAP - 2) // count)

    def left(self, panel: int) -> int:
        """Where a panel begins."""
        return LEFT + panel * (self.wide + GAP)

    def place_of(self, panel: int, row: int, step: int) -> QRect:
        """Where a step of a row is in a panel."""
        wide = self.wide
        first, stop = (-(-at * wide // self.steps) for at in (step, step + 1))
        return QRect(self.left(panel) + first, TOP + self.squares.place(row), max(1, stop - first), self.squares.size)

    def place_at(self, at: QPointF) -> tuple[int, int, int] | None:
        """(panel, row, step) there; the row is the one that is drawn."""
        panel, x = divmod(int(at.x()) - LEFT, self.wide + GAP)
        line = int((at.y() - TOP) // self.squares.size)
        if not (0 <= panel < len(self.panels) and 0 <= x < self.wide and 0 <= line < self.squares.number):
            return None
        return panel, line * self.squares.share, int(x * self.steps // self.wide)

    def tip(self, panel: int, row: int) -> str:
        """What a line means, in a sentence."""
        shared = f" (one of {self.squares.share} rows that share a line)" if self.squares.share > 1 else ""
        return span_words(self.panels[panel].reached, row, self.panels[panel].group) + shared

    # ---- painting ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        squares, wide = self.squares, self.wide
        p = QPainter(self)
        stripes = looks(self._theme)
        rows = np.arange(squares.number, dtype=np.int64) * squares.share
        ratio = self.devicePixelRatioF()
        steps = across(max(1, round(wide * ratio)), self.steps)
        high = max(1, round(squares.size * ratio))
        thick = max(1, high - (2 if squares.size > 9 else 1 if squares.size > 4 else 0))
        for at, panel in enumerate(self.panels):
            kinds = step_kinds(panel.reached, panel.group, rows, steps)
            lines = np.zeros((squares.number, high, len(steps), 4), dtype=np.uint8)
            y, x = np.indices((thick, len(steps)))
            lines[:, :thick] = stripes[kinds[:, None, :], (x + y) % STRIPE]
            pixels = np.ascontiguousarray(lines.reshape(squares.number * high, len(steps), 4))
            image = QImage(pixels.data, len(steps), len(pixels), QImage.Format.Format_RGBA8888)
            p.drawImage(QRectF(self.left(at), TOP, wide, squares.length), image)
            self._draw_head(p, at, panel.title)
        self._draw_rows(p)
        p.end()

    def _draw_head(self, p: QPainter, at: int, title: str) -> None:
        left, wide = self.left(at), self.wide
        p.setPen(qcolour(self._theme, "muted"))
        p.setFont(sans(WORDS_PIXELS))
        shown = p.fontMetrics().elidedText(title, Qt.TextElideMode.ElideMiddle, wide)
        p.drawText(QRectF(left, 0, wide, TOP - 15), Qt.AlignmentFlag.AlignLeft, shown)
        p.setFont(mono(NUMBERS_PIXELS))
        p.drawText(QRectF(left, TOP - 15, wide, 13), Qt.AlignmentFlag.AlignLeft, "t0")
        if self.steps > 1:
            p.drawText(QRectF(left, TOP - 15, wide, 13), Qt.AlignmentFlag.AlignRight, f"t{self.steps - 1}")
        if 0 <= self._step < self.steps:
            p.setPen(QPen(qcolour(self._theme, "text"), 1))
            middle = left + (self._step + 0.5) * wide / self.steps
            p.drawLine(QPointF(middle, TOP - 2), QPointF(middle, TOP + self.squares.length))

    def _draw_rows(self, p: QPainter) -> None:
        squares = self.squares
        p.setFont(mono(NUMBERS_PIXELS))
        p.setPen(qcolour(self._theme, "muted"))
        for row in numbered(squares, self.rows, 12):
            beside = QRectF(0, TOP + squares.place(row) + squares.size / 2 - 7, LEFT - 6, 14)
            p.drawText(beside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"row {row}")
        if 0 <= self._row < self.rows:
            p.setRenderHint(QPainter.RenderHint.Antialiasing)
            p.setPen(QPen(qcolour(self._theme, "accent"), 1.5))
            y = TOP + squares.place(self._row)
            for at in range(len(self.panels)):
                p.drawRect(QRectF(self.left(at) - 1, y - 1, self.wide + 1, max(3, squares.size) + 1))

    # ---- pointing ----------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position())
        if place is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        panel, row, step = place
        last = int(self.panels[panel].reached.lengths[row]) - 1
        self.chosen.emit(row, max(0, min(step, last)))

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self.place_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self.tip(*place[:2]) if place is not None else "", self)
            return True
        return super().event(event)
