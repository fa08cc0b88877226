"""Sequences with time last, (F, T) each, as mels are kept before they are padded."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from packviz.core.batch import BatchError
from packviz.files.arrays import Values, is_array, values_of
from packviz.files.paste.found import Found

AXES = {"FT": True, "TF": False}
"""The axes of one sequence, and whether it is turned."""


def turned_sequences(found: Found, axes: str | None = None) -> Found:
    """The sequences, each turned to (T, F) where all have the same first dimension and different last ones, or where
    `axes` says so, "BFT" or "FT". Anything else as it is."""
    rows = found.x
    if not isinstance(rows, list | tuple) or len(rows) < 2 or not all(map(is_array, rows)):
        return _refused(found, axes)
    arrays = [values_of(row, f"x[{i}]") for i, row in enumerate(rows)]
    if any(values.array.ndim != 2 for values in arrays):
        return _refused(found, axes)
    firsts = {values.array.shape[0] for values in arrays}
    lasts = {values.array.shape[1] for values in arrays}
    typed = None if axes is None else AXES.get(axes.upper().replace("B", ""))
    if axes is not None and typed is None:
        raise BatchError(f"axes is {axes[:40]!r}, but x is a list of sequences: give TF, or FT where time is last.")
    if not (typed if typed is not None else len(firsts) == 1 and len(lasts) > 1):
        return found
    turned = [Values(np.ascontiguousarray(values.array.T), values.dtype) for values in arrays]
    why = "as it was said" if typed else f"all have {next(iter(firsts))} first, and their last dimensions differ"
    return replace(found, x=turned, said=(*found.said, f"time last, (F, T) each, turned to (T, F): {why}"))


def _refused(found: Found, axes: str | None) -> Found:
    if axes is not None:
        raise BatchError("axes were given, but what it holds has no layout of its own: leave them out.")
    return found
