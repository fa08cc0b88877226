"""All rules over a large batch, against one copy of it."""

from __future__ import annotations

import numpy as np

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.cells.guess import guessed
from packviz.core.rules import check
from tests.bench.table import Row, interleaved

B, T = 4096, 2048
REPEATS = 15


def rows() -> list[Row]:
    """Rows for correct batches, and for some that are wrong in every row."""
    return [measured(f"all rules, {B} × {T}{how}", batch) for how, batch in batches().items()]


def batches() -> dict[str, Batch]:
    """The batches, by what is special about them; made of the same numbers and lengths."""
    random = np.random.default_rng(0)
    lengths = random.integers(1, T + 1, B)
    full = random.standard_normal((B, T), dtype=np.float32)
    inside = np.arange(T) < lengths[:, None]
    padded = np.where(inside, full, np.float32(0))
    ids = np.where(inside, random.integers(1, 30_000, (B, T)), 0)
    left = np.where(np.arange(T) >= T - lengths[:, None], full, np.float32(0))
    bits = (random.random((B, T), dtype=np.float32) < 0.5).astype(np.float32)
    nan = padded.copy()
    nan[::64, 0] = np.nan
    call = Call(batch_first=True, enforce_sorted=False)
    return {
        "": make_batch(padded, lengths, call),
        ", ids": make_batch(ids, lengths, call),
        ", time first": make_batch(np.ascontiguousarray(padded.T), lengths, Call(enforce_sorted=False)),
        ", lengths guessed": guessed(make_batch(padded, [], call)),
        ", all lengths too small": make_batch(full, lengths, call),
        ", padded on the left": make_batch(left, lengths, call),
        ", NaN in some rows": make_batch(nan, lengths, call),
        ", zeros and ones": make_batch(bits, np.full(B, T), call),
        ", zeros and ones, all lengths too small": make_batch(bits, lengths // 2 + 1, call),
    }


def measured(what: str, batch: Batch) -> Row:
    """One row of the table."""
    ours, copy = interleaved(lambda: check(batch), batch.x.copy, repeats=REPEATS)
    return Row(what, "x.copy()", 4.0, ours / copy, f"{1000 * ours:.1f} ms against {1000 * copy:.1f} ms")
