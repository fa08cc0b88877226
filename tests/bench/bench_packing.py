"""The packing maps of a large batch, against torch's own packing of it."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn.utils.rnn import pack_padded_sequence

from packviz.core.packing import pack_in_order, stable_order
from tests.bench.table import Row, interleaved

B, T = 4096, 2048
REPEATS = 7


def rows() -> list[Row]:
    """One row: all maps, (row, step) ↔ packed index, of 4096 × 2048 random lengths."""
    torch.set_num_threads(1)
    random = np.random.default_rng(0)
    lengths = random.integers(1, T + 1, B)
    x = torch.from_numpy(random.standard_normal((B, T), dtype=np.float32))
    counts = torch.from_numpy(lengths)

    def maps() -> object:
        packing = pack_in_order(lengths, stable_order(lengths), T)
        return packing.grid, packing.flat

    ours, theirs = interleaved(
        maps,
        lambda: pack_padded_sequence(x, counts, batch_first=True, enforce_sorted=False),
        repeats=REPEATS,
    )
    note = f"{1000 * ours:.0f} ms against {1000 * theirs:.0f} ms"
    return [Row(f"packing maps of {B} × {T}", "pack_padded_sequence", 1.0, ours / theirs, note)]
