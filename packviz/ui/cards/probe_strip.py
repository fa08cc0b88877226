"""A strip of small bars, one a row of the batch: none, half or full, as the row reads no padding, or how it does."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from packviz.core.look.colour import DARK, Theme
from packviz.core.texts.wording import count
from packviz.session.scene.probe import CLEAN, FINAL, OUT, ProbeLine
from packviz.ui.look.theme import mono, qcolour

WIDE = (26, 18, 14, 11, 9, 7)  # widths of a bar in pixels, with the gap after it, of which one line is made
NARROW = (9, 7, 5, 4, 3)  # and of which several are
HIGH = (18, 12)  # heights of a bar, alone in its line and among several lines
MOST_HIGH = 48  # pixels of a strip; more rows than fit share bars
NUMBERS_HIGH = 13
NUMBERS_PIXELS = 10
NO_BAR = 3
COLOURS = {CLEAN: "good", FINAL: "warning", OUT: "error"}
NAMES = {CLEAN: "clean", FINAL: "a final state reads padding", OUT: "outputs read padding"}


class Bars(NamedTuple):
    """How bars are laid out: their width and height, how many a line has, the lines, and the rows that share one."""

    width: int
    height: int
    across: int
    down: int
    share: int


def laid_out(rows: int, room: int) -> Bars:
    """The widest bars with which so many rows fit into a width and MOST_HIGH; the narrowest shared where none do."""
    for size in WIDE:
        if rows * size <= room:
            return Bars(size, HIGH[0], max(1, rows), 1, 1)
    down = MOST_HIGH // HIGH[1]
    for size in NARROW:
        across = max(1, room // size)
        if rows <= across * down:
            return Bars(size, HIGH[1], across, -(-rows // across), 1)
    share = -(-rows // (across * down))
    shared = -(-rows // share)
    return Bars(size, HIGH[1], across, -(-shared // across), share)


def marks_shown(marks: NDArray[np.uint8], bars: Bars) -> NDArray[np.uint8]:
    """(down, across) uint8: the worst mark of the rows that share a bar, NO_BAR where there is none."""
    held = np.zeros(-(-len(marks) // bars.share) * bars.share, dtype=np.uint8)
    held[: len(marks)] = marks
    worst = held.reshape(-1, bars.share).max(axis=1)
    shown = np.full(bars.down * bars.across, NO_BAR, dtype=np.uint8)
    shown[: len(worst)] = worst
    return shown.reshape(bars.down, bars.across)


def patterns(theme: Theme, width: int, height: int) -> NDArray[np.uint8]:
    """(4, height, width, 4) uint8 RGBA, the look of each mark: a bar that is low, half or full; and nothing."""
    found = np.zeros((4, height, width, 4), dtype=np.uint8)
    gap = min(2, max(1, width // 8)) if width > 3 else 0
    top = max(1, height // 12)
    for mark, name in COLOURS.items():
        found[mark, top : height - top, : width - gap] = (*theme.rgb("neutral"), 255)
        full = height - 2 * top
        high = {CLEAN: max(2, full // 7), FINAL: full // 2, OUT: full}[mark]
        found[mark, height - top - high : height - top, : width - gap] = (*theme.rgb(name), 255)
    return found


class Strip(QWidget):
    """The rows of one layer and direction. `chosen`: (row) that was clicked. `numbers`: row numbers stand above."""

    chosen = Signal(int)

    def __init__(self, line: ProbeLine, where: str, numbers: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line, self.where, self.numbers = line, where, numbers
        self._theme, self._row = DARK, -1
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"{where}, {line.name}: {self._counted()}")

    def _counted(self) -> str:
        counts = np.bincount(self.line.marks, minlength=3)
        return ", ".join(f"{count(int(counts[mark]), 'row')}: {name}" for mark, name in NAMES.items() if counts[mark])

    @property
    def bars(self) -> Bars:
        """How the bars are laid out in the width that it has."""
        return laid_out(len(self.line.marks), self.width())

    def show_in(self, theme: Theme, row: int) -> None:
        """Take the colours of a theme, and outline the selected row."""
        if (theme, row) != (self._theme, self._row):
            self._theme, self._row = theme, row
            self.update()

    def row_at(self, at: QPointF) -> int:
        """The row whose bar is there, the worst of those that share it; -1 where there is none."""
        bars = self.bars
        across, down = int(at.x() // bars.width), int((at.y() - self._top(bars)) // bars.height)
        if not (0 <= across < bars.across and 0 <= down < bars.down):
            return -1
        first = (down * bars.across + across) * bars.share
        shared = self.line.marks[first : first + bars.share]
        return first + int(np.argmax(shared)) if len(shared) else -1

    def place_of(self, row: int) -> QRect:
        """Where the bar of a row stands."""
        bars = self.bars
        down, across = divmod(row // bars.share, bars.across)
        return QRect(across * bars.width, self._top(bars) + down * bars.height, bars.width, bars.height)

    def _top(self, bars: Bars) -> int:
        """Room for the numbers, which stand over a single line only."""
        return NUMBERS_HIGH if self.numbers and bars.down == 1 else 0

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        bars = laid_out(len(self.line.marks), width)
        return self._top(bars) + bars.down * bars.height

    def sizeHint(self) -> QSize:
        width = max(120, self.width())
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(60, HIGH[1])

    def paintEvent(self, event: QPaintEvent) -> None:
        bars, ratio = self.bars, self.devicePixelRatioF()
        width, height = max(1, round(bars.width * ratio)), max(1, round(bars.height * ratio))
        looks = patterns(self._theme, width, height)[marks_shown(self.line.marks, bars)]
        pixels = looks.transpose(0, 2, 1, 3, 4).reshape(bars.down * height, bars.across * width, 4)
        image = QImage(pixels.data, pixels.shape[1], pixels.shape[0], QImage.Format.Format_RGBA8888)
        p = QPainter(self)
        p.drawImage(QRectF(0, self._top(bars), bars.across * bars.width, bars.down * bars.height), image)
        if self._top(bars):
            self._draw_numbers(p, bars)
        if 0 <= self._row < len(self.line.marks):
            p.setPen(QPen(qcolour(self._theme, "accent"), 1.5))
            p.setRenderHint(QPainter.RenderHint.Antialiasing)
            gap = 1.5 if bars.width > 3 else 0.0
            p.drawRect(QRectF(self.place_of(self._row)).adjusted(0.75, 0.75, -gap - 0.25, -0.75))
        p.end()

    def _draw_numbers(self, p: QPainter, bars: Bars) -> None:
        font = mono(NUMBERS_PIXELS)
        p.setFont(font)
        p.setPen(qcolour(self._theme, "muted"))
        wide = p.fontMetrics().horizontalAdvance(str(len(self.line.marks) - 1)) + 4
        every = next(n for n in (1, 2, 5, 10, 20, 50, 100) if n * bars.width >= wide)
        for row in range(0, len(self.line.marks), every):
            at = QRectF(row * bars.width - bars.width, 0, 3 * bars.width - 2, NUMBERS_HIGH - 1)
            p.drawText(at, Qt.AlignmentFlag.AlignCenter, str(row))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self.row_at(event.position())
        if row >= 0 and event.button() is Qt.MouseButton.LeftButton:
            self.chosen.emit(row)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = self.row_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self.tip(row) if row >= 0 else "", self)
            return True
        return super().event(event)

    def tip(self, row: int) -> str:
        """What a row reads: `row 2 · unpacked, layer 0 ←: out from t0, h_n`."""
        from packviz.core.texts.probe import cell_words

        line, share = self.line, self.bars.share
        said = cell_words(line.reads, line.layer, line.direction, row)
        shared = f" (the worst of {share} rows that share a bar)" if share > 1 else ""
        return f"row {row}{shared} · {self.where}, {line.name}: {said}"
