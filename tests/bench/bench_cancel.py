"""How soon each kind of work ends once nobody wants it: given up at moments spread over all of it."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.cancel import Cancelled, Watch
from packviz.core.errors import BatchError
from packviz.core.module import Module
from packviz.session.loads import LoadRequest
from packviz.session.requests import CheckRequest, ProbeRequest, Request, VerdictRequest
from packviz.session.runs import TraceRequest
from tests.bench.table import Row

MOST_MS = 200
MOMENTS = 12
LONGEST = 6.0
"""Seconds of a piece of work that are looked at."""


def rows() -> list[Row]:
    """One row for each kind: the longest that one waits."""
    import torch

    torch.set_num_threads(1)
    found = []
    for what, request in _work():
        whole = _whole(request)
        delays = [whole * (moment + 0.5) / MOMENTS for moment in range(MOMENTS)]
        waits = [wait for delay in delays if (wait := _given_up(request, delay)) is not None]
        note = f"given up at {len(waits)} moments of {whole:.2f} s"
        found.append(
            Row(f"given up: {what}", "wall clock, longest", MOST_MS, 1000 * max(waits, default=0), note, " ms")
        )
    return found


def _work() -> Iterator[tuple[str, Request[Any]]]:
    large = _batch(4096, 2048)
    yield "the check of 4096 × 2048", CheckRequest(large)
    yield "the verdict on 4096 × 2048, H 64", VerdictRequest(large, Module(hidden=64))
    yield "the verdict on 2000 × 1500, H 1024", VerdictRequest(_batch(2000, 1500), Module(hidden=1024))
    yield "the trace of 256 × 1024, H 256", TraceRequest(_batch(256, 1024), Module(hidden=256))
    yield "the probe of 256 × 1024, H 256", ProbeRequest(_batch(256, 1024), Module(hidden=256))
    with tempfile.TemporaryDirectory() as folder:
        for name, write in FILES.items():
            path = Path(folder, name)
            write(path)
            yield f"reading {name}", LoadRequest(1, paths=(str(path),))
            path.unlink()


def _json(path: Path) -> None:
    path.write_text(str(np.random.default_rng(0).integers(0, 9, (400_000, 8)).tolist()))


def _csv(path: Path) -> None:
    np.savetxt(path, np.random.default_rng(0).normal(size=(60_000, 20)), delimiter=",", fmt="%.7f")


FILES: dict[str, Callable[[Path], None]] = {
    "large.npy": lambda path: np.save(path, np.ones((8192, 8192), np.float32)),
    "ten.json": _json,
    "ten.csv": _csv,
}


def _batch(rows: int, steps: int) -> Batch:
    random = np.random.default_rng(0)
    lengths = random.integers(steps // 4, steps + 1, rows)
    x = random.normal(size=(rows, steps)).astype(np.float32) * (np.arange(steps) < lengths[:, None])
    return make_batch(x, lengths, Call(True, False))


def _whole(request: Request[Any]) -> float:
    """Seconds that all of it takes, or LONGEST where it takes longer."""
    start = time.perf_counter()
    _run(request, lambda: time.perf_counter() - start > LONGEST)
    return min(time.perf_counter() - start, LONGEST)


def _given_up(request: Request[Any], delay: float) -> float | None:
    """Seconds from giving it up, so long after it began, until it has ended; None where it was done before."""
    stop = threading.Event()
    worker = threading.Thread(target=_run, args=(request, stop.is_set))
    worker.start()
    worker.join(delay)
    if not worker.is_alive():
        return None
    start = time.perf_counter()
    stop.set()
    worker.join()
    return time.perf_counter() - start


def _run(request: Request[Any], cancelled: Callable[[], bool]) -> None:
    with suppress(Cancelled, BatchError):
        request.do(Watch(None, cancelled))
