"""The help page: every command with its keys, made from the table, the mouse, and the words of the window."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from packviz.core.look.colour import Theme
from packviz.ui.commands.command import Command
from packviz.ui.commands.keys import keys_of
from packviz.ui.commands.table import COMMANDS, MENUS
from packviz.ui.dialogs.buttons import buttons_of

MOUSE = (
    ("click a cell", "select its row and go to its step; the heading of a row selects it, that of a step goes there"),
    ("Shift and a click, Ctrl and a click", "select from the current cell to this one; one more row, or one less"),
    ("double click", "zoom to the cell; on a heading, give its pane all the room"),
    ("drag the heading of a panel, or the strip above it", "move the panel; resize it"),
    ("right click", "what can be done with the cell, the row or the step"),
    ("click beside a step's number", "set or clear a breakpoint on that step, as a middle click on a cell does"),
    (
        "arrow keys in a pane",
        "the next cell, row or step, as they lie on the screen, with Shift selecting; Enter zooms to the cell",
    ),
    ("drag the end of a row", "change its length; a double click on its heading, or a digit, types it over the number"),
    ("wheel", "zoom about the pointer; with Ctrl only along time, with Shift only across"),
    ("drag", "move what is shown"),
    ("drag the slider", "go to a step; a double click sets a breakpoint"),
    ("drop a file or text", "open it as a batch"),
    ("click in the strip over all calls", "open the call there, or the nearest one whose batch was kept"),
)
WORDS = (
    ("row", "one sequence of the batch, numbered as in the batch"),
    ("step, t", "one time step, from 0"),
    ("cell", "one row at one step"),
    ("packed index k", "the position of a cell in the packed data"),
    ("sorted row", "the position of a row in the packed order"),
    ("active at t", "a row whose length is greater than t"),
    ("ended", "a row whose length is at most t: its state is final"),
    ("padding", "the cells of x from the length on"),
    ("padding value", "what fills them, 0 unless said otherwise"),
    ("finding", "one thing that the checks have to say"),
    (
        "shown by a program",
        "sent by packviz.show(x, lengths) to the window used last; the newest 50 stay, and those that were changed",
    ),
    ("recording, call", "what was noted of a program, and one packing or recurrent call in it, with its site"),
)


def help_html(theme: Theme, keys: str = "standard") -> str:
    """The page, in the colours of a theme; `keys`: the set of keys that is chosen."""
    parts = ["<h2>Keys and commands</h2>"]
    for menu in sorted(MENUS, key=lambda menu: menu != "Step"):
        mine = [c for c in COMMANDS if c.menu.split("/")[0] == menu and not c.menu.endswith("/Samples")]
        parts.append(_table(menu, [(_keys(c, keys), _what(c)) for c in mine], theme))
    parts.append(_table("Mouse", MOUSE, theme))
    parts.append(_table("Words", WORDS, theme))
    parts.append(_table("Samples", [(c.text, c.tip) for c in COMMANDS if c.menu.endswith("/Samples")], theme))
    return "".join(parts)


def _what(command: Command) -> str:
    home = command.menu.rpartition("/")[2] if "/" in command.menu else ""
    text = f"{home}: {command.text}" if home == "Samples" else command.text
    return f"{text.rstrip('…?')}: {command.tip}" if command.tip else text


def _keys(command: Command, chosen: str) -> str:
    native = QKeySequence.SequenceFormat.NativeText
    return ", ".join(QKeySequence(key).toString(native) for key in keys_of(command, chosen))


def _table(title: str, lines: list[tuple[str, str]] | tuple[tuple[str, str], ...], theme: Theme) -> str:
    rows = "".join(
        f'<tr><td width="190" style="color:{theme.accent}">{escape(left)}</td><td>{escape(right)}</td></tr>'
        for left, right in lines
    )
    return f'<h3>{escape(title)}</h3><table cellpadding="3">{rows}</table>'


class HelpDialog(QDialog):
    """The page in a window of its own."""

    def __init__(self, theme: Theme, parent: QWidget | None = None, keys: str = "standard") -> None:
        super().__init__(parent)
        self.setWindowTitle("packviz: keys and commands")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.page = QTextBrowser()
        self.page.setHtml(help_html(theme, keys))
        buttons = buttons_of(self, QDialogButtonBox.StandardButton.Close)
        box = QVBoxLayout(self)
        box.addWidget(self.page)
        box.addWidget(buttons)
        self.resize(680, 640)
