"""A strip over all calls: how their lengths spread, how much is padding, N, and what was found, from the first to the
last. Where several calls share a column of pixels it shows the least and the most of them, and the worst finding; of
their lengths also, brighter, from where to where they usually go."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from packviz.core.calls.choosing import FINE
from packviz.core.calls.lanes import Bins, bin_at, binned, worst_in
from packviz.core.calls.words import count_of, told
from packviz.core.findings import Severity
from packviz.core.look.colour import DARK, Theme
from packviz.session.scene.calls import CallsPart
from packviz.ui.look.lettering import as_it_is
from packviz.ui.look.theme import mono, qcolour, sans

GUTTER = 84  # pixels for the names of the lanes
PAD = 4
FOOT = 14  # for the numbers of the first and the last call
LEAST, USUAL, MOST = 84, 104, 160
SHARES = {"lengths": 0.36, "padding": 0.19, "N": 0.19, "found": 0.26}
TALL = (1.0, 0.66, 0.42, 0.22)
"""Of its lane, how tall the mark of each severity is: told without its colour, too."""
CAP = 5.0  # pixels of the square on top of an error's mark
WIDEST = 48.0  # pixels of a call, where there are few
LEAST_MARK = 3.0  # pixels of the mark of what is wrong, where there are many calls: one in ten thousand is seen
LEAST_OTHER = 1.5  # of the others, which may be many
WRONG = (Severity.ERROR, Severity.SILENT)
RARE = 110  # how bright lengths are that only some calls of a column have
LOW = 13  # pixels of a lane, below which its name is written smaller
SEVERITIES = tuple(Severity)


class Lane(NamedTuple):
    """Where a lane stands, in pixels from the top."""

    top: float
    high: float


class CallsStrip(QWidget):
    """The strip. `chosen`: the number of the call that was clicked, the worst of those that share its column."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.part = CallsPart()
        self.bins: Bins | None = None
        self._theme, self._hover = DARK, -1
        self._picture: QPixmap | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMaximumHeight(MOST)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("All calls of the recording")

    def sizeHint(self) -> QSize:
        return QSize(300, USUAL)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, LEAST)

    # ---- what it shows ---------------------------------------------------------------------------------------------

    def show_part(self, part: CallsPart, theme: Theme) -> None:
        """Show all calls of a part, the open one marked."""
        another = part.lanes is not self.part.lanes
        self.part, self._theme, self._picture = part, theme, None
        if another:
            self._bin()
            self.setAccessibleDescription("" if part.lanes is None else self._spoken())
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._bin()

    def _bin(self) -> None:
        lanes = self.part.lanes
        self.bins = None if lanes is None else binned(lanes, round(self._room * self.devicePixelRatioF()))
        self._picture, self._hover = None, -1

    def _spoken(self) -> str:
        assert self.part.lanes is not None
        counts = np.bincount(self.part.lanes.ranks, minlength=FINE + 1)
        found = [f"{severity.value} in {counts[severity.rank]:,}" for severity in Severity if counts[severity.rank]]
        return ", ".join([count_of(len(self.part.lanes)), *found])

    # ---- where things stand ----------------------------------------------------------------------------------------

    @property
    def _room(self) -> float:
        """Pixels across, for all columns."""
        return max(1.0, self.width() - GUTTER - PAD)

    @property
    def _wide(self) -> float:
        """Pixels of a column."""
        return 1.0 if self.bins is None or not len(self.bins) else min(WIDEST, self._room / len(self.bins))

    def lanes_at(self) -> dict[str, Lane]:
        """Where each lane stands."""
        high, top, made = max(1, self.height() - FOOT), 0.0, {}
        for name, share in SHARES.items():
            made[name] = Lane(top + 2, high * share - 4)
            top += high * share
        return made

    def column_at(self, at: QPointF) -> int:
        """The column there, or the one beside it whose mark reaches there; -1 where there is none."""
        if self.bins is None or at.x() < GUTTER - LEAST_MARK:
            return -1
        column = int((at.x() - GUTTER) // self._wide)
        reach = max(0, round(LEAST_MARK / 2 / self._wide))
        first, last = max(0, column - reach), min(len(self.bins) - 1, column + reach)
        if first > last:
            return -1
        near = self.bins.ranks[first : last + 1]
        worst = first + int(np.argmin(near))
        here = min(max(column, first), last)
        return worst if self.bins.ranks[worst] < self.bins.ranks[here] else here

    def number_at(self, at: QPointF) -> int:
        """The number of the call there, the worst of those that share its column; 0 where there is none."""
        column, lanes = self.column_at(at), self.part.lanes
        if column < 0 or self.bins is None or lanes is None:
            return 0
        return self.part.calls[int(lanes.places[worst_in(lanes, self.bins, column)])].number

    def place_of(self, number: int) -> QRectF:
        """Where the column of the call of this number stands, over all lanes; empty where it has none."""
        lanes = self.part.lanes
        if self.bins is None or lanes is None:
            return QRectF()
        found = np.flatnonzero(lanes.places == self.part.place_of(number))
        column = bin_at(self.bins, int(found[0])) if len(found) else -1
        if column < 0:
            return QRectF()
        return QRectF(GUTTER + column * self._wide, 0, self._wide, self.height() - FOOT)

    # ---- painting --------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        if self.bins is None or not len(self.bins):
            p.end()
            return
        if self._picture is None:
            self._picture = self._drawn(self.bins)
        p.drawPixmap(0, 0, self._picture)
        for number, colour, alpha in ((self._hover, "muted", 140), (self.part.current, "accent", 255)):
            at = self.place_of(number) if number > 0 else QRectF()
            if not at.isEmpty():
                p.setPen(QPen(qcolour(self._theme, colour, alpha), 1.5))
                if at.width() >= 4:
                    p.drawRect(at.adjusted(0, 1, 0, -1))
                else:
                    down = self.lanes_at()["found"].top - 1  # what was found stays in view
                    p.drawLine(QPointF(at.center().x(), 0), QPointF(at.center().x(), down))
        p.end()

    def _drawn(self, bins: Bins) -> QPixmap:
        """The lanes as a picture, which stays as long as what it shows."""
        ratio, lanes = self.devicePixelRatioF(), self.lanes_at()
        picture = QPixmap(max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio)))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        p = QPainter(picture)
        assert self.part.lanes is not None
        most, largest = self.part.lanes.longest_of_all, self.part.lanes.largest_total
        self._bars(p, lanes["lengths"], np.stack([bins.shortest, bins.longest], axis=1) / most, RARE)
        self._bars(p, lanes["lengths"], bins.usual / most)
        self._bars(p, lanes["padding"], bins.padding)
        self._bars(p, lanes["N"], bins.total / largest)
        self._marks(p, lanes["found"], bins.ranks)
        p.setPen(qcolour(self._theme, "muted"))
        for name, said in (("lengths", f"to {most:,.0f}"), ("padding", ""), ("N", f"to {largest:,.0f}"), ("found", "")):
            lane = lanes[name]
            at = QRectF(0, lane.top - 2, GUTTER - 6, lane.high + 4)
            p.setFont(sans(11 if lane.high + 4 >= LOW else 10))
            whole = name if lane.high >= 24 or not said else f"{name} {said}"
            p.drawText(at, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, whole)
            if whole is name and said:
                p.setFont(mono(10))
                p.drawText(at, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, f"{most:,.0f}")
                p.drawText(at, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, "0")
        self._foot(p)
        p.end()
        return picture

    def _bars(self, p: QPainter, lane: Lane, ends: NDArray[np.float64], alpha: int = 255) -> None:
        """Bars from the least to the most, (m, 2), as shares of the lane; none where nothing was told."""
        p.fillRect(QRectF(GUTTER, lane.top + lane.high, self._room, 1), qcolour(self._theme, "panel_border"))
        wide, gap = self._wide, 1.0 if self._wide >= 4 else 0.0
        colour = qcolour(self._theme, "muted", alpha)
        bounded = np.clip(ends, 0.0, 1.0) * lane.high
        for column, (low, high) in enumerate(bounded.tolist()):
            if low == low:  # else NaN
                tall = max(1.5, high - low)
                at = QRectF(GUTTER + column * wide, lane.top + lane.high - low - tall, max(1.0, wide - gap), tall)
                p.fillRect(at, colour)

    def _marks(self, p: QPainter, lane: Lane, ranks: NDArray[np.int64]) -> None:
        """A mark for each column with a finding, the worst over the others."""
        p.fillRect(QRectF(GUTTER, lane.top + lane.high, self._room, 1), qcolour(self._theme, "panel_border"))
        wide, gap = self._wide, 1.0 if self._wide >= 4 else 0.0
        for severity in reversed(SEVERITIES):
            tall = lane.high * TALL[severity.rank]
            colour = qcolour(self._theme, severity.value)
            broad = max(LEAST_MARK if severity in WRONG else LEAST_OTHER, wide - gap)
            for column in np.flatnonzero(ranks == severity.rank).tolist():
                middle = GUTTER + column * wide + (wide - gap) / 2
                p.fillRect(QRectF(middle - broad / 2, lane.top + lane.high - tall, broad, tall), colour)
                if severity is Severity.ERROR:
                    p.fillRect(QRectF(middle - CAP / 2, lane.top, CAP, CAP), colour)
                    p.fillRect(QRectF(middle - broad / 2, 0, broad, lane.top), qcolour(self._theme, "error", 50))

    def _foot(self, p: QPainter) -> None:
        """The numbers of the first and the last call."""
        lanes, calls = self.part.lanes, self.part.calls
        assert lanes is not None
        assert self.bins is not None
        p.setFont(mono(10))
        p.setPen(qcolour(self._theme, "muted"))
        at = QRectF(GUTTER, self.height() - FOOT, max(40.0, self._wide * len(self.bins)), FOOT)
        first, last = (f"{calls[int(lanes.places[end])].number:,}" for end in (0, -1))
        p.drawText(at, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, first)
        if len(lanes) > 1:
            p.drawText(at, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, last)

    # ---- the pointer -----------------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(self.number_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._point(-1)

    def _point(self, number: int) -> None:
        if number != self._hover:
            self._hover = number
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self.number_at(event.position())
        if number and event.button() is Qt.MouseButton.LeftButton:
            self.chosen.emit(number)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), as_it_is(self.tip(QPointF(event.pos()))), self)
            return True
        return super().event(event)

    def tip(self, at: QPointF) -> str:
        """What is known of the call there, and how many share its column."""
        number, column = self.number_at(at), self.column_at(at)
        if not number or self.bins is None:
            return ""
        shared = int(self.bins.stop[column] - self.bins.first[column])
        more = f"\n(the worst of {shared} calls in this column)" if shared > 1 else ""
        return told(self.part.calls[self.part.place_of(number)]) + more
