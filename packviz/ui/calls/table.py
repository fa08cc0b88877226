"""The list of calls as a table: of ten thousand, only those in view are put into words."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QIcon, QMouseEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from packviz.core.calls.choosing import Column
from packviz.core.calls.words import not_kept, said, told
from packviz.core.findings import Severity
from packviz.core.look.colour import DARK, Theme
from packviz.core.noted import NotedCall
from packviz.session.scene.calls import CallsPart
from packviz.ui.cards.severity_mark import SIZE, severity_mark
from packviz.ui.look.theme import qcolour

Index = QModelIndex | QPersistentModelIndex

HEADS: dict[Column, tuple[str, str, int]] = {
    "number": ("call", "Which one of all calls of the program", 80),
    "site": ("where", "The file and the line that made it", 124),
    "found": ("found", "What was found in it, the worst first", 164),
    "shape": ("shape", "B × T × F", 112),
    "lengths": ("lengths", "The shortest and the longest", 84),
    "padding": ("padding", "The share of its cells that are padding", 64),
    "call": ("function", "What was called", 176),
    "outcome": ("outcome", "What came of it in the program", 300),
}
"""Each column with its head, what that means, and its width in pixels at first."""
COLUMNS: tuple[Column, ...] = tuple(HEADS)
NUMBERS = ("number", "lengths", "padding")
LINE = 22
FEWEST = 6  # lines, with the head, before what stands above gets less room


class CallsModel(QAbstractTableModel):
    """The calls that a part lists. Those whose batch was not kept are dimmed, and can't be chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.part = CallsPart()
        self.set_theme(DARK)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._dim = QBrush(qcolour(theme, "muted"))
        self._marks = {severity: severity_mark(severity, theme) for severity in Severity}
        self._none = QIcon()

    def set(self, part: CallsPart) -> bool:
        """Show this part; whether other calls are listed, or in another order."""
        old, self.part = self.part, part
        if old.places is part.places and old.calls is part.calls:
            return False
        self.beginResetModel()
        self.endResetModel()
        return True

    def call_at(self, row: int) -> NotedCall:
        """The call in a row of the list."""
        return self.part.calls[int(self.part.places[row])]

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.part.places)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        head, tip, _ = HEADS[COLUMNS[section]]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(COLUMNS[section])
        return {Qt.ItemDataRole.DisplayRole: head, Qt.ItemDataRole.ToolTipRole: tip}.get(Qt.ItemDataRole(role))

    def flags(self, index: Index) -> Qt.ItemFlag:
        kept = index.isValid() and self.call_at(index.row()).kept
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable if kept else Qt.ItemFlag.NoItemFlags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        call, column = self.call_at(index.row()), COLUMNS[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return said(call, column)
            case Qt.ItemDataRole.ToolTipRole:
                return told(call)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _side(column)
            case Qt.ItemDataRole.ForegroundRole:
                return None if call.kept else self._dim
            case Qt.ItemDataRole.DecorationRole:
                if column != "number":
                    return None
                return self._none if call.worst is None else self._marks[call.worst]
            case Qt.ItemDataRole.AccessibleTextRole:
                worst = f", {call.worst.value}" if column == "number" and call.worst is not None else ""
                return f"{said(call, column)}{worst}" + ("" if call.kept else f", {not_kept(call)}")
        return None


def _side(column: Column) -> Qt.AlignmentFlag:
    """Numbers stand at the right of their column."""
    side = Qt.AlignmentFlag.AlignRight if column in NUMBERS else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


class Ends(QStyledItemDelegate):
    """Paints what counts at both of its ends, as a file and its line: it is elided in its middle."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideMiddle


class CallsTable(QTableView):
    """The table. `chosen`: the number of a call that the user wants open. `ordered`: the column to sort by."""

    chosen = Signal(object)
    ordered = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.calls = CallsModel(self)
        self._shown = -1
        self.setObjectName("calls")
        self.setModel(self.calls)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setIconSize(QSize(SIZE, SIZE))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setAccessibleName("Calls of the recording")
        self.setMinimumHeight(LINE * FEWEST)
        down = self.verticalHeader()
        down.hide()
        down.setMinimumSectionSize(LINE)
        down.setDefaultSectionSize(LINE)
        down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        across = self.horizontalHeader()
        across.setStretchLastSection(True)
        across.setHighlightSections(False)
        across.setSectionsClickable(True)
        across.setSortIndicatorShown(True)
        across.sectionClicked.connect(lambda section: self.ordered.emit(COLUMNS[section]))
        self._ends = Ends(self)
        self.setItemDelegateForColumn(COLUMNS.index("site"), self._ends)
        for section, column in enumerate(COLUMNS):
            self.setColumnWidth(section, HEADS[column][2])

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.calls.set_theme(theme)
        self.viewport().update()

    def show_part(self, part: CallsPart, last: CallsPart | None) -> None:
        """Show the list, the call that is open chosen and in view; no wish of the user."""
        another = self.calls.set(part)
        if last is None or part.order != last.order:
            turned = part.order.reverse
            self.horizontalHeader().setSortIndicator(
                COLUMNS.index(part.order.by),
                Qt.SortOrder.DescendingOrder if turned else Qt.SortOrder.AscendingOrder,
            )
        if another or last is None or part.current != last.current:
            self._choose(part.listed(part.current))

    def _choose(self, row: int) -> None:
        self._shown = row
        index = self.calls.index(row, max(0, self.currentIndex().column())) if row >= 0 else QModelIndex()
        self.setCurrentIndex(index)
        if not index.isValid():
            self.clearSelection()
        else:
            self.scrollTo(self.calls.index(row, 0))

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        if current.isValid() and current.row() != self._shown:
            self._shown = current.row()
            self.chosen.emit(self.calls.call_at(current.row()).number)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and not self.calls.call_at(index.row()).kept:
            self.chosen.emit(self.calls.call_at(index.row()).number)  # what is asked for says why there is none
            return
        super().mousePressEvent(event)
