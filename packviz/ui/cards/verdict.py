"""What torch does with this call: pack, run, unpack, each with its real outcome."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from packviz.core.verdict import STAGES, Outcome
from packviz.session.scene.resolve import Scene, TorchSays
from packviz.ui.cards.grey import Grey
from packviz.ui.cards.prose import Prose
from packviz.ui.look.theme import rename

LEAST, ENOUGH = 96, 240  # pixels of height: what it has at least, and what is not scrolled in
MARKS = {True: ("✓", "good"), False: ("✗", "bad"), None: ("–", "muted")}


class OutcomeLine(QWidget):
    """One call: its name and mark, and under it what came back or the exact message."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.head = QLabel()
        self.text = Prose("said")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 2, 0, 2)
        box.setSpacing(1)
        box.addWidget(self.head)
        box.addWidget(self.text)

    def show_outcome(self, outcome: Outcome) -> None:
        """The outcome, in words and in colour."""
        mark, name = MARKS[outcome.ok]
        self.head.setText(f"{outcome.call} {mark}")
        rename(self.head, f"call_{name}")
        rename(self.text, "raised" if outcome.ok is False else "said")
        self.text.set_text(outcome.text)


class VerdictView(QFrame):
    """The three calls, or why torch has not been asked yet."""

    intent = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("verdict")
        self.title = QLabel()
        self.title.setWordWrap(True)
        self.probe = QPushButton("Leak probe")
        self.probe.setObjectName("link")
        self.probe.setToolTip("Which rows' results read padding, which other rows, and which steps  (Ctrl+Shift+L)")
        self.waiting = QLabel()
        self.waiting.setObjectName("muted")
        self.waiting.setWordWrap(True)
        self.lines = {stage: OutcomeLine() for stage in STAGES}
        self._grey = Grey(self, self._turn_grey)
        self._asked = False  # an outcome is shown, of this call or of the one before
        self._of = ""  # of what it is, where that is not the present call
        self._inside = inside = QWidget()
        inside.setObjectName("inside")
        inner = QVBoxLayout(inside)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(3)
        inner.addWidget(self.waiting)
        for line in self.lines.values():
            inner.addWidget(line)
        inner.addStretch(1)
        self._area = area = QScrollArea()
        area.setAccessibleName("What torch does with this call")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(inside)
        self._box = box = QVBoxLayout(self)
        box.setContentsMargins(12, 9, 8, 9)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.probe, 0, Qt.AlignmentFlag.AlignTop)
        box.addLayout(head)
        box.addWidget(area)

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Show the verdict; while torch is asked again about this x, the old one stays. If that takes longer than a
        blink, it turns grey and says of what it is."""
        says: TorchSays = scene.torch
        if last is not None and says is last.torch:
            return
        self._of = says.of
        verdict = says.verdict
        if says.of and self._asked:
            self._grey.soon()
            return
        self._grey.stop()
        self.title.setText(says.title)
        for line in self.lines.values():
            line.setEnabled(True)
        self._asked = verdict is not None
        outcomes = [getattr(verdict, stage) for stage in STAGES] if verdict is not None else []
        self.waiting.setText(says.waiting)
        self.waiting.setVisible(verdict is None)
        for line in self.lines.values():
            line.setVisible(verdict is not None)
        for line, outcome in zip(self.lines.values(), outcomes, strict=False):
            line.show_outcome(outcome)
        done = {outcome.ok for outcome in outcomes}
        kind = "_bad" if False in done else "_good" if done == {True} and not says.silent else ""
        self._paint(kind)
        self._take_no_more()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._take_no_more()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:  # a text has got its font, or another height
            self._take_no_more()
        return super().event(event)

    def _take_no_more(self) -> None:
        """It is no higher than its words: what is beside it has more use for the room."""
        margins = self._box.contentsMargins()
        head, inside = self._box.itemAt(0), self._inside.layout()
        if head is None or inside is None:
            return
        width = self.width() - margins.left() - margins.right()
        top = head.heightForWidth(width) if head.hasHeightForWidth() else head.sizeHint().height()
        low = inside.heightForWidth(width)  # not the viewport's, which is narrower while there is a scroll bar
        most = margins.top() + top + self._box.spacing() + low + margins.bottom() + 2 * self.frameWidth() + 2
        if most != self.maximumHeight():
            self.setMaximumHeight(max(most, LEAST))
            self.setMinimumHeight(min(max(most, LEAST), ENOUGH))

    def _turn_grey(self) -> None:
        self.title.setText(f"{self.title.text()} · of {self._of}")
        for line in self.lines.values():
            line.setEnabled(False)
        self._paint("")

    def _paint(self, kind: str) -> None:
        """Green, red, or neither."""
        rename(self, f"verdict{kind}")
        rename(self.title, {"": "heading", "_bad": "title_bad", "_good": "title_good"}[kind])
