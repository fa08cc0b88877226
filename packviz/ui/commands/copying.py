"""What Ctrl+C copies: the selected cell or row, as it would be typed."""

from __future__ import annotations

import numpy as np

from packviz.core.batch import Batch
from packviz.session.scene.resolve import Scene


def cell_as_typed(scene: Scene) -> str:
    """The value of the selected cell, `4` or `[0.5, 1.0]`, or those of all that are selected, a list a row; nothing
    where there is none."""
    batch, place, block = scene.controls.batch, scene.pointer.padded, scene.pointer.block
    if batch is not None and block is not None:
        return repr(batch.grid[list(block.rows), block.first : block.last + 1].tolist())
    return "" if batch is None or place is None else cell_text(batch, place[1], place[0])


def row_as_typed(scene: Scene) -> str:
    """The selected row as a list, up to its length: `[6, 7, 8, 9]`."""
    batch = scene.controls.batch
    return "" if batch is None else row_text(batch, scene.pointer.row)


def cell_text(batch: Batch, row: int, step: int) -> str:
    """The value of a cell; nothing where x has none there."""
    there = 0 <= row < batch.rows and 0 <= step < batch.steps
    return repr(batch.grid[row, step].tolist()) if there else ""


def row_text(batch: Batch, row: int) -> str:
    """A row as a list, up to its length; nothing where there is no such row."""
    if not 0 <= row < batch.rows:
        return ""
    counts = batch.counts
    length = int(np.clip(counts[row], 0, batch.steps)) if row < len(counts) else batch.steps
    return repr(batch.grid[row, :length].tolist())
