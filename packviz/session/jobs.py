"""The only executor: requests go to worker threads, results come back to the GUI thread."""

from __future__ import annotations

import sys
import threading
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, QTimer, Signal, Slot

from packviz.core.batch import BatchError
from packviz.core.cancel import Cancelled, TooLong, Watch
from packviz.core.errors import Defect, Undecided, defect_text, no_torch
from packviz.session.actions import Computed, Failed, Progressed
from packviz.session.requests import Request

QUIET_MS = 30


@dataclass(eq=False)
class _Job:
    """One request on its way. `stop` is set when nobody wants its result any more."""

    request: Request[Any]
    stop: threading.Event = field(default_factory=threading.Event)


class _Runner(QRunnable):
    def __init__(self, job: _Job, jobs: Jobs) -> None:
        super().__init__()
        self.job, self.jobs = job, jobs

    def run(self) -> None:
        job, jobs = self.job, self.jobs
        shown = 0.0

        def progress(fraction: float) -> None:
            nonlocal shown
            if fraction - shown >= 0.01:
                shown = fraction
                jobs.came.emit(job, Progressed(job.request, fraction))

        try:
            action: Any = Computed(job.request, job.request.do(Watch(progress, job.stop.is_set)))
        except TooLong as error:
            action = Failed(job.request, str(error))
        except Cancelled:
            action = None
        except Undecided as error:
            action = Failed(job.request, str(error), error.choices, error.option)
        except BatchError as error:
            action = Failed(job.request, str(error))
        except MemoryError:
            action = Failed(job.request, f"there is not enough memory for this {job.request.kind}.")
        except Exception as error:
            action = Failed(job.request, _said_of(error))
        jobs.came.emit(job, action)


def _said_of(error: Exception) -> str:
    """Where torch can't be imported, that. Anything else is a defect, shown with all that a report needs, never
    swallowed."""
    missing = no_torch(error)
    if missing is not None:
        return str(missing)
    text = str(error) if isinstance(error, Defect) else defect_text(error)
    sys.stderr.write(f"{text}\n")
    return text


class Jobs(QObject):
    """Runs the wanted requests, at most one of a kind at a time; a newer request of a kind stops the older one.

    Patient requests wait for a pause in the wishes. `done` brings the actions Computed, Failed and Progressed, on
    the thread that this object lives in. The result of a request that is no longer wanted is dropped.
    """

    done = Signal(object)
    idle = Signal()  # nothing is under way any more
    came = Signal(object, object)  # from the workers: (job, action or None)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(4)
        self._running: dict[str, _Job] = {}
        self._wanted: dict[str, Request[Any]] = {}
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(QUIET_MS)
        self._quiet.timeout.connect(self._settled)
        self.came.connect(self._arrived, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        """Whether anything is under way."""
        return bool(self._running) or self._quiet.isActive()

    def want(self, wanted: dict[str, Request[Any]]) -> None:
        """Make the running work match what is wanted, one request a kind."""
        before, self._wanted = self._wanted, wanted
        for kind, job in self._running.items():
            if wanted.get(kind) != job.request:
                job.stop.set()
        for kind, request in wanted.items():
            if kind in self._running:
                continue
            if not request.patient:
                self._start(kind, request)
            elif before.get(kind) != request or not self._quiet.isActive():
                self._quiet.start()
        if not any(request.patient for request in wanted.values()):
            self._quiet.stop()
        self._rest()

    @Slot()
    def _settled(self) -> None:
        for kind, request in self._wanted.items():
            if request.patient and kind not in self._running:
                self._start(kind, request)
        self._rest()

    def _rest(self) -> None:
        if not self.busy:
            self.idle.emit()

    def _start(self, kind: str, request: Request[Any]) -> None:
        job = _Job(request)
        self._running[kind] = job
        self._pool.start(_Runner(job, self))

    @Slot(object, object)
    def _arrived(self, job: _Job, action: Any) -> None:
        kind = job.request.kind
        if isinstance(action, Progressed):
            if not job.stop.is_set():
                self.done.emit(action)
            return
        if self._running.get(kind) is job:
            del self._running[kind]
        if action is not None and not job.stop.is_set():
            self.done.emit(action)
        request = self._wanted.get(kind)
        answered = request == job.request and not job.stop.is_set()
        if request is not None and not answered and kind not in self._running:
            if request.patient:
                self._quiet.start()
            else:
                self._start(kind, request)
        self._rest()

    def close(self) -> None:
        """Stop everything and wait for the workers: after this no thread of ours runs."""
        self._quiet.stop()
        self._wanted = {}
        for job in self._running.values():
            job.stop.set()
        self._pool.waitForDone()
        self._running.clear()
