"""The real window, offscreen: a step, a hover, an edit repainted in all panes; opening a large file; its memory."""

from __future__ import annotations

import gc
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.module import Module
from packviz.session.actions import (
    Action,
    GoToPass,
    Hover,
    Load,
    Redo,
    SetLength,
    SetSpeed,
    StepBy,
    StepTo,
    TogglePlay,
    Undo,
)
from packviz.session.cursor import Place
from packviz.session.loads import LoadRequest
from packviz.session.state import showing
from packviz.torch_side.memory import WORTH, give_back
from tests.bench.table import Row, p95

SIZES = ((256, 1024, 256), (512, 1000, 16))
STACKED = (256, 512, 64, 256)  # rows, steps, features, hidden
LARGE = {"npy": (4096, 2048), "pt": (10_000, 500)}
REPEATS = 120
PLAYED = 60.0  # steps a second
EACH = (
    ("step", 12, "one step forward, all panes repainted"),
    ("back", 12, "one step back"),
    ("hover", 6, "hovering a cell, all panes repainted"),
    ("drag", 12, "a length dragged by one step"),
    ("undo", 14, "an undo or a redo"),
)


def rows() -> list[Row]:
    """Each action over batches of the SIZES; then opening the LARGE ones: every batch in a process of its own."""
    found = []
    for size in SIZES:
        times = _child("steps", *map(str, size))
        where = "{} × {}, H {}".format(*size)
        found += [Row(f"{what}, {where}", "wall clock, p95", most, times[name], "", " ms") for name, most, what in EACH]
    played = _child("play", "64", "200")
    frames = f"{played['frames']:.0f} frames, {played['rate']:.1f} a second, the longest gap {played['gap']:.1f} ms"
    found.append(Row("play at 60 steps a second, 64 × 200", "frames dropped", 0, played["dropped"], frames))
    sought = _child("seek", *map(str, STACKED))
    where = "{} × {}, F {}, H {}".format(*STACKED)
    what = f"seeking any step, layer and direction of a 2-layer bidirectional LSTM, {where}"
    held = f"{sought['held']:.2f} GiB of states"
    found.append(Row(what, "wall clock, p95", 16, sought["seek"], held, " ms"))
    opening, saved = _child("opening", "npy"), _child("opening", "pt")
    share = opening["memory"] / opening["x"]
    return [
        *found,
        Row(
            "opening a 4096 × 2048 float32 .npy until painted",
            "napari opening the same file",
            0.5,
            math.nan,
            f"{opening['seconds']:.2f} s; napari is not measured in this run",
        ),
        Row("memory above the empty window, that batch open", "bytes of x", 2.0, share, f"{opening['memory']:.0f} MiB"),
        Row(
            "opening a 10,000 × 500 float32 .pt, a transposed view with its lengths, until painted",
            "wall clock",
            500,
            1000 * saved["seconds"],
            f"{saved['done']:.2f} s until all is checked and torch is asked",
            " ms",
        ),
        Row(
            "memory above the empty window, that batch open",
            "bytes of x",
            2.0,
            saved["memory"] / saved["x"],
            f"{saved['memory']:.0f} MiB",
        ),
        Row(
            "the most that it takes meanwhile: torch packs, runs and unpacks it",
            "bytes of x",
            5.0,
            saved["peak"] / saved["x"],
            f"{saved['peak']:.0f} MiB; {saved['opened'] / saved['x']:.2f} × x until it is painted",
        ),
    ]


def _child(*words: str) -> dict[str, float]:
    """The figures that this module prints in a process of its own."""
    done = subprocess.run([sys.executable, "-m", __name__, *words], check=True, stdout=subprocess.PIPE, text=True)
    return {name: float(value) for name, value in (line.split() for line in done.stdout.splitlines())}


def _steps(rows: int, steps: int, hidden: int) -> None:
    from packviz.app import application, settle
    from packviz.session.store import Session
    from packviz.ui.window import Window

    application()
    session = Session(showing(_batch(rows, steps), module=Module(hidden=hidden), stepped=True))
    window = Window(session)
    window.resize(1600, 1000)
    window.show()
    session.work()
    settle(session)

    def measure(name: str, actions: Callable[[int], Action]) -> None:
        times = []
        for i in range(REPEATS):
            action = actions(i)
            start = time.perf_counter()
            session.apply(action)
            _paint()
            times.append(time.perf_counter() - start)
        print(name, p95(times))

    measure("step", lambda i: StepBy(1))
    measure("back", lambda i: StepBy(-1))
    measure("hover", lambda i: Hover(Place(i % rows, (i * 7) % steps)))
    measure("drag", lambda i: SetLength(3, steps // 2 + i % 40, gesture=1))
    settle(session)
    for i in range(5):
        session.apply(SetLength(i, steps // 2))
    settle(session)
    measure("undo", lambda i: Undo() if i % 2 else Redo())
    window.close()


def _seek(rows: int, steps: int, features: int, hidden: int) -> None:
    """Go to any step of any layer and direction of a run through two layers in both directions."""
    from packviz.app import application, settle
    from packviz.session.selectors import trace_of
    from packviz.session.store import Session
    from packviz.ui.window import Window

    application()
    module = Module(hidden=hidden, layers=2, directions=2)
    session = Session(showing(_batch(rows, steps, features), module=module, stepped=True))
    window = Window(session)
    window.resize(1600, 1000)
    window.show()
    session.work()
    settle(session)
    rng = np.random.default_rng(0)
    times = []
    for _ in range(REPEATS):
        step, layer, direction = (int(rng.integers(most)) for most in (steps, 2, 2))
        start = time.perf_counter()
        session.apply(StepTo(step))
        session.apply(GoToPass(layer, direction))
        _paint()
        times.append(time.perf_counter() - start)
        assert session.state.cursor.moment == (step, layer, direction)
    answer = trace_of(session.state)
    assert answer is not None
    assert answer.result is not None
    print("seek", p95(times))
    print("held", answer.result.nbytes / 2**30)
    window.close()


def _play(rows: int, steps: int) -> None:
    """Play a batch from its first step to its last, and count the frames that came late by half a frame or more."""
    from packviz.app import application, settle
    from packviz.session.store import Session
    from packviz.ui.window import Window

    application()
    session = Session(showing(_batch(rows, steps), stepped=True))
    window = Window(session)
    window.resize(1600, 1000)
    window.show()
    session.work()
    settle(session)
    for action in (SetSpeed(PLAYED), TogglePlay()):
        session.apply(action)
    painted: list[float] = []
    step = session.state.cursor.step
    while session.state.play.on:
        _paint()
        if session.state.cursor.step != step:
            step = session.state.cursor.step
            painted.append(time.perf_counter())
        time.sleep(0.0002)
    gaps = np.diff(painted)
    print("frames", len(painted))
    print("rate", 1 / float(np.mean(gaps)))
    print("gap", 1000 * float(gaps.max()))
    print("dropped", int((gaps > 1.5 / PLAYED).sum()))
    window.close()


def _opening(suffix: str) -> None:
    from packviz.app import application, settle
    from packviz.session.store import Session
    from packviz.ui.window import Window

    application()
    session = Session(showing(_batch(8, 8)))
    window = Window(session)
    window.resize(1600, 1000)
    window.show()
    session.work()
    settle(session)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"large.{suffix}"
        print("x", _save(path, *LARGE[suffix]) / 2**20)
        _settle_memory()
        before = _memory()
        _forget_peak()
        start = time.perf_counter()
        session.apply(Load(LoadRequest(1, paths=(str(path),), call=Call(batch_first=True, enforce_sorted=False))))
        while session.state.loading is not None:
            _paint()
        _paint()
        print("seconds", time.perf_counter() - start)
        print("opened", _peak() - before)
        settle(session)
        print("peak", _peak() - before)
        print("done", time.perf_counter() - start)
        _settle_memory()
        print("memory", _memory() - before)
    window.close()


def _save(path: Path, rows: int, steps: int) -> int:
    """Writes a batch: a .npy of x alone, a .pt of x, transposed, and its lengths. The bytes of x."""
    rng = np.random.default_rng(0)
    x, lengths = rng.standard_normal((rows, steps), dtype=np.float32), rng.integers(1, steps + 1, rows)
    x[np.arange(steps) >= lengths[:, None]] = 0
    if path.suffix == ".npy":
        np.save(path, x)
    else:
        import torch

        torch.save((torch.from_numpy(np.ascontiguousarray(x.T)).T, torch.from_numpy(lengths)), path)
    return x.nbytes


def _batch(rows: int, steps: int, *features: int) -> Batch:
    rng = np.random.default_rng(0)
    lengths = rng.integers(1, steps + 1, rows)
    x = rng.standard_normal((rows, steps, *features), dtype=np.float32)
    x[np.arange(steps) >= lengths[:, None]] = 0
    return make_batch(x, lengths, Call(batch_first=True, enforce_sorted=False))


def _paint() -> None:
    from PySide6.QtWidgets import QApplication

    QApplication.processEvents()


def _settle_memory() -> None:
    gc.collect()
    give_back(WORTH)


def _forget_peak() -> None:
    """Have Linux count the most memory anew."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak() -> float:
    """The most resident MiB of this process since then."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def _memory() -> float:
    """Resident MiB of this process."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    words = sys.argv[2:]
    if sys.argv[1] == "opening":
        _opening(*words)
    else:
        {"steps": _steps, "play": _play, "seek": _seek}[sys.argv[1]](*map(int, words))
