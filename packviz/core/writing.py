"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

WRITING = threading.Lock()
"""Held while a file is put in its place: whoever ends the process takes it first."""


def write_whole(path: Path, data: bytes) -> None:
    """The bytes under this name, all at once: a reader finds the file before or the whole one, and no other is left.

    Raises OSError where it can't be written; what was there before is then as it was, unless its folder takes no files.
    """
    with WRITING:
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            beside.write_bytes(data)
        except OSError as error:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
            if not path.exists() or os.access(path.parent, os.W_OK):
                raise OSError(error.errno, error.strerror, str(path)) from None
            path.write_bytes(data)  # a file that may be written in a folder that may not
            return
        try:
            with suppress(OSError):
                beside.chmod(path.stat().st_mode & 0o777)
            beside.replace(path)
        except OSError:
            beside.unlink(missing_ok=True)
            raise
