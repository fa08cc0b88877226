"""What somebody notes of the open batch, as they type it."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QFrame, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from packviz.session.actions import SetNotes
from packviz.session.scene.notes import NotesPart
from packviz.session.scene.parts import Scene


class NotesView(QFrame):
    """A text that is saved with the batch. It is the field's own while it is typed: its undo, and where its cursor
    stands."""

    intent = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        title = QLabel("Notes")
        title.setObjectName("heading")
        self.field = QPlainTextEdit()
        self.field.setObjectName("prose")
        self.field.setPlaceholderText("What you found, or mean to try. It is saved with the batch in a session.")
        self.field.setAccessibleName("Notes on this batch")
        self.field.setTabChangesFocus(True)
        self.field.textChanged.connect(self._tell)
        self._part = NotesPart()
        box = QVBoxLayout(self)
        box.setContentsMargins(11, 7, 8, 6)
        box.setSpacing(3)
        box.addWidget(title)
        box.addWidget(self.field)

    def _tell(self) -> None:
        self.intent.emit(SetNotes(self.field.toPlainText()))

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Follow the scene; what is typed here already is left as it is."""
        if last is not None and scene.notes is last.notes:
            return
        before, self._part = self._part, scene.notes
        self.field.setEnabled(scene.notes.number is not None)
        if scene.notes.number != before.number or self.field.toPlainText() != scene.notes.text:
            with QSignalBlocker(self.field):
                self.field.setPlainText(scene.notes.text)
                self.field.moveCursor(QTextCursor.MoveOperation.End)
