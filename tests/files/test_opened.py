"""Files are read, pipes to their end, and nothing else is waited for."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from packviz.core.budget import MEMORY
from packviz.core.cancel import Cancelled, Watch
from packviz.core.errors import BatchError
from packviz.files import opened as opening
from packviz.files.opened import is_file, opened, read_pipe
from packviz.files.registry import load

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")


@pytest.fixture
def pipe(tmp_path: Path) -> str:
    os.mkfifo(tmp_path / "pipe")
    return str(tmp_path / "pipe")


def writing(path: str, parts: list[bytes]) -> threading.Thread:
    def write() -> None:
        with Path(path).open("wb", buffering=0) as held:
            for part in parts:
                held.write(part)
                time.sleep(0.02)

    thread = threading.Thread(target=write)
    thread.start()
    return thread


def test_a_name_that_cannot_be_looked_at_is_none_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there, longest = tmp_path / "a", tmp_path / ("a" * 300)
    there.write_bytes(b"")
    assert (is_file(there), is_file(str(tmp_path)), is_file(longest)) == (True, False, False)
    with pytest.raises(BatchError, match=r"a: it can't be read \(File name too long\)\.$"):
        load(longest)

    def forbidden(self: Path, **options: bool) -> os.stat_result:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "stat", forbidden)
    assert not is_file(there)
    with pytest.raises(BatchError, match=r"a: it can't be read \(Permission denied\)\.$"):
        load(there)


def test_a_pipe_is_read_to_its_end_however_late_that_comes(pipe: str) -> None:
    thread = writing(pipe, [b"[[1, 2], ", b"[3, 0]]", b"\nlengths = [2, 1]"])
    batch = load(pipe)
    thread.join()
    assert batch.x.tolist() == [[1, 2], [3, 0]]
    assert batch.lengths.tolist() == [2, 1]


def test_an_empty_pipe_is_empty_at_once(pipe: str) -> None:
    thread = writing(pipe, [])
    with pytest.raises(BatchError, match="pipe: it is empty"):
        load(pipe)
    thread.join()


def test_a_pipe_that_nobody_writes_to_is_given_up(pipe: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "PATIENCE_S", 0.1)
    with pytest.raises(BatchError, match=r"it is a pipe that nobody has written to for 0\.1 s"):
        load(pipe)


def test_whoever_waits_for_a_pipe_can_stop(pipe: str) -> None:
    asked: list[int] = []
    watch = Watch(cancelled=lambda: bool(asked.append(1)) or len(asked) > 2)
    with pytest.raises(Cancelled), opened(pipe, watch):
        pass
    assert len(asked) == 3


def test_a_pipe_without_end_is_refused_at_what_is_allowed(pipe: str) -> None:
    stop = threading.Event()

    def write() -> None:
        with Path(pipe).open("wb", buffering=0) as held:
            try:
                while not stop.is_set():
                    held.write(b"[" * 10_000)
            except BrokenPipeError:
                pass

    thread = threading.Thread(target=write)
    thread.start()
    with MEMORY.within(1 << 20), pytest.raises(BatchError, match=r"no end was seen, would take .* --memory"):
        load(pipe)
    stop.set()
    thread.join()


@pytest.mark.parametrize(
    ("name", "kind"),
    [("/dev/zero", "a device"), ("/dev/null", "a device"), ("/dev/tty", "a device"), ("/", "a folder")],
)
def test_what_is_no_file_is_refused_before_it_is_opened(name: str, kind: str) -> None:
    with pytest.raises(BatchError, match=f"{name}: it is {kind}, but a file is expected"):
        load(name)


def test_a_socket_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as held:
        held.bind("s")
        with pytest.raises(BatchError, match="s: it is a socket"):
            load("s")


def test_a_pipe_of_the_shells_is_read_by_its_number() -> None:
    there, here = os.pipe()
    os.write(here, b"[[1, 2], [3, 4]]")
    os.close(here)
    try:
        assert load(f"/dev/fd/{there}").x.tolist() == [[1, 2], [3, 4]]
    finally:
        os.close(there)


def test_all_of_a_pipe_comes_in_its_order() -> None:
    there, here = os.pipe()
    data = bytes(range(256)) * 300
    thread = threading.Thread(target=lambda: (os.write(here, data), os.close(here)))
    thread.start()
    assert read_pipe(there, "standard input") == data
    thread.join()
    os.close(there)


@pytest.mark.parametrize("way", [load, lambda name: load(name, entry="a")])
def test_what_is_not_there_is_told_by_its_name(way: Callable[[str], Any]) -> None:
    with pytest.raises(BatchError, match="none: there is no such file"):
        way("none")
    with pytest.raises(BatchError, match="is no name of a file"):
        way("a\0b")
