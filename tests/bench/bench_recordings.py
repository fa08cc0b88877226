"""Opening a recording of ten thousand calls: until its list is shown, what it takes in memory, walking its calls."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.table import Row, p95
from tests.recorded import record

CALLS, BAD, KEPT = 10_000, 7231, 200
STEPS = 40
REPEATS = 4
MIB = 2**20


def rows() -> list[Row]:
    """How long until the list is shown, in a window that is up; how much more memory it takes than the empty window
    does; how long a walk to the next kept call takes, until its batch is shown."""
    with tempfile.TemporaryDirectory() as folder:
        path = record(Path(folder, "run.packviz"), CALLS, bad=(BAD,), kept=tuple(range(CALLS - KEPT, CALLS + 1)))
        shown, busy, memory, walk = min(measured(path, folder) for _ in range(REPEATS))
    about = f"{CALLS:,} calls, {KEPT + 2} kept"
    return [
        Row("a recording is opened, until its list is shown", about, 1.0, shown, f"{busy:.2f} s of it at work", " s"),
        Row("memory of it above the empty window", about, 200, memory, "resident", " MiB"),
        Row("to the next call, until its batch is shown", about, 100, walk, f"p95 of {STEPS}", " ms"),
    ]


def measured(path: Path, compiled: str) -> tuple[float, ...]:
    """What `measure` gives in a process of its own, compiled before, as what is installed is."""
    given = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    own = {"QT_QPA_PLATFORM": "offscreen", "PYTHONPYCACHEPREFIX": compiled}
    words = [sys.executable, "-m", "tests.bench.bench_recordings", str(path)]
    done = subprocess.run(words, env={**given, **own}, check=True, capture_output=True, text=True)
    return tuple(map(float, done.stdout.split()))


def resident() -> float:
    """MiB of this process that lie in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MIB


def measure(path: str) -> tuple[float, float, float, float]:
    """Seconds until the list is painted, of these the processor's own, MiB, and milliseconds of a walk."""
    from PySide6.QtCore import QEventLoop
    from PySide6.QtWidgets import QApplication

    from packviz.app import application
    from packviz.session.actions import CallBy, Failed, Load
    from packviz.session.loads import LoadRequest
    from packviz.session.requests import TorchRequest
    from packviz.session.state import State
    from packviz.session.store import Session
    from packviz.session.updates.update import update
    from packviz.ui.window import Window

    application()
    session = Session(update(State(), Failed(TorchRequest(), "torch is left out, whose memory is its own.")))
    window = Window(session)
    window.show()
    QApplication.processEvents()
    session.work()

    def until_read() -> None:
        while session.state.loading is not None:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        window.grab()

    before, start, busy = resident(), time.perf_counter(), time.process_time()
    session.apply(Load(LoadRequest(1, paths=(path,))))
    until_read()
    shown, busy, taken = time.perf_counter() - start, time.process_time() - busy, resident() - before
    assert window.parts["calls"].table.calls.rowCount() == CALLS
    times = []
    for _ in range(STEPS):
        start = time.perf_counter()
        session.apply(CallBy(1))
        until_read()
        times.append(time.perf_counter() - start)
    window.close()
    return shown, busy, taken, p95(times)


if __name__ == "__main__":
    print(*measure(sys.argv[1]))
