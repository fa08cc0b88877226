"""Ctrl+C ends the process at once, wherever it is: in an import, in torch, in Qt's event loop.

A KeyboardInterrupt comes only between two lines of Python in the main thread, and Qt swallows it. So the signal is
heard by a thread that does nothing else, and which ends the process without a detour: no destructor runs, in an order
that was never tried. What is being written is written first. A command that has something to say before does so from
a thread, within PATIENCE_S, between two pieces of what it prints; a second Ctrl+C does not wait for it.
"""

from __future__ import annotations

import atexit
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic

from packviz.core.writing import WRITING

INTERRUPTED = 128 + 2
"""The exit code, as the shell reports a command that Ctrl+C ended."""

PATIENCE_S = 2.0
"""Seconds that the last words may take: whoever should read them may not."""

LOCKED_S = 1.0
"""Seconds that the piece which is being printed may take when Ctrl+C comes: whoever should read it may not."""

_OFTEN_S = 0.02
_LAST_WORDS: list[Callable[[], None]] = []


@contextmanager
def last_words(say: Callable[[], None]) -> Iterator[None]:
    """Inside, Ctrl+C has `say` called before the process ends, in a thread of its own, while the others go on; where
    it is heard by somebody else than us, as KeyboardInterrupt goes by."""
    _LAST_WORDS.append(say)
    try:
        yield
    except KeyboardInterrupt:
        say()
        raise
    finally:
        _LAST_WORDS.remove(say)


class Pieces:
    """What a command prints piece by piece, each of them whole, whenever it is ended: last words come between two."""

    def __init__(self) -> None:
        self._lock, self._ended = threading.Lock(), False

    def print(self, one: Callable[[], None]) -> None:
        """Calls `one`, which prints a piece; after the last words nothing is printed."""
        with self._lock:
            if not self._ended:
                one()

    def end_with(self, words: Callable[[], None]) -> None:
        """Calls `words`, which prints the last piece, from any thread; not where the one before takes too long. Who is
        to print another one then waits for the end."""
        self._ended = True  # a lock alone may be taken again and again by who has it
        if not self._lock.acquire(timeout=LOCKED_S):
            return
        with suppress(OSError, ValueError):  # who would read it may be interrupted, too
            words()


@contextmanager
def ends_at_once() -> Iterator[None]:
    """Inside, Ctrl+C ends the process with INTERRUPTED; where somebody has said what it is to do, it does that."""
    plain = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not plain or threading.current_thread() is not threading.main_thread():
        yield
        return
    heard, told = socket.socketpair()
    told.setblocking(False)
    watcher = threading.Thread(target=_watch, args=(heard,), name="packviz-interrupt", daemon=True)
    watcher.start()
    before = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGINT, _leave_it_to_the_watcher)
    try:
        yield
    finally:
        # All is done: what the interpreter does at its end is no work that could be interrupted.
        atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.set_wakeup_fd(before)
        told.close()  # the watcher then ends
        watcher.join()
        heard.close()


def _watch(heard: socket.socket) -> None:
    while signals := heard.recv(64):
        if signal.SIGINT in signals:
            _say_last(heard)
            end()


def _say_last(heard: socket.socket) -> None:
    if not _LAST_WORDS:
        return
    saying = threading.Thread(target=_LAST_WORDS[-1], name="packviz-last-words", daemon=True)
    saying.start()
    heard.setblocking(False)
    until = monotonic() + PATIENCE_S
    while saying.is_alive() and monotonic() < until:
        saying.join(_OFTEN_S)
        try:
            if signal.SIGINT in heard.recv(64):
                return
        except BlockingIOError:
            pass


def end() -> None:
    """End this process now, and those that it has started."""
    with WRITING:
        try:
            asking = sys.modules.get("packviz.torch_side.asking.other_process")
            kill = getattr(asking, "kill", None)  # it may be half imported
            if kill is not None:
                kill()
        finally:
            os._exit(INTERRUPTED)


def _leave_it_to_the_watcher(number: int, frame: object) -> None:
    pass
