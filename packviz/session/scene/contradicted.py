"""What the panes show of a PackedSequence that contradicts itself: its own batch_sizes, and which cells of its nearest
reading hold data at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import Batch, frozen
from packviz.core.carrier import PackedFields
from packviz.core.packed import contradictions, reading


def places(batch: Batch | None) -> NDArray[np.int64] | None:
    """(B, T) int64, read-only: the packed index of the cell of `data` at each cell of x, -1 where the reading only
    filled a cell; None for any other batch, and where the rows of so long a PackedSequence were not all read."""
    fields = None if batch is None else batch.contradictory
    if batch is None or fields is None:
        return None
    count = len(np.atleast_1d(fields.data))
    numbered = reading(replace(fields, data=np.arange(count)), -1).x
    if len(numbered) != batch.rows or numbered.shape[1] < batch.steps:
        return None
    return frozen(numbered[:, : batch.steps])


def given_sizes(fields: PackedFields) -> tuple[NDArray[np.int64], int] | str:
    """batch_sizes as they were given, (L,), right or wrong, and how many of these steps `data` is long enough for; or
    why they can't be drawn."""
    sizes = fields.batch_sizes
    if sizes.ndim != 1 or not len(sizes) or sizes.dtype.kind not in "iu":
        return next((found.said for found in contradictions(fields) if found.field == "batch_sizes"), "no batch_sizes")
    there = int((np.cumsum(sizes.astype(np.float64)) <= len(np.atleast_1d(fields.data))).sum())
    return frozen(np.clip(sizes, -(2**62), 2**62).astype(np.int64)), there
