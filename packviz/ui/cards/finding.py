"""The card of one finding: what is wrong, and buttons to apply the fix, to show its cells, to copy it as Python; what
it says in full is folded under its title."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from packviz.core.findings import Finding, Severity
from packviz.core.look.colour import Theme
from packviz.core.texts.wording import rows_listed
from packviz.session.actions import ApplyFix
from packviz.ui.cards.place import PlaceCard
from packviz.ui.cards.prose import Prose
from packviz.ui.cards.severity_mark import SIZE, severity_mark

TOP = Qt.AlignmentFlag.AlignTop
MOST_SPANS_COMPARED = 1000


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


def key_of(finding: Finding) -> tuple[object, ...]:
    """What a card shows: two findings with the same key look the same."""
    spans = finding.spans[:MOST_SPANS_COMPARED].tobytes()
    words = (finding.code, finding.severity, finding.title, finding.detail, finding.torch, finding.fix, finding.behind)
    return (*words, finding.edit, finding.rows, finding.cell_count, spans)


class FindingCard(PlaceCard):
    """One finding. `turned`: somebody has unfolded it, or folded it up."""

    turned = Signal()

    def __init__(self, finding: Finding, parent: QWidget | None = None) -> None:
        super().__init__(finding.code, finding, parent)
        severity = finding.severity.value
        self.setObjectName(f"card_{severity}")
        self.finding = finding
        self.stale = False  # it speaks of the batch before the last edit
        self.arrow = QToolButton()
        self.arrow.setObjectName("arrow")
        self.arrow.setCheckable(True)
        self.arrow.toggled.connect(self._turn)
        self.arrow.clicked.connect(self.turned)
        self.mark = QLabel()
        self.mark.setFixedSize(SIZE, SIZE)
        self.mark.setToolTip(severity_line(finding))
        self.mark.setAccessibleName(severity_line(finding))
        self.mark.installEventFilter(self)
        self.head = QLabel(severity_line(finding))
        self.head.setObjectName(f"head_{severity}")
        self.head.setWordWrap(True)
        self.title = Prose("heading", finding.title)
        top = QHBoxLayout()
        top.setSpacing(5)
        for widget in (self.arrow, self.mark, self.title, self.what):
            top.addWidget(widget, widget is self.title, Qt.AlignmentFlag(0) if widget is self.title else TOP)
        self.texts: list[QWidget] = [self.head, Prose("muted", finding.detail)]
        if finding.torch is not None and finding.severity is Severity.ERROR:
            self.texts.append(Prose("quote", finding.torch))
        place = place_line(finding)
        if place:
            self.texts.append(Prose("place", place))
        box = QVBoxLayout(self)
        box.setContentsMargins(10, 7, 10, 8)
        box.setSpacing(4)
        box.addLayout(top)
        for text in self.texts:
            box.addWidget(text)
        self.fix = self.add_button(finding.edit.label if finding.edit else "", self._apply, finding.edit is not None)
        self.add_places("Copy fix" if finding.edit else "Copy snippet", finding.fix)
        if self.buttons.count():
            box.addSpacing(2)
            box.addLayout(self.buttons)
        self._turn(False)

    @property
    def unfolded(self) -> bool:
        """Whether it says all that it has to say."""
        return self.arrow.isChecked()

    def unfold(self, on: bool) -> None:
        """Say all of it, or the title alone."""
        self.arrow.setChecked(on)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.mark.setPixmap(severity_mark(self.finding.severity, theme).pixmap(SIZE, SIZE))

    def set_finding(self, finding: Finding) -> None:
        """The same finding of a later check, which looks the same."""
        self.finding = self.walk.finding = finding

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A click on the mark does what the arrow beside it does."""
        if isinstance(event, QMouseEvent) and event.type() is QEvent.Type.MouseButtonRelease and self.arrow.isEnabled():
            self.arrow.click()
        return False

    def _turn(self, on: bool) -> None:
        self.arrow.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)
        self.arrow.setToolTip("Show the title alone" if on else "Show all that it says")
        self.arrow.setAccessibleName(f"{self.arrow.toolTip()}: {self.finding.title}")
        for text in self.texts:
            text.setVisible(on)

    def _apply(self) -> None:
        if self.finding.edit is not None and not self.stale:
            self.intent.emit(ApplyFix(self.finding.edit))
