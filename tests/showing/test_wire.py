from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.showing import wire
from packviz.showing.wire import (
    GREETING,
    LONGEST_ANSWER,
    SIZE,
    CutShort,
    Refused,
    answer_bytes,
    answer_of,
    check_peer,
    peer_user,
    receive,
    send,
    wait_at_most,
)

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    one, other = socket.socketpair()
    with one, other:
        yield one, other


def said(data: bytes, most: int = 100) -> bytearray:
    """What is received of a peer that says this and goes."""
    one, other = socket.socketpair()
    with other:
        with one:
            one.sendall(data)
        return receive(other, most)


def test_what_is_sent_is_received_byte_for_byte_however_large(pair: Pair) -> None:
    data = os.urandom(3 * wire.PIECE + 7)
    sender = threading.Thread(target=send, args=(pair[0], data))
    sender.start()
    assert receive(pair[1], len(data)) == data
    sender.join()


def test_what_is_sent_is_not_copied_before(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[object] = []

    class Peer:
        def sendall(self, data: object, flags: int = 0) -> None:
            handed.append(data)

    data = bytes(100_000)
    send(Peer(), data)  # type: ignore[arg-type]
    assert handed[1] is data
    assert len(handed) == 2


@given(st.binary(max_size=60))
def test_any_other_greeting_is_refused(data: bytes) -> None:
    if data.startswith(GREETING[:3]):
        return
    with pytest.raises(Refused):
        said(data)


def test_another_version_is_told_from_no_packviz_at_all() -> None:
    with pytest.raises(Refused, match="another version"):
        said(GREETING[:-2] + b"9\n" + SIZE.pack(0))
    with pytest.raises(Refused, match="does not greet"):
        said(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")


def test_more_than_is_taken_is_refused_before_it_is_read() -> None:
    with pytest.raises(Refused, match=r"announces 101 bytes, but at most 100"):
        said(GREETING + SIZE.pack(101))
    with pytest.raises(Refused, match="announces"):
        said(GREETING + SIZE.pack(2**64 - 1), most=2**40)


@given(st.integers(1, 2**40), st.binary(max_size=50))
def test_a_frame_that_announces_more_than_comes_is_refused_and_takes_little_memory(size: int, data: bytes) -> None:
    if size <= len(data):
        return
    import tracemalloc

    tracemalloc.start()
    with pytest.raises(CutShort, match=f"ends after {len(data)} of {size:,} bytes"):
        said(GREETING + SIZE.pack(size) + data, most=2**40)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 3 * wire.PIECE


def test_a_peer_that_says_nothing_is_waited_for_no_longer_than_was_said(pair: Pair) -> None:
    wait_at_most(pair[1], 0.01)
    with pytest.raises(BlockingIOError):
        receive(pair[1], 100)


def test_an_answer_is_an_object_of_json(pair: Pair) -> None:
    send(pair[0], answer_bytes(process=3, batches=1))
    assert answer_of(pair[1]) == {"process": 3, "batches": 1}
    for nonsense in (b"[1]", b"{", b"\xff", b"[" * 50_000):
        send(pair[0], nonsense)
        with pytest.raises(Refused):
            answer_of(pair[1])
    pair[0].sendall(GREETING + SIZE.pack(LONGEST_ANSWER + 1))
    with pytest.raises(Refused, match="announces"):
        answer_of(pair[1])


def test_the_process_at_the_other_end_must_be_this_users(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    assert peer_user(pair[0]) == os.getuid()
    check_peer(pair[0])
    monkeypatch.setattr(os, "getuid", lambda: 4242)
    with pytest.raises(Refused, match="another user's"):
        check_peer(pair[0])


def test_where_the_system_does_not_say_whose_it_is_the_mode_of_the_folder_keeps_others_out(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(socket, "SO_PEERCRED")
    monkeypatch.setattr(wire.sys, "platform", "freebsd")
    assert peer_user(pair[0]) is None
    check_peer(pair[0])
