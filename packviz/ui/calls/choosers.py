"""What the list of calls is narrowed by: a site, a code and a severity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QWidget

from packviz.core.calls.choosing import Which
from packviz.core.look.colour import DARK, Theme
from packviz.core.texts.quoting import cut
from packviz.session.listing import Choices
from packviz.session.scene.calls import CallsPart
from packviz.ui.cards.severity_mark import SIZE, severity_mark
from packviz.ui.look.lettering import as_it_is

Item = tuple[str, Any, QIcon | None]


class Chooser(QComboBox):
    """All, or one of some: typing the first letters finds it, as in any such box."""

    def __init__(self, all_of_them: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._all = all_of_them
        self._values: list[Any] = []  # Qt's items would give a plain text back where a Severity was put in
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setIconSize(QSize(SIZE, SIZE))
        self.setMinimumContentsLength(6)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMaxVisibleItems(20)

    @property
    def value(self) -> Any:
        """What is chosen, as it was given; None is all."""
        place = self.currentIndex()
        return self._values[place - 1] if place > 0 else None

    def show_items(self, items: Sequence[Item], chosen: Any) -> None:
        """These can be chosen, and this one is; None is all."""
        self._values = [value for _, value, _ in items]
        with QSignalBlocker(self):
            self.clear()
            self.addItem(self._all)
            for text, _, icon in items:
                self.addItem(icon or QIcon(), text)
                self.setItemData(self.count() - 1, as_it_is(text), Qt.ItemDataRole.ToolTipRole)
            place = next((at for at, (_, value, _) in enumerate(items, start=1) if value == chosen), 0)
            self.setCurrentIndex(place if chosen is not None else 0)


class Choosers(QWidget):
    """The three of them in a row. `changed`: which calls the user wants."""

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.site = Chooser("all sites", "Only the calls that were made here")
        self.code = Chooser("all findings", "Only the calls in which this was found")
        self.severity = Chooser("all severities", "Only the calls whose worst finding is of this severity")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self._which, self._theme = Which(), DARK
        for chooser in (self.site, self.code, self.severity):
            row.addWidget(chooser, 1)
            chooser.activated.connect(self._chosen)

    def show_part(self, part: CallsPart, theme: Theme) -> None:
        """Show what there is to choose, and what is chosen."""
        choices, which = part.choices, part.which
        self._which = which
        self.site.show_items([(f"{site.shown} · {many:,}", site, None) for site, many in choices.sites], which.site)
        self.code.show_items(_codes(choices, theme), which.code or None)
        self.severity.show_items(
            [(f"{one.value} · {many:,}", one, severity_mark(one, theme)) for one, many in choices.severities],
            which.severity,
        )

    def _chosen(self) -> None:
        which = replace(
            self._which,
            site=self.site.value,
            code=self.code.value or "",
            severity=self.severity.value,
        )
        if which != self._which:
            self.changed.emit(which)


def _codes(choices: Choices, theme: Theme) -> list[Item]:
    return [
        (f"{cut(code, 40)} · {many:,}", code, severity_mark(severity, theme)) for code, severity, many in choices.codes
    ]
