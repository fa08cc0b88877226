"""The run held against others: a line each, the rows that differ as links."""

from __future__ import annotations

from html import escape as escaped

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from packviz.core.comparing import Comparison
from packviz.session.actions import Compare, GoToPass, Show
from packviz.session.scene.parts import Scene

MOST_LINKS = 12


class ComparedDialog(QDialog):
    """A window beside the other one, which follows the batch while it is open."""

    intent = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Compared with the packed run")
        self._found: tuple[Comparison, ...] = ()
        self.said = QLabel()
        self.said.setTextFormat(Qt.TextFormat.RichText)
        self.said.setWordWrap(True)
        self.said.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.said.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.said.linkActivated.connect(self._follow)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(self.said)
        area.setAccessibleName("Comparisons")
        close = QPushButton("Close")
        close.setAutoDefault(False)
        close.clicked.connect(self.close)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(close)
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 12, 14, 12)
        box.addWidget(area, 1)
        box.addLayout(row)
        self.resize(640, 420)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.intent.emit(Compare(False))

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Show what was found."""
        if last is not None and scene.compared is last.compared and scene.theme is last.theme:
            return
        part = scene.compared
        self._found = part.found
        accent, error, good, muted = (
            "#{:02x}{:02x}{:02x}".format(*scene.theme.rgb(name)) for name in ("accent", "error", "good", "muted")
        )
        lines = [escaped(part.why, quote=False)] if part.why else []
        for place, one in enumerate(part.found):
            colour, mark = (good, "✓") if one.equal else (error, "≠")
            links = " ".join(
                f"<a href='{place}:{row}' style='color: {accent}'>row {row}</a>" for row in one.rows[:MOST_LINKS]
            )
            first = f" <a href='{place}:first' style='color: {accent}'>first difference</a>" if one.first else ""
            lines.append(
                f"<span style='color: {colour}'>{mark}</span> {escaped(one.told, quote=False)}"
                f"<br>{links}{first}"
                f"{'<br>' if links or first else ''}<span style='color: {muted}'>{escaped(one.why, quote=False)}</span>"
            )
        self.said.setText("".join(f"<p>{line}</p>" for line in lines))

    def _follow(self, link: str) -> None:
        place, _, where = link.partition(":")
        one = self._found[int(place)]
        if where != "first":
            self.intent.emit(Show(int(where)))
            return
        if one.first is not None:
            self.intent.emit(GoToPass(one.first.layer, one.first.direction))
            self.intent.emit(Show(one.first.row, one.first.step))
