"""Where windows listen: sockets in a folder that only this user can enter."""

from __future__ import annotations

import os
import re
import secrets
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from packviz.core.own_folder import NotOwn, check_own, make_own, own_folders
from packviz.showing.wire import VERSION, NoWindow

TOKEN = 4
"""Bytes of the part of a socket's name that no other window has."""
LONGEST = 100
"""Bytes of the path of a socket: what every system takes."""
DRAWN_NOWHERE = ("offscreen", "minimal", "vnc", "linuxfb", "eglfs")
"""Platforms of Qt that have no display by whose name a window could be told from others."""

FIRST_SCREEN = re.compile(r"(:\d+)\.0$")


@dataclass(frozen=True)
class Place:
    """A folder, and the name of the windows in it: one for each display, and for each version of what is said."""

    folder: Path
    name: str

    @property
    def sockets(self) -> tuple[Path, ...]:
        """What windows listen at, the one that was used last first: each marks its own with the time. Of a window that
        has died its socket may be left."""
        ours = re.compile(rf"{re.escape(self.name)}\.[0-9a-f]{{{2 * TOKEN}}}\.sock")
        found = [path for path in self.folder.iterdir() if ours.fullmatch(path.name)] if self.folder.is_dir() else []
        return tuple(sorted(found, key=_used, reverse=True))

    def another(self) -> Path:
        """Where one more window may listen."""
        return self.folder / f"{self.name}.{secrets.token_hex(TOKEN)}.sock"

    @property
    def changing(self) -> Path:
        """Locked while a window begins or ends to listen."""
        return self.folder / f"{self.name}.change"


def _used(path: Path) -> int:
    try:
        return path.lstat().st_mtime_ns
    except FileNotFoundError:  # its window has been closed meanwhile
        return 0


def own_place(environ: Mapping[str, str] = os.environ) -> Place:
    """The place of this user's windows on this display. Raises NoWindow where there is no folder of theirs alone."""
    if not hasattr(socket, "AF_UNIX"):
        raise NoWindow("this system has no local sockets, over which a window is told what to show")
    return Place(own_folder(environ), f"{VERSION}-{screen(environ)}")


def display_missing(environ: Mapping[str, str] = os.environ) -> str | None:
    """Why no window can be shown, as far as the environment alone says so: Qt is never loaded into a program."""
    if not sys.platform.startswith("linux"):
        return None
    if any(environ.get(name) for name in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "DISPLAY")):
        return None
    return "there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set)"


def screen(environ: Mapping[str, str] = os.environ) -> str:
    """The display that a window would be on, as part of the name of a file: `:0`, `wayland-0`, `offscreen`."""
    platform = environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if platform in DRAWN_NOWHERE:
        name = platform
    else:
        name = environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY") or platform or sys.platform
        name = FIRST_SCREEN.sub(r"\1", name)  # :0 and :0.0 are the same
    return re.sub(r"[^A-Za-z0-9.:_-]", "_", name)[:32]


def own_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """A folder of mode 700 that is this user's: in XDG_RUNTIME_DIR, else beside what is temporary; made where it is not
    there. Raises NoWindow where somebody else has made it, or may enter it."""
    for folder in own_folders(environ):
        if len(os.fsencode(Place(folder, f"{VERSION}-{screen(environ)}").another())) > LONGEST:
            continue
        try:
            make_own(folder)
        except NotOwn as why:
            raise NoWindow(str(why)) from None
        return folder
    raise NoWindow("the names of the folders for what is temporary are too long for a socket")


def check_folder(folder: Path) -> None:
    """Raises NoWindow where it is no folder of this user's that nobody else can enter."""
    try:
        check_own(folder)
    except NotOwn as why:
        raise NoWindow(str(why)) from None
