"""Ways in for batches and weights: files chosen, dropped or opened before, text pasted or dropped."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from packviz.files.opened import is_file
from packviz.session.actions import Load, Say
from packviz.session.document import Documents
from packviz.session.loads import LoadRequest, WeightsRequest
from packviz.session.state import Message
from packviz.ui.chrome.remembered import Remembered
from packviz.ui.commands.command import next_serial

MOST_RECENT = 10


class Opening(QObject):
    """Turns what the user gives into loads. `intent` brings the actions, `recent_changed` the list of recent files.

    What says no options of its own is read with torch's defaults, as everywhere.
    """

    intent = Signal(object)
    recent_changed = Signal(list)

    def __init__(self, window: QWidget, remembered: Remembered) -> None:
        super().__init__(window)
        self._window = window
        self._remembered = remembered
        self._folder = remembered.text("folder")
        self._asked: list[str] = []  # paths that may open yet

    # ---- files -----------------------------------------------------------------------------------------------------

    def choose_file(self) -> None:
        """Ask for files with batches, and open them."""
        from packviz.files.registry import file_filter  # with all the formats: not before they are wanted

        paths, _ = QFileDialog.getOpenFileNames(self._window, "Open batches", self._folder, file_filter())
        self.open_paths(*paths)

    def open_paths(self, *paths: str) -> None:
        """Open files with batches: several as a list to walk through."""
        if not paths:
            return
        self._go_to(paths[0])
        self.expect(*paths)
        self.intent.emit(Load(LoadRequest(next_serial(), paths=paths)))

    def expect(self, *paths: str) -> None:
        """Somebody has asked for these files: those that open are recent ones from then on."""
        self._asked += [path for path in paths if path not in self._asked]

    def choose_weights(self) -> None:
        """Ask for a state_dict, and load the weights of the module from it."""
        from packviz.files.weights import weights_filter

        path, _ = QFileDialog.getOpenFileName(self._window, "Load weights", self._folder, weights_filter())
        if path:
            self._go_to(path)
            self.intent.emit(Load(WeightsRequest(next_serial(), path)))

    def choose_picture(self) -> str:
        """Ask where to write a picture; nothing where none was chosen."""
        path, _ = QFileDialog.getSaveFileName(self._window, "Save picture", "packviz.png", "Pictures (*.png)")
        return path if not path or Path(path).suffix else f"{path}.png"

    def choose_session(self, shown: str) -> tuple[str, bool]:
        """Ask where to save the open work; nothing where nowhere was chosen. `shown`: what is open. And whether there
        is such a file, of which somebody has been asked whether it may be replaced."""
        stem = Path(shown.rpartition(": ")[2].partition("[")[0].partition(" (")[0]).stem or "session"
        beside = free_session(Path(self._folder), stem)
        path, _ = QFileDialog.getSaveFileName(self._window, "Save session", str(beside), "Sessions (*.packviz)")
        if path:
            self._go_to(path)
        if path and not Path(path).suffix:
            return f"{path}.packviz", False  # nobody was asked about that one
        return path, bool(path) and is_file(path)

    # ---- pastes and drops ------------------------------------------------------------------------------------------

    def paste(self) -> None:
        """Open what is on the clipboard."""
        data = QGuiApplication.clipboard().mimeData()
        if data is None or not self.takes(data):
            text = "There is no text on the clipboard: copy nested lists, a printed tensor or table cells first."
            self.intent.emit(Say(Message(text, bad=True)))
            return
        self.take(data)

    def takes(self, data: QMimeData) -> bool:
        """Whether this can be opened: one local file or more, or text."""
        return any(url.isLocalFile() for url in data.urls()) or (data.hasText() and bool(data.text().strip()))

    def take(self, data: QMimeData) -> None:
        """Open the files, or the text."""
        paths = [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
        if paths:
            self.open_paths(*paths)
        else:
            self.intent.emit(Load(LoadRequest(next_serial(), text=data.text())))

    # ---- recent files ----------------------------------------------------------------------------------------------

    def recent(self) -> list[str]:
        """The files opened lately, newest first."""
        return self._remembered.texts("recent")[:MOST_RECENT]

    def note(self, documents: Documents, session: str) -> None:
        """Of the files that were asked for, those that have opened, or were saved, are the recent ones."""
        if not self._asked:
            return
        names = {session, *(document.batch.source.name for document in documents.all)}
        opened = [path for path in self._asked if path in names]
        if not opened:
            return
        self._asked.clear()
        opened = [str(Path(path).absolute()) for path in opened]  # as another start in another folder finds them
        paths = [*opened, *(old for old in self.recent() if old not in opened)][:MOST_RECENT]
        self._remembered.put("recent", paths)
        self.recent_changed.emit(paths)

    def _go_to(self, path: str) -> None:
        """The folder in which the next dialog begins."""
        self._folder = str(Path(path).parent)
        self._remembered.put("folder", self._folder)


def free_session(folder: Path, stem: str) -> Path:
    """What to call a session there: as what is open, unless a file is called so already, such as a recording of which a
    call is open."""
    names = (f"{stem}.packviz", *(f"{stem}-session{number}.packviz" for number in ("", *range(2, 100))))
    return next((path for name in names if not (path := folder / name).exists()), folder / names[0])
