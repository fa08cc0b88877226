"""The open work in its window: the title with its mark, saving it, and what becomes of it when the window is closed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from packviz.session.actions import Save
from packviz.session.saving import Conflict
from packviz.session.scene.resolve import Scene
from packviz.session.store import Session
from packviz.ui.chrome.autosave import Autosave
from packviz.ui.chrome.opening import Opening
from packviz.ui.chrome.remembered import Remembered

if TYPE_CHECKING:
    from packviz.ui.window import Window


class Work(QObject):
    """Saves the work of a window by hand, and keeps it by itself in the folder `kept`, None keeping nothing."""

    def __init__(self, window: Window, session: Session, opening: Opening, kept: Path | None) -> None:
        super().__init__(window)
        self._window, self._session, self._opening = window, session, opening
        self.autosave = Autosave(session, kept, self)
        self.autosave.intent.connect(session.apply)

    def draw(self, scene: Scene, last: Scene | None) -> None:
        """The title; and looks at what is to be kept."""
        work = scene.work
        if last is None or work is not last.work:
            shown = work.shown.replace("[*]", "[*][*]")  # as Qt wants a mark that is none
            self._window.setWindowTitle(f"{shown}[*] — packviz" if shown else "packviz[*]")
            self._window.setWindowModified(work.modified)
        self.autosave.follow()
        if last is None:
            return
        self._opening.note(self._session.state.documents, work.file)
        if work.saves != last.work.saves:
            self._window.say(f"Saved: {work.file}")
        if work.conflict is not None and work.conflict is not last.work.conflict:
            self._ask(work.conflict)

    def _ask(self, conflict: Conflict) -> None:
        """Whether it is to be saved all the same, or somewhere else."""
        from packviz.ui.dialogs.replacing import Replacing  # not before it is wanted

        again = Save(conflict.path, over=conflict.identity)
        self.replacing = Replacing(self._window, conflict, lambda: self._session.apply(again), self.save_session_as)
        self.replacing.open()

    def save_session(self) -> None:
        """Save the open work where it was saved before; ask where, the first time."""
        file = self._session.scene.work.file
        if file:
            self._session.apply(Save(file))
        else:
            self.save_session_as()

    def save_session_as(self) -> None:
        """Ask where to save the open work, and save it there."""
        path, replaced = self._opening.choose_session(self._session.scene.work.shown)
        if path:
            self._opening.expect(path)
            self._session.apply(Save(path, anything=replaced))

    def may_close(self) -> bool:
        """Whether the window may be closed: of a session that has a file, and has changed since, it is asked. Work that
        is in no file is kept, and offered at the next start. What a program shows meanwhile was not there when it was
        asked: the window stays."""
        work = self._session.scene.work
        if not (work.file and work.modified and self._window.isVisible()):
            return True
        from packviz.ui.dialogs.closing import Wish, ask_to_save, saved_now

        before = self._session.state.documents
        wish = ask_to_save(self._window, work.file)
        may = saved_now(self._session, work.file) if wish is Wish.SAVE else wish is Wish.CLOSE
        known = {document.number for document in before.all}
        return may and all(document.number in known for document in self._session.state.documents.all)

    def close(self, remembered: Remembered) -> None:
        """The end, after all work was stopped."""
        kept = self.autosave.close()
        if kept:
            remembered.put("last", kept)
