"""What goes between a program and the window: a greeting, a size and so many bytes, either way; never a pickle.

The program sends what `files/kept/batch.py` makes of a batch; the window answers with a JSON object.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import sys
from typing import Any

VERSION = 1
GREETING = f"packviz show {VERSION:02d}\n".encode()
SIZE = struct.Struct("<Q")
LONGEST_ANSWER = 1 << 16
PIECE = 16 << 20
"""Bytes that are waited for in one go: another thread of a busy window has to be waited for only once then."""
_SPOKEN = len(GREETING) - 3  # without its version
_QUIETLY = getattr(socket, "MSG_NOSIGNAL", 0)  # a program may have said that a broken pipe ends it


class NoWindow(Exception):
    """Why there is no window for a batch, as the end of a sentence."""


class Refused(Exception):
    """Why what a peer sent is not taken, as the end of a sentence."""


class CutShort(Refused):
    """It has gone before all was said that it has announced."""


def wait_at_most(peer: socket.socket, seconds: float) -> None:
    """How long one sending or receiving may take, 0 for ever: it then raises BlockingIOError. Unlike a timeout of
    Python's own, the system waits until a piece is whole."""
    whole, rest = divmod(seconds, 1)
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        peer.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", int(whole), int(rest * 1e6)))


def send(peer: socket.socket, data: bytes | memoryview) -> None:
    """The bytes with the greeting and their size before them; they are not copied. Raises OSError."""
    peer.sendall(GREETING + SIZE.pack(len(data)), _QUIETLY)
    peer.sendall(data, _QUIETLY)


def receive(peer: socket.socket, most: int) -> bytearray:
    """What the peer sends. At most PIECE is set aside for what has only been announced. Raises Refused where it greets
    in another way, announces more than `most` bytes or sends fewer than it has announced; OSError."""
    return exactly(peer, announced(peer, most))


def announced(peer: socket.socket, most: int) -> int:
    """How many bytes the peer is about to send. Raises Refused where it greets in another way, or announces more than
    `most`; OSError."""
    head = exactly(peer, len(GREETING) + SIZE.size)
    greeting = bytes(head[: len(GREETING)])
    if greeting != GREETING:
        if greeting[:_SPOKEN] == GREETING[:_SPOKEN]:
            raise Refused("it is of another version of packviz")
        raise Refused("it does not greet as packviz does")
    size: int = SIZE.unpack_from(head, len(GREETING))[0]
    if size > most:
        raise Refused(f"it announces {size:,} bytes, but at most {most:,} are taken")
    return size


def exactly(peer: socket.socket, size: int) -> bytearray:
    """So many bytes of the peer. Raises CutShort where they are fewer, OSError."""
    held, done = bytearray(), 0
    while done < size:
        if done == len(held):
            held += bytes(min(size - done, max(PIECE, done)))
        with memoryview(held) as view, view[done:] as rest:
            part = peer.recv_into(rest, len(rest), socket.MSG_WAITALL)
        if not part:
            raise CutShort(f"it ends after {done:,} of {size:,} bytes")
        done += part
    return held


def answer_bytes(**told: Any) -> bytes:
    """An answer of the window as bytes."""
    return json.dumps(told).encode()


def answer_of(peer: socket.socket) -> dict[str, Any]:
    """The answer of the window. Raises Refused where it is none, OSError."""
    try:
        told = json.loads(bytes(receive(peer, LONGEST_ANSWER)))
    except (ValueError, RecursionError):
        raise Refused("its answer is no JSON") from None
    if not isinstance(told, dict):
        raise Refused("its answer is no object")
    return told


def check_peer(peer: socket.socket) -> None:
    """Raises Refused where the process at the other end is another user's, OSError where it can't be told."""
    user = peer_user(peer)
    if user is not None and user != os.getuid():
        raise Refused("it is another user's")


def peer_user(peer: socket.socket) -> int | None:
    """The number of the user whose process is at the other end; None where this system does not say, and the mode of
    the folder alone keeps others out."""
    if hasattr(socket, "SO_PEERCRED"):
        _, user, _ = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
        return int(user)
    if sys.platform == "darwin":
        _, user = struct.unpack_from("2I", peer.getsockopt(0, 1, 128))  # SOL_LOCAL, LOCAL_PEERCRED: a struct xucred
        return int(user)
    return None
