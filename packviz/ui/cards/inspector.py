"""The inspector: one cell in full, under the pointer or pinned, ready to copy."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QShowEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from packviz.session.actions import Pin
from packviz.session.scene.inspector import Inspected, Table
from packviz.session.scene.parts import Scene
from packviz.ui.cards.copy_button import CopyButton
from packviz.ui.look.theme import mono

Index = QModelIndex | QPersistentModelIndex
NOTHING = QModelIndex()
WIDEST = "-0.000012345678"  # of a float32 in full, nearly all are narrower


class Numbers(QAbstractTableModel):
    """A Table of the scene; each number is written when it is painted."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.table: Table | None = None

    def show_table(self, table: Table | None) -> None:
        """Show this one; where it has as many rows and columns as the last, only its numbers are new."""
        old, self.table = self.table, table
        if old is not None and table is not None and (old.names, len(old)) == (table.names, len(table)):
            if len(table):
                self.dataChanged.emit(self.index(0, 0), self.index(len(table) - 1, len(table.names) - 1))
            return
        self.beginResetModel()
        self.endResetModel()

    def rowCount(self, parent: Index = NOTHING) -> int:
        return 0 if self.table is None or parent.isValid() else len(self.table)

    def columnCount(self, parent: Index = NOTHING) -> int:
        return 0 if self.table is None or parent.isValid() else len(self.table.names)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if self.table is None or not index.isValid():
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self.table.text(index.row(), index.column())
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if self.table is None or role != Qt.ItemDataRole.DisplayRole:
            return None
        return self.table.names[section] if orientation == Qt.Orientation.Horizontal else str(section)


class NumbersView(QTableView):
    """A table of numbers: read, selected and copied, not changed."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.numbers = Numbers(self)
        self.setModel(self.numbers)
        self.setFont(mono())
        self.setAccessibleName(name)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setFont(mono())
            header.setHighlightSections(False)
        self.horizontalHeader().setDefaultSectionSize(QFontMetrics(mono()).horizontalAdvance(WIDEST))
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 4)

    def point(self, row: int) -> None:
        """Light one row, and scroll to it; none where it is -1."""
        self.clearSelection()
        if 0 <= row < self.numbers.rowCount():
            self.selectRow(row)
            self.scrollTo(self.numbers.index(row, 0))


class InspectorView(QFrame):
    """What the pointer is on, in full; `Pin` keeps it."""

    intent = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._shown: Inspected | None = None
        self._filled: Inspected | None = None  # what stands in the labels and tables
        self._dock: QDockWidget | None = None
        title = QLabel("Inspector")
        title.setObjectName("heading")
        self.pin = QPushButton("Pin")
        self.pin.setObjectName("link")
        self.pin.setCheckable(True)
        self.pin.setToolTip("Stay on this cell  (Ctrl+I)")
        self.pin.clicked.connect(lambda: self.intent.emit(Pin()))
        self.copy = CopyButton("Copy", lambda: None if self._shown is None else self._shown.as_text())
        self.copy.setToolTip("All that stands here, numbers between tabs")
        head = QHBoxLayout()
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self.pin)
        head.addWidget(self.copy)
        box = QVBoxLayout(self)
        box.setContentsMargins(11, 7, 8, 6)
        box.setSpacing(4)
        box.addLayout(head)
        self._box = box
        self._laid_out = False

    def _lay_out(self) -> None:
        """Make what is below the heading, when somebody first sees it: a table takes longer to make than to fill."""
        self._laid_out = True
        self.said = QLabel()
        self.said.setObjectName("inspected")
        self.said.setWordWrap(True)
        self.said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.features = NumbersView("Features of the cell")
        self.after = QLabel()
        self.after.setObjectName("muted")
        self.states = NumbersView("States of the row after the step")
        self._box.addWidget(self.said)
        self._box.addWidget(self.features, 1)
        self._box.addWidget(self.after)
        self._box.addWidget(self.states, 2)
        self._box.addStretch(0)

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Show the cell, unless nobody sees it."""
        self._shown = scene.inspector
        self._fill()

    def showEvent(self, event: QShowEvent) -> None:
        """Show what was pointed at while nobody saw it; a dock behind another tab says itself when it comes to the
        front."""
        super().showEvent(event)
        dock: QWidget | None = self
        while dock is not None and not isinstance(dock, QDockWidget):
            dock = dock.parentWidget()
        if dock is not None and self._dock is None:
            self._dock = dock
            dock.visibilityChanged.connect(self._fill_soon)
        self._fill_soon()

    def _fill_soon(self) -> None:
        """Once the docks stand where they will: at a start, one is on top for a moment and then behind a tab."""
        QTimer.singleShot(0, self, self._fill)

    def _fill(self) -> None:
        shown = self._shown
        if shown is None or shown is self._filled or self.visibleRegion().isEmpty():
            return
        self._filled = shown
        if not self._laid_out:
            self._lay_out()
        self.said.setText("\n".join(shown.lines) or "Point at a cell, a state or a bar.")
        self.pin.setChecked(shown.pinned)
        self.pin.setText("Pinned" if shown.pinned else "Pin")
        self.pin.setEnabled(shown.batch is not None)
        self.copy.setEnabled(bool(shown.lines))
        for view, table in ((self.features, shown.features), (self.states, shown.states)):
            view.numbers.show_table(table)
            view.setVisible(table is not None)
        self.states.point(shown.place.unit)
        self.after.setText(shown.states_title)
        self.after.setVisible(bool(shown.states_title))
