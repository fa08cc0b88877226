"""Where a recording lies: of programs that record at once, each has a path of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from packviz.core.file_kind import head_of, kind_in
from packviz.core.own_folder import NotOwn, make_own, own_folders
from packviz.files.opened import is_file

SUFFIX = ".packviz"
UNNAMED = "recording"
"""What a recording is called where no script runs."""


class Claim:
    """A path that is this program's until `end`, or until it dies. `held`: the number of the open file that is
    locked for it; below 0 where the system has no locks, and nobody is kept out."""

    def __init__(self, path: Path | None = None, held: int = -1) -> None:
        self._path, self._held = path, held
        self._file = os.fstat(held) if held >= 0 else None

    def end(self) -> None:
        """Others may have it."""
        if self._path is not None and self._is_held():
            with suppress(OSError):
                self._path.unlink()
        self.forget()

    def forget(self) -> None:
        """In the child of a fork: it remains that of its parent, though the child outlives it."""
        if self._is_held():
            os.close(self._held)
        self._file = None

    def _is_held(self) -> bool:
        """Whether the file is still that: a program may close all that is open."""
        if self._file is None:
            return False
        try:
            return os.path.samestat(self._file, os.fstat(self._held))
        except OSError:
            return False


def claimed(path: str) -> Claim | None:
    """The path, to record to it; None where a recording is under way there, of whatever program of this user's."""
    if sys.platform == "win32":  # which does not let a file be replaced that is being written
        return Claim()
    import fcntl

    name = blake2b(os.fsencode(os.path.realpath(path)), digest_size=8).hexdigest()
    lock = own_folders()[0] / f"recording.{name}.lock"
    try:
        make_own(lock.parent)
        while True:
            held = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.path.samestat(os.fstat(held), lock.stat()):  # else whoever had it has just put it away
                    return Claim(lock, held)
            except BlockingIOError:
                os.close(held)
                return None
            except FileNotFoundError:
                pass
            os.close(held)
    except (NotOwn, OSError):  # there is no place for locks, or its file system has none
        return Claim()


def default_path() -> str:
    """The name of the script that runs, with `.packviz`, in the working directory."""
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    script = Path(main) if main else Path(UNNAMED)
    stem = script.parent.name if script.stem == "__main__" else script.stem
    return f"{stem or UNNAMED}{SUFFIX}"


def claim_at(path: str, taken: Collection[str]) -> tuple[str, Claim]:
    """The path, to record to it, or one with a number behind its name where it is among those that are taken, another
    program records there, or a session lies there: nobody's saved work is replaced."""
    given, number = Path(path), 1
    while True:
        claim = None if path in taken or _is_session(path) else claimed(path)
        if claim is not None:
            return path, claim
        number += 1
        path = str(given.with_name(f"{given.stem}-{number}{given.suffix}"))


def _is_session(path: str) -> bool:
    try:
        return is_file(path) and kind_in(head_of(path)) == "session"
    except OSError:  # what can't be read can't be told; whoever writes there is told why not
        return False
