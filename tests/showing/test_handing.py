from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from packviz.core.errors import BatchError
from packviz.showing import handing
from packviz.showing import listening as listening_room
from packviz.showing.handing import hand_over, start
from packviz.showing.listening import Listener
from packviz.showing.place import Place
from packviz.showing.wire import NoWindow, answer_bytes, receive, send
from tests.showing.conftest import ROOT, listening


@pytest.fixture
def window(place: Place) -> Iterator[Callable[..., Listener]]:
    """A window's ear in this process, which takes everything unless told otherwise."""
    opened: list[Listener] = []

    def window(take: Callable[[bytearray], Any] = lambda data: None) -> Listener:
        listener = Listener.at(place)
        assert listener is not None
        opened.append(listener)
        listener.serve(take)
        return listener

    yield window
    for listener in opened:
        listener.close()


@pytest.fixture
def answering(place: Place) -> Iterator[Callable[..., None]]:
    """Something else that listens there, and does these with those who call, one after the other."""
    ear = socket.socket(socket.AF_UNIX)
    ear.bind(str(place.another()))
    ear.listen()
    threads: list[threading.Thread] = []

    def answering(*deeds: Callable[[socket.socket], object]) -> None:
        def serve() -> None:
            with suppress(OSError):  # nobody called any more
                for do in deeds:
                    peer, _ = ear.accept()
                    with peer:
                        do(peer)

        threads.append(threading.Thread(target=serve))
        threads[-1].start()

    yield answering
    with suppress(OSError):
        ear.shutdown(socket.SHUT_RDWR)
    for thread in threads:
        thread.join(30)
    ear.close()


def no_start(place: Place) -> None:
    raise NoWindow("none is started in this test")


def test_a_batch_goes_over_one_connection(place: Place, window: Callable[..., Listener], monkeypatch: Any) -> None:
    came: list[bytes] = []
    window(came.append)
    calls, connect = [], socket.socket.connect
    monkeypatch.setattr(socket.socket, "connect", lambda peer, to: calls.append(to) or connect(peer, to))
    assert hand_over(b"data", place) == {"process": os.getpid(), "batches": 1}
    assert came == [b"data"]
    assert calls == [str(place.sockets[0])]


def test_what_the_window_refuses_is_said_with_its_reason(place: Place, window: Callable[..., Listener]) -> None:
    def take(data: bytearray) -> None:
        raise BatchError("it is damaged.")

    window(take)
    with pytest.raises(NoWindow, match=r"the window refuses it: it is damaged\."):
        hand_over(b"data", place)


def test_a_call_that_blocks_returns_when_the_window_is_closed(
    place: Place, window: Callable[..., Listener], monkeypatch: pytest.MonkeyPatch
) -> None:
    waits, wait = threading.Event(), handing._wait
    monkeypatch.setattr(handing, "_wait", lambda peer: waits.set() or wait(peer))
    listener = window()
    caller = threading.Thread(target=hand_over, args=(b"data", place), kwargs={"block": True})
    caller.start()
    assert waits.wait(30)
    assert caller.is_alive()
    listener.close()
    caller.join(30)
    assert not caller.is_alive()


def test_a_window_of_another_user_is_not_told_anything(
    place: Place, answering: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[bytes] = []
    answering(lambda peer: heard.append(peer.recv(100)))
    monkeypatch.setattr(handing, "start", no_start)
    monkeypatch.setattr(os, "getuid", lambda: 4242)
    with pytest.raises(NoWindow, match="can't be used: it is another user's"):
        hand_over(b"secret", place)
    assert heard in ([], [b""])


def test_what_answers_in_another_way_is_no_window(
    place: Place, answering: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handing, "start", no_start)
    answering(lambda peer: (receive(peer, 100), peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")))
    with pytest.raises(NoWindow, match="does not answer as one"):
        hand_over(b"data", place)


def test_a_window_that_does_not_answer_is_given_up(
    place: Place, answering: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handing, "ANSWER_S", 0.05)
    gave_up = threading.Event()
    answering(lambda peer: gave_up.wait(30))
    with pytest.raises(NoWindow, match="does not answer"):
        hand_over(b"data", place)
    gave_up.set()


def test_one_that_is_closed_at_the_moment_of_the_call_is_called_again(
    place: Place, answering: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(lambda peer: None, lambda peer: (receive(peer, 100), send(peer, answer_bytes(process=1, batches=1))))
    monkeypatch.setattr(handing, "start", no_start)
    assert hand_over(b"data", place)["batches"] == 1


def test_one_that_ends_each_time_is_given_up(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Place] = []
    monkeypatch.setattr(handing, "start", started.append)
    with pytest.raises(NoWindow, match="ends as soon as it is called"):
        hand_over(b"data", place)
    assert len(started) == handing.TRIES


def test_the_socket_of_a_window_that_has_died_is_passed_over(
    place: Place, window: Callable[..., Listener], monkeypatch: pytest.MonkeyPatch
) -> None:
    window()
    monkeypatch.setattr(handing, "start", no_start)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(place.another()))
    os.utime(place.sockets[0], ns=(2**62, 2**62))  # used last of all
    assert hand_over(b"data", place)["batches"] == 1


def test_why_a_window_refuses_is_heard_though_it_has_not_listened_to_the_end(
    place: Place, window: Callable[..., Listener], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening_room.MEMORY, "most", lambda: 1000)
    monkeypatch.setattr(handing, "start", no_start)
    window()
    with pytest.raises(NoWindow, match=r"the window refuses it: it announces 8,388,608 bytes"):
        hand_over(bytes(8 << 20), place)  # more than the system holds between the two


@pytest.mark.slow
def test_a_module_in_the_working_directory_that_is_named_like_one_of_pythons_is_none_of_the_windows(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise RuntimeError('this is not the one of Python')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # without a relative folder
    start(place)
    assert listening(place.sockets[0])


@pytest.mark.slow
def test_a_process_is_started_that_outlives_its_starter_in_a_session_of_its_own(place: Place) -> None:
    code = "from packviz.showing.handing import start; from packviz.showing.place import own_place; start(own_place())"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=100)
    process = listening(place.sockets[0])
    assert process not in (0, os.getpid())
    assert os.getsid(process) != os.getsid(0)
    held = [Path(f"/proc/{process}/fd/{number}").readlink() for number in (0, 1, 2)]
    assert held == [Path(os.devnull)] * 3  # no pipe of the program that has started it


@pytest.mark.slow
def test_no_file_of_the_program_goes_along(place: Place, tmp_path: Path) -> None:
    with (tmp_path / "mine").open("w") as mine:
        os.set_inheritable(mine.fileno(), True)
        start(place)
    process = listening(place.sockets[0])
    links = [link.readlink() for link in Path(f"/proc/{process}/fd").iterdir()]
    assert links
    assert tmp_path / "mine" not in links


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ('print(\'{"cannot": "there is no screen"}\')', "there is no screen"),
        ("raise SystemExit(3)", "its process did not start"),
        ("print('what?')", "its process did not start"),
        ("print([1])", "its process did not start"),
    ],
)
def test_why_a_window_can_not_be_shown_is_said(
    place: Place, monkeypatch: pytest.MonkeyPatch, code: str, why: str
) -> None:
    popen = subprocess.Popen
    monkeypatch.setattr(
        handing.subprocess, "Popen", lambda args, **options: popen([sys.executable, "-c", code], **options)
    )
    with pytest.raises(NoWindow, match=why):
        start(place)


def test_one_that_does_not_say_anything_is_ended(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    popen, started = subprocess.Popen, []

    def slow(args: list[str], **options: Any) -> subprocess.Popen[bytes]:
        started.append(popen([sys.executable, "-c", "import signal; signal.pause()"], **options))
        return started[0]

    monkeypatch.setattr(handing.subprocess, "Popen", slow)
    monkeypatch.setattr(handing, "START_S", 0.05)
    with pytest.raises(NoWindow, match=r"did not start within 0\.05 s"):
        start(place)
    assert started[0].returncode == -signal.SIGKILL


def test_where_there_is_no_python_to_start_it_with_that_is_said(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handing.sys, "executable", "")
    with pytest.raises(NoWindow, match="no Python here"):
        start(place)
    monkeypatch.setattr(handing.sys, "executable", "/no/such/python")
    with pytest.raises(NoWindow, match="did not start"):
        start(place)
