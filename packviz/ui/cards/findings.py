"""The findings: one card each, worst first, with buttons to apply the fix, to show its cells, to copy it as Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from packviz.core.findings import Finding, Severity
from packviz.core.texts.wording import rows_listed
from packviz.session.actions import ApplyFix
from packviz.session.scene.resolve import Scene
from packviz.ui.cards.grey import Grey
from packviz.ui.cards.place import PlaceCard
from packviz.ui.cards.prose import Prose
from packviz.ui.look.theme import rename

if TYPE_CHECKING:
    from packviz.core.messages.explain import Explanation
    from packviz.ui.cards.explanation import ExplanationView

MOST_SPANS_COMPARED = 1000
CLEAN = "No findings: the lengths fit the data."


def severity_line(finding: Finding) -> str:
    """`SILENT · torch says nothing`: what torch does about it, in a few words."""
    match finding.severity:
        case Severity.ERROR:
            said = "torch raises" if finding.behind is None else "torch stops before it gets here"
        case Severity.SILENT:
            said = "torch says nothing"
        case Severity.WARNING:
            said = "likely wrong"
        case _:
            return "NOTE"
    return f"{finding.severity.value.upper()} · {said}"


def place_line(finding: Finding) -> str:
    """`rows 0, 2 · 3 cells`; nothing where it is about no row."""
    rows, cells = finding.rows, finding.cell_count
    if not rows:
        return ""
    text = rows_listed(rows)
    return f"{text} · {cells:,} cell{'s' if cells > 1 else ''}" if cells else text


class Card(PlaceCard):
    """One finding."""

    def __init__(self, finding: Finding, parent: QWidget | None = None) -> None:
        super().__init__(finding.code, finding, parent)
        severity = finding.severity.value
        self.setObjectName(f"card_{severity}")
        self.finding = finding
        self.stale = False  # it speaks of the batch before the last edit
        head = QLabel(severity_line(finding))
        head.setObjectName(f"head_{severity}")
        head.setWordWrap(True)
        top = QHBoxLayout()
        top.addWidget(head, 1)
        top.addWidget(self.what)
        self.texts = [Prose("heading", finding.title), Prose("muted", finding.detail)]
        if finding.torch is not None and finding.severity is Severity.ERROR:
            self.texts.append(Prose("quote", finding.torch))
        place = place_line(finding)
        if place:
            self.texts.append(Prose("place", place))
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 9, 10, 10)
        box.setSpacing(4)
        box.addLayout(top)
        for text in self.texts:
            box.addWidget(text)
        self.fix = self.add_button(finding.edit.label if finding.edit else "", self._apply, finding.edit is not None)
        self.add_places("Copy fix" if finding.edit else "Copy snippet", finding.fix)
        if self.buttons.count():
            box.addSpacing(3)
            box.addLayout(self.buttons)

    def _apply(self) -> None:
        if self.finding.edit is not None and not self.stale:
            self.intent.emit(ApplyFix(self.finding.edit))

    def set_finding(self, finding: Finding) -> None:
        """The same finding of a later check, which looks the same."""
        self.finding = self.walk.finding = finding


class FindingsView(QFrame):
    """The cards under their summary, in a scroll area. `help_asked` brings the code of one whose help is wanted."""

    intent = Signal(object)
    help_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        title = QLabel("Findings")
        title.setObjectName("heading")
        self.summary = QLabel()
        self.summary.setObjectName("small")
        head = QHBoxLayout()
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self.summary)
        self.clean = QLabel(CLEAN)
        self.clean.setObjectName("muted")
        self.clean.setWordWrap(True)
        inside = QWidget()
        inside.setObjectName("inside")
        self.explained: ExplanationView | None = None  # made when there is a message to explain
        self.column = column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.cards_box = QVBoxLayout()
        column.addLayout(self.cards_box, 1)
        self.cards_box.setContentsMargins(0, 0, 0, 0)
        self.cards_box.setSpacing(8)
        self.cards_box.addWidget(self.clean)
        self.cards_box.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(inside)
        self._bar = area.verticalScrollBar()
        box = QVBoxLayout(self)
        box.setContentsMargins(11, 9, 8, 9)
        box.addLayout(head)
        box.addWidget(area)
        self.cards: list[Card] = []
        self.of = ""  # of what the cards are, where that is not the present batch
        self._grey = Grey(self, self._turn_grey)

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Show the findings; while the next ones of this x are looked for, the old cards stay, and their fixes do
        nothing. If that takes longer than a blink, they turn grey and say of what they are."""
        found = scene.findings
        self._explain(scene.explanation, found.checking)
        if last is not None and found is last.findings:
            return
        nothing = scene.controls.batch is None
        self.of = found.of
        for card in self.cards:
            card.stale = found.checking
        if found.checking:
            self.clean.setVisible(False)
            if not found.of:
                self.summary.setText(found.summary)
                self._build(())  # what they were of is no longer open
            else:
                self._grey.soon()
            return
        self._grey.stop()
        self.summary.setText(found.summary)
        for card in self.cards:
            card.setEnabled(True)
        self.clean.setText(found.unexplained or CLEAN)
        rename(self.clean, "bad" if found.unexplained else "muted")
        self.clean.setVisible(bool(found.unexplained) or not (found.cards or nothing))
        if [_key(f) for f in found.cards] == [_key(card.finding) for card in self.cards]:
            for card, finding in zip(self.cards, found.cards, strict=True):
                card.set_finding(finding)
            return
        self._build(found.cards)

    def _explain(self, explanation: Explanation | None, checking: bool) -> None:
        if explanation is None and self.explained is None:
            return
        if self.explained is None:
            from packviz.ui.cards.explanation import ExplanationView  # all messages, too: not before they are wanted

            self.explained = ExplanationView()
            self.explained.intent.connect(self.intent)
            self.explained.help_asked.connect(self.help_asked)
            self.column.insertWidget(0, self.explained)
        if self.explained.show_explanation(explanation, waiting=checking):
            self._bar.setValue(0)

    def _turn_grey(self) -> None:
        self.summary.setText(f"of {self.of} · checking…")
        for card in self.cards:
            card.setEnabled(False)

    def _build(self, findings: tuple[Finding, ...]) -> None:
        old = {_key(card.finding): card for card in self.cards}
        cards = []
        for i, finding in enumerate(findings):
            card = old.pop(_key(finding), None)
            if card is None:
                card = Card(finding)
                card.intent.connect(self.intent)
                card.help_asked.connect(self.help_asked)
            card.set_finding(finding)
            self.cards_box.insertWidget(i, card)
            cards.append(card)
        for card in old.values():
            self.cards_box.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = cards


def _key(finding: Finding) -> tuple[object, ...]:
    """What a card shows: two findings with the same key look the same."""
    spans = finding.spans[:MOST_SPANS_COMPARED].tobytes()
    words = (finding.code, finding.severity, finding.title, finding.detail, finding.torch, finding.fix, finding.behind)
    return (*words, finding.edit, finding.rows, finding.cell_count, spans)
