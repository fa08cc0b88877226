"""All rules over a large batch, against one copy of it; and over small ones, as many as a training loop has."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import redirect_stdout
from functools import partial
from io import StringIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz import api
from packviz.cli import main
from packviz.core.batch import Batch, Call, make_batch
from packviz.core.cells.guess import guessed
from packviz.core.rules import check
from tests.bench.table import Row, interleaved

B, T = 4096, 2048
REPEATS = 15
SMALL = (32, 60)
SMALL_REPEATS = 300
FILES = 400

Array = NDArray[Any]


def rows() -> list[Row]:
    """Rows for correct batches, and for some that are wrong in every row."""
    return [*(measured(f"all rules, {B} × {T}{how}", batch) for how, batch in batches().items()), small(), data_set()]


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


def small() -> Row:
    """How many small batches are checked a second without torch, from the arrays to the report: of the slowest kind."""
    kinds = {f"{kind}{how}": arrays for kind, how, arrays in _small_batches()}
    sides = [
        partial(api.check, *arrays, batch_first=True, enforce_sorted=False, ask=False) for arrays in kinds.values()
    ]
    rates = dict(zip(kinds, (1 / seconds for seconds in interleaved(*sides, repeats=SMALL_REPEATS)), strict=True))
    slowest, fastest = min(rates, key=rates.__getitem__), max(rates, key=rates.__getitem__)
    note = f"{slowest}; {rates[fastest]:.0f} of {fastest}"
    what = "rules alone, batches of {} × {}, a second, one core".format(*SMALL)
    return Row(what, "wall clock", 300.0, rates[slowest], note, rate=True)


def data_set() -> Row:
    """How many files of one small batch each `packviz check --rules-only` gets through in a second of one core, from
    the folder to the summary."""
    kinds = list(_small_batches())
    with tempfile.TemporaryDirectory() as folder:
        for i in range(FILES):
            _, _, (x, lengths) = kinds[i % 4]
            np.savez(f"{folder}/b{i}.npz", x=x, lengths=lengths, batch_first=True, enforce_sorted=False)
        words = ["check", folder, "--rules-only", "--jobs", "1"]
        with redirect_stdout(StringIO()):
            [spent] = interleaved(partial(main, words), repeats=5)
    what = "packviz check --rules-only, files of 32 × 60, a second, one core"
    return Row(what, "wall clock", 300.0, FILES / spent, f"{FILES} .npz files", rate=True)


def _small_batches() -> Iterator[tuple[str, str, tuple[Array, Array]]]:
    """(kind, what is special about it, x and lengths): right ones, and such as have findings."""
    random = np.random.default_rng(0)
    rows, steps = SMALL
    lengths = random.integers(1, steps + 1, rows)
    beyond = np.arange(steps) >= lengths[:, None]
    for kind, x in (
        ("float32", random.standard_normal(SMALL, dtype=np.float32)),
        ("ids", random.integers(1, 30_000, SMALL)),
        ("float32 × 16", random.standard_normal((*SMALL, 16), dtype=np.float32)),
    ):
        x[beyond] = 0
        yield kind, "", (x, lengths)
        x, spoiled = x.copy(), np.clip(lengths + random.integers(-2, 3, rows), 1, steps)
        x[0, 0] = 0
        yield kind, " with findings", (x, spoiled)
