"""Which way round a mask lies whose rows do not all pad on the right: as tokenizers pad on the left, or with holes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.cells.bits import bits_of, how_many, last_bit
from packviz.core.cells.filling import PROOF
from packviz.core.cells.masks import as_mask
from packviz.core.texts.wording import count


def rows_of_mask(mask: NDArray[Any]) -> tuple[bool, str] | None:
    """Whether the first dimension of a mask counts the rows, and why; None where it pads on the right in a layout,
    which tells as much, or where nothing tells."""
    grid = as_mask(mask)
    if grid is None or not grid.size:
        return None
    here, there = (_odd(way) for way in (grid, grid.T))
    if min(here) == min(there) or 0 in (here[0], there[0]):
        return None
    first = min(here) < min(there)
    odd, other = (min(here), min(there)) if first else (min(there), min(here))
    if other - odd < PROOF:
        return None
    rows, columns = grid.shape if first else grid.shape[::-1]
    held = f"each of {count(rows, 'row')} of the mask"
    if odd:
        held = f"{count(rows, 'row')} of the mask but {odd}"
    turned = f"the other way round {other} of {columns} change more often"
    return first, f"batch_first={first}: {held} {'change' if odd else 'changes'} once at most, {turned}"


def _odd(grid: NDArray[np.bool_]) -> tuple[int, int]:
    """How many rows are not True, then False; and how many are not False, then True."""
    odd = (_not_right(way) for way in (grid, grid[:, ::-1]))
    right, left = odd
    return right, left


def _not_right(grid: NDArray[np.bool_]) -> int:
    bits = bits_of(np.ascontiguousarray(grid))
    return int(np.count_nonzero(how_many(bits) != last_bit(bits)))
