"""The open work is kept by itself while some of it is in no file, so that a start after a crash can offer it back.

Each process keeps its work in a file of its own, with a lock beside it; one whose process has ended is left over from a
crash. A window that is closed leaves its unsaved work as the last one, which the next start offers, too.
"""

from __future__ import annotations

import os
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLockFile, QObject, QStandardPaths, QTimer, Signal

from packviz.core.batch import BatchError
from packviz.core.texts.wording import count
from packviz.session.actions import DropKept, Keep, Load, Say
from packviz.session.loads import LoadRequest
from packviz.session.saving import modified
from packviz.session.state import Message, Offer, State
from packviz.session.store import Session
from packviz.session.updates.saving import session_of
from packviz.ui.commands.command import next_serial

if TYPE_CHECKING:
    from packviz.files.kept.sessions import SessionLog  # once there is something to keep

AFTER_MS = 1500
"""Of changes in so many milliseconds the last is kept."""

LAST = "last.packviz"


def kept_folder() -> Path:
    """Where work is kept."""
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppLocalDataLocation)
    return Path(place) / "kept"


class Autosave(QObject):
    """Keeps the work of a session in `folder`; without one, nothing is kept. `intent` brings the actions."""

    intent = Signal(object)

    def __init__(self, session: Session, folder: Path | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._folder = session, folder
        self._log: SessionLog | None = None
        self._path = Path()
        self._locks: list[QLockFile] = []
        self._seen: State | None = None
        self._to_offer: tuple[Path, ...] = ()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(AFTER_MS)
        self._timer.timeout.connect(self.keep)

    # ---- keeping ---------------------------------------------------------------------------------------------------

    def follow(self) -> None:
        """Looks at the state after a change: what is to be kept is kept a little later."""
        state, seen, self._seen = self._session.state, self._seen, self._session.state
        if self._folder is None:
            return
        if seen is not None and seen.keeping is not None and state.keeping is None and not state.unkept:
            self._leave(state.restored)
        if seen is None or _work(state) != _work(seen):
            if not self._is_modified(state):
                self._forget()
                self._leave(state.restored)
            elif not state.play.on:
                self._timer.start()
        self._offer()

    def keep(self) -> None:
        """Keeps the work now, on a worker thread."""
        state = self._session.state
        if not self._is_modified(state) or state.keeping is not None:
            return
        log = self._begin(state)
        if log is not None:
            self.intent.emit(Keep(log))

    def close(self) -> str:
        """The end: unsaved work becomes the last one, whose file this gives; of saved work nothing is left."""
        self._timer.stop()
        state, kept = self._session.state, ""
        log = self._begin(state) if self._folder is not None and self._is_modified(state) else None
        if log is not None:
            kept = self._last(log, state)
        self._forget()
        for lock in self._locks:
            lock.unlock()
        self._locks.clear()
        return kept

    def _last(self, log: SessionLog, state: State) -> str:
        last = self._path.with_name(LAST)
        try:
            log.save(session_of(state))
            log.close()
            self._path.replace(last)
        except (OSError, BatchError):
            return ""  # it was said while the window was there
        self._log = None
        return str(last)

    def _begin(self, state: State) -> SessionLog | None:
        """The file of this process; None where there can be none, which is said once."""
        from packviz.files.kept.sessions import SessionLog

        if self._log is not None:
            return self._log
        assert self._folder is not None
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            if not state.unkept:
                said = f"The open work can't be kept for a crash ({error.strerror or error}): save it with Ctrl+S."
                self.intent.emit(Say(Message(said, bad=True)))
            return None
        self._path = self._folder / f"{os.getpid()}-{time.time_ns()}.packviz"
        lock = _lock(self._path)
        lock.tryLock(0)
        self._locks.append(lock)
        self._log = SessionLog(self._path)
        return self._log

    def _forget(self) -> None:
        """Nothing is to be kept any more."""
        self._timer.stop()
        if self._log is not None and self._session.state.keeping is None:
            self._log.close()
            self._path.unlink(missing_ok=True)
            self._log = None

    def _leave(self, path: str) -> None:
        """Work of an earlier process that is open here, and is kept or saved anew, need not be kept twice."""
        if path:
            Path(path).unlink(missing_ok=True)

    def _is_modified(self, state: State) -> bool:
        return modified(state.documents, state.clean, state.file)

    # ---- offering --------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Looks for work that a crash has left over; it is offered once nothing else is said."""
        if self._folder is None or not self._folder.is_dir():
            return
        found = [path for path in self._folder.glob("*.packviz") if path.name != LAST and path != self._path]
        for path in sorted(found, key=_when, reverse=True):
            lock = _lock(path)
            if lock.tryLock(0):
                self._locks.append(lock)
                self._to_offer = (*self._to_offer, path)
        self._offer()

    def _offer(self) -> None:
        state = self._session.state
        if not self._to_offer or state.loading is not None or not len(state.documents):
            return
        if state.message is not None and (state.message.bad or state.batch is None or not state.batch.source.sample):
            return
        path, *more = self._to_offer
        self._to_offer = ()
        said = _told(path)
        if not said:
            return
        again = Load(LoadRequest(next_serial(), paths=(str(path),), kept=True))
        others = f" {count(len(more), 'earlier one')} will be offered next time." if more else ""
        offers = (Offer("Open it", again), Offer("Throw it away", DropKept(str(path))))
        self.intent.emit(Say(Message(f"packviz ended before {said} saved.{others}", offers=offers)))


def last_offer(path: str) -> Message | None:
    """What to say of the work that was left when the last window was closed; None where there is none any more."""
    said = _told(Path(path))
    again = Load(LoadRequest(next_serial(), paths=(path,), kept=True))
    return Message(f"When packviz was closed, {said} not saved.", offers=(Offer("Open it", again),)) if said else None


def _told(path: Path) -> str:
    """`2 batches, changed at 12:31, were`; nothing of a file that can't be read."""
    from packviz.files.kept.sessions import SessionFile
    from packviz.files.opened import opened

    try:
        with opened(path) as (stream, _):
            many = len(SessionFile(stream).names)
    except BatchError:
        return ""
    when = datetime.fromtimestamp(_when(path))
    day = "" if when.date() == datetime.now().date() else f" on {when:%d %B}"
    return f"{count(many, 'batch', 'batches')}, changed at {when:%H:%M}{day}, {'was' if many == 1 else 'were'}"


def _work(state: State) -> tuple[object, ...]:
    """What is kept of a state."""
    return state.documents, state.clean, state.file, state.cursor.moment, state.cursor.row, state.play.on


def _when(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _lock(path: Path) -> QLockFile:
    """The lock of a file: it is free once its process has ended, in whatever way."""
    lock = QLockFile(f"{path}.lock")
    lock.setStaleLockTime(0)
    return lock
