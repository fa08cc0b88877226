"""How many findings there are of each severity, on small switches that hide them."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from packviz.core.findings import Severity
from packviz.core.look.colour import DARK, Theme
from packviz.core.texts.wording import count
from packviz.ui.cards.severity_mark import SIZE, severity_mark

WORDS = {
    Severity.ERROR: "error",
    Severity.SILENT: "silent finding",
    Severity.WARNING: "warning",
    Severity.NOTE: "note",
}


class SeverityFilter(QWidget):
    """A switch for each severity that occurs. `changed`: other ones are shown now."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(3)
        self.switches: dict[Severity, QToolButton] = {}
        for severity in Severity:
            switch = QToolButton(self)
            switch.setObjectName("severity")
            switch.setCheckable(True)
            switch.setChecked(True)
            switch.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            switch.setIconSize(QSize(SIZE, SIZE))
            switch.toggled.connect(self._turned)
            switch.hide()
            row.addWidget(switch)
            self.switches[severity] = switch
        self.set_theme(DARK)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        for severity, switch in self.switches.items():
            switch.setIcon(severity_mark(severity, theme))

    def show_counts(self, counts: Mapping[Severity, int]) -> None:
        """How many there are of each; those of which there are none have no switch."""
        for severity, switch in self.switches.items():
            number = counts.get(severity, 0)
            switch.setVisible(number > 0)
            if number:
                switch.setText(str(number))
                self._say(severity, number)

    def shows(self, severity: Severity) -> bool:
        """Whether findings of this severity are shown."""
        return self.switches[severity].isChecked()

    def _say(self, severity: Severity, number: int) -> None:
        shown = self.shows(severity)
        said = count(number, WORDS[severity])
        self.switches[severity].setToolTip(f"{said}: click to {'hide' if shown else 'show'} them")
        self.switches[severity].setAccessibleName(f"{said}, {'shown' if shown else 'hidden'}")

    def _turned(self) -> None:
        for severity, switch in self.switches.items():
            if switch.text():
                self._say(severity, int(switch.text()))
        self.changed.emit()
