"""Menus and keys, made from the table of commands: one QAction a command."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QLineEdit,
    QMainWindow,
    QMenu,
    QPlainTextEdit,
    QTextEdit,
)

from packviz.core.texts.quoting import in_line
from packviz.session.scene.resolve import Scene
from packviz.ui.commands.command import Command, device_commands
from packviz.ui.commands.keys import SETS, keys_of
from packviz.ui.commands.table import COMMANDS, MENUS

Key = Qt.Key
TYPING_KEYS = (
    Key.Key_Escape,
    Key.Key_Left,
    Key.Key_Right,
    Key.Key_Up,
    Key.Key_Down,
    Key.Key_Home,
    Key.Key_End,
    Key.Key_Space,
)
EDITING = (
    QKeySequence.StandardKey.Copy,
    QKeySequence.StandardKey.Paste,
    QKeySequence.StandardKey.Undo,
    QKeySequence.StandardKey.Redo,
)


class Menus(QObject):
    """The menu bar of a window, and the QActions of all commands, which also hold the keys.

    `intent` brings the action of a chosen command; `called` the method and argument of one that the window does.
    """

    intent = Signal(object)
    called = Signal(str, object)

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._scene: Scene | None = None
        self._devices: tuple[str, ...] = ()
        self.actions: dict[str, QAction] = {}
        self.commands: dict[str, Command] = {}
        self.menus: dict[str, QMenu] = {}
        self._groups: dict[str, int] = {}
        self.keys = "standard"
        for name in MENUS:
            self._menu(name)
        for command in COMMANDS:
            self._add(command)
        self.recent = QMenu("Recent files", window)
        self.menus["File"].insertMenu(self.actions["save_picture"], self.recent)

    def _menu(self, path: str) -> QMenu:
        if path in self.menus:
            return self.menus[path]
        parent, _, name = path.rpartition("/")
        menu = self._menu(parent).addMenu(name) if parent else self._window.menuBar().addMenu(f"&{name}")
        menu.setToolTipsVisible(True)
        self.menus[path] = menu
        return menu

    def _add(self, command: Command) -> None:
        home = command.menu.partition("/")[0]
        if self._groups.setdefault(home, command.group) != command.group:
            self.menus[home].addSeparator()
            self._groups[home] = command.group
        menu = self._menu(command.menu)
        title = menu.title().removeprefix("&")
        text = command.text.removeprefix(f"{title}: ").removeprefix(f"{title} ")
        action = QAction(text[:1].upper() + text[1:] if title in ("Theme", "Inputs", "Keys") else text, self._window)
        action.setShortcuts([QKeySequence(key) for key in keys_of(command, self.keys)])
        action.setCheckable(command.ticked is not None or command.own_tick)
        action.setToolTip(command.tip or command.text)
        action.setStatusTip(command.tip)
        action.triggered.connect(lambda: self.do(command.id))
        menu.addAction(action)
        self.actions[command.id], self.commands[command.id] = action, command

    def do(self, name: str) -> None:
        """Do the command of that id, as if it had been chosen from its menu."""
        command = self.commands[name]
        if command.action is None:
            self.called.emit(command.method, command.argument)
            return
        if self._scene is None or not self.possible(name):
            return
        action = command.action(self._scene)
        if action is not None:
            self.intent.emit(action)
        if command.ticked is not None:
            # Qt has turned the tick already; whether it is right only the next scene knows.
            self.actions[name].setChecked(command.ticked(self._scene))

    def possible(self, name: str) -> bool:
        """Whether the command can be done now."""
        enabled = self.commands[name].enabled
        return enabled is None or (self._scene is not None and enabled(self._scene))

    def text(self, name: str) -> str:
        """The command's name, as it is now."""
        command = self.commands[name]
        return command.label(self._scene) if command.label is not None and self._scene is not None else command.text

    def set_keys(self, chosen: str) -> None:
        """Take another set of keys."""
        self.keys = chosen
        for name, command in self.commands.items():
            self.actions[name].setShortcuts([QKeySequence(key) for key in keys_of(command, chosen)])
        for other in SETS:
            self.tick(f"keys.{other}", other == chosen)

    def tick(self, name: str, on: bool) -> None:
        """Set the tick of a command whose tick only the window knows."""
        self.actions[name].setChecked(on)

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """Follow the scene: ticks, texts, what can be done, the devices."""
        self._scene = scene
        same = last is not None and scene.controls is last.controls and scene.pointer is last.pointer
        if last is not None and same and scene.shelf is last.shelf and scene.calls is last.calls:
            return
        if scene.controls.devices != self._devices:
            self._set_devices(scene.controls.devices)
        for name, command in self.commands.items():
            action = self.actions[name]
            if command.enabled is not None:
                action.setEnabled(command.enabled(scene))
            if command.ticked is not None:
                action.setChecked(command.ticked(scene))
            if command.label is not None:
                action.setText(unmarked(command.label(scene)))

    def _set_devices(self, devices: tuple[str, ...]) -> None:
        for device in self._devices:
            self.commands.pop(f"device.{device}")
            self.actions.pop(f"device.{device}").deleteLater()
        self._devices = devices
        for command in device_commands(devices):
            self._groups["Module"] = command.group
            self._add(command)

    def set_recent(self, paths: list[str], chosen: Callable[[str], None]) -> None:
        """Fill the list of recent files."""
        self.recent.clear()
        self.recent.setEnabled(bool(paths))
        for path in paths:
            action = self.recent.addAction(unmarked(in_line(path)))
            action.triggered.connect(lambda _=False, path=path: chosen(path))


def unmarked(text: str) -> str:
    """A text for a menu in which & is itself, and marks no key: names of files may hold it."""
    return text.replace("&", "&&")


class TypingKeys(QObject):
    """Leaves keys to the widget that has the focus, where they mean something there: text fields, buttons."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Claims the key for the widget before a shortcut gets it."""
        # The class first: all events come by here, and to make an enum of each one's type costs more than the rest.
        if not isinstance(event, QKeyEvent) or event.type() is not QEvent.Type.ShortcutOverride:
            return False
        if _means_something(watched, event):
            event.accept()
            return True
        return False


def _means_something(widget: QObject, event: QKeyEvent) -> bool:
    plain = not event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
    if isinstance(widget, QAbstractButton):
        return plain and event.key() == Key.Key_Space
    if isinstance(widget, QLineEdit | QAbstractSpinBox):
        writes = True
    elif isinstance(widget, QPlainTextEdit | QTextEdit):
        writes = not widget.isReadOnly()
    else:
        return False
    if any(event.matches(key) for key in EDITING):
        return writes or event.matches(QKeySequence.StandardKey.Copy)
    if event.key() in TYPING_KEYS:
        return writes and event.key() is not None
    return writes and plain and bool(event.text()) and event.text().isprintable()
