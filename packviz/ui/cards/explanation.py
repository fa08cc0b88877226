"""What a pasted message means: its causes, those that the open batch has first, on top of the findings."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from packviz.core.catalogue import CODES
from packviz.core.messages.explain import Cause, Explanation
from packviz.core.texts.explanation import batch_text, cause_mark, unknown_text
from packviz.core.texts.wording import rows_listed
from packviz.session.actions import DismissExplanation
from packviz.ui.cards.place import PlaceCard
from packviz.ui.cards.prose import Prose

MOST_SPANS_COMPARED = 1000
HEADS = {True: "head_error", None: "head_told", False: "small"}


class CauseView(PlaceCard):
    """One cause: why it fits, what the batch has of it, its row to look at, and its fix to copy."""

    def __init__(self, cause: Cause, parent: QWidget | None = None) -> None:
        super().__init__(cause.code, cause.finding, parent)
        self.cause = cause
        self.mark = QLabel(cause_mark(cause).upper())
        self.mark.setObjectName(HEADS[cause.confirmed])
        self.mark.setWordWrap(True)
        self.what.setVisible(cause.code in CODES)
        top = QHBoxLayout()
        top.addWidget(self.mark, 1)
        top.addWidget(self.what)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 6, 0, 0)
        box.setSpacing(3)
        box.addLayout(top)
        ruled_out = cause.confirmed is False
        box.addWidget(Prose("muted" if ruled_out else "heading", cause.title))
        for text in () if ruled_out else self._texts(cause):
            box.addWidget(text)
        self.add_places("Copy fix", None if ruled_out else cause.fix)
        if self.buttons.count():
            box.addLayout(self.buttons)

    def _texts(self, cause: Cause) -> list[Prose]:
        texts = [Prose("muted", cause.why)]
        if cause.finding is None:
            texts.append(Prose("muted", cause.look))
        elif cause.finding.detail != cause.why:
            texts.append(Prose("muted", cause.finding.detail))
        if cause.rows:
            texts.append(Prose("place", rows_listed(cause.rows)))
        return texts


class ExplanationView(QFrame):
    """The card of a message; there is none while no message has been pasted."""

    intent = Signal(object)
    help_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card_told")
        head = QLabel("WHAT THIS MESSAGE MEANS")
        head.setObjectName("head_told")
        head.setWordWrap(True)
        self.dismiss = QPushButton("Dismiss")
        self.dismiss.setObjectName("link")
        self.dismiss.clicked.connect(lambda: self.intent.emit(DismissExplanation()))
        top = QHBoxLayout()
        top.addWidget(head, 1)
        top.addWidget(self.dismiss)
        self.message = Prose("quote")
        self.means = Prose("muted")
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(12, 6, 10, 10)
        self.box.setSpacing(4)
        self.box.addLayout(top)
        self.box.addWidget(self.message)
        self.box.addWidget(self.means)
        self.causes: list[CauseView] = []
        self._explanation: Explanation | None = None
        self.hide()

    def show_explanation(self, explanation: Explanation | None, *, waiting: bool = False) -> bool:
        """Another message, or none; whether it is another one. `waiting`: the batch is being checked, so that what is
        shown of the same message stays until that is done."""
        before = self._explanation
        another = explanation is not None and (before is None or before.message != explanation.message)
        if explanation is before or (waiting and explanation is not None and not another):
            return False
        self._explanation = explanation
        if explanation is not None and (before is None or _key(before) != _key(explanation)):
            self._build(explanation)
        self.setVisible(explanation is not None)
        return another

    def _build(self, explanation: Explanation) -> None:
        for old in self.causes:
            self.box.removeWidget(old)
            old.hide()
            old.deleteLater()
        self.message.set_text(explanation.message)
        self.message.setVisible(bool(explanation.message))
        said = (explanation.means or unknown_text(explanation), batch_text(explanation))
        self.means.set_text("\n".join(filter(None, said)))
        self.causes = [CauseView(cause) for cause in explanation.causes]
        for cause in self.causes:
            cause.intent.connect(self.intent)
            cause.help_asked.connect(self.help_asked)
            self.box.addWidget(cause)


def _key(explanation: Explanation) -> tuple[object, ...]:
    """What is shown: two explanations with the same key look the same."""
    shown = []
    for cause in explanation.causes:
        found = cause.finding
        spans = b"" if found is None else found.spans[:MOST_SPANS_COMPARED].tobytes()
        mark = cause_mark(cause)
        shown.append((cause.code, cause.title, cause.why, cause.fix, cause.rows, cause.confirmed, mark, spans))
    return explanation.message, explanation.batch, tuple(shown)
