"""The open work is kept by itself while some of it is in no file, so that a start after a crash can offer it back.

Each process keeps its work in a file of its own, with a lock beside it; one whose process has ended is left over from a
crash. A window that is closed leaves its unsaved work as the last one, which the next start offers, too.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QLockFile, QObject, QStandardPaths, QTimer, Signal

from packviz.core.batch import BatchError
from packviz.core.texts.wording import count
from packviz.session.actions import DropKept, Keep, Load, Say
from packviz.session.loads import LoadRequest
from packviz.session.saving import modified
from packviz.session.state import Message, Offer, State
from packviz.session.store import Session
from packviz.session.updates.saving import session_of
from packviz.ui.chrome.locks import lock_of, tidy
from packviz.ui.commands.command import next_serial

if TYPE_CHECKING:
    from packviz.files.kept.sessions import SessionLog  # once there is something to keep

AFTER_MS, LATEST_MS = 1500, 10_000
"""Milliseconds without a change after which the last is kept; and of changes that never pause, until one is."""

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
        self._keeping: tuple[object, ...] = ()  # the work that is being kept, or was kept last
        self._restored: frozenset[int] = frozenset()  # the documents of an earlier process, by number
        self._leaving = ""  # where these lay, if the work that is being kept has them
        self._unmade = False  # the folder could not be made, which has been said
        self._to_offer: tuple[Path, ...] = ()
        self._offered: os.stat_result | None = None  # the work that was left last, where this window has offered it
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(AFTER_MS)
        self._timer.timeout.connect(self.keep)
        self._waiting = QElapsedTimer()

    # ---- keeping ---------------------------------------------------------------------------------------------------

    def follow(self) -> None:
        """Looks at the state after a change: what is to be kept is kept a little later."""
        state, seen, self._seen = self._session.state, self._seen, self._session.state
        if self._folder is None:
            return
        if state.restored and (seen is None or seen.restored != state.restored):
            self._restored = _numbers(state)
        changed = seen is None or _work(state) != _work(seen)
        if seen is not None and seen.keeping is not None and state.keeping is None:
            if not state.unkept:
                self._leave(self._leaving)
            changed = changed or _work(state) != self._keeping  # since then
        if changed:
            if self._is_modified(state):
                self._soon(state)
            else:
                self._forget()
                self._leave(self._held_by(state))
        self._offer()

    def _soon(self, state: State) -> None:
        """Work that has changed is kept in the next pause, or while the changes go on where there is none."""
        if state.play.on:
            return
        if not self._timer.isActive():
            self._waiting.start()
        elif self._waiting.elapsed() > LATEST_MS:
            return
        self._timer.start()

    def keep(self) -> None:
        """Keeps the work now, on a worker thread; where that is being done, what has changed since is kept then."""
        state = self._session.state
        if not self._is_modified(state) or state.keeping is not None:
            return
        log = self._begin(state)
        if log is not None:
            self._keeping, self._leaving = _work(state), self._held_by(state)
            self.intent.emit(Keep(log))

    def close(self) -> str:
        """The end: unsaved work becomes the last one, whose file this gives; of saved work nothing is left. Where it
        can't be written, what was kept of it before is left, as after a crash."""
        self._timer.stop()
        state, kept = self._session.state, ""
        modified = self._folder is not None and self._is_modified(state)
        log = self._begin(state) if modified else None
        if log is not None:
            kept = self._last(log, state)
        if kept and self._held_by(state) != kept:
            self._leave(self._held_by(state))
        self._end_log(remove=not modified)
        for lock in self._locks:
            lock.unlock()
        self._locks.clear()
        return kept

    def _last(self, log: SessionLog, state: State) -> str:
        last = self._path.with_name(LAST)
        try:
            log.save(session_of(state))
            log.close()
            if not self._was_offered(last):
                last.replace(self._unused())  # of another window: it is offered as that of a crash
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
            if not (state.unkept or self._unmade):
                self._unmade = True
                said = f"The open work can't be kept for a crash ({error.strerror or error}): save it with Ctrl+S."
                self.intent.emit(Say(Message(said, bad=True)))
            return None
        self._path = self._unused()
        lock = lock_of(self._path)
        lock.tryLock(0)
        self._locks.append(lock)
        self._log = SessionLog(self._path)
        return self._log

    def _forget(self) -> None:
        """Nothing is to be kept any more."""
        self._timer.stop()
        if self._session.state.keeping is None:
            self._end_log(remove=True)

    def _end_log(self, *, remove: bool) -> None:
        if self._log is not None:
            self._log.close()
            self._log = None
            if remove:
                _remove(self._path)

    def _leave(self, path: str) -> None:
        """Work of an earlier process that is open here, and is kept or saved anew, need not be kept twice."""
        if path:
            _remove(Path(path))

    def _held_by(self, state: State) -> str:
        """Where work of an earlier process lay that is open here; nothing where it is no more, as after an undo."""
        return state.restored if _numbers(state) & self._restored else ""

    def _unused(self) -> Path:
        """The name of a file that nobody has."""
        assert self._folder is not None
        return self._folder / f"{os.getpid()}-{time.time_ns()}.packviz"

    def _was_offered(self, last: Path) -> bool:
        """Whether the work that was left last may be replaced: there is none, or this window has offered it."""
        try:
            found = last.stat()
        except FileNotFoundError:
            return True
        offered = self._offered
        return offered is not None and (found.st_ino, found.st_mtime_ns) == (offered.st_ino, offered.st_mtime_ns)

    def _is_modified(self, state: State) -> bool:
        return modified(state.documents, state.clean, state.file)

    # ---- offering --------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Looks for work that a crash, or a window that was closed, has left over; however this one was started, it is
        offered once nothing else is said."""
        if self._folder is None or not self._folder.is_dir():
            return
        tidy(self._folder)
        found = [path for path in self._folder.glob("*.packviz") if path.name != LAST and path != self._path]
        for path in sorted(found, key=_when, reverse=True):
            lock = lock_of(path)
            if lock.tryLock(0):
                self._locks.append(lock)
                self._to_offer = (*self._to_offer, path)
        self._to_offer = (*self._to_offer, self._folder / LAST)
        self._offer()

    def _offer(self) -> None:
        state = self._session.state
        if not self._to_offer or state.loading is not None or not len(state.documents):
            return
        if state.message is not None and (state.message.bad or state.batch is None or not state.batch.source.sample):
            return
        told = [(path, said) for path in self._to_offer if (said := _told(path))]  # what is damaged hides no other
        self._to_offer = ()
        if not told:
            return
        (path, said), *more = told
        again = Load(LoadRequest(next_serial(), paths=(str(path),), kept=True))
        others = f" {count(len(more), 'other one')} will be offered next time." if more else ""
        offers = (Offer("Open it", again), Offer("Throw it away", DropKept(str(path))))
        text = f"packviz ended before {said} saved.{others}"
        if path.name == LAST:
            text = f"When packviz was closed, {said} not saved."
            with suppress(FileNotFoundError):
                self._offered = path.stat()
        self.intent.emit(Say(Message(text, offers=offers)))


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


def _numbers(state: State) -> frozenset[int]:
    """The open documents, by number."""
    return frozenset(document.number for document in state.documents.all)


def _remove(path: Path) -> None:
    with suppress(OSError):  # what can't be removed is offered again
        path.unlink(missing_ok=True)


def _when(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
