"""Which rows of a batch are padded on the left: they start with padding, and their data reaches the end of x.

A row may start with a real value that equals the padding value, so one such row proves little by itself. What proves it
is a length that such a row contradicts, or, where the lengths say nothing, that padding stands nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from packviz.core.batch import frozen
from packviz.core.cells.bits import Bools, Ints

MANY_CELLS = 8
MANY_LEADS = 3
"""Of values that may really be 0, as measurements may: so much padding on the left, in runs of so many different
lengths, and none elsewhere, is taken for padding where every length is T."""


@dataclass(frozen=True, eq=False)
class LeftPadded:
    """The rows, (m,) int64, that are padded on the left. All arrays are read-only.

    `leads`: (m,) int64, the steps of padding before the data of each. `proven`: whether the lengths, or ids among which
    the padding value has no place, leave no other reading. `full`: whether their lengths count all T steps of them.
    """

    rows: Ints
    leads: Ints
    proven: bool = True
    full: bool = False


NO_ROWS = LeftPadded(frozen(np.empty(0, dtype=np.int64)), frozen(np.empty(0, dtype=np.int64)))


def left_padded(counts: Ints, valid: Bools, starts: Ints, ends: Ints, held: Ints, steps: int, ids: bool) -> LeftPadded:
    """The rows that are padded on the left, of n rows with a length each.

    `counts`: (n,) the lengths, `valid` those inside x; `starts`, `ends`: (n,) the first step of the data of each row,
    and the step after its last; `held`: (n,) its cells that hold data; `ids`: whether x holds ids, among which the
    padding value is no id.
    """
    filled = ends > 0
    leads = np.where(filled, starts, 0)
    shaped = valid & filled & (leads > 0) & (ends == steps)
    short = shaped & (counts < steps)
    fits = short & ((counts == steps - starts) | (counts == held))
    most = 2 * np.count_nonzero(fits) > np.count_nonzero(valid & filled & (counts < steps))
    if fits.any() and (most or ids):
        return _found((shaped if ids else short) if most else fits, leads)
    if not shaped.any() or np.any(short):
        return NO_ROWS
    # All of them have the length T: nothing contradicts them but that there is no padding on the right, or inside. A
    # single cell may be an id all the same.
    if np.any(filled & ((ends < steps) | (held < steps - starts))):
        return NO_ROWS
    cells, widths = int(leads[shaped].sum()), len(np.unique(leads[shaped]))
    many = cells >= MANY_CELLS and widths >= MANY_LEADS
    return _found(shaped, leads, proven=ids and cells > 1, full=True) if ids or many else NO_ROWS


def _found(which: Bools, leads: Ints, proven: bool = True, full: bool = False) -> LeftPadded:
    rows = np.flatnonzero(which)
    return LeftPadded(frozen(rows), frozen(leads[rows]), proven, full)
