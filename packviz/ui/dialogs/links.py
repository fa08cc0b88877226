"""What the windows of words with links have in common: the words, which scroll, and the buttons below them."""

from __future__ import annotations

from html import escape as escaped

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from packviz.core.look.colour import Theme
from packviz.ui.dialogs.buttons import row_that_closes
from packviz.ui.look.theme import qcolour


def escape(text: str) -> str:
    """The text as it stands in rich text."""
    return escaped(text, quote=False)


def link(where: str, text: str, theme: Theme) -> str:
    """A link to `where`, in rich text."""
    return f"<a href='{where}' style='color: {qcolour(theme, 'accent').name()}'>{text}</a>"


class LinksDialog(QDialog):
    """A window beside the other one; `followed` gets what a link leads to."""

    intent = Signal(object)

    def __init__(self, title: str, about: str, parent: QWidget | None, *buttons: QPushButton) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.said = QLabel()
        self.said.setTextFormat(Qt.TextFormat.RichText)
        self.said.setWordWrap(True)
        self.said.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.said.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.said.linkActivated.connect(self.followed)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(self.said)
        area.setAccessibleName(about)
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 12, 14, 12)
        box.addWidget(area, 1)
        box.addLayout(row_that_closes(self, *buttons))

    def followed(self, where: str) -> None:
        """Somebody goes to `where`."""
        raise NotImplementedError
