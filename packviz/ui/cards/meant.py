"""The card of a batch that is meant for another call: one click mends what several findings are about."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from packviz.core.report import Meant
from packviz.session.actions import ApplyFix
from packviz.ui.cards.prose import Flow, Prose


class MeantCard(QFrame):
    """Shown above all others while there is such a call; else it is not there."""

    intent = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card_error")
        head = QLabel("THE OPTIONS OF THE CALL")
        head.setObjectName("head_error")
        self.title = Prose("heading")
        self.detail = Prose("muted")
        self.button = QPushButton("Use these options", self)
        self.button.setObjectName("link")
        self.button.clicked.connect(self._apply)
        self.stale = False
        self.meant: Meant | None = None
        buttons = Flow()
        buttons.addWidget(self.button)
        box = QVBoxLayout(self)
        box.setContentsMargins(10, 7, 10, 8)
        box.setSpacing(4)
        for widget in (head, self.title, self.detail):
            box.addWidget(widget)
        box.addLayout(buttons)
        self.hide()

    def show_meant(self, meant: Meant | None) -> None:
        """Another call, or none."""
        self.meant = meant
        self.setVisible(meant is not None)
        if meant is not None:
            self.title.set_text(f"The batch is meant for {meant.edit.label}")
            are = "1 finding is" if len(meant.gone) == 1 else f"{len(meant.gone)} findings are"
            self.detail.set_text(
                f"{are} about the options that it is read with now. The next batch that says none "
                "is then read with these, too."
            )
            self.button.setToolTip(meant.edit.label)

    def _apply(self) -> None:
        if self.meant is not None and not self.stale:
            self.intent.emit(ApplyFix(self.meant.edit))
