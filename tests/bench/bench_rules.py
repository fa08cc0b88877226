"""All rules over a large batch, against one copy of it."""

from __future__ import annotations

import numpy as np

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.rules import check
from tests.bench.table import Row, interleaved

B, T = 4096, 2048
REPEATS = 15


def rows() -> list[Row]:
    """Three rows: a correct batch, one whose every length cuts off data, and a correct one with time first."""
    random = np.random.default_rng(0)
    lengths = random.integers(1, T + 1, B)
    full = random.standard_normal((B, T), dtype=np.float32)
    padded = np.where(np.arange(T) < lengths[:, None], full, np.float32(0))
    call = Call(batch_first=True, enforce_sorted=False)
    batches = {
        "": make_batch(padded, lengths, call),
        ", all lengths too small": make_batch(full, lengths, call),
        ", time first": make_batch(np.ascontiguousarray(padded.T), lengths, Call(enforce_sorted=False)),
    }
    return [measured(f"all rules, {B} × {T}{how}", batch) for how, batch in batches.items()]


def measured(what: str, batch: Batch) -> Row:
    """One row of the table."""
    ours, copy = interleaved(lambda: check(batch), batch.x.copy, repeats=REPEATS)
    return Row(what, "x.copy()", 4.0, ours / copy, f"{1000 * ours:.1f} ms against {1000 * copy:.1f} ms")
