"""Several processes check one file after the other, each its own; what they say comes in the order of the files.

A process that dies, for want of memory say, is told with the file that it was at, and another one goes on.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from time import monotonic
from typing import Any

from packviz.cli.checking.looking import Entry, Item, Job, looked, unread
from packviz.core.errors import BatchError, Defect, defect_text
from packviz.core.texts.quoting import elided

AHEAD = 4
"""Files, for each process, that may be checked before those that come first are done: what is said of them waits."""

MOST_HELD = 64
OFTEN_S = 0.2
"""A process hands over what it has after so many batches, or so long."""

GRACE_S = 2.0
"""Seconds that a process has to end once nothing is left for it."""

ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass
class _Worker:
    """A process, the pipe to it, and the place of the file that it is at."""

    process: BaseProcess
    pipe: Connection
    at: int | None = None


@dataclass
class _Files:
    """What has come of the files, by their place, until it is handed on. `head`: the first that is not yet."""

    items: dict[int, list[Item]] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    head: int = 0

    def ready(self) -> Iterator[tuple[int, Item]]:
        """What can be handed on, in order: of the first file as it comes, of the next ones once that is done."""
        while True:
            yield from ((self.head, item) for item in self.items.pop(self.head, ()))
            if self.head not in self.done:
                return
            self.done.discard(self.head)
            self.head += 1


def in_processes(entries: Sequence[Entry], job: Job, jobs: int) -> Iterator[tuple[int, Item]]:
    """Every batch of the files, with the place of its file among them, in their order, checked by so many processes.

    Raises what `looked` raises, and Defect.
    """
    files, workers, given = _Files(), [_start(job) for _ in range(min(jobs, len(entries)))], 0
    try:
        while files.head < len(entries):
            for worker in workers:
                if worker.at is None and given < len(entries) and given - files.head < AHEAD * len(workers):
                    _give(worker, given, entries[given])
                    given += 1
            busy = {worker.pipe: worker for worker in workers if worker.at is not None}
            for pipe in wait(list(busy)):
                worker = busy[pipe]  # type: ignore[index]
                if not _take(worker, files):
                    workers[workers.index(worker)] = _start(job)
                    _bury(worker, files, entries, job)
            yield from files.ready()
    finally:
        for worker in workers:
            worker.pipe.close()  # at its end it ends
        for worker in workers:
            worker.process.join(GRACE_S)
            if worker.process.exitcode is None:
                worker.process.kill()
                worker.process.join()


def _start(job: Job) -> _Worker:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, job), name="packviz-check", daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _give(worker: _Worker, at: int, entry: Entry) -> None:
    worker.at = at
    with suppress(OSError):  # it is dead: that is seen where its answer is waited for
        worker.pipe.send(entry)


def _take(worker: _Worker, files: _Files) -> bool:
    """Takes what a process has handed over; False where it has died."""
    assert worker.at is not None
    try:
        items, done, raised = worker.pipe.recv()
    except (EOFError, OSError):
        return False
    if raised is not None:
        raise raised
    files.items.setdefault(worker.at, []).extend(items)
    if done:
        files.done.add(worker.at)
        worker.at = None
    return True


def _bury(worker: _Worker, files: _Files, entries: Sequence[Entry], job: Job) -> None:
    """Tells that a process has died, in the place of what it has not said of its file."""
    assert worker.at is not None
    worker.process.join()
    worker.pipe.close()
    before = len(files.items.get(worker.at, ()))
    entry = entries[worker.at]
    why = f"{elided(entry.name)}: the process that checked it has died ({_death(worker.process.exitcode)})."
    files.items.setdefault(worker.at, []).append(unread(entry, why, before, job))
    files.done.add(worker.at)


def _death(code: int | None) -> str:
    if code is not None and code < 0:
        try:
            return f"{signal.Signals(-code).name}; it may have been out of memory: try --jobs 1"
        except ValueError:
            return f"signal {-code}"
    return f"exit code {code}"


def _serve(pipe: Connection, job: Job) -> None:
    """The other process: checks the files that it is given, until there are no more."""
    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")  # before torch is loaded: as many processes as cores are at work
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is heard by the process that started this one
    threading.Thread(target=_end_with_parent, name="packviz-parent", daemon=True).start()
    while True:
        try:
            entry = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            _send_each(pipe, entry, job)
        except (BrokenPipeError, ConnectionResetError):
            return
        except Exception as error:  # goes on in the process that started this one
            with suppress(OSError):  # which another process may have ended before
                pipe.send(([], False, _sendable(error)))
            return


def _send_each(pipe: Connection, entry: Entry, job: Job) -> None:
    held: list[Item] = []
    since = monotonic()
    for item in looked(entry, job):
        held.append(item)
        if len(held) >= MOST_HELD or monotonic() - since > OFTEN_S:
            pipe.send((held, False, None))
            held, since = [], monotonic()
    pipe.send((held, True, None))


def _sendable(error: Exception) -> Exception:
    if isinstance(error, BatchError):
        return error
    if isinstance(error, OSError):
        return OSError(error.errno, error.strerror, error.filename)
    return Defect(str(error) if isinstance(error, Defect) else defect_text(error))


def _end_with_parent() -> None:
    from packviz.cli.interrupt import end

    parent: Any = parent_process()
    wait([parent.sentinel])
    end()
