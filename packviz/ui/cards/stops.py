"""Breakpoints and watches: a line each, and a field in which another one is typed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from packviz.core.errors import BatchError
from packviz.core.expressions.parse import parse, parse_truth
from packviz.core.look.colour import DARK, Theme
from packviz.core.stops import USUAL, Where
from packviz.session.actions import SwitchStop, ToggleStop, ToggleWatch
from packviz.session.scene.parts import Scene
from packviz.session.scene.stops import StopLine, StopsPart, WatchLine, stop_text
from packviz.ui.look.theme import qcolour, rename

LINE = 26


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


class _Line(QWidget):
    """What both kinds of lines have: a place for their parts, and a cross that takes them away."""

    removed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumHeight(LINE)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(6)
        self.cross = QToolButton()
        self.cross.setText("×")
        self.cross.setAutoRaise(True)
        self.cross.setToolTip("Take it away")
        self.cross.clicked.connect(self.removed)


class StopRow(_Line):
    """A breakpoint: on or off, where, how often it has been met."""

    switched = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.on = QCheckBox()
        self.on.clicked.connect(self.switched)
        self.told = QLabel()
        self.told.setObjectName("small")
        self.row.addWidget(self.on, 1)
        self.row.addWidget(self.told)
        self.row.addWidget(self.cross)

    def show_line(self, line: StopLine) -> None:
        """What there is to say of it."""
        self.on.setText(line.text)
        self.on.setChecked(line.on)
        self.on.setToolTip(line.trouble or f"{line.text}: met {line.told or 'as often as will be known'} up to here")
        self.told.setText("not here" if line.trouble else line.told)
        rename(self.told, "bad" if line.trouble else "small")
        self.cross.setAccessibleName(f"Take away: {line.text}")
        font = self.on.font()
        font.setBold(line.here)
        self.on.setFont(font)


class WatchRow(_Line):
    """A watch: what, its value now, the change, a small plot over all steps."""

    def __init__(self) -> None:
        super().__init__()
        self.name, self.value, self.plot = QLabel(), QLabel(), Sparkline()
        self.value.setObjectName("mono")
        self.row.addWidget(self.name, 1)
        self.row.addWidget(self.value)
        self.row.addWidget(self.plot)
        self.row.addWidget(self.cross)

    def show_line(self, line: WatchLine, theme: Theme) -> None:
        """What there is to say of it."""
        text = str(line.expression)
        self.name.setText(text)
        self.name.setToolTip(line.trouble or text)
        change = f" ({line.change})" if line.change else ""
        self.value.setText("not here" if line.trouble else f"{line.value}{change}")
        self.value.setToolTip(line.trouble)
        self.plot.show_line(line, theme)
        self.cross.setAccessibleName(f"Take away: {text}")


class StopsView(QFrame):
    """Breakpoints above, watches below."""

    intent = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.stop_rows: list[StopRow] = []
        self.watch_rows: list[WatchRow] = []
        self._part = StopsPart()
        self.field = self._field("Break where… absmax(h) > 5", "Break where", self._add_stop)
        self.watch = self._field("Watch… norm(c), h[2, 7]", "Watch", self._add_watch)
        self.sentence = QLabel()
        self.sentence.setObjectName("bad")
        self.sentence.setWordWrap(True)
        self.sentence.hide()
        self.usual = {stop: QPushButton(stop_text(stop)) for stop in USUAL}
        inside = QWidget()
        inside.setObjectName("inside")
        box = QVBoxLayout(inside)
        box.setContentsMargins(0, 0, 6, 0)
        box.setSpacing(3)
        box.addWidget(self._heading("Breakpoints"))
        self._stops = QVBoxLayout()
        self._stops.setSpacing(1)
        box.addLayout(self._stops)
        box.addWidget(self.field)
        box.addWidget(self.sentence)
        for stop, button in self.usual.items():
            button.setObjectName("link")
            button.clicked.connect(lambda _=False, stop=stop: self.intent.emit(ToggleStop(stop)))
            box.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        box.addSpacing(6)
        box.addWidget(self._heading("Watches"))
        self._watches = QVBoxLayout()
        self._watches.setSpacing(1)
        box.addLayout(self._watches)
        box.addWidget(self.watch)
        box.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(inside)
        area.setAccessibleName("Breakpoints and watches")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(11, 9, 6, 9)
        outer.addWidget(area)

    def _heading(self, text: str) -> QLabel:
        label = QLabel(text)
        label.setObjectName("heading")
        return label

    def _field(self, hint: str, name: str, take: Callable[[], None]) -> QLineEdit:
        field = QLineEdit()
        field.setPlaceholderText(hint)
        field.setAccessibleName(name)
        field.setMaxLength(1000)
        field.returnPressed.connect(take)
        field.textEdited.connect(lambda: self.sentence.hide())
        return field

    # ---- drawn -----------------------------------------------------------------------------------------------------

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Follow the scene."""
        if last is not None and scene.stops is last.stops and scene.theme is last.theme:
            return
        part = self._part = scene.stops
        there = scene.controls.batch is not None
        for widget in (self.field, self.watch, *self.usual.values()):
            widget.setEnabled(there)
        set_already = {line.stop for line in part.stops}
        for stop, button in self.usual.items():
            button.setVisible(stop not in set_already)
        self._fill(part)
        for row, line in zip(self.stop_rows, part.stops, strict=True):
            row.show_line(line)
        for watch_row, watch in zip(self.watch_rows, part.watches, strict=True):
            watch_row.show_line(watch, scene.theme)

    def _fill(self, part: StopsPart) -> None:
        """As many rows as there are lines."""
        while len(self.stop_rows) < len(part.stops):
            row = StopRow()
            place = len(self.stop_rows)
            row.switched.connect(lambda place=place: self.intent.emit(SwitchStop(self._part.stops[place].stop)))
            row.removed.connect(lambda place=place: self.intent.emit(ToggleStop(self._part.stops[place].stop)))
            self.stop_rows.append(row)
            self._stops.addWidget(row)
        while len(self.watch_rows) < len(part.watches):
            watch = WatchRow()
            place = len(self.watch_rows)
            watch.removed.connect(
                lambda place=place: self.intent.emit(ToggleWatch(self._part.watches[place].expression))
            )
            self.watch_rows.append(watch)
            self._watches.addWidget(watch)
        for rows, count in ((self.stop_rows, len(part.stops)), (self.watch_rows, len(part.watches))):
            while len(rows) > count:
                gone: QWidget = rows.pop()
                gone.hide()
                gone.deleteLater()

    # ---- asking ----------------------------------------------------------------------------------------------------

    def _add_stop(self) -> None:
        self._add(self.field, lambda text: ToggleStop(Where(parse_truth(text))))

    def _add_watch(self) -> None:
        self._add(self.watch, lambda text: ToggleWatch(parse(text)))

    def _add(self, field: QLineEdit, action: Callable[[str], ToggleStop | ToggleWatch]) -> None:
        text = field.text().strip()
        if not text:
            return
        try:
            asked = action(text)
        except BatchError as error:
            self.sentence.setText(str(error))
            self.sentence.show()
            at = getattr(error, "at", None)
            if at is not None:
                field.setCursorPosition(at + len(field.text()) - len(field.text().lstrip()))
            return
        self.sentence.hide()
        field.clear()
        self.intent.emit(asked)
