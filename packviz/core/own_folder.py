"""A folder that only this user can enter, for what is there as long as a program or a window runs."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

NAME = "packviz"


class NotOwn(Exception):
    """Why a folder is not this user's alone."""


def own_folders(environ: Mapping[str, str] = os.environ) -> list[Path]:
    """Where it may be, the best first: in XDG_RUNTIME_DIR, else beside what is temporary. What is no folder of this
    user's is none that the session has made."""
    found = []
    session = Path(environ.get("XDG_RUNTIME_DIR", ""))
    if session.is_absolute() and session.is_dir() and session.stat().st_uid == os.getuid():
        found.append(session / NAME)
    return [*found, Path(tempfile.gettempdir(), f"{NAME}-{os.getuid()}")]


def make_own(folder: Path) -> None:
    """Makes it, of mode 700, where it is not there. Raises NotOwn where it can't be made, or is not this user's."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise NotOwn(f"{folder} can't be made ({_reason(error)})") from None
    check_own(folder)


def check_own(folder: Path) -> None:
    """Raises NotOwn where it is no folder of this user's that nobody else can enter."""
    try:
        about = folder.lstat()
    except OSError as error:
        raise NotOwn(f"{folder} can't be looked at ({_reason(error)})") from None
    if not stat.S_ISDIR(about.st_mode):
        raise NotOwn(f"{folder} is no folder, but a folder of yours is expected there")
    if about.st_uid != os.getuid():
        raise NotOwn(f"{folder} belongs to another user")
    if about.st_mode & 0o077:
        raise NotOwn(f"others may enter {folder}: its mode is {about.st_mode & 0o777:o}, but 700 is expected")


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
