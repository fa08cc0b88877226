"""Opening what may be anything: a file is read as it stands, a pipe to its end, and nothing else is waited for."""

from __future__ import annotations

import os
import select
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from packviz.core.batch import BatchError
from packviz.core.budget import afford, size_text
from packviz.core.cancel import UNWATCHED, Watch
from packviz.core.patience import timed
from packviz.core.texts.quoting import elided
from packviz.files.addresses import is_address, opened_at
from packviz.files.stream import Stream

PATIENCE_S = 10.0
"""How long a pipe is waited for that nobody has opened for writing."""

LOOK_S = 0.05
"""Seconds after which whoever waits for a pipe is asked whether they still do."""

CHUNK = 1 << 20

COPIES = 4
"""Of the bytes of a pipe, that are made on the way to a batch."""

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


@contextmanager
def opened(path: str | PathLike[str], watch: Watch = UNWATCHED) -> Iterator[tuple[Stream, str]]:
    """The bytes of a file, a pipe or what lies at an address, and its name. What can't be opened or read is a
    BatchError that names it.

    A pipe, such as <(python train.py), is read to its end, which must come within the memory that is allowed; waiting
    for it takes no time of what is allowed. Raises Cancelled, while it waits, too.
    """
    name = fspath(path)
    try:
        if is_address(name):
            with opened_at(name) as remote:
                yield Stream(remote, timed(watch, "reading it")), name
            return
        mode = Path(name).stat().st_mode
        kind = next((said for is_one, said in _KINDS if is_one(mode)), None)
        if kind is not None:
            raise BatchError(f"{elided(name)}: it is {kind}, but a file is expected.")
        if stat.S_ISFIFO(mode):
            piped = _piped(name, watch.unhurried())
            yield Stream.of(piped, timed(watch, "reading it")), name
            return
        with Path(name).open("rb", buffering=0) as raw:
            yield Stream(raw, timed(watch, "reading it")), name
    except FileNotFoundError:
        raise BatchError(f"{elided(name)}: there is no such file.") from None
    except OSError as error:
        raise BatchError(f"{elided(name)}: it can't be read ({error.strerror or error}).") from None
    except ValueError as error:
        if isinstance(error, BatchError):
            raise
        raise BatchError(f"{elided(name)!r} is no name of a file ({error}).") from None


def is_file(path: str | PathLike[str]) -> bool:
    """Whether there is a file of that name; where that can't be told, as in a folder that may not be looked into, there
    is none: whoever opens it is told why."""
    try:
        return Path(path).is_file()
    except OSError:
        return False


def read_pipe(descriptor: int, what: str, watch: Watch = UNWATCHED, patience: float | None = None) -> bytes:
    """All bytes of a pipe, or of standard input, to its end.

    `patience`: seconds until somebody must have opened it for writing; None where somebody has. Raises BatchError where
    it has no end within the memory that is allowed, Cancelled, OSError.
    """
    parts: list[bytes] = []
    size, until = 0, None if patience is None else time.monotonic() + patience
    while True:
        watch.check()
        if _ready(descriptor):
            part = os.read(descriptor, CHUNK)
            if not part:
                break
            parts.append(part)
            size += len(part)
            afford(f"{elided(what)}, of which {size_text(size)} were read and no end was seen,", COPIES * size)
        elif until is not None and not size and time.monotonic() > until:
            raise BatchError(f"{elided(what)}: it is a pipe that nobody has written to for {patience:g} s.")
    return b"".join(parts)


def read_standard_input(watch: Watch = UNWATCHED) -> bytes:
    """All of standard input, as `read_pipe`."""
    try:
        descriptor = sys.stdin.fileno()
    except OSError:  # a stream of Python's alone, such as a test's
        return sys.stdin.buffer.read()
    return read_pipe(descriptor, "standard input", watch)


def _piped(name: str, watch: Watch) -> bytes:
    descriptor = os.open(name, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        return read_pipe(descriptor, name, watch, PATIENCE_S)
    except BlockingIOError:
        raise BatchError(f"{elided(name)}: it is a pipe that can't be read.") from None
    finally:
        os.close(descriptor)


def _ready(descriptor: int) -> bool:
    """Whether there is something to read, or the end has come; waits a little where neither is so. Of a pipe that
    nobody has opened for writing yet, Linux says neither."""
    if sys.platform == "win32":
        return True  # pipes can't be asked there: reading waits
    poll: Any = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(1000 * LOOK_S))
