"""Help > Findings: every finding that the checks know, what it means, and a sample that has it."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from packviz.core.breaches import PROBED
from packviz.core.catalogue import CODES, MEANINGS, Entry, entry
from packviz.core.findings import Severity
from packviz.core.look.colour import Theme
from packviz.session.actions import Load
from packviz.session.loads import LoadRequest
from packviz.ui.cards.severity_mark import SIZE, severity_mark
from packviz.ui.commands.command import next_serial
from packviz.ui.look.theme import MONO, mono, qcolour, sans

CODE = Qt.ItemDataRole.UserRole
GROUPS = {
    Severity.ERROR: "Errors: torch raises",
    Severity.SILENT: "Silent: torch says nothing",
    Severity.WARNING: "Warnings: likely wrong",
    Severity.NOTE: "Notes: nothing is wrong",
}
OF_THE_PROBE = "What the leak probe finds"
NONE_LEFT = "No finding has these words."
HINT, OPENS = "↑ ↓ choose{} · Esc closes", "Enter opens the sample"
LINE, HEADING_LINE = 23, 30  # heights, in pixels
PAGE = 8  # lines that page up and page down move


def matches(about: Entry, query: str) -> bool:
    """Whether all words of the query are in what is said about a finding; `#43227` finds a thread."""
    words = (about.code, about.title, about.body, *about.pains, "" if about.sample is None else about.sample.look)
    said = " ".join((*words, *about.severities)).lower()
    return all(word in said for word in query.lower().split())


def page_html(about: Entry, theme: Theme) -> str:
    """All about one finding, in the colours of a theme."""
    ink = f"color:{theme.muted}"
    parts = [f'<p style="{ink}; font-family:{MONO}; font-size:12px">{about.code}</p>']
    parts.append(f'<p style="font-size:16px; font-weight:600; margin-top:4px">{_inline(about.title, theme)}</p>')
    parts += [_paragraph(paragraph, theme) for paragraph in about.body.split("\n\n") if paragraph]
    parts.append(_heading("What torch does" + ", one of these" * (len(about.severities) > 1), theme))
    for severity in about.severities:
        colour = getattr(theme, severity.value)
        told = f'<b style="color:{colour}">{severity.value.upper()}</b> · {escape(MEANINGS[severity])}.'
        parts.append(f'<p style="margin-top:2px">{told}</p>')
    if about.sample is not None:
        parts += [_heading("The sample", theme), _paragraph(about.sample.look, theme)]
    if about.pains:
        parts.append(_heading("Where people met it", theme))
        parts.append(f'<p style="margin-top:2px">{escape(" · ".join(about.pains))}</p>')
    return "".join(parts)


def _heading(text: str, theme: Theme) -> str:
    return f'<p style="color:{theme.muted}; font-weight:600; margin-top:18px; margin-bottom:2px">{escape(text)}</p>'


def _paragraph(text: str, theme: Theme) -> str:
    if text.startswith("    "):
        return f'<pre style="font-family:{MONO}; font-size:12px; color:{theme.accent}">{escape(text)}</pre>'
    return f'<p style="margin-top:6px; line-height:125%">{_inline(text, theme)}</p>'


def _inline(text: str, theme: Theme) -> str:
    """Escaped, what stands between backticks as code."""
    code = rf'<span style="font-family:{MONO}; font-size:12px; color:{theme.accent}">\1</span>'
    return re.sub(r"`([^`]+)`", code, escape(text))


def _line(about: Entry) -> str:
    """`lengths-count · or silent`"""
    return " · or ".join((about.code, *about.severities[1:]))


class FindingsHelp(QDialog):
    """The list of findings, grouped by severity, and a page on the chosen one.

    `intent` brings the load of a sample; the dialog closes then, and comes back where it was. `theme` is asked whenever
    the page is made.
    """

    intent = Signal(object)

    def __init__(self, theme: Callable[[], Theme], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("packviz: findings")
        self._theme = theme
        self.field = QLineEdit()
        self.field.setPlaceholderText("Find: words, a code, #43227")
        self.field.setClearButtonEnabled(True)
        self.field.setAccessibleName("Find a finding")
        self.field.textChanged.connect(self._filter)
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setAccessibleName("Findings")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFixedWidth(270)
        self.list.setIconSize(QSize(SIZE, SIZE))
        self.list.currentItemChanged.connect(self._show_page)
        self.list.itemDoubleClicked.connect(lambda item: self._open_sample())
        self.page = QTextBrowser()
        self.page.setAccessibleName("About the finding")
        self.page.document().setDocumentMargin(14)
        self.hint = QLabel()
        self.hint.setObjectName("small")
        self.open_sample = QPushButton("Open the sample")
        self.open_sample.setDefault(True)
        self.open_sample.clicked.connect(self._open_sample)
        close = QPushButton("Close")
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.field)
        left.addWidget(self.list, 1)
        frame = QFrame()
        frame.setObjectName("panel")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.addWidget(self.page)
        above = QHBoxLayout()
        above.setSpacing(10)
        above.addLayout(left)
        above.addWidget(frame, 1)
        below = QHBoxLayout()
        below.addWidget(self.hint)
        below.addStretch(1)
        below.addWidget(self.open_sample)
        below.addWidget(close)
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 14, 14, 12)
        box.setSpacing(10)
        box.addLayout(above, 1)
        box.addLayout(below)
        self.resize(880, 620)
        self._fill()
        self.choose(self.codes()[0])

    # ---- the list --------------------------------------------------------------------------------------------------

    def _fill(self) -> None:
        """All findings of the checks, under the worst severity that each can have, and those of the probe."""
        for severity, heading in GROUPS.items():
            self._add(heading, severity.value, [one for one in map(entry, CODES) if one.severities[0] is severity])
        self._add(OF_THE_PROBE, "muted", [entry(code) for code in PROBED])

    def _add(self, heading: str, colour: str, entries: list[Entry]) -> None:
        theme = self._theme()
        if not entries:
            return
        head = QListWidgetItem(heading, self.list)
        head.setFlags(Qt.ItemFlag.NoItemFlags)
        head.setFont(sans(12, bold=True))
        head.setForeground(QBrush(qcolour(theme, colour)))
        head.setSizeHint(QSize(0, HEADING_LINE))
        head.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom)
        for about in entries:
            severity = about.severities[0]
            item = QListWidgetItem(severity_mark(severity, theme), _line(about), self.list)
            item.setSizeHint(QSize(0, LINE))
            item.setData(CODE, about.code)
            item.setFont(mono())
            item.setToolTip(about.title)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{severity}: {about.code}")

    def _paint_marks(self) -> None:
        """The list again in the colours of the theme."""
        theme, heads = self._theme(), {text: severity.value for severity, text in GROUPS.items()}
        for item in self._items():
            code = item.data(CODE)
            if code is None:
                item.setForeground(QBrush(qcolour(theme, heads.get(item.text(), "muted"))))
            else:
                item.setIcon(severity_mark(entry(code).severities[0], theme))

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(i) for i in range(self.list.count())]

    def codes(self) -> list[str]:
        """The findings in the list, in its order."""
        return [item.data(CODE) for item in self._items() if item.data(CODE) is not None and not item.isHidden()]

    def _filter(self, query: str) -> None:
        head: QListWidgetItem | None = None
        for item in self._items():
            if item.data(CODE) is None:
                head = item
                head.setHidden(True)
                continue
            item.setHidden(not matches(entry(item.data(CODE)), query))
            if head is not None and not item.isHidden():
                head.setHidden(False)
        left = self.codes()
        # A code that begins with what is typed is meant, whatever else has these words.
        best = [code for code in left if code.startswith(query.strip().lower())]
        if query.strip() and best:
            self.choose(best[0])
        elif self.code not in left:
            self.choose(left[0] if left else "")
        else:
            self._scroll()

    # ---- the page --------------------------------------------------------------------------------------------------

    @property
    def code(self) -> str:
        """The chosen finding; nothing where none has the words that are looked for."""
        item = self.list.currentItem()
        return "" if item is None else str(item.data(CODE) or "")

    def choose(self, code: str) -> None:
        """Show the page on a finding."""
        item = next((item for item in self._items() if code and item.data(CODE) == code), None)
        if item is not None and item.isHidden():
            self.field.clear()
        if item is None:
            self.list.setCurrentRow(-1)
        else:
            self.list.setCurrentItem(item)
        self._scroll()

    def _scroll(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.list.scrollToItem(item)
            if self.code == self.codes()[0]:
                self.list.scrollToTop()  # with the heading of its group

    def _show_page(self) -> None:
        opens = bool(self.code) and entry(self.code).sample is not None
        self.open_sample.setEnabled(opens)
        self.hint.setText(HINT.format(f" · {OPENS}" if opens else ""))
        theme = self._theme()
        if self.code:
            self.page.setHtml(page_html(entry(self.code), theme))
        else:
            self.page.setHtml(f'<p style="color:{theme.muted}">{NONE_LEFT}</p>')

    def _open_sample(self) -> None:
        found = entry(self.code).sample if self.code else None
        if found is not None:
            self.hide()
            self.intent.emit(Load(LoadRequest(next_serial(), sample=found.name, note=found.look)))

    # ---- keys and looks ----------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up, down, page up and page down move in the list while the field keeps the focus."""
        if event.type() is not QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        moves = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -PAGE, Qt.Key.Key_PageDown: PAGE}
        by, codes = moves.get(Qt.Key(event.key())), self.codes()
        if by is None:
            return False
        if codes:
            at = codes.index(self.code) + by if self.code in codes else 0
            self.choose(codes[max(0, min(len(codes) - 1, at))])
        return True

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.field.setFocus()
        self.field.selectAll()
        self._scroll()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange and hasattr(self, "page") and self.list.count():
            self._paint_marks()
            self._show_page()
