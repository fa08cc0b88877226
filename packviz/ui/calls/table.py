"""The list of calls as a table: of ten thousand, only those in view are put into words."""

from __future__ import annotations

from math import ceil
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QFontMetricsF, QIcon, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
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
from packviz.core.calls.words import NONE_LISTED, not_kept, said, told
from packviz.core.findings import Severity
from packviz.core.look.colour import DARK, Theme
from packviz.core.noted import NotedCall
from packviz.session.scene.calls import CallsPart
from packviz.ui.calls.columns import Width, fitted
from packviz.ui.cards.severity_mark import SIZE, severity_mark
from packviz.ui.look.lettering import as_it_is
from packviz.ui.look.theme import qcolour

Index = QModelIndex | QPersistentModelIndex

HEADS: dict[Column, tuple[str, str]] = {
    "number": ("call", "Which one of all calls of the program"),
    "site": ("where", "The file and the line that made it"),
    "found": ("found", "What was found in it, the worst first"),
    "shape": ("shape", "B × T × F"),
    "lengths": ("lengths", "The shortest and the longest"),
    "padding": ("padding", "The share of its cells that are padding"),
    "call": ("function", "What was called"),
    "outcome": ("outcome", "What came of it in the program"),
}
"""Each column with its head, and what that means."""
COLUMNS: tuple[Column, ...] = tuple(HEADS)
NUMBERS = ("number", "lengths", "padding")
ENOUGH: dict[Column, int] = {"found": 22, "site": 12, "shape": 9, "outcome": 8, "call": 8}
"""Letters of each column that are enough to be read where there is little room; all of them, of the others."""
BESIDE, HEAD_BESIDE = 16, 18  # pixels beside a text, and beside a head
MARK = SIZE + 6  # pixels of the mark before a number
ARROW = 16  # pixels of a head, of the arrow that says what is sorted by
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
        self.dim = qcolour(theme, "muted")
        self._dim = QBrush(self.dim)
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
        head, tip = HEADS[COLUMNS[section]]
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
                return as_it_is(told(call))
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
        across.setHighlightSections(False)
        across.setSectionsClickable(True)
        across.setSortIndicatorShown(True)
        across.sectionClicked.connect(lambda section: self.ordered.emit(COLUMNS[section]))
        across.sectionResized.connect(self._sized)
        self._ends = Ends(self)
        self.setItemDelegateForColumn(COLUMNS.index("site"), self._ends)
        self._own: dict[Column, int] = {}  # the widths that somebody has chosen
        self._fitting = False

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
        if last is None or part.widest is not last.widest or part.order.by != last.order.by:
            self._fit()
        if another or last is None or part.current != last.current:
            self._choose(part.listed(part.current))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.calls.part.shown and not self.calls.rowCount():
            p = QPainter(self.viewport())
            p.setPen(self.calls.dim)
            around = self.viewport().rect().adjusted(BESIDE, 0, -BESIDE, 0)
            p.drawText(around, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.nothing)
            p.end()

    @property
    def nothing(self) -> str:
        """What stands in the place of the list where no call is in it."""
        return f"{NONE_LISTED}." if self.calls.part.calls else "It has no calls."

    # ---- the columns -----------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def _fit(self) -> None:
        """Show the columns that there is room for; a call's whole text is in its tip."""
        part = self.calls.part
        if self._fitting or not part.widest:
            return
        letter = QFontMetricsF(self.font()).horizontalAdvance("0")
        by = part.order.by
        widths = {column: self._own_width(column) or self._width(column, letter) for column in COLUMNS}
        self._fitting = True
        try:
            shown = fitted(self.viewport().width(), widths, (by,))
            for section, column in enumerate(COLUMNS):
                self.setColumnHidden(section, column not in shown)
                if column in shown:
                    self.setColumnWidth(section, shown[column])
        finally:
            self._fitting = False

    def _width(self, column: Column, letter: float) -> Width:
        arrow = ARROW if column == self.calls.part.order.by else 0
        head = ceil(len(HEADS[column][0]) * letter) + HEAD_BESIDE + arrow
        mark = MARK if column == "number" else 0
        letters = self.calls.part.widest[column]
        most = max(head, ceil(letters * letter) + BESIDE + mark)
        enough = max(head, ceil(min(letters, ENOUGH.get(column, letters)) * letter) + BESIDE + mark)
        return Width(enough, most)

    def _own_width(self, column: Column) -> Width | None:
        own = self._own.get(column)
        return None if own is None else Width(own, own, chosen=True)

    def _sized(self, section: int, before: int, now: int) -> None:
        """Somebody has dragged the end of a head: that column stays as wide, and the others have the rest."""
        if not self._fitting and before and now:  # 0 of one that is hidden
            self._own[COLUMNS[section]] = now
            self._fit()

    # ---- what is chosen --------------------------------------------------------------------------------------------

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
