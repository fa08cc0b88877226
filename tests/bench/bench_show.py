"""How long `packviz.show` keeps a program: the call that starts the window, and those that add to it."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from contextlib import suppress
from typing import Any
from unittest.mock import patch

import numpy as np

import packviz
from packviz.showing import show as room
from tests.bench.table import Row, p95, seconds

B, T, F = 64, 200, 32
CALLS, PAUSE_S = 15, 1.0  # as somebody calls it by hand, and not while the window works on the batch before


def rows() -> list[Row]:
    """One row: the calls once the window runs; the note has the first one, with what is installed compiled before."""
    random = np.random.default_rng(0)
    x, lengths = random.normal(size=(B, T, F)).astype(np.float32), random.integers(1, T + 1, B)
    running: list[int] = []
    hand_over = room.hand_over

    def noted(*given: Any, **more: Any) -> dict[str, Any]:
        told = hand_over(*given, **more)
        running[:] = [told["process"]]
        return told

    def call() -> None:
        packviz.show(x, lengths, batch_first=True, enforce_sorted=False)

    def end() -> None:
        for process in running:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        running.clear()

    folder = tempfile.mkdtemp(prefix="pv")
    own = {"XDG_RUNTIME_DIR": folder, "QT_QPA_PLATFORM": "offscreen", "PYTHONPYCACHEPREFIX": f"{folder}/compiled"}
    with patch.dict(os.environ, own), patch.object(room, "hand_over", noted):
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        try:
            call()
            end()
            first = seconds(call)
            for _ in range(3):  # it imports torch meanwhile
                time.sleep(PAUSE_S)
                call()
            times = []
            for _ in range(CALLS):
                time.sleep(PAUSE_S)
                times.append(seconds(call))
        finally:
            end()
            shutil.rmtree(folder)
    note = f"median {1000 * sorted(times)[CALLS // 2]:.0f} ms; the call that starts the window {first:.2f} s"
    what = f"packviz.show of {B} × {T} × {F}, once the window runs"
    return [Row(what, "wall clock, p95", 100, p95(times), note, " ms")]
