"""The ear of a window: it takes what programs of this user send it, each on a thread of its own."""

from __future__ import annotations

import fcntl
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from select import select

from packviz.core.budget import MEMORY
from packviz.core.errors import BatchError, Defect
from packviz.showing.place import Place, check_folder
from packviz.showing.wire import NoWindow, Refused, announced, answer_bytes, check_peer, exactly, send, wait_at_most

PATIENCE_S = 30
"""How long a peer that has begun to send may pause."""
LARGE = 64 << 20
"""Bytes from which on what programs send is read one after the other: many workers together fill no memory."""
LOOK_S = 2.0
"""How often a window looks whether its socket is still there."""
FULL_S = 0.1
"""How long it waits where there are too many open files for one more peer."""

Take = Callable[[bytearray], None]
"""What is done with the bytes that a program sends; raises BatchError where they are no batch."""


class Listener:
    """It listens from the start, and answers once `serve` is called. `close` ends it, and all its threads.

    Several windows may listen at one place, each at a socket of its own: programs call the one that was `used` last.
    Where its socket is removed, or the folder with it, it listens at another one a moment later."""

    def __init__(self, place: Place, path: Path, ear: socket.socket) -> None:
        self.place, self.path = place, path
        self.taken = 0
        self._ear = ear
        self._peers: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._lock, self._large = threading.Lock(), threading.Lock()
        self._closed = False
        self._wake, self._woken = socket.socketpair()

    @classmethod
    def at(cls, place: Place, *, alone: bool = False) -> Listener | None:
        """One that listens at this place. `alone`: None where another window listens there. What is left of windows
        that have died is removed. Raises NoWindow where others may enter the folder, OSError."""
        check_folder(place.folder)
        with _locked(place.changing):
            others = [path for path in place.sockets if not _removed_as_dead(path)]
            if alone and others:
                return None
            path, ear = _bound(place)
        listener = cls(place, path, ear)
        listener.used()
        return listener

    def used(self) -> None:
        """The window is used now: programs call it before all others."""
        now = time.time_ns()
        with suppress(FileNotFoundError):  # it listens no more
            os.utime(self.path, ns=(now, now))

    def serve(self, take: Take) -> None:
        """Answer from now on, those too who have called before."""
        with self._lock:
            self._start(self._accept, take)

    def close(self) -> None:
        """Listen no more, and let everybody go who waits for the end. What has been taken by then stays taken."""
        with _locked(self.place.changing, gone=True):
            with self._lock:
                if self._closed:
                    return
                self._closed = True
                peers = list(self._peers)
            self.path.unlink(missing_ok=True)
            self._wake.close()
            for peer in peers:
                with suppress(OSError):
                    peer.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._ear.close()
        self._woken.close()

    def _start(self, do: Callable[..., None], *given: object) -> None:
        """One more thread, which `close` waits for: the lock is held."""
        thread = threading.Thread(target=do, args=given, name="packviz-shown", daemon=True)
        self._threads = [*(one for one in self._threads if one.is_alive()), thread]
        thread.start()

    def _accept(self, take: Take) -> None:
        while True:
            ready = select([self._ear, self._woken], [], [], LOOK_S)[0]
            if self._woken in ready:
                return
            if not ready:
                self._listen_again()
                continue
            try:
                peer, _ = self._ear.accept()
            except OSError:
                select([self._woken], [], [], FULL_S)
                continue
            with self._lock:
                if self._closed:
                    peer.close()
                    return
                self._peers.add(peer)
                self._start(self._hear, peer, take)

    def _listen_again(self) -> None:
        """At a socket of another name, where its own is gone: somebody has tidied up, and no program could call it."""
        if os.path.lexists(self.path):
            return
        with suppress(OSError, NoWindow):  # where that can't be now it may be the next time
            self.place.folder.mkdir(mode=0o700, exist_ok=True)
            check_folder(self.place.folder)
            with _locked(self.place.changing):
                path, ear = _bound(self.place)
            with self._lock:
                if self._closed:
                    ear.close()
                    path.unlink(missing_ok=True)
                    return
                before, self._ear, self.path = self._ear, ear, path
            before.close()
            self.used()

    def _hear(self, peer: socket.socket, take: Take) -> None:
        try:
            with peer, suppress(OSError):
                wait_at_most(peer, PATIENCE_S)
                send(peer, self._answer(peer, take))
                wait_at_most(peer, 0)
                peer.recv(1)  # until it goes, or the window does: that is what a blocking call waits for
        finally:
            with self._lock:
                self._peers.discard(peer)

    def _answer(self, peer: socket.socket, take: Take) -> bytes:
        try:
            check_peer(peer)
            size = announced(peer, MEMORY.most())
            with self._large if size > LARGE else nullcontext():
                take(exactly(peer, size))
        except (Refused, BatchError, Defect) as error:
            return answer_bytes(refused=str(error))
        except MemoryError:
            return answer_bytes(refused="there is not enough memory for it")
        with self._lock:
            self.taken += 1
            return answer_bytes(process=os.getpid(), batches=self.taken)


def _bound(place: Place) -> tuple[Path, socket.socket]:
    """A socket that listens at this place, and where: the folder is locked. Raises OSError."""
    path = place.another()
    ear = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        ear.bind(str(path))
        path.chmod(0o600)
        ear.listen(socket.SOMAXCONN)
    except OSError:
        ear.close()
        raise
    return path, ear


def _removed_as_dead(path: Path) -> bool:
    """Whether no window listens at this socket any more; it is removed then. One that is too busy to answer listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
        peer.setblocking(False)
        try:
            peer.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            path.unlink(missing_ok=True)
            return True
        except OSError:
            return False
    return False


@contextmanager
def _locked(path: Path, *, gone: bool = False) -> Iterator[None]:
    """While the file is locked by this process alone; whoever holds it does so for a moment. `gone`: its folder may be
    gone, and all that was in it, as where somebody has tidied up: there is nobody then to keep out."""
    try:
        held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except FileNotFoundError:
        if not gone:
            raise
        yield
        return
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)
