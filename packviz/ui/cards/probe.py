"""The leak probe: which rows' outputs and final states read padding, run by run, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from packviz.core.breaches import sentence
from packviz.core.findings import Finding, Severity
from packviz.core.look.colour import DARK, Theme
from packviz.session.actions import CancelProbe, Probe, Select
from packviz.session.scene.probe import CLEAN, FINAL, OUT, ProbedRun, ProbeSays
from packviz.session.scene.resolve import Scene
from packviz.ui.cards.finding import FindingCard
from packviz.ui.cards.law_card import LawCard
from packviz.ui.cards.probe_strip import Strip, patterns
from packviz.ui.cards.prose import Prose
from packviz.ui.look.theme import rename

NARROW = 560  # pixels of width below which the key to the bars has lines of its own
BESIDE = 760  # pixels of width from which the two runs stand side by side
CLOSE = 470  # and from which they do where the law stands beside them
LAW_BESIDE, LAW_SHARE = 860, 3  # pixels from which it does; it has so many of 5 parts of the room
OTHER_LINES = 150  # pixels of height that are not those of the rows of its pictures
ACROSS, DOWN = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
KEY = {CLEAN: "clean", FINAL: "final state reads padding", OUT: "outputs read padding"}
MARKS = {True: ("✓", "call_good"), False: ("✗", "call_bad"), None: ("–", "call_muted")}


class Legend(QWidget):
    """What the three bars mean."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._swatches = {mark: QLabel() for mark in KEY}
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(14)
        for mark, text in KEY.items():
            both, row = QWidget(), QHBoxLayout()
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(4)
            both.setLayout(row)
            label = QLabel(text)
            label.setObjectName("small")
            row.addWidget(self._swatches[mark])
            row.addWidget(label)
            row.addStretch(1)
            self._line.addWidget(both)

    def set_stacked(self, stacked: bool) -> None:
        """One under another, or side by side."""
        way = QBoxLayout.Direction.TopToBottom if stacked else QBoxLayout.Direction.LeftToRight
        self._line.setDirection(way)
        self._line.setSpacing(2 if stacked else 14)

    def set_theme(self, theme: Theme, ratio: float) -> None:
        """Draw the bars in the colours of a theme."""
        looks = patterns(theme, round(12 * ratio), round(14 * ratio))
        for mark, label in self._swatches.items():
            pixels = np.ascontiguousarray(looks[mark])
            image = QImage(pixels.data, pixels.shape[1], pixels.shape[0], QImage.Format.Format_RGBA8888)
            pixmap = QPixmap.fromImage(image)
            pixmap.setDevicePixelRatio(ratio)
            label.setPixmap(pixmap)


class RunCard(QFrame):
    """One run: what it reads in a sentence, and a strip for each layer and direction."""

    def __init__(self, run: ProbedRun, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        mark, name = MARKS[run.clean]
        self.head = QLabel(f"{run.title} {mark}")
        self.head.setObjectName(name)
        self.text = Prose("said" if run.clean is not None else "raised", run.text)
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 8, 10, 9)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self.head, 0, 0, 1, 2)
        grid.addWidget(self.text, 1, 0, 1, 2)
        self.strips: list[Strip] = []
        for line in run.lines:
            at = grid.rowCount()
            label = QLabel(line.name)
            label.setObjectName("small")
            strip = Strip(line, run.title, numbers=not self.strips)
            self.strips.append(strip)
            grid.addWidget(label, at, 0, Qt.AlignmentFlag.AlignBottom)
            grid.addWidget(strip, at, 1)
        self.fills = [Prose("muted", text) for text in run.fills]
        for prose in self.fills:
            grid.addWidget(prose, grid.rowCount(), 0, 1, 2)
        grid.setRowStretch(grid.rowCount(), 1)


class ProbeView(QFrame):
    """The runs of the probe under what was probed; or a sentence on why there are none, and the button that probes."""

    intent = Signal(object)
    help_asked = Signal(str)  # as of a PlaceCard

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._theme, self._running, self._row = DARK, False, -1
        title = QLabel("Leak probe")
        title.setObjectName("heading")
        self.legend = Legend()
        self.button = QPushButton("Probe")
        self.button.setObjectName("link")
        self.button.clicked.connect(self._clicked)
        self._head = head = QHBoxLayout()
        head.setSpacing(14)
        head.addWidget(title)
        head.addWidget(self.legend)
        head.addStretch(1)
        head.addWidget(self.button)
        self._stacked = False
        self.text = Prose("muted")
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setMaximumWidth(280)
        self.inside = QWidget()
        self.inside.setObjectName("inside")
        self._inner = inner = QVBoxLayout(self.inside)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(6)
        self.runs_box = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self.runs_box.setSpacing(8)
        self.findings: list[FindingCard] = []
        self.findings_box = QVBoxLayout()
        self.findings_box.setSpacing(6)
        self.broken = Prose()
        self.told = QVBoxLayout()
        self.told.setSpacing(6)
        self.told.addLayout(self.findings_box)
        self.told.addWidget(self.broken)
        self.told.addLayout(self.runs_box)
        self.told.addStretch(1)
        self.law: LawCard | None = None
        self.halves = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self.halves.setSpacing(8)
        self.halves.addLayout(self.told, 5 - LAW_SHARE)
        inner.addWidget(self.text)
        inner.addWidget(self.progress)
        inner.addLayout(self.halves)
        self.notes = Prose("muted")
        inner.addWidget(self.notes)
        inner.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(self.inside)
        box = QVBoxLayout(self)
        box.setContentsMargins(11, 9, 8, 9)
        box.addLayout(head)
        box.addWidget(area)
        self.cards: list[RunCard] = []

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 90)

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Show what the probe says; the selected row is outlined."""
        if last is None or scene.theme is not last.theme:
            self._theme = scene.theme
            self.legend.set_theme(scene.theme, self.devicePixelRatioF())
            for finding in self.findings:
                finding.set_theme(scene.theme)
        if last is None or scene.probe is not last.probe:
            self._show(scene)
        self._row = scene.pointer.row
        for card in self.cards:
            for strip in card.strips:
                strip.show_in(self._theme, self._row)
        if self.law is not None:
            self.law.show_in(self._theme, self._row, scene.pointer.step)

    def _show(self, scene: Scene) -> None:
        says = scene.probe
        self._running = says.running
        self.text.set_text(says.head or says.text)
        rename(self.text, "raised" if says.bad else "muted")
        self.progress.setVisible(says.running)
        self.progress.setValue(round(says.fraction * 1000))
        self.button.setText("Cancel" if says.running else "Probe again" if says.runs or says.bad else "Probe")
        self.button.setVisible(says.possible)
        self.legend.setVisible(bool(says.runs))
        self.notes.set_text("\n".join(says.notes))
        self.notes.setVisible(bool(says.notes))
        self.broken.set_text(sentence(says.broken))
        self.broken.setVisible(bool(says.broken))
        self._show_findings(says.findings)
        for card in self.cards:
            self.runs_box.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = [RunCard(run) for run in says.runs]
        for card in self.cards:
            for strip in card.strips:
                strip.chosen.connect(lambda row: self.intent.emit(Select(row)))
            self.runs_box.addWidget(card, 1)
        self._show_law(says)
        self._lay()

    def _show_law(self, says: ProbeSays) -> None:
        """The pictures of what is read, where there are any."""
        if self.law is not None:
            self.halves.removeWidget(self.law)
            self.law.hide()
            self.law.deleteLater()
        broken = any(finding.severity is Severity.SILENT for finding in says.findings)
        self.law = LawCard(says.crossings, says.reached, broken) if says.crossings or says.reached else None
        if self.law is not None:
            self.law.intent.connect(self.intent)
            self.halves.addWidget(self.law, LAW_SHARE)

    def _show_findings(self, findings: Sequence[Finding]) -> None:
        """A card each, folded: what stands under them shows the same, row by row."""
        for card in self.findings:
            self.findings_box.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.findings = [FindingCard(finding) for finding in findings]
        for card in self.findings:
            card.set_theme(self._theme)
            card.intent.connect(self.intent)
            card.help_asked.connect(self.help_asked)
            self.findings_box.addWidget(card)

    def _clicked(self) -> None:
        self.intent.emit(CancelProbe() if self._running else Probe())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        stacked = self.width() < NARROW
        if stacked != self._stacked:
            self._stacked = stacked
            self.legend.set_stacked(stacked)
            shown = self.legend.isVisibleTo(self)
            (self._inner if stacked else self._head).insertWidget(1, self.legend)
            self.legend.setVisible(shown)
        self._lay()

    def _lay(self) -> None:
        """What stands beside what, in the width that there is."""
        beside = self.law is not None and self.width() >= LAW_BESIDE
        self.halves.setDirection(ACROSS if beside else DOWN)
        if self.law is not None:
            self.law.set_room(self.height() - OTHER_LINES)
        room, enough = (self.width() * (5 - LAW_SHARE) // 5, CLOSE) if beside else (self.width(), BESIDE)
        self.runs_box.setDirection(ACROSS if room >= enough else DOWN)
