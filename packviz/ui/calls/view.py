"""The dock of a recording: what narrows the list, all calls at a glance, what is different about the open one, and the
list."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from packviz.session.actions import ChooseCalls, OpenCall, OrderCalls
from packviz.session.scene.resolve import Scene
from packviz.ui.calls.choosers import Choosers
from packviz.ui.calls.strip import CallsStrip
from packviz.ui.calls.table import CallsTable
from packviz.ui.look.lettering import Elided


class CallsView(QFrame):
    """The calls of the open recording. `intent` brings the wish to open one, to list others, or in another order."""

    intent = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        title = QLabel("Calls")
        title.setObjectName("heading")
        self.choosers, self.strip, self.table = Choosers(), CallsStrip(), CallsTable()
        self.told, self.differs = Elided("small"), Elided("small")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(title)
        head.addWidget(self.choosers, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(11, 9, 8, 9)
        box.setSpacing(5)
        box.addLayout(head)
        box.addWidget(self.told)
        box.addWidget(self.strip)
        box.addWidget(self.differs)
        box.addWidget(self.table, 1)
        self.choosers.changed.connect(lambda which: self.intent.emit(ChooseCalls(which)))
        self.strip.chosen.connect(lambda number: self.intent.emit(OpenCall(number, near=True)))
        self.table.chosen.connect(lambda number: self.intent.emit(OpenCall(number)))
        self.table.ordered.connect(lambda column: self.intent.emit(OrderCalls(column)))

    def minimumSizeHint(self) -> QSize:
        return QSize(320, 200)

    def sizeHint(self) -> QSize:
        return QSize(560, 360)

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Show the calls of the scene."""
        other_theme = last is None or scene.theme is not last.theme
        if other_theme:
            self.table.set_theme(scene.theme)
        if not other_theme and last is not None and scene.calls is last.calls:
            return
        part, before = scene.calls, None if last is None else last.calls
        self.told.set_full(" · ".join(filter(None, (part.told, part.trouble))))
        self.differs.set_full(part.differs)
        if other_theme or before is None or (part.choices, part.which) != (before.choices, before.which):
            self.choosers.show_part(part, scene.theme)
        self.strip.show_part(part, scene.theme)
        self.table.show_part(part, before)
