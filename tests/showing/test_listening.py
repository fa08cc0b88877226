from __future__ import annotations

import errno
import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from packviz.core.batch import BatchError
from packviz.showing import listening
from packviz.showing.listening import Listener
from packviz.showing.place import Place
from packviz.showing.wire import GREETING, SIZE, NoWindow, answer_of, send

Open = Callable[..., Listener]


@pytest.fixture
def listen(place: Place) -> Iterator[Open]:
    """Opens an ear that takes what comes into a list, `take` unless given."""
    opened: list[Listener] = []

    def listen(take: Callable[[bytearray], Any] | None = None) -> Listener:
        listener = Listener.at(place)
        assert listener is not None
        opened.append(listener)
        listener.serve(take or (lambda data: None))
        return listener

    yield listen
    for listener in opened:
        listener.close()


def call(place: Place) -> socket.socket:
    peer = socket.socket(socket.AF_UNIX)
    peer.connect(str(place.sockets[0]))
    peer.settimeout(30)
    return peer


def told(place: Place, data: bytes) -> dict[str, Any]:
    with call(place) as peer:
        with suppress(ConnectionError):  # one that is refused is not heard to its end
            send(peer, data)
        return answer_of(peer)


def test_what_programs_send_is_taken_and_counted(place: Place, listen: Open) -> None:
    came: list[bytes] = []
    listen(came.append)
    assert told(place, b"one") == {"process": os.getpid(), "batches": 1}
    assert told(place, b"two") == {"process": os.getpid(), "batches": 2}
    assert came == [b"one", b"two"]


def test_the_socket_is_this_users_alone(place: Place, listen: Open) -> None:
    listen()
    assert place.sockets[0].stat().st_mode & 0o777 == 0o600
    place.folder.chmod(0o750)
    with pytest.raises(NoWindow, match="its mode is 750"):
        Listener.at(place)
    place.folder.chmod(0o700)


def test_where_one_listens_a_second_one_gives_way_if_it_wants_to_be_alone(place: Place, listen: Open) -> None:
    first = listen()
    assert Listener.at(place, alone=True) is None
    first.close()
    assert not place.sockets
    listen()
    assert told(place, b"x")["batches"] == 1


def test_the_socket_of_a_window_that_died_is_taken_over(place: Place, listen: Open) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(place.another()))
    assert len(place.sockets) == 1
    listen()
    assert len(place.sockets) == 1
    assert told(place, b"x")["batches"] == 1


def test_of_several_windows_the_one_that_was_used_last_is_called(place: Place, listen: Open) -> None:
    first, second = listen(), listen()
    for listener, others in ((second, first), (first, second)):
        listener.used()
        before = others.taken
        told(place, b"x")
        assert (listener.taken, others.taken) == (1, before)
    first.close()
    first.used()  # it listens no more
    told(place, b"x")
    assert second.taken == 2
    assert place.sockets == (second.path,)


def test_the_one_that_was_opened_last_is_called_until_another_one_is_used(place: Place, listen: Open) -> None:
    for _ in range(20):  # the system's own times of files may lie a moment back
        first = listen()
        first.used()
        second = listen()
        assert place.sockets[0] == second.path
        first.close()
        second.close()


def test_one_that_is_too_busy_to_answer_is_not_taken_for_dead(place: Place) -> None:
    path = place.another()
    with socket.socket(socket.AF_UNIX) as busy:
        busy.bind(str(path))
        busy.listen(0)
        callers = [socket.socket(socket.AF_UNIX) for _ in range(3)]
        for caller in callers:
            caller.setblocking(False)
            caller.connect_ex(str(path))
        assert Listener.at(place, alone=True) is None
        for caller in callers:
            caller.close()
    assert path in place.sockets


def test_of_many_that_begin_at_once_one_listens(place: Place) -> None:
    gate, found = threading.Barrier(8), []

    def begin() -> None:
        gate.wait()
        found.append(Listener.at(place, alone=True))

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(threads)
    [listener] = [one for one in found if one is not None]
    assert place.sockets == (listener.path,)
    listener.close()


def test_what_is_no_batch_is_refused_with_the_sentence_that_says_why(place: Place, listen: Open) -> None:
    def take(data: bytearray) -> None:
        raise BatchError("it is damaged.")

    listener = listen(take)
    assert told(place, b"x") == {"refused": "it is damaged."}
    assert listener.taken == 0


def test_what_does_not_fit_into_memory_is_refused_and_the_next_one_is_heard(place: Place, listen: Open) -> None:
    def take(data: bytearray) -> None:
        if data == b"large":
            raise MemoryError

    listen(take)
    assert told(place, b"large") == {"refused": "there is not enough memory for it"}
    assert told(place, b"small")["batches"] == 1


def test_a_peer_of_another_user_is_refused_before_it_is_read(
    place: Place, listen: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    came: list[bytes] = []
    listen(came.append)
    monkeypatch.setattr(os, "getuid", lambda: 4242)
    assert told(place, b"x") == {"refused": "it is another user's"}
    assert came == []


def test_a_peer_that_greets_in_another_way_or_lies_is_refused_and_the_next_one_is_heard(
    place: Place, listen: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening.MEMORY, "most", lambda: 1000)
    listen()
    for data, why in (
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "greet"),
        (GREETING + SIZE.pack(1001), "announces 1,001 bytes"),
    ):
        with call(place) as peer:
            peer.sendall(data)
            assert why in answer_of(peer)["refused"]
    with call(place) as peer:
        peer.sendall(GREETING + SIZE.pack(100) + b"only so much")
        peer.shutdown(socket.SHUT_WR)
        assert "ends after 12 of 100 bytes" in answer_of(peer)["refused"]
    with call(place):
        pass  # one that goes at once
    assert told(place, b"x")["batches"] == 1


def test_a_peer_that_says_nothing_holds_up_nobody_and_is_let_go_at_the_end(place: Place, listen: Open) -> None:
    listener = listen()
    with call(place) as silent:
        assert told(place, b"x")["batches"] == 1
        listener.close()
        heard = b"".join(iter(lambda: silent.recv(1000), b""))  # to the end
        assert heard == b"" or b'0 of 24 bytes"}' in heard


def test_who_waits_for_the_end_is_told_by_it(place: Place, listen: Open) -> None:
    listener = listen()
    with call(place) as peer:
        send(peer, b"x")
        answer_of(peer)
        listener.close()
        assert peer.recv(1) == b""


def test_who_calls_before_it_serves_is_answered_once_it_does(place: Place) -> None:
    listener = Listener.at(place)
    assert listener is not None
    with call(place) as peer:
        send(peer, b"early")
        came: list[bytes] = []
        listener.serve(came.append)
        assert answer_of(peer)["batches"] == 1
        assert came == [b"early"]
    listener.close()
    listener.close()  # once more is as good as once


def test_too_many_open_files_are_waited_out(place: Place, listen: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    listener, accept = listen(), socket.socket.accept
    failures = [OSError(errno.EMFILE, "too many open files")] * 2

    def failing(ear: socket.socket) -> Any:
        if failures:
            raise failures.pop()
        return accept(ear)

    monkeypatch.setattr(listening, "FULL_S", 0.001)
    monkeypatch.setattr(socket.socket, "accept", failing)
    assert told(place, b"x")["batches"] == 1
    assert failures == []
    listener.close()


def test_of_large_batches_one_is_read_after_the_other_and_small_ones_meanwhile(
    place: Place, listen: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "LARGE", 10)
    begun, came = threading.Event(), list[bytes]()
    read = listening.exactly

    def exactly(peer: socket.socket, size: int) -> bytearray:
        begun.set()
        return read(peer, size)

    monkeypatch.setattr(listening, "exactly", exactly)
    listen(came.append)
    with call(place) as slow, call(place) as quick:
        slow.sendall(GREETING + SIZE.pack(20) + b"a" * 10)
        assert begun.wait(30)
        send(quick, b"b" * 20)
        assert told(place, b"small")["batches"] == 1
        slow.sendall(b"a" * 10)
        assert (answer_of(slow)["batches"], answer_of(quick)["batches"]) == (2, 3)
    assert came == [b"small", b"a" * 20, b"b" * 20]


def test_those_that_wait_for_their_turn_are_let_go_when_the_window_is_closed(
    place: Place, listen: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "LARGE", 10)
    listener = listen()
    with call(place) as slow, call(place) as other:
        for peer in (slow, other):
            peer.sendall(GREETING + SIZE.pack(20) + b"a" * 10)
        listener.close()
    assert listener.taken == 0


def test_who_calls_while_the_window_is_being_closed_is_let_go(
    place: Place, listen: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener, accept, closing = listen(), socket.socket.accept, list[threading.Thread]()

    def accepted(ear: socket.socket) -> Any:
        found = accept(ear)
        closing.append(threading.Thread(target=listener.close))
        closing[0].start()
        while not listener._closed:
            pass
        return found

    monkeypatch.setattr(socket.socket, "accept", accepted)
    with call(place) as peer:
        peer.settimeout(5)
        assert peer.recv(1) == b""
    closing[0].join(30)
    assert not closing[0].is_alive()


def test_all_who_were_let_in_are_done_once_it_is_closed(
    place: Place, listen: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    takes, goes_on, closing = threading.Event(), threading.Event(), list[threading.Thread]()

    def take(data: bytearray) -> None:
        takes.set()
        goes_on.wait(30)

    listener, thread = listen(take), threading.Thread

    def made(**given: Any) -> threading.Thread:
        if given["target"] == listener._hear:  # the window is closed just when somebody was let in
            closing.append(thread(target=listener.close))
            closing[0].start()
            closing[0].join(0.2)
        return thread(**given)

    monkeypatch.setattr(listening.threading, "Thread", made)
    with call(place) as peer:
        send(peer, b"x")
        assert takes.wait(30)
        closing[0].join(0.2)
        waits = closing[0].is_alive()
        goes_on.set()
        closing[0].join(30)
        assert waits


def test_of_those_who_have_gone_nothing_is_held(place: Place, listen: Open) -> None:
    listener = listen()
    for _ in range(4):
        told(place, b"x")
        for thread in listener._threads[1:]:
            thread.join(30)
    assert len(listener._threads) == 2  # the one that lets in, and that of the last
    assert listener._peers == set()


def test_it_can_be_closed_though_its_folder_has_been_removed(place: Place, listen: Open) -> None:
    listener = listen()
    with call(place) as peer:
        send(peer, b"x")
        answer_of(peer)
        shutil.rmtree(place.folder)
        listener.used()
        listener.close()
        assert peer.recv(1) == b""
    listener.close()
    assert not place.folder.exists()


@pytest.mark.parametrize("what", ["the folder", "the socket"])
def test_where_somebody_has_tidied_up_it_listens_anew_and_is_called_again(
    place: Place, listen: Open, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(listening, "LOOK_S", 0.02)
    bound, real = threading.Event(), listening._bound

    def bind(place: Place) -> Any:
        made = real(place)
        if made[0] != first:
            bound.set()
        return made

    listener = listen()
    first = listener.path
    assert told(place, b"one")["batches"] == 1
    monkeypatch.setattr(listening, "_bound", bind)
    if what == "the folder":
        shutil.rmtree(place.folder)
    else:
        first.unlink()
    assert bound.wait(30)
    assert told(place, b"two")["batches"] == 2
    assert place.folder.stat().st_mode & 0o777 == 0o700
    assert place.sockets == (listener.path,)
    listener.close()
    assert not place.sockets


def test_where_it_can_not_listen_anew_it_waits_until_it_can(
    place: Place, listen: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "LOOK_S", 0.02)
    refused, go_on, real = threading.Semaphore(0), threading.Event(), listening.check_folder

    def check(folder: Any) -> None:
        if not go_on.is_set():
            refused.release()
            raise NoWindow("others may enter it")
        real(folder)
        checked.set()

    checked = threading.Event()
    listener = listen()
    monkeypatch.setattr(listening, "check_folder", check)
    shutil.rmtree(place.folder)
    for _ in range(2):
        assert refused.acquire(timeout=30)
    assert not place.sockets
    go_on.set()
    assert checked.wait(30)
    while not place.sockets:
        assert listener._threads[0].is_alive()
    assert told(place, b"one")["batches"] == 1
