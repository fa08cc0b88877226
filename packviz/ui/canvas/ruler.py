"""The rulers beside the cells: step numbers, row labels, unit names, ribbons of the sort order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from packviz.core.look import colour
from packviz.core.look.colour import Theme
from packviz.session.scene.grids import Head
from packviz.session.scene.resolve import Ribbons
from packviz.ui.canvas.canvas import Canvas
from packviz.ui.canvas.image import visible
from packviz.ui.canvas.picture import Picture
from packviz.ui.look.lettering import label_font, width_of
from packviz.ui.look.theme import qcolour

Heads = Callable[[Sequence[int]], list[Head]]
CLEAR, MOST_RIBBONS, NONE_BUT_LIT = 32, 64, 256
"""Ribbons: up to CLEAR of them all are bright; of more, at most MOST_RIBBONS are drawn, faint, and bright those of the
lit rows; of more than NONE_BUT_LIT only these."""
ROOM, GAP = 46.0, 6.0  # pixels that a label takes at least where labels stand side by side, and between two of them
DOT = 4.0  # pixels from the middle of a breakpoint's dot to its edge
HALF_LINE = 6.5  # pixels of half a line of text
SIZE = 11  # of the labels


class Ruler:
    """Labels along one axis of a canvas. `along`: "down" or "across". It draws only what fits, at even distances."""

    def __init__(self, canvas: Canvas, along: str) -> None:
        self.canvas, self.along = canvas, along
        self.theme: Theme | None = None
        self.heads: Heads | None = None
        self.current = -1
        self.dots: tuple[int, ...] = ()
        self.ribbons: Ribbons | None = None
        self.lit: tuple[int, ...] = ()  # the sorted rows whose ribbons stand out: the selected and the hovered one
        self._picture, self._ribbons = Picture(), Picture()

    @property
    def horizontal(self) -> bool:
        """Whether the labels stand side by side."""
        return (self.along == "down") == self.canvas.turned

    def rect(self) -> QRectF:
        """The pixels of the ruler, from its own corner."""
        top, left = self.canvas.margins
        mapper = self.canvas.mapper
        return QRectF(0, 0, mapper.width, top) if self.horizontal else QRectF(0, 0, left, mapper.height)

    def look(self) -> tuple[Any, ...]:
        """All that the labels depend on, by value: rulers that look the same may share one picture."""
        return (
            self.theme,
            self.current,
            self.dots,
            self._labels(),
            self._ribbon_look(),
            *self._axis(),
            self.horizontal,
        )

    def _axis(self) -> tuple[tuple[float, float], float, int]:
        """What is in view of the axis, pixels an index, and how many indices there are."""
        canvas, mapper = self.canvas, self.canvas.mapper
        if self.along == "down":
            return mapper.down, mapper.down_scale, canvas.size_down
        return mapper.across, mapper.across_scale, canvas.size_across

    def share(self, picture: Picture) -> None:
        """Draw into this picture, which other rulers use, too."""
        self._picture = picture

    def paint(self, p: QPainter) -> None:
        if self.theme is None:
            return
        rect, ratio = self.rect(), self.canvas.devicePixelRatioF()
        self._picture.draw(p, self.look(), rect.width(), rect.height(), ratio, self.draw)
        if self.ribbons is not None and self.lit and len(self._in_view()) > CLEAR:
            span, scale, _ = self._axis()
            p.setRenderHint(QPainter.RenderHint.Antialiasing)
            for s in self.lit:
                if 0 <= s < len(self.ribbons.order):
                    self._draw_ribbon(p, s, span, scale, 255)

    def _labels(self) -> tuple[tuple[int, Head, float], ...]:
        """The labels that are shown: index, head, and the room that each has along the axis."""
        span, scale, size = self._axis()
        indices = visible(span, size)
        if self.heads is None or len(indices) == 0 or scale <= 0:
            return ()
        ends = self.heads([int(indices[0]), int(indices[-1])])
        width = max(ROOM, *(2 * self._half(head, True) + GAP for head in ends)) if self.horizontal else 2 * HALF_LINE
        stride = nice_stride(apart(width, scale))
        shown = list(range(-(-int(indices[0]) // stride) * stride, int(indices[-1]) + 1, stride))
        if indices[0] <= self.current <= indices[-1] and self.current not in shown:
            shown = [i for i in shown if abs(i - self.current) * scale >= width] + [self.current]
        room = max(scale * stride, width)
        return tuple((i, head, room) for i, head in zip(shown, self.heads(shown), strict=True))

    def draw(self, p: QPainter) -> None:
        """Paint the labels."""
        labels = self._labels()
        if not labels:
            return
        span, scale, _ = self._axis()
        if self.ribbons is not None:
            rect, ratio = self.rect(), self.canvas.devicePixelRatioF()
            paint = partial(self._draw_ribbons, span=span, scale=scale)
            self._ribbons.draw(p, self._ribbon_look(), rect.width(), rect.height(), ratio, paint)
        for index, head, centre, room in self._placed(labels, span[0], scale):
            self._draw_label(p, index, head, centre, room)
        for index in self.dots:
            if index + 1 > span[0] and index < span[1]:
                self._draw_dot(p, self._inside((index + 0.5 - span[0]) * scale, DOT))

    def _placed(
        self, labels: Sequence[tuple[int, Head, float]], first: float, scale: float
    ) -> list[tuple[int, Head, float, float]]:
        """The labels that there is room for, their middles, and their room: the current one before all others, none
        sticks out."""
        placed: list[tuple[int, Head, float, float]] = []
        taken: list[tuple[float, float]] = []
        for index, head, room in sorted(labels, key=lambda label: (label[0] != self.current, label[0])):
            half = self._half(head, index == self.current)
            centre = self._inside((index + 0.5 - first) * scale, half)
            if all(abs(centre - other) >= half + reach for other, reach in taken):
                placed.append((index, head, centre, room))
                taken.append((centre, half))
        return placed

    def _inside(self, centre: float, half: float = HALF_LINE) -> float:
        """The middle of a label that must not stick out at the ends."""
        rect: QRectF = self.rect()
        return max(min(centre, (rect.width() if self.horizontal else rect.height()) - half), half)

    def _half(self, head: Head, current: bool) -> float:
        """Half of the room that a label takes along its axis, in pixels."""
        if not self.horizontal:
            return HALF_LINE
        return max(width_of(head.text, SIZE, current), width_of(head.sub, SIZE, current)) / 2 + 1

    def _draw_label(self, p: QPainter, index: int, head: Head, centre: float, room: float) -> None:
        assert self.theme is not None
        theme, rect = self.theme, self.rect()
        current = index == self.current
        ink = qcolour(theme, "accent") if current else qcolour(theme, "muted")
        if head.rgb is not None:
            ink = QColor(*readable(head.rgb, theme))
        p.setFont(label_font(SIZE, bold=current))
        p.setPen(ink)
        if self.horizontal:
            if head.sub:
                top = QRectF(centre - room / 2, rect.height() - 33, room, 16)
                below = QRectF(centre - room / 2, rect.height() - 18, room, 16)
                p.drawText(top, Qt.AlignmentFlag.AlignCenter, head.text)
                p.setPen(qcolour(theme, "error" if head.bad else "text"))
                p.drawText(below, Qt.AlignmentFlag.AlignCenter, head.sub)
            else:
                box = QRectF(centre - room / 2, rect.height() - 18, room, 16)
                p.drawText(box, Qt.AlignmentFlag.AlignCenter, head.text)
        else:
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            half = max(8.0, room / 2)
            if head.sub:
                left_part = QRectF(0, centre - half, rect.width() / 2, 2 * half)
                right_part = QRectF(rect.width() / 2, centre - half, rect.width() / 2 - 6, 2 * half)
                p.drawText(left_part, right, head.text)
                p.setPen(qcolour(theme, "error" if head.bad else "text"))
                p.drawText(right_part, right, head.sub)
            else:
                p.drawText(QRectF(0, centre - half, rect.width() - 8, 2 * half), right, head.text)

    def _draw_dot(self, p: QPainter, centre: float) -> None:
        assert self.theme is not None
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(qcolour(self.theme, "error"))
        p.drawEllipse(QPointF(centre, 6) if self.horizontal else QPointF(7, centre), DOT, DOT)

    def _ribboned(self) -> NDArray[np.int64]:
        """The sorted rows whose ribbons are drawn: of many, some at even distances."""
        columns = self._in_view()
        if len(columns) > NONE_BUT_LIT:
            return columns[:0]
        return columns[:: max(1, -(-len(columns) // MOST_RIBBONS))]

    def _in_view(self) -> NDArray[np.int64]:
        """The sorted rows in view."""
        assert self.ribbons is not None
        return visible(self._axis()[0], len(self.ribbons.order))

    def _ribbon_look(self) -> tuple[Any, ...]:
        """All that the ribbons depend on, by value: an edit moves few of them, and most often none that is drawn."""
        if self.ribbons is None:
            return ()
        drawn = self._ribboned()
        return (self.ribbons.order[drawn].tobytes(), self.ribbons.rgb[drawn].tobytes(), *self._axis(), self.horizontal)

    def _draw_ribbons(self, p: QPainter, span: tuple[float, float], scale: float) -> None:
        """From the place of each row in the batch (outer edge) to its sorted row (towards the cells)."""
        alpha = 210 if len(self._in_view()) <= CLEAR else 80
        for s in self._ribboned().tolist():
            self._draw_ribbon(p, s, span, scale, alpha)

    def _draw_ribbon(self, p: QPainter, s: int, span: tuple[float, float], scale: float, alpha: int) -> None:
        assert self.ribbons is not None
        rect, order = self.rect(), self.ribbons.order
        stop = (rect.height() if self.horizontal else rect.width()) - (20 if self.horizontal else 50)
        thick = max(2.0 if alpha == 255 else 1.0, min(4.0, scale * 0.25))
        start, end = (order[s] + 0.5 - span[0]) * scale, (s + 0.5 - span[0]) * scale
        path = QPainterPath()
        if self.horizontal:
            path.moveTo(start, 1)
            path.cubicTo(start, stop * 0.6, end, stop * 0.4, end, stop)
        else:
            path.moveTo(1, start)
            path.cubicTo(stop * 0.6, start, stop * 0.4, end, stop, end)
        r, g, b, _ = self.ribbons.rgb[s].tolist()
        p.setPen(QPen(QColor(r, g, b, alpha), thick, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.drawPath(path)


def apart(width: float, scale: float) -> float:
    """How many indices labels of this width are apart, that none is left out beside the first, which must not stick
    out and may be moved inside. `scale`: pixels an index."""
    return (width + max(0.0, width / 2 - scale / 2)) / scale


@lru_cache(maxsize=1024)
def readable(rgb: tuple[int, int, int], theme: Theme) -> tuple[int, int, int]:
    """A sequence's colour as text on the panel: towards the colour of text, until its contrast is 4.5:1."""
    for share in range(11):
        r, g, b = colour.mix(np.array(rgb, dtype=np.uint8), theme.rgb("text"), share / 10).tolist()
        if float(colour.contrast((r, g, b), theme.rgb("panel"))) >= 4.5:
            return r, g, b
    return theme.rgb("text")


def time_heads(steps: Sequence[int]) -> list[Head]:
    """The labels of the time axis: `t0`, `t1` …"""
    return [Head(f"t{t}") for t in steps]


def nice_stride(least: float) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50 … that is at least so much."""
    stride = 1
    while stride < least:
        stride = {1: 2, 2: 5, 5: 10}[int(str(stride)[0])] * 10 ** (len(str(stride)) - 1)
    return stride
