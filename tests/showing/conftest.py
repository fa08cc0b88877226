"""A folder of one's own for the sockets of windows, short enough for them; what listens there is ended afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import struct
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from packviz.showing.place import Place, own_place

ROOT = Path(__file__).parents[2]
PEER = struct.calcsize("3i")


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """XDG_RUNTIME_DIR, in which nothing listens yet."""
    folder = Path(tempfile.mkdtemp(prefix="pv"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)  # for programs in other folders
    try:
        yield folder
    finally:
        for path in folder.glob("packviz/*.sock"):
            end_window(path)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def place(runtime: Path) -> Place:
    """Where a window would listen."""
    return own_place()


def listening(path: Path) -> int:
    """The number of the process that listens at a socket; 0 where none does."""
    with socket.socket(socket.AF_UNIX) as peer, suppress(OSError):
        peer.connect(str(path))
        return int(struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, PEER))[0])
    return 0


def end_window(path: Path) -> None:
    """End the process that listens at a socket, unless it is this one, and wait for its end."""
    process = listening(path)
    if process in (0, os.getpid()):
        return
    watched = os.pidfd_open(process)
    try:
        os.kill(process, signal.SIGKILL)
        import select

        ended, _, _ = select.select([watched], [], [], 30)
        assert ended, f"the window of process {process} does not end"
    finally:
        os.close(watched)
