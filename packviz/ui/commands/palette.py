"""Every command by name: type some letters of it, go up and down, press Enter."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from packviz.ui.commands.menus import Menus

LINE = 28


@dataclass(frozen=True)
class Entry:
    """One line of the palette."""

    id: str
    text: str
    keys: str
    possible: bool


def score(query: str, text: str) -> float | None:
    """How well the letters of the query, in their order, are found in the text: lower is better; None: not at all."""
    letters, name = "".join(query.lower().split()), text.lower()
    if not letters:
        return 0.0
    found = name.find(query.lower().strip())
    if found >= 0:
        return found / 100 - 100 - (20 if found == 0 or not name[found - 1].isalnum() else 0)
    at, total, before = -1, 0.0, -1
    for letter in letters:
        at = name.find(letter, at + 1)
        if at < 0:
            return None
        starts = at == 0 or not name[at - 1].isalnum()
        total += 0.0 if at == before + 1 else 1.0 if starts else 3.0 + at / 50
        before = at
    return total


class CommandPalette(QFrame):
    """A pop-up at the top of the window. `chosen` brings the id of a command."""

    chosen = Signal(str)

    def __init__(self, menus: Menus, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("popup")
        self._menus = menus
        self._entries: list[Entry] = []
        self.field = QLineEdit()
        self.field.setPlaceholderText("What do you want to do?")
        self.field.textChanged.connect(self._filter)
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self._take)
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 8, 8, 8)
        box.addWidget(self.field)
        box.addWidget(self.list)

    def open_over(self, window: QWidget) -> None:
        """Show it at the top of a window, empty."""
        menus = self._menus
        self._entries = [
            Entry(name, _full(menus, name), _keys(command.keys), menus.possible(name))
            for name, command in menus.commands.items()
            if name != "palette"
        ]
        width = min(560, window.width() - 40)
        self.setFixedSize(width, min(420, window.height() - 80))
        self.move(window.mapToGlobal(window.rect().topLeft()).x() + (window.width() - width) // 2, window.y() + 60)
        self.field.clear()
        self._filter("")
        self.show()
        self.field.setFocus()

    def _filter(self, query: str) -> None:
        ranked = [(score(query, entry.text), i, entry) for i, entry in enumerate(self._entries)]
        hits = sorted((s, i, entry) for s, i, entry in ranked if s is not None)
        self.list.clear()
        for _, _, entry in hits:
            item = QListWidgetItem(self.list)
            item.setData(Qt.ItemDataRole.UserRole, entry.id)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, entry.text)
            line = _line(entry)
            item.setSizeHint(QSize(0, LINE))
            self.list.setItemWidget(item, line)
        self.list.setCurrentRow(0)

    def shown(self) -> list[str]:
        """The ids of the commands in the list, best first."""
        return [self.list.item(i).data(Qt.ItemDataRole.UserRole) for i in range(self.list.count())]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up, down, page up and down move in the list, Enter takes, while the field keeps the focus."""
        if event.type() is not QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        moves = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -8, Qt.Key.Key_PageDown: 8}
        key = Qt.Key(event.key())
        if key in moves:
            last = self.list.count() - 1
            self.list.setCurrentRow(max(0, min(last, self.list.currentRow() + moves[key])))
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take(self.list.currentItem())
            return True
        return False

    def _take(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        name = item.data(Qt.ItemDataRole.UserRole)
        self.hide()
        self.chosen.emit(name)


def _full(menus: Menus, name: str) -> str:
    """`Samples: The first batch`: the name, with its menu where the name alone would not tell."""
    command = menus.commands[name]
    home = command.menu.rpartition("/")[2]
    text = menus.text(name)
    if name.startswith("part."):
        return f"Show or hide: {text}"
    return f"{home[:-1] if home == 'Samples' else home}: {text}" if home in ("Samples", "Batch") else text


def _keys(keys: tuple[str, ...]) -> str:
    return "  ".join(QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in keys)


def _line(entry: Entry) -> QWidget:
    line = QWidget()
    row = QHBoxLayout(line)
    row.setContentsMargins(8, 0, 8, 0)
    text, keys = QLabel(entry.text), QLabel(entry.keys)
    keys.setObjectName("small")
    text.setEnabled(entry.possible)
    row.addWidget(text, 1)
    row.addWidget(keys)
    return line
