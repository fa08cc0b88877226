"""Which row of a result reads which row of x, as a matrix: a square for each pair of rows, or for several pairs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from packviz.core.look.colour import DARK, Theme
from packviz.core.rows_read import Crossing
from packviz.core.texts.probe_rows import block_words, crossing_line, pair_words
from packviz.session.scene.probe_rows import BLIND, NOT, OPEN, OTHER, OWN, PARTLY, in_blocks, pair_kinds
from packviz.ui.look.theme import mono, qcolour, sans

CELL, ROOM = 26, 160  # pixels of the largest square, and of all of them together where there is room
LEFT, TOP, RIGHT = 50, 30, 6  # pixels beside the squares: numbers, and a line of words above those at the top
NUMBERS_PIXELS, WORDS_PIXELS = 10, 11
ACROSS, DOWN = "row of x →", "result ↓"
KEY = {
    OWN: "reads itself",
    OTHER: "reads another row",
    BLIND: "does not read itself",
    NOT: "not read",
    OPEN: "not told apart",
    PARTLY: "some not told apart",
}
STEPS = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}


class Squares(NamedTuple):
    """How rows are laid out: pixels of a square, rows that share one, and squares each way."""

    size: int
    share: int
    number: int

    @property
    def length(self) -> int:
        """Pixels of all of them."""
        return self.size * self.number

    def place(self, row: int) -> int:
        """Pixels before the square of a row."""
        return row // self.share * self.size


def squares(rows: int, room: int = ROOM) -> Squares:
    """The largest squares with which so many rows fit into so many pixels; of more rows than that, some share one."""
    share = max(1, -(-rows // room))
    number = -(-rows // share)
    return Squares(max(1, min(CELL, room // max(1, number))), share, number)


def numbered(squares: Squares, rows: int, wide: int) -> range:
    """The rows whose numbers are written, each `wide` pixels apart at least."""
    steps = (n * 10**power for power in range(5) for n in (1, 2, 5))
    each = next(n for n in steps if n * squares.size >= wide * squares.share)
    return range(0, rows, each)


def patterns(theme: Theme, size: int) -> NDArray[np.uint8]:
    """(6, size, size, 4) uint8 RGBA, the look of each code: full, full with a hole, hatched, hollow, or faint."""
    found = np.zeros((6, size, size, 4), dtype=np.uint8)
    inside = slice(0, max(1, size - (2 if size > 9 else 1 if size > 4 else 0)))
    wide = len(range(size)[inside])

    def fill(kind: int, name: str, where: NDArray[np.bool_] | None = None) -> None:
        square = found[kind, inside, inside]
        square[...] = np.where(
            (np.ones((wide, wide), bool) if where is None else where)[..., None], colour(name), square
        )

    def colour(name: str) -> tuple[int, ...]:
        return (*theme.rgb(name), 255)

    at = np.arange(wide)
    edge = np.minimum(at, wide - 1 - at)
    middle = np.minimum.outer(edge, edge)
    for kind in (NOT, OPEN, BLIND):
        fill(kind, "neutral")
    fill(PARTLY, "ended")
    fill(OWN, "good")
    fill(OTHER, "error")
    if wide > 6:
        fill(OTHER, "card", middle >= wide * 3 // 8)
    fill(BLIND, "warning", middle < max(1, wide // 8) if wide > 4 else None)
    stripe = 5 if wide > 4 else 2
    fill(OPEN, "muted", (np.add.outer(at, at) % stripe) < max(1, stripe // 3) if wide > 1 else None)
    return found


class RowMatrix(QWidget):
    """The matrix of one Crossing, in at most `room` pixels. `chosen`: (row of the result, row of x), of a click."""

    chosen = Signal(int, int)

    def __init__(self, crossing: Crossing, room: int = ROOM, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.crossing = crossing
        self.squares = squares(crossing.rows, room)
        self.pairs = pair_kinds(crossing)
        self.kinds = in_blocks(self.pairs, self.squares.share)
        self._theme, self._row, self._at = DARK, -1, (0, 0)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"Which row of {crossing.of} reads which row of x: {crossing_line(crossing)}")

    def show_in(self, theme: Theme, row: int) -> None:
        """Take the colours of a theme, and outline the selected row."""
        if (theme, row) != (self._theme, self._row):
            self._theme, self._row = theme, row
            self.update()

    def sizeHint(self) -> QSize:
        words = self.fontMetrics().horizontalAdvance(ACROSS)
        return QSize(LEFT + max(self.squares.length, words) + RIGHT, TOP + self.squares.length + 2)

    def pair_at(self, at: QPointF) -> tuple[int, int] | None:
        """(row of the result, row of x) of the first pair of the square that is there."""
        squares = self.squares
        down, across = int((at.y() - TOP) // squares.size), int((at.x() - LEFT) // squares.size)
        if not (0 <= down < squares.number and 0 <= across < squares.number):
            return None
        return self._worst(down, across)

    def _worst(self, down: int, across: int) -> tuple[int, int]:
        """The pair of a square for which it has its colour."""
        rows, others = self._rows(down), self._rows(across)
        at = np.argwhere(self.pairs[rows, others] == self.kinds[down, across])
        first = at[0] if len(at) else (0, 0)  # most of them are told, but not all
        return rows.start + int(first[0]), others.start + int(first[1])

    def _rows(self, square: int) -> slice:
        return slice(square * self.squares.share, min(self.crossing.rows, (square + 1) * self.squares.share))

    def place_of(self, row: int, other: int) -> QRect:
        """Where the square of a pair of rows is."""
        size = self.squares.size
        return QRect(LEFT + self.squares.place(other), TOP + self.squares.place(row), size, size)

    def tip(self, row: int, other: int) -> str:
        """What a square means, in a sentence."""
        share = self.squares.share
        if share == 1:
            return pair_words(self.crossing, row, other)
        return block_words(self.crossing, self._rows(row // share), self._rows(other // share))

    # ---- painting ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        squares, ratio = self.squares, self.devicePixelRatioF()
        size = max(1, round(squares.size * ratio))
        looks = patterns(self._theme, size)[self.kinds]
        pixels = np.ascontiguousarray(looks.transpose(0, 2, 1, 3, 4).reshape(squares.number * size, -1, 4))
        image = QImage(pixels.data, pixels.shape[1], pixels.shape[0], QImage.Format.Format_RGBA8888)
        p = QPainter(self)
        p.drawImage(QRectF(LEFT, TOP, squares.length, squares.length), image)
        self._draw_numbers(p)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        if 0 <= self._row < self.crossing.rows:
            p.setPen(QPen(qcolour(self._theme, "accent"), 1.5))
            y, x, thick = self.place_of(self._row, 0).y(), self.place_of(0, self._row).x(), max(3, squares.size)
            p.drawRect(QRectF(LEFT - 1, y - 1, squares.length + 1, thick + 1))
            p.drawRect(QRectF(x - 1, TOP - 1, thick + 1, squares.length + 1))
        if self.hasFocus() and self.squares.size > 6:
            p.setPen(QPen(qcolour(self._theme, "text"), 1.5))
            p.drawRect(QRectF(self.place_of(*self._at)).adjusted(2, 2, -4, -4))
        p.end()

    def _draw_numbers(self, p: QPainter) -> None:
        squares, rows = self.squares, self.crossing.rows
        p.setPen(qcolour(self._theme, "muted"))
        p.setFont(sans(WORDS_PIXELS))
        p.drawText(QRectF(LEFT, 0, self.width() - LEFT, TOP - 15), Qt.AlignmentFlag.AlignLeft, ACROSS)
        p.drawText(QRectF(0, 0, LEFT - 4, TOP - 15), Qt.AlignmentFlag.AlignRight, DOWN)
        p.setFont(mono(NUMBERS_PIXELS))
        wide = p.fontMetrics().horizontalAdvance(str(rows - 1)) + 4
        for row in numbered(squares, rows, wide):
            middle = squares.place(row) + squares.size / 2
            above = QRectF(LEFT + middle - 20, TOP - 15, 40, 13)
            p.drawText(above, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, str(row))
        for row in numbered(squares, rows, 12):
            beside = QRectF(0, TOP + squares.place(row) + squares.size / 2 - 7, LEFT - 4, 14)
            p.drawText(beside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(row))

    # ---- pointing ----------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        pair = self.pair_at(event.position())
        if pair is not None and event.button() is Qt.MouseButton.LeftButton:
            self._at = pair
            self.chosen.emit(*pair)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrows go from pair to pair, and say what each means; Enter selects its rows."""
        key = Qt.Key(event.key())
        if key in STEPS:
            share, last = self.squares.share, self.crossing.rows - 1
            down, across = (min(last, max(0, at + by * share)) for at, by in zip(self._at, STEPS[key], strict=True))
            self._at = down, across
            self.setAccessibleDescription(self.tip(*self._at))
            place = self.place_of(*self._at)
            QToolTip.showText(self.mapToGlobal(place.bottomRight() + QPoint(4, 4)), self.tip(*self._at), self)
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit(*self._at)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in STEPS:
            event.accept()  # the arrows would step
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            pair = self.pair_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self.tip(*pair) if pair is not None else "", self)
            return True
        return super().event(event)
