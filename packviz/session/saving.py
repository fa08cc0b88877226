"""The open work as it is saved: by hand in a session file, and by itself, so that a crash loses nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from packviz.core.batch import BatchError
from packviz.core.cancel import Watch
from packviz.core.saved import SavedSession
from packviz.core.texts.quoting import elided
from packviz.session.document import Document, Documents
from packviz.session.requests import Request

if TYPE_CHECKING:
    from packviz.files.kept.sessions import SessionLog


@dataclass(frozen=True)
class Saved:
    """A session file is written; `identity`: that of what it holds."""

    identity: str


@dataclass(frozen=True)
class Conflict:
    """A session was not saved, since what stands at `path` would be lost, `text` says how. `identity`: of what it is,
    which is replaced where somebody wants that all the same."""

    path: str
    text: str
    identity: str


@dataclass(frozen=True)
class SaveRequest(Request["Saved | Conflict"]):
    """Write a session file, whole or not at all. `documents`: those that are in it. `known`: the identities of what may
    be replaced: what was opened or saved here last, and what somebody has said so of. `anything`: whatever there is."""

    kind: ClassVar[str] = "save"
    serial: int
    path: str
    session: SavedSession
    documents: Documents
    known: tuple[str, ...] = ()
    anything: bool = False

    def do(self, watch: Watch) -> Saved | Conflict:
        """What has become of it. Raises BatchError where it can't be written, and where a recording would be lost by
        that."""
        from packviz.files.kept.sessions import save_session

        try:
            self._look()
            return Saved(save_session(self.path, self.session, self._look))
        except _InTheWay as found:
            return Conflict(self.path, str(found), found.identity)
        except OSError as error:
            said = error.strerror or str(error)
            raise BatchError(f"{elided(self.path)} can't be written ({said}): choose another name or folder.") from None

    def _look(self) -> None:
        """Raises where what stands there is not to be replaced."""
        from packviz.files.kept.standing import standing_at

        found = standing_at(self.path)
        if found.kind == "recording":
            raise BatchError(f"{elided(self.path)} is a recording, which would be lost: choose another name.")
        if found.kind == "nothing" or self.anything or found.identity in self.known:
            return
        if found.kind == "other":
            raise _InTheWay(f"{elided(self.path)} is another file, which would be lost.", found.identity)
        raise _InTheWay(
            f"{elided(self.path)} is no longer what was opened or saved here: another window or program has saved it "
            "since, which would be lost.",
            found.identity,
        )


class _InTheWay(Exception):
    """What stands there is not to be replaced; `identity`: of what it is."""

    def __init__(self, said: str, identity: str) -> None:
        super().__init__(said)
        self.identity = identity


@dataclass(frozen=True)
class KeepRequest(Request[None]):
    """Keep the open work where it is found after a crash. `log`: the file that this process keeps it in."""

    kind: ClassVar[str] = "keep"
    serial: int
    log: SessionLog
    session: SavedSession

    def do(self, watch: Watch) -> None:
        """Raises BatchError where it can't be written."""
        try:
            self.log.save(self.session)
        except OSError as error:
            said = error.strerror or str(error)
            raise BatchError(f"The open work can't be kept for a crash ({said}): save it with Ctrl+S.") from None


@dataclass(frozen=True)
class DropRequest(Request[None]):
    """Remove work that was kept, and that nobody wants."""

    kind: ClassVar[str] = "drop"
    path: str

    def do(self, watch: Watch) -> None:
        """Raises BatchError where it can't be removed."""
        try:
            Path(self.path).unlink(missing_ok=True)
        except OSError as error:
            raise BatchError(f"{elided(self.path)} can't be removed ({error.strerror or error}).") from None


def modified(documents: Documents, clean: Sequence[Document], file: str) -> bool:
    """Whether there is work that is in no file. `clean`: the documents as they came, or were saved last; `file`: the
    session file of these, whose order counts."""
    known = {document.number: document for document in clean}
    if any(not same_work(document, known.get(document.number)) for document in documents.all):
        return True
    return bool(file) and [one.number for one in documents.all] != [one.number for one in clean]


def in_no_file(documents: Documents, clean: Sequence[Document]) -> tuple[Document, ...]:
    """The documents whose batch, or what is noted of it, is in no file as it is now. Modules, stops and watches do not
    count: they go along to the batch that is opened next. `clean`: as in `modified`."""
    known = {document.number: document for document in clean}

    def kept(now: Document) -> bool:
        then = known.get(now.number)
        return then is not None and (now.batch, now.notes) == (then.batch, then.notes)

    return tuple(document for document in documents.all if not kept(document))


def same_work(now: Document, then: Document | None) -> bool:
    """Whether nothing that is saved of a document has changed since `then`; not where there is no then."""
    return then is not None and (
        now is then
        or (
            now.batch is then.batch
            and (now.module, now.stops, now.notes, now.written) == (then.module, then.stops, then.notes, then.written)
        )
    )
