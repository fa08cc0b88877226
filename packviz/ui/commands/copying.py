"""What Ctrl+C copies: the selected cell or row, as it would be typed."""

from __future__ import annotations

import numpy as np

from packviz.session.scene.resolve import Scene


def cell_as_typed(scene: Scene) -> str:
    """The value of the selected cell, `4` or `[0.5, 1.0]`; nothing where there is none."""
    batch, place = scene.controls.batch, scene.pointer.padded
    if batch is None or place is None:
        return ""
    step, row = place
    if not (row < batch.rows and step < batch.steps):
        return ""
    return repr(batch.grid[row, step].tolist())


def row_as_typed(scene: Scene) -> str:
    """The selected row as a list, up to its length: `[6, 7, 8, 9]`."""
    batch, row = scene.controls.batch, scene.pointer.row
    if batch is None or row >= batch.rows:
        return ""
    counts = batch.counts
    length = int(np.clip(counts[row], 0, batch.steps)) if row < len(counts) else batch.steps
    return repr(batch.grid[row, :length].tolist())
