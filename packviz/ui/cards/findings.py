"""The findings: one card each, worst first; the notes folded under one line where nothing is wrong, and what follows
from the options of the call under the card that mends them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from packviz.core.findings import Finding, Severity
from packviz.core.look.colour import DARK
from packviz.core.texts.wording import count
from packviz.session.scene.parts import Findings
from packviz.session.scene.resolve import Scene
from packviz.ui.cards.filter import SeverityFilter
from packviz.ui.cards.finding import FindingCard, key_of
from packviz.ui.cards.fold import Fold
from packviz.ui.cards.grey import Grey
from packviz.ui.cards.meant import MeantCard
from packviz.ui.look.theme import rename

if TYPE_CHECKING:
    from packviz.core.messages.explain import Explanation
    from packviz.ui.cards.explanation import ExplanationView

FEW = 3
"""Cards of which the first says all; of more, four are to be seen at once."""
CLEAN = "Nothing is wrong: the lengths fit the data."


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
        self.filter = SeverityFilter()
        self.filter.changed.connect(self._arrange)
        head = QHBoxLayout()
        for widget in (title, self.summary, self.filter):
            head.addWidget(widget)
        head.insertStretch(1, 1)
        self.clean = QLabel(CLEAN)
        self.clean.setObjectName("good")
        self.clean.setWordWrap(True)
        self.hidden = QLabel()
        self.hidden.setObjectName("small")
        self.meant = MeantCard()
        self.meant.intent.connect(self.intent)
        self.following, self.notes = Fold(), Fold()
        for fold in (self.following, self.notes):
            fold.turned.connect(self._arrange)
        inside = QWidget()
        inside.setObjectName("inside")
        self.explained: ExplanationView | None = None  # made when there is a message to explain
        self.column = column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self.cards_box = QVBoxLayout()
        self.cards_box.setContentsMargins(0, 0, 0, 0)
        self.cards_box.setSpacing(6)
        column.addLayout(self.cards_box)
        column.addWidget(self.hidden)
        column.addStretch(1)
        self._area = area = QScrollArea()
        area.setAccessibleName("Findings")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(inside)
        self._bar = area.verticalScrollBar()
        box = QVBoxLayout(self)
        box.setContentsMargins(11, 9, 8, 9)
        box.addLayout(head)
        box.addWidget(area)
        self.cards: list[FindingCard] = []
        self._theme = DARK
        self.of = ""  # of what the cards are, where that is not the present batch
        self._by_hand: dict[str, bool] = {}  # of each code, whether somebody has unfolded its card, or folded it up
        self._gone: frozenset[str] = frozenset()  # the codes of those that follow from the options of the call
        self._grey = Grey(self, self._turn_grey)
        self._place()

    # ---- drawing ---------------------------------------------------------------------------------------------------

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Show the findings; while the next ones of this x are looked for, the old cards stay, and their fixes do
        nothing. If that takes longer than a blink, they turn grey and say of what they are."""
        found = scene.findings
        if last is None or scene.theme is not last.theme:
            self._theme = scene.theme
            self.filter.set_theme(scene.theme)
            for card in self.cards:
                card.set_theme(scene.theme)
        self._explain(scene.explanation, found.checking)
        if last is not None and found is last.findings:
            return
        self.of = found.of
        self.meant.stale = found.checking
        for card in self.cards:
            card.stale = found.checking
        if found.checking:
            if not found.of:
                self._show(Findings((), found.summary, True), clean="")  # what they were of is no longer open
            else:
                self._grey.soon()
            return
        self._grey.stop()
        self._enable(True)
        nothing = scene.controls.batch is None
        wrong = any(finding.severity is not Severity.NOTE for finding in found.cards)
        rename(self.clean, "bad" if found.unexplained else "good")
        self._show(found, clean=found.unexplained or ("" if nothing or wrong else CLEAN))
        self._go_to(found.walked if last is None or found.walked != last.findings.walked else "")

    def _show(self, found: Findings, clean: str) -> None:
        """These cards, and above them the line that says so where nothing is wrong."""
        self.summary.setText(found.summary)
        self.summary.setVisible(found.checking)
        counts = {severity: sum(f.severity is severity for f in found.cards) for severity in Severity}
        self.filter.show_counts(counts)
        self.clean.setText(clean)
        self.clean.setVisible(bool(clean))
        self.meant.show_meant(found.meant)
        self._gone = frozenset(found.meant.gone) if found.meant is not None else frozenset()
        number = sum(finding.code in self._gone for finding in found.cards)
        self.following.say(f"{count(number, 'finding')} that it mends" if number else "")
        self.notes.say(count(counts[Severity.NOTE], "note") if clean and counts[Severity.NOTE] else "")
        if [key_of(f) for f in found.cards] == [key_of(card.finding) for card in self.cards]:
            for card, finding in zip(self.cards, found.cards, strict=True):
                card.set_finding(finding)
        else:
            self._build(found.cards)
        self._arrange()

    def _build(self, findings: tuple[Finding, ...]) -> None:
        old = {key_of(card.finding): card for card in self.cards}
        cards = []
        for finding in findings:
            card = old.pop(key_of(finding), None)
            if card is None:
                card = FindingCard(finding)
                card.set_theme(self._theme)
                card.intent.connect(self.intent)
                card.help_asked.connect(self.help_asked)
                card.turned.connect(lambda card=card: self._turned(card))
            card.set_finding(finding)
            cards.append(card)
        for card in old.values():
            self.cards_box.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = cards
        self._place()

    def _place(self) -> None:
        """Everything in its order: what is not folded under a line stands at the end, worst first."""
        under: dict[Fold | None, list[QWidget]] = {None: [], self.following: [], self.notes: []}
        for card in self.cards:
            under[self._fold_of(card)].append(card)
        top = (self.meant, self.following, *under[self.following])
        order = (*top, self.clean, *under[None], self.notes, *under[self.notes])
        for place, widget in enumerate(order):
            self.cards_box.insertWidget(place, widget)

    def _fold_of(self, card: FindingCard) -> Fold | None:
        """The line that it is folded under, if any."""
        if card.finding.code in self._gone:
            return self.following
        return self.notes if self.notes.text() and card.finding.severity is Severity.NOTE else None

    def _arrange(self) -> None:
        """Show what is neither folded away nor filtered out; the first of a few cards says all that it has to say."""
        filtered = 0
        there = [c for c in self.cards if self._fold_of(c) is None and self.filter.shows(c.finding.severity)]
        first = there[0] if 0 < len(there) <= FEW and self.meant.meant is None else None
        for card in self.cards:
            fold, shown = self._fold_of(card), self.filter.shows(card.finding.severity)
            filtered += not shown
            card.setVisible(shown and (fold is None or fold.open))
            card.unfold(self._by_hand.get(card.finding.code, card is first))
        self.hidden.setText(f"{count(filtered, 'finding')} hidden")
        self.hidden.setVisible(bool(filtered))

    def _turned(self, card: FindingCard) -> None:
        self._by_hand[card.finding.code] = card.unfolded

    def _go_to(self, code: str) -> None:
        """Unfold the card of this finding, whatever it is folded under, and scroll to it."""
        card = next((card for card in self.cards if card.finding.code == code), None)
        if card is None:
            return
        fold = self._fold_of(card)
        if fold is not None:
            fold.setChecked(True)
        self._by_hand = {code: True}
        self._arrange()
        QTimer.singleShot(0, card, lambda: self._area.ensureWidgetVisible(card, 0, 8))  # once it has its height

    # ---- an explained message, and what is of an edit ago -----------------------------------------------------------

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
        self.summary.show()
        self._enable(False)

    def _enable(self, on: bool) -> None:
        self.meant.setEnabled(on)
        for card in self.cards:
            card.setEnabled(on)
