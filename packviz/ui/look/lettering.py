"""Lettering: the fonts that panes are painted with, how wide a text is in them, and labels that paint themselves.

Fonts and widths are made once: a pane asks for the same ones in every frame.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from packviz.ui.look.theme import mono, sans


@lru_cache
def label_font(size: int, bold: bool = False) -> QFont:
    """The font of the rulers and of the numbers beside bars."""
    return sans(size, bold)


@lru_cache
def number_font(size: int, bold: bool = False) -> QFont:
    """The font of the numbers in cells."""
    return mono(size, bold)


HALF_AT_END, GOES_ON = re.compile(r"(?<![\d.,])\d[\d,]*$"), re.compile(r",?\d")
HALF_AT_START, BEGAN = re.compile(r"^[.,]?\d[\d.,]*"), re.compile(r"\d[.,]?$")
"""Half a number, as of 4,589 in two, and what is on the other side of the cut then."""


@lru_cache(maxsize=4096)
def width_of(text: str, size: int, bold: bool = False) -> float:
    """The pixels that a text takes in `label_font`."""
    return QFontMetricsF(label_font(size, bold)).horizontalAdvance(text)


def as_it_is(text: str) -> str:
    """A text for a tool tip in which < is itself: Qt takes what looks like a tag, as in the name of a file or in a
    message, for one."""
    return f'<p style="white-space: pre">{escape(text)}</p>' if "<" in text else text


def _cut_at_right(full: str, fitting: str) -> str:
    """The beginning that fits, with one … at its end, where the text may have one of its own. Half a whole number, 3 of
    31, is left out: it would be another number."""
    shown = fitting.removesuffix("…")
    half = HALF_AT_END.search(shown) if GOES_ON.match(full, len(shown)) else None
    return (shown if half is None else shown[: half.start()]).rstrip("… ") + "…"


def _cut_at_left(full: str, fitting: str) -> str:
    """The end that fits, after a …; without half a number at its beginning: 08 of 208 would be another one."""
    shown = fitting.removeprefix("…")
    within = BEGAN.search(full[: len(full) - len(shown)]) is not None
    return f"…{HALF_AT_START.sub('', shown) if within else shown}"


class Elided(QLabel):
    """A label of one line that ends in … where it is too long, or, `left`, begins with it; the whole text is its tool
    tip.

    It paints itself: another text is painted where it stands, and nothing around it is laid out anew.
    """

    def __init__(self, name: str, parent: QWidget | None = None, *, left: bool = False) -> None:
        super().__init__(parent)
        self._left = left
        self._side = Qt.TextElideMode.ElideLeft if left else Qt.TextElideMode.ElideRight
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.full = ""
        self._shown: tuple[str, int, str] | None = None  # the text, the width it was elided for, what is left of it

    def set_full(self, text: str) -> None:
        """The text, whole."""
        if text != self.full:
            self.full = text
            self.setToolTip(as_it_is(text))
            self.setAccessibleName(text)
            self.update()

    def shown(self) -> str:
        """What can be read of the text."""
        width = self.contentsRect().width()
        if self._shown is None or self._shown[:2] != (self.full, width):
            metrics = QFontMetrics(self.font())
            fitting = metrics.elidedText(self.full, self._side, width - 1)
            if fitting != self.full:
                fitting = _cut_at_left(self.full, fitting) if self._left else _cut_at_right(self.full, fitting)
            self._shown = (self.full, width, fitting)
        return self._shown[2]

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setPen(self.palette().color(self.foregroundRole()))
        p.drawText(self.contentsRect(), self.alignment(), self.shown())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._shown = None

    def sizeHint(self) -> QSize:
        return QSize(40, QFontMetrics(self.font()).height() + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(10, self.sizeHint().height())
