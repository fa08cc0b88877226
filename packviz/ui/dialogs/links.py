"""What the windows of words with links have in common: the words, which scroll, and the buttons below them."""

from __future__ import annotations

from collections.abc import Callable
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


def scrolled_words(about: str, followed: Callable[[str], object]) -> tuple[QLabel, QScrollArea]:
    """A label for rich text that can be selected, and the area that it scrolls in, which is called `about` where it is
    read aloud. `followed` gets what a link leads to."""
    words = QLabel()
    words.setTextFormat(Qt.TextFormat.RichText)
    words.setWordWrap(True)
    words.setAlignment(Qt.AlignmentFlag.AlignTop)
    words.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
    words.linkActivated.connect(followed)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(words)
    area.setAccessibleName(about)
    return words, area


class LinksDialog(QDialog):
    """A window beside the other one; `followed` gets what a link leads to."""

    intent = Signal(object)

    def __init__(self, title: str, about: str, parent: QWidget | None, *buttons: QPushButton) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.said, area = scrolled_words(about, self.followed)
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 12, 14, 12)
        box.addWidget(area, 1)
        box.addLayout(row_that_closes(self, *buttons))

    def followed(self, where: str) -> None:
        """Somebody goes to `where`."""
        raise NotImplementedError
