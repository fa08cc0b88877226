"""The array view: every feature of the selected cells, a line a cell, in a number format of one's own, to be copied."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush, QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QLineEdit, QPushButton, QTableView, QVBoxLayout, QWidget

from packviz.core.batch import Batch
from packviz.core.look.colour import DARK, Theme
from packviz.core.texts.wording import count
from packviz.session.cursor import Block
from packviz.session.scene.numbers import full
from packviz.session.scene.resolve import Scene
from packviz.ui.look.theme import mono, qcolour, rename

Index = QModelIndex | QPersistentModelIndex
MOST_COPIED = 1_000_000
"""Numbers that are copied at once."""


def formatted(value: Any, form: str) -> str:
    """A number in Python's format language, `.3f` or `6.2e`; all its digits where that is empty. Raises ValueError."""
    return format(value.item(), form) if form else full(value)


class ArrayModel(QAbstractTableModel):
    """The cells of a block, row by row, (rows × steps, F). Nothing is copied; a number is written when it is seen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.batch: Batch | None = None
        self.block = Block((), 0, -1)
        self.form = ""
        self.theme: Theme = DARK

    def show_block(self, batch: Batch | None, block: Block) -> None:
        """Other cells."""
        self.beginResetModel()
        self.batch, self.block = batch, block
        self.endResetModel()

    def set_form(self, form: str) -> None:
        """Write the numbers another way."""
        self.form = form
        if self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if self.batch is None or (parent is not None and parent.isValid()) else self.block.cells

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if self.batch is None or (parent is not None and parent.isValid()) else self.batch.feature_count

    def place(self, line: int) -> tuple[int, int]:
        """The row and the step of a line."""
        row, step = divmod(line, self.block.last - self.block.first + 1)
        return self.block.rows[row], self.block.first + step

    def values(self, line: int) -> NDArray[Any]:
        """All features of a cell, (F,)."""
        assert self.batch is not None
        row, step = self.place(line)
        return np.asarray(self.batch.grid[row, step]).reshape(-1)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if self.batch is None:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ForegroundRole:
            row, step = self.place(index.row())
            ends = self.batch.row_lengths
            padding = row < len(ends) and step >= ends[row]
            return QBrush(qcolour(self.theme, "muted" if padding else "text"))
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            value = self.values(index.row())[index.column()]
            return formatted(value, self.form) if role == Qt.ItemDataRole.DisplayRole else full(value)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role != Qt.ItemDataRole.DisplayRole or self.batch is None:
            return None
        if orientation is Qt.Orientation.Vertical:
            row, step = self.place(section)
            return f"{row}, t{step}"
        features = self.batch.features
        at = np.unravel_index(section, features) if len(features) > 1 else (section,)
        return ", ".join(str(int(n)) for n in at) if features else "x"

    def as_text(self) -> str:
        """All of it, numbers between tabs."""
        lines = range(min(self.rowCount(), MOST_COPIED // max(1, self.columnCount())))
        return "\n".join("\t".join(formatted(value, self.form) for value in self.values(line)) for line in lines)


class ArrayDialog(QDialog):
    """A window beside the other one, which follows the selection while it is open."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Array view")
        self.model = ArrayModel(self)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setFont(mono())
        self.table.setAccessibleName("Features of the selected cells")
        self.table.verticalHeader().setDefaultSectionSize(22)
        self.said = QLabel()
        self.said.setObjectName("muted")
        self.form = QLineEdit()
        self.form.setPlaceholderText("format: .3f, .2e, 8.4g")
        self.form.setAccessibleName("Number format")
        self.form.setToolTip("As Python's format() takes it; all digits where it is empty")
        self.form.setMaximumWidth(190)
        self.form.textEdited.connect(self._format)
        copy, close = QPushButton("Copy"), QPushButton("Close")
        copy.clicked.connect(self._copy)
        close.clicked.connect(self.close)
        row = QHBoxLayout()
        row.addWidget(self.said, 1)
        for widget in (self.form, copy, close):
            row.addWidget(widget)
        for button in (copy, close):
            button.setAutoDefault(False)
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 12, 14, 12)
        box.addWidget(self.table)
        box.addLayout(row)
        self.resize(720, 460)

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Follow the selection."""
        self.model.theme = scene.theme
        batch, block = scene.controls.batch, scene.pointer.block
        if batch is None or batch.x.ndim < 2 or not batch.x.size:
            self.model.show_block(None, Block((), 0, -1))
            self.said.setText("There are no cells to show.")
            return
        whole = block or Block((scene.pointer.row,), 0, batch.steps - 1)
        if last is None or batch is not self.model.batch or whole != self.model.block:
            self.model.show_block(batch, whole)
            self.said.setText(f"{whole} · {count(batch.feature_count, 'feature')} · {batch.dtype}")

    def _format(self, form: str) -> None:
        try:
            if self.model.rowCount():
                formatted(self.model.values(0)[0], form)
        except ValueError:
            rename(self.form, "bad")
            return
        rename(self.form, "")
        self.model.set_form(form)

    def _copy(self) -> None:
        text = self.model.as_text()
        QGuiApplication.clipboard().setText(text)
        self.said.setText(f"Copied {count(text.count(chr(10)) + 1 if text else 0, 'line')}, numbers between tabs.")
