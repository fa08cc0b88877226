"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

WRITING = threading.Lock()
"""Held while a file is put in its place: whoever ends the process takes it first."""

PATIENCE_S = 5.0
"""How long another process is waited for that replaces the same file; it takes milliseconds."""
_LONGEST = 240  # bytes of a name that leave room for more behind it, where a name has 255


@contextmanager
def in_place_of(path: Path, still: Callable[[], None] | None = None) -> Iterator[Path]:
    """An empty file beside `path`, to be written inside the block, which takes its place at the end of it: a reader
    finds the file before or the whole one, and it is on the disk then. Of a block that raises nothing is left.

    `still`: called at the very end, while no other process that is here replaces the same file: it raises where what
    stands there is not to be replaced.

    What is a link stays one: the file that it leads to is replaced. The permissions of the file before are kept, from
    the first byte on, and its owner as far as that is allowed. Raises OSError where it can't be written, and where
    there is something else than a file; what was there before is then as it was.
    """
    with WRITING:
        path = _led_to(path)
        before = _before(path)
        if before is not None and not stat.S_ISREG(before.st_mode):
            code = errno.EISDIR if stat.S_ISDIR(before.st_mode) else errno.EINVAL
            raise OSError(code, os.strerror(code) if code == errno.EISDIR else "it is no file", str(path))
        beside = path.with_name(f".{_fitting(path.name)}.{os.getpid()}")
        mode = 0o666 if before is None else stat.S_IMODE(before.st_mode) & 0o777
        beside.unlink(missing_ok=True)  # of a process that ended before it was done
        try:
            os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
            yield beside
            if before is not None:
                _as_before(beside, before)
            _on_disk(beside, os.O_RDWR)
            if still is None:
                beside.replace(path)
            else:
                with _alone(path):
                    still()
                    beside.replace(path)
        except BaseException:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
            raise
        if sys.platform != "win32":
            with suppress(OSError):  # not every file system has folders that can be asked for this
                _on_disk(path.parent, os.O_RDONLY)


def write_whole(path: Path, data: bytes) -> None:
    """The bytes under this name, as `in_place_of`; what is no file, such as a pipe or a device, is written to.

    Raises OSError where it can't be written; what was there before is then as it was, unless its folder takes no files.
    """
    before = _before(_led_to(path))
    if before is not None and not (stat.S_ISREG(before.st_mode) or stat.S_ISDIR(before.st_mode)):
        path.write_bytes(data)
        return
    try:
        with in_place_of(path) as beside:
            beside.write_bytes(data)
    except OSError as error:
        if not path.is_file() or os.access(_led_to(path).parent, os.W_OK):
            raise OSError(error.errno, error.strerror, str(path)) from None
        path.write_bytes(data)  # a file that may be written in a folder that may not


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """While this lasts, no other process is in here with the same file, as far as the system has locks."""
    with ExitStack() as held:
        if sys.platform != "win32":
            import fcntl

            until = time.monotonic() + PATIENCE_S
            with suppress(OSError):  # there is none yet, or its file system has no locks
                while time.monotonic() < until:
                    file = held.enter_context(path.open("rb"))
                    try:
                        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    except BlockingIOError:
                        time.sleep(0.01)
                        continue
                    if os.path.samestat(os.fstat(file.fileno()), path.stat()):  # else it was replaced meanwhile
                        break
        yield


def _led_to(path: Path) -> Path:
    """Where its links lead."""
    return Path(os.path.realpath(path))


def _before(path: Path) -> os.stat_result | None:
    """What there is; None of nothing. Raises OSError where that can't be told."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _as_before(path: Path, before: os.stat_result) -> None:
    """Gives a file the owner, where that is allowed, and the permissions of the one that it replaces."""
    if hasattr(os, "chown"):
        now = path.stat()
        if now.st_gid != before.st_gid:
            with suppress(OSError):
                os.chown(path, -1, before.st_gid)
        if now.st_uid != before.st_uid:
            with suppress(OSError):
                os.chown(path, before.st_uid, -1)
    with suppress(OSError):  # a file system that knows none, or a file that is now another's
        path.chmod(stat.S_IMODE(before.st_mode) & 0o777)


def _fitting(name: str) -> str:
    """The beginning of a name, as much of it as leaves room."""
    while len(os.fsencode(name)) > _LONGEST:
        name = name[:-1]
    return name


def _on_disk(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
