"""The lengths as a table: of each row its length, where its data ends, and what is wrong with it. What is typed is an
edit like any other: the findings follow, and an undo takes it back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QBrush, QGuiApplication, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from packviz.core.batch import Batch
from packviz.core.cells.evidence import gather
from packviz.core.cells.padding import padding_of
from packviz.core.findings import Finding, Severity
from packviz.core.look.colour import DARK, Theme
from packviz.core.texts.wording import count
from packviz.session.actions import GuessLengths, Redo, Select, SetLength, SetLengths, Undo
from packviz.session.scene.resolve import Scene
from packviz.ui.dialogs.entry import EntryError, parse_lengths
from packviz.ui.look.theme import qcolour

Index = QModelIndex | QPersistentModelIndex
HEADS = ("row", "length", "data ends", "what is wrong")
ROW, LENGTH, ENDS, WRONG = range(4)
TIPS = (
    "Its number in the batch",
    "Type another one, or paste a column",
    "The step after its last cell that is not the padding value",
    "What the findings say of it",
)


def wrong_of(findings: Iterable[Finding]) -> dict[int, str]:
    """What is wrong with each row, as the findings have it; notes are nothing wrong."""
    found: dict[int, list[str]] = {}
    for finding in findings:
        if finding.severity is Severity.NOTE:
            continue
        said = finding.title.partition(": ")[2] or finding.title
        for row in finding.rows:
            found.setdefault(row, []).append(said)
    return {row: "; ".join(said) for row, said in found.items()}


class LengthsModel(QAbstractTableModel):
    """The rows in the order that was chosen last. `typed`: a row of the batch, and the length that was typed for it."""

    typed = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lengths: NDArray[Any] = np.empty(0, dtype=np.int64)
        self.ends: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self.wrong: dict[int, str] = {}
        self.order: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self.theme = DARK
        self._by, self._turned = ROW, False

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.order)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.ToolTipRole:
            return TIPS[section]
        return HEADS[section] if role == Qt.ItemDataRole.DisplayRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        editable = index.column() == LENGTH and int(self.order[index.row()]) < len(self.lengths)
        return flags | Qt.ItemFlag.ItemIsEditable if editable else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = int(self.order[index.row()])
        if role == Qt.ItemDataRole.ForegroundRole and row in self.wrong and index.column() in (LENGTH, WRONG):
            return QBrush(qcolour(self.theme, "error"))
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() != WRONG:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self._value(row, index.column())
        return self._value(row, WRONG) if role == Qt.ItemDataRole.ToolTipRole and index.column() == WRONG else None

    def _value(self, row: int, column: int) -> Any:
        match column:
            case 0:
                return row
            case 1:
                return self.lengths[row].item() if row < len(self.lengths) else None
            case 2:
                return int(self.ends[row]) if row < len(self.ends) else None
            case _:
                return self.wrong.get(row, "")

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or index.column() != LENGTH:
            return False
        try:
            length = int(value)
        except (TypeError, ValueError):
            return False
        self.typed.emit(int(self.order[index.row()]), length)
        return True

    def show_lengths(self, lengths: NDArray[Any], ends: NDArray[np.int64], wrong: dict[int, str]) -> None:
        """Other lengths, (n,), ends of the data, (B,), or findings. While there are as many rows, they stay where they
        stand: nothing jumps away from under what was typed."""
        rows = max(len(lengths), len(ends))
        another = rows != len(self.order)
        if another:
            self.beginResetModel()
        self.lengths, self.ends, self.wrong = lengths, ends, wrong
        if another:
            self.order = np.arange(rows)
            self.endResetModel()
        elif rows:
            self.dataChanged.emit(self.index(0, 0), self.index(rows - 1, WRONG))

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By any of the columns; what is wrong first, then what is not."""
        rows = np.arange(len(self.order))
        if column == LENGTH:
            keys = np.full(len(rows), np.inf)
            keys[: len(self.lengths)] = self.lengths.real
        elif column == ENDS:
            keys = np.full(len(rows), np.inf)
            keys[: len(self.ends)] = self.ends
        elif column == WRONG:
            keys = np.array([row not in self.wrong for row in rows.tolist()], dtype=float)
        else:
            keys = rows.astype(float)
        self.layoutAboutToBeChanged.emit()
        found, before = np.argsort(keys, kind="stable"), self.order
        self.order = found if order is Qt.SortOrder.AscendingOrder else found[::-1].copy()
        places = np.argsort(self.order)  # of each row
        for index in self.persistentIndexList():  # the current line stays that of its row
            self.changePersistentIndex(index, self.index(int(places[before[index.row()]]), index.column()))
        self.layoutChanged.emit()


class LengthsTable(QTableView):
    """Ctrl+V puts a column in, from the current line down, as the rows stand. `pasted`: {row of the batch: length}."""

    pasted = Signal(object)
    refused = Signal(str)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not event.matches(QKeySequence.StandardKey.Paste):
            super().keyPressEvent(event)
            return
        model, first = self.model(), max(self.currentIndex().row(), 0)
        assert isinstance(model, LengthsModel)
        try:
            values = parse_lengths(QGuiApplication.clipboard().text())
        except EntryError as error:
            self.refused.emit(str(error))
            return
        rows = model.order[first : first + len(values)].tolist()
        if len(values) > len(rows):
            held, there = count(len(values), "length"), count(len(rows), "row")
            self.refused.emit(f"The clipboard holds {held}, but from here on there are {there}.")
            return
        self.pasted.emit(dict(zip(rows, values, strict=True)))


class LengthsDialog(QDialog):
    """A window beside the other one, which follows the scene while it is open."""

    intent = Signal(object)
    text_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Lengths")
        self._batch: Batch | None = None
        self._ends_of: tuple[Any, ...] = ()
        self._ends: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self.model = LengthsModel(self)
        self.table = LengthsTable()
        self.table.setModel(self.model)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(ROW, Qt.SortOrder.AscendingOrder)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setAccessibleName("Lengths, a row each")
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(24)
        self.table.horizontalHeader().setSectionResizeMode(WRONG, QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setHighlightSections(False)
        self.sentence = QLabel()
        self.sentence.setObjectName("muted")
        self.sentence.setWordWrap(True)
        self.model.typed.connect(lambda row, length: self.intent.emit(SetLength(row, length)))
        self.table.pasted.connect(self._paste)
        self.table.refused.connect(self.say)
        self.table.selectionModel().currentRowChanged.connect(self._choose)
        buttons = QHBoxLayout()
        for text, slot in (
            ("Guess from the padding", lambda: self.intent.emit(GuessLengths())),
            ("As text…", self.text_asked.emit),
            ("Copy", self._copy),
            ("Close", self.close),
        ):
            button = QPushButton(text)
            button.setAutoDefault(False)
            button.clicked.connect(slot)
            buttons.addWidget(button)
        buttons.insertStretch(3, 1)
        for key, action in ((QKeySequence.StandardKey.Undo, Undo()), (QKeySequence.StandardKey.Redo, Redo())):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.activated.connect(lambda action=action: self.intent.emit(action))
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 12, 14, 12)
        box.setSpacing(8)
        box.addWidget(self.table)
        box.addWidget(self.sentence)
        box.addLayout(buttons)
        self.resize(560, 520)

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Follow the scene: lengths, findings, the selected row."""
        self.set_theme(scene.theme)
        batch, found = scene.controls.batch, scene.findings
        if batch is None:
            self.close()
            return
        if batch is not self._batch or last is None or found is not last.findings:
            of = (batch.x, padding_of(batch), batch.call.batch_first)
            if len(self._ends_of) != 3 or of[0] is not self._ends_of[0] or of[1:] != self._ends_of[1:]:
                self._ends_of, self._ends = of, gather(batch).data_end
            self._batch = batch
            self.model.show_lengths(batch.lengths, self._ends, wrong_of(found.cards))
            wrong = len(self.model.wrong)
            said = f"{count(batch.rows, 'row')} of at most {count(batch.steps, 'step')}"
            self.say(found.summary if found.checking else f"{said}, {wrong} with something wrong" if wrong else said)
        if last is None or scene.pointer.row != last.pointer.row:
            self._show(scene.pointer.row)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.model.theme = theme

    def say(self, text: str) -> None:
        """A sentence under the table."""
        self.sentence.setText(text)

    def _show(self, row: int) -> None:
        """Bring a row of the batch into view; no wish of the user."""
        places = np.flatnonzero(self.model.order == row)
        current = self.table.currentIndex()
        if len(places) and current.row() != places[0]:
            column = LENGTH if current.column() < 0 else current.column()
            self.table.setCurrentIndex(self.model.index(int(places[0]), column))

    def _choose(self, current: Index, before: Index) -> None:
        if current.isValid():
            self.intent.emit(Select(int(self.model.order[current.row()])))

    def _paste(self, values: dict[int, int]) -> None:
        batch = self._batch
        if batch is None:
            return
        lengths = batch.counts.tolist()
        lengths += [1] * (1 + max(values) - len(lengths))
        for row, length in values.items():
            lengths[row] = length
        self.intent.emit(SetLengths(tuple(lengths)))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(map(str, self.model.lengths.tolist())))
        self.say(f"Copied {count(len(self.model.lengths), 'length')}, a line each.")
