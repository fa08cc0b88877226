"""The locks beside files of kept work: they say whose process has ended."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QLockFile


def lock_of(path: Path) -> QLockFile:
    """The lock of a file: it is free once its process has ended, in whatever way."""
    lock = QLockFile(f"{path}.lock")
    lock.setStaleLockTime(0)
    return lock


def tidy(folder: Path) -> None:
    """Removes what was not yet in its place when its process ended, and the locks of what is there no more."""
    for part in folder.glob(".*.packviz.*"):
        lock = lock_of(folder / part.name[1:].rpartition(".")[0])
        if lock.tryLock(0):
            with suppress(OSError):  # what can't be removed stays for the next start
                part.unlink(missing_ok=True)
            lock.unlock()
    for left in folder.glob("*.packviz.lock"):
        path = left.with_suffix("")
        lock = lock_of(path)
        if not path.exists() and lock.tryLock(0):
            lock.unlock()  # which removes it
