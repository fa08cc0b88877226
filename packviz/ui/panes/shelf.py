"""The batches that are open, as a list to walk through: the name of each, its size, the worst finding known of it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QIcon, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from packviz.core.findings import Severity
from packviz.core.look.colour import DARK, Theme
from packviz.session.actions import Close, GoTo
from packviz.session.scene.resolve import Scene
from packviz.session.scene.shelf import Shelf, ShelfEntry
from packviz.ui.cards.severity_mark import SIZE, severity_mark
from packviz.ui.look.lettering import as_it_is
from packviz.ui.look.theme import qcolour, sans

LINE = 40  # pixels of a batch: its name, and its size below
PAD = 8
Index = QModelIndex | QPersistentModelIndex
ENTRY = Qt.ItemDataRole.UserRole


class ShelfModel(QAbstractListModel):
    """The entries of a shelf. Another shelf of as many entries changes only those that differ."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entries: tuple[ShelfEntry, ...] = ()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 # Qt's own default
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry = self.entries[index.row()]
        if role == ENTRY:
            return entry
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            found = entry.worst.value if entry.worst else "" if entry.checked else "not checked yet"
            return f"{entry.name}, {entry.size}{f', {found}' if found else ''}"
        return as_it_is(entry.name) if role == Qt.ItemDataRole.ToolTipRole else None

    def set(self, entries: tuple[ShelfEntry, ...]) -> None:
        """Show these."""
        old, self.entries = self.entries, entries
        if len(old) != len(entries):
            self.beginResetModel()
            self.endResetModel()
            return
        for row, (was, entry) in enumerate(zip(old, entries, strict=True)):
            if was is not entry and was != entry:
                self.dataChanged.emit(self.index(row), self.index(row))


class ShelfLine(QStyledItemDelegate):
    """Paints one batch: the mark of its worst finding, its name, elided in the middle, and its size. Of a call
    the name is its number and its site, which would not be told apart behind a long name of the recording."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._marks: dict[Severity, QIcon] = {}

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._marks = {severity: severity_mark(severity, theme) for severity in Severity}

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, LINE)

    def paint(self, p: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry: ShelfEntry = index.data(ENTRY)
        rect = option.rect
        state = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        p.save()
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(qcolour(self._theme, "selection", 255 if chosen else 120))
            p.drawRoundedRect(rect.adjusted(0, 1, 0, -1), 6, 6)
        if entry.worst is not None and entry.worst in self._marks:
            self._marks[entry.worst].paint(p, rect.x() + PAD, rect.y() + 5, SIZE, SIZE)
        if not entry.checked:
            p.setPen(qcolour(self._theme, "muted"))
            p.drawText(rect.x() + PAD, rect.y() + 5, SIZE, SIZE, Qt.AlignmentFlag.AlignCenter, "…")
        text = rect.adjusted(PAD + SIZE + 6, 3, -PAD, -3)
        font = sans(13, bold=chosen)
        p.setFont(font)
        p.setPen(qcolour(self._theme, "text"))
        name = QFontMetrics(font).elidedText(entry.short or entry.name, Qt.TextElideMode.ElideMiddle, text.width())
        p.drawText(text, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, name)
        p.setFont(sans(11))
        p.setPen(qcolour(self._theme, "muted"))
        p.drawText(text, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, entry.size)
        p.restore()


class ShelfView(QFrame):
    """The list. A click or the arrow keys show another batch; Delete takes it off the list."""

    intent = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        title = QLabel("Batches")
        title.setObjectName("heading")
        self.told = QLabel()
        self.told.setObjectName("small")
        head = QHBoxLayout()
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self.told)
        self.model, self.line = ShelfModel(), ShelfLine()
        self.list = ShelfList()
        self.list.setModel(self.model)
        self.list.setItemDelegate(self.line)
        self.list.chosen.connect(lambda place: self.intent.emit(GoTo(place)))
        self.list.closed.connect(lambda place: self.intent.emit(Close(place)))
        box = QVBoxLayout(self)
        box.setContentsMargins(11, 9, 8, 9)
        box.addLayout(head)
        box.addWidget(self.list)

    def minimumSizeHint(self) -> QSize:
        return QSize(150, 120)

    def sizeHint(self) -> QSize:
        return QSize(210, 300)

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Show the list of the scene, the open batch chosen and in view."""
        if last is None or scene.theme is not last.theme:
            self.line.set_theme(scene.theme)
            self.list.viewport().update()
        if last is None or scene.shelf is not last.shelf:
            self._show(scene.shelf)

    def _show(self, shelf: Shelf) -> None:
        self.told.setText(shelf.told)
        self.model.set(shelf.entries)
        self.list.show_current(self.model.index(shelf.open) if shelf.entries else QModelIndex())


class ShelfList(QListView):
    """Rows that are painted. `chosen`, `closed`: the place of the batch that the user wants shown, or taken away."""

    chosen = Signal(int)
    closed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("shelf")
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Batches that are open")
        self._shown = QModelIndex()

    def show_current(self, index: QModelIndex) -> None:
        """Choose a row and bring it into view; no wish of the user."""
        self._shown = index
        self.setCurrentIndex(index)
        if index.isValid():
            self.scrollTo(index)

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        if current.isValid() and current.row() != self._shown.row():
            self.chosen.emit(current.row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete and self.currentIndex().isValid():
            self.closed.emit(self.currentIndex().row())
            return
        super().keyPressEvent(event)
