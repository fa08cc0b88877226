"""Breakpoints and watches: a line each, and a field in which another one is typed."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TypeVar

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget

from packviz.core.errors import BatchError
from packviz.core.expressions.parse import parse, parse_truth
from packviz.core.stops import USUAL, Where
from packviz.session.actions import (
    ReplaceStop,
    ReplaceWatch,
    StopFrom,
    SwitchStop,
    ToggleStop,
    ToggleWatch,
)
from packviz.session.scene.parts import Scene
from packviz.session.scene.stops import StopsPart, stop_text
from packviz.ui.cards.lines import StopRow, WatchRow

A = TypeVar("A")


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
        box = self._box = QVBoxLayout(inside)
        box.setContentsMargins(0, 0, 4, 0)
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
        area = self._area = QScrollArea()
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
        if self._fill(part):
            self._order()
        for row, line in zip(self.stop_rows, part.stops, strict=True):
            row.show_line(line)
        for watch_row, watch in zip(self.watch_rows, part.watches, strict=True):
            watch_row.show_line(watch, scene.theme)

    def _order(self) -> None:
        """Tab goes down the panel."""
        stops = (widget for row in self.stop_rows for widget in row.in_turn())
        watches = (widget for row in self.watch_rows for widget in row.in_turn())
        for before, after in pairwise((*stops, self.field, *self.usual.values(), *watches, self.watch)):
            self.setTabOrder(before, after)

    def _fill(self, part: StopsPart) -> bool:
        """As many rows as there are lines; whether there are others now."""
        before = len(self.stop_rows), len(self.watch_rows)
        while len(self.stop_rows) < len(part.stops):
            row = StopRow()
            place = len(self.stop_rows)
            row.hits.valueChanged.connect(
                lambda n, place=place: self.intent.emit(StopFrom(self._part.stops[place].stop, n))
            )
            row.retyped.connect(lambda _, place=place: self._replace_stop(place))
            row.edited.connect(self.sentence.hide)
            row.switched.connect(lambda place=place: self.intent.emit(SwitchStop(self._part.stops[place].stop)))
            row.removed.connect(lambda place=place: self.intent.emit(ToggleStop(self._part.stops[place].stop)))
            self.stop_rows.append(row)
            self._stops.addWidget(row)
        while len(self.watch_rows) < len(part.watches):
            watch = WatchRow()
            place = len(self.watch_rows)
            watch.retyped.connect(lambda _, place=place: self._replace_watch(place))
            watch.edited.connect(self.sentence.hide)
            watch.removed.connect(
                lambda place=place: self.intent.emit(ToggleWatch(self._part.watches[place].expression))
            )
            self.watch_rows.append(watch)
            self._watches.addWidget(watch)
        for rows, count in ((self.stop_rows, len(part.stops)), (self.watch_rows, len(part.watches))):
            while len(rows) > count:
                gone: StopRow | WatchRow = rows.pop()
                gone.go()
        return before != (len(self.stop_rows), len(self.watch_rows))

    # ---- asking ----------------------------------------------------------------------------------------------------

    def _add_stop(self) -> None:
        self._add(self.field, lambda text: ToggleStop(Where(parse_truth(text))))

    def _add_watch(self) -> None:
        self._add(self.watch, lambda text: ToggleWatch(parse(text)))

    def _add(self, field: QLineEdit, action: Callable[[str], ToggleStop | ToggleWatch]) -> None:
        asked = self._read(field, action, field) if field.text().strip() else None
        if asked is not None:
            self.sentence.hide()
            field.clear()
            self.intent.emit(asked)

    def _replace_stop(self, place: int) -> None:
        row, old = self.stop_rows[place], self._part.stops[place].stop
        asked = self._read(row.editor, lambda text: ReplaceStop(old, Where(parse_truth(text))), self.field)
        if asked is not None:
            row.leave()
            self.intent.emit(asked)

    def _replace_watch(self, place: int) -> None:
        row, old = self.watch_rows[place], self._part.watches[place].expression
        asked = self._read(row.editor, lambda text: ReplaceWatch(old, parse(text)), self.watch)
        if asked is not None:
            row.leave()
            self.intent.emit(asked)

    def _read(self, field: QLineEdit, action: Callable[[str], A], above: QWidget) -> A | None:
        """The action of what is typed in a field; None where that is no expression, which is said under `above`."""
        try:
            return action(field.text().strip())
        except BatchError as error:
            self.sentence.setText(str(error))
            self._box.insertWidget(self._box.indexOf(above) + 1, self.sentence)
            self.sentence.show()
            QTimer.singleShot(0, self.sentence, lambda: self._reveal(field))  # it has its place by then
            at = getattr(error, "at", None)
            if at is not None:
                field.setCursorPosition(at + len(field.text()) - len(field.text().lstrip()))
            return None

    def _reveal(self, field: QLineEdit) -> None:
        """The sentence, and above all the field that it is about."""
        for widget in (self.sentence, field):
            self._area.ensureWidgetVisible(widget, 0, 8)
