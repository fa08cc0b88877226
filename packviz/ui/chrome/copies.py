"""What is taken out of a window: the selection as text, on the clipboard, and the window as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from packviz.core.writing import write_whole
from packviz.session.store import Session
from packviz.ui.chrome.opening import Opening
from packviz.ui.commands.copying import cell_as_typed, row_as_typed
from packviz.ui.picture import png_of

if TYPE_CHECKING:
    from packviz.ui.window import Window

MOST_SAID = 80


class Copies(QObject):
    """Says in the status bar of the window what was copied or written."""

    def __init__(self, window: Window, session: Session, opening: Opening) -> None:
        super().__init__(window)
        self._window, self._session, self._opening = window, session, opening

    def copy_cell(self) -> None:
        """Copy the selected cell as it would be typed."""
        self.put(cell_as_typed(self._session.scene))

    def copy_row(self) -> None:
        """Copy the selected row as a list."""
        self.put(row_as_typed(self._session.scene))

    def put(self, text: str) -> None:
        """Copy a text, and say so; an empty one is not copied."""
        if text:
            QGuiApplication.clipboard().setText(text)
            self._window.say(f"Copied {text if len(text) <= MOST_SAID else text[:MOST_SAID] + '…'}")

    def save_picture(self) -> None:
        """Ask for a name and write the window as a picture."""
        path = self._opening.choose_picture()
        if path:
            try:
                write_whole(Path(path), png_of(self._window.grab().toImage()))
            except OSError:
                self._window.say(f"{path} can't be written: choose another folder.")
            else:
                self._window.say(f"Written: {path}")
