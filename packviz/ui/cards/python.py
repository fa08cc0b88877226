"""The Python that reproduces the view, always in step with it, ready to copy."""

from __future__ import annotations

import re

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont, QSyntaxHighlighter, QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from packviz.core.look.colour import DARK, Theme
from packviz.session.scene.resolve import Scene
from packviz.ui.cards.copy_button import CopyButton
from packviz.ui.look.theme import mono, qcolour

WORDS = "and as assert class def elif else for from if import in is lambda None not or return True False with"
TOKEN = re.compile(
    r"(?P<comment>#.*)|(?P<string>'[^']*'|\"[^\"]*\")|(?P<number>\b\d[\d_.]*(?:e[+-]?\d+)?\b)"
    rf"|(?P<keyword>\b(?:{'|'.join(WORDS.split())})\b)"
)
COLOURS = {"comment": "muted", "string": "good", "number": "warning", "keyword": "accent"}


class Highlighter(QSyntaxHighlighter):
    """Keywords, strings, numbers and comments."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self.theme: Theme = DARK
        self._formats: dict[str, QTextCharFormat] = {}
        self.set_theme(DARK)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        for kind, name in COLOURS.items():
            form = QTextCharFormat()
            form.setForeground(qcolour(theme, name))
            form.setFontWeight(QFont.Weight.Normal)
            self._formats[kind] = form
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        for match in TOKEN.finditer(text):
            if match.lastgroup is not None:
                self.setFormat(match.start(), match.end() - match.start(), self._formats[match.lastgroup])


class PythonView(QFrame):
    """Read-only code, with a button that copies all of it."""

    intent = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        title = QLabel("Python")
        title.setObjectName("heading")
        self.copy = CopyButton("Copy", lambda: self.code.toPlainText())
        head = QHBoxLayout()
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self.copy)
        self.code = QPlainTextEdit()
        self.code.setReadOnly(True)
        self.code.setFont(mono())
        self.code.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.code.setAccessibleName("Python that reproduces the view")
        self.colours = Highlighter(self.code.document())
        box = QVBoxLayout(self)
        box.setContentsMargins(11, 7, 8, 6)
        box.setSpacing(3)
        box.addLayout(head)
        box.addWidget(self.code)

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Show the code; where only some of it changed, the place that was scrolled to stays."""
        if last is None or scene.theme is not last.theme:
            self.colours.set_theme(scene.theme)
        if last is None or scene.python != last.python:
            bar = self.code.verticalScrollBar()
            at = bar.value()
            self._replace(scene.python)
            bar.setValue(at)
            self.copy.setEnabled(bool(scene.python))

    def _replace(self, text: str) -> None:
        """Put this text in place of the old one, line by line: only lines that differ are laid out again."""
        old, new = self.code.toPlainText().split("\n"), text.split("\n")
        most = min(len(old), len(new)) - 1
        head = next((i for i in range(most) if old[i] != new[i]), most)
        tail = next((i for i in range(most - head) if old[-1 - i] != new[-1 - i]), most - head)
        cursor = QTextCursor(self.code.document().findBlockByNumber(head))
        last = self.code.document().findBlockByNumber(len(old) - 1 - tail)
        cursor.setPosition(last.position() + last.length() - 1, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText("\n".join(new[head : len(new) - tail]))
