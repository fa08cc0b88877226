"""Masks: which cells of x are data, as a matrix of True and False, or of 1 and 0, beside x or in place of the lengths.

A mask that pads on the right, True … True False … False in each row, says the same as lengths. Of any other one the
first cell that no length can say is named. A mask may be (B, T) or (T, B) whatever the layout of x is, and it may be
True at padding, as the `key_padding_mask` of `nn.MultiheadAttention` is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import Batch, BatchError, frozen
from packviz.core.cells.bits import Bits, Bools, Ints, bits_of, how_many, last_bit
from packviz.core.cells.padding import filled_cells
from packviz.core.lengths import make_lengths

SWAP_ROWS = 2  # so many rows must be broken in the layout of the call before a mask is taken to be in the other one

Offence = Literal["hole", "left", "empty"]


@dataclass(frozen=True, eq=False)
class MaskReading:
    """What a mask says of the rows of x. All arrays are read-only.

    `grid`: (B, T) bool, True at data, in the layout of the call, or in the other one where `turned`: it then pads on
    the right in that one only. `lengths`: (B,) int64, the cells of each row that are True. `wrong`: (m,) int64, the
    rows that are not True … True False … False, those without a True left out. `time`: the dimension of the mask as it
    was given that counts steps. `inverted`: it was given True at padding.
    """

    grid: Bools
    lengths: Ints
    wrong: Ints
    time: int
    turned: bool = False
    inverted: bool = False

    @property
    def empty(self) -> Ints:
        """(k,) int64, the rows without a True."""
        return np.flatnonzero(self.lengths == 0)

    @property
    def right(self) -> bool:
        """Whether it pads on the right, with at least one True in each row: whether lengths say the same."""
        return not len(self.wrong) and not len(self.empty)

    def offence(self, row: int) -> tuple[Offence, int]:
        """Why no length says what the mask says of a row, `wrong` or `empty`, and the step of its first False."""
        cells = self.grid[row]
        step = int(np.argmin(cells))
        return ("empty" if not self.lengths[row] else "hole" if step else "left"), step


def as_mask(array: NDArray[Any]) -> Bools | None:
    """(·, ·) bool of a matrix of booleans, or of nothing but 0 and 1; None of anything else.

    A third dimension of size 1, as masks have that are multiplied with x, is left out.
    """
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim != 2:
        return None
    if array.dtype.kind == "b":
        return array
    if array.dtype.kind not in "iuf" or not bool(((array == 0) | (array == 1)).all()):
        return None
    return np.asarray(array == 1)


def is_mask_for(array: NDArray[Any], rows: int, steps: int) -> bool:
    """Whether what was given as lengths is a mask of x: as large as x, in either order, and of booleans, or 0 and 1.

    A column of whole ones beside rows of one step is as likely lengths of the wrong shape, and no mask. One of booleans
    may have fewer steps than x, as one of max(lengths) steps has.
    """
    if array.ndim != 2 or not array.size:
        return False
    if array.shape not in ((rows, steps), (steps, rows)):
        return array.dtype.kind == "b" and any(widened(array, rows, steps, way) is not None for way in (False, True))
    return array.dtype.kind == "b" or (steps > 1 and as_mask(array) is not None)


def widened(mask: Bools, rows: int, steps: int, inverted: bool = False) -> Bools | None:
    """A mask of max(lengths) steps, (B, S) or (S, B), filled up with padding to the T of x; None of any other one.

    A row of it is data in all of its steps: it is the longest, by which the mask was made.
    """
    return next(iter(_widenings(mask, rows, steps, inverted)), None)


def _widenings(mask: Bools, rows: int, steps: int, inverted: bool) -> Iterator[Bools]:
    """The same as (B, S), then as (S, B), where it may be either."""
    for time in (1, 0):
        short = mask.shape[time]
        if mask.shape[1 - time] != rows or not 1 < short < steps:
            continue
        if bool((mask != inverted).all(axis=time).any()):
            more = [(0, 0), (0, 0)]
            more[time] = (0, steps - short)
            yield np.pad(mask, more, constant_values=inverted)


def given_as_lengths(batch: Batch) -> NDArray[Any] | None:
    """The mask that was given in place of the lengths, as it was given; None where there is none."""
    given = batch.given
    if batch.x.ndim < 2 or not given.known:
        return None
    return given.array if is_mask_for(given.array, batch.rows, batch.steps) else None


def read_mask(batch: Batch, mask: Bools, inverted: bool | None = None) -> MaskReading:
    """What a mask, (B, T) or (T, B) bool, says of the rows of x.

    `inverted`: whether it is True at padding; None where nobody said: then only a mask that is none for lengths, while
    its opposite is one and agrees with the padding of x, is taken for it. A square mask lies as x does, unless the
    padding of x tells otherwise. Raises BatchError where its sizes are not those of x.
    """
    if batch.x.ndim < 2 or mask.shape not in (batch.x.shape[:2], batch.x.shape[1::-1]):
        raise BatchError(
            f"mask has shape {mask.shape}, but x has shape {batch.x.shape}: "
            "a mask is as large as x in its first two dimensions, (B, T) or (T, B), or has max(lengths) steps."
        )
    across = mask.shape != batch.x.shape[:2]
    grid = mask if batch.call.batch_first != across else mask.T
    cells: Bools | None = None
    if mask.shape[0] == mask.shape[1]:
        here, there = bits_of(grid), bits_of(grid.T)
        if not np.array_equal(here, there):
            cells = filled_cells(batch)
            held = bits_of(cells)
            if _apart(there, held, grid.size, inverted) < _apart(here, held, grid.size, inverted):
                across, grid = not across, grid.T
    time = 1 if batch.call.batch_first != across else 0
    found = _reading(~grid if inverted else grid, time, bool(inverted))
    if found.right or not found.grid.size:
        return found
    if inverted is None:
        cells = filled_cells(batch) if cells is None else cells
        for turned in (False, True):
            opposite = _reading(~(grid.T if turned else grid), 1 - time if turned else time, True, turned)
            if opposite.right and np.array_equal(opposite.lengths, last_bit(bits_of(cells.T if turned else cells))):
                return opposite
    other = _reading(found.grid.T, 1 - time, found.inverted, True)
    return other if other.right and len(found.wrong) >= SWAP_ROWS else found


def beside(batch: Batch) -> MaskReading | None:
    """What the mask says that came beside x; None where there is none, or where it is no longer as large as x."""
    mask, shape = batch.mask, batch.x.shape
    if mask is None or len(shape) < 2 or mask.shape not in (shape[:2], shape[1::-1]):
        return None
    return read_mask(batch, mask, inverted=False)


def in_place_of_lengths(batch: Batch) -> MaskReading | None:
    """What the mask says that was given in place of the lengths; None where there is none."""
    given = given_as_lengths(batch)
    mask = None if given is None else as_mask(given)
    if mask is None:
        return None
    wide, inverted, _ = _as_wide_as_x(batch, mask, None)
    return read_mask(batch, wide, inverted)


def _reading(grid: Bools, time: int, inverted: bool, turned: bool = False) -> MaskReading:
    bits = bits_of(grid)
    lengths = how_many(bits)
    wrong = np.flatnonzero(last_bit(bits) != lengths)
    return MaskReading(frozen(grid), frozen(lengths), frozen(wrong), time, turned, inverted)


def _apart(mask: Bits, cells: Bits, size: int, inverted: bool | None) -> int:
    """In how many of `size` cells a mask says something else than the padding of x; read the way that it agrees
    better."""
    apart = int(how_many(mask ^ cells).sum())
    if inverted is None:
        return min(apart, size - apart)
    return size - apart if inverted else apart


def with_mask(batch: Batch, mask: Bools, *, inverted: bool | None = None, derive: bool = True) -> Batch:
    """The batch with the mask that came beside x, (B, T) or (T, B) bool, turned to True at data; with `derive`, its
    lengths are those that the mask says. Raises BatchError where its sizes are not those of x."""
    mask, inverted, steps = _as_wide_as_x(batch, mask, inverted)
    reading = read_mask(batch, mask, inverted)
    turned = frozen(~mask if reading.inverted else mask)
    batch = replace(batch, mask=turned, mask_inverted=reading.inverted, mask_steps=steps)
    return replace(batch, given=make_lengths(reading.lengths, origin="mask")) if derive else batch


def _as_wide_as_x(batch: Batch, mask: Bools, inverted: bool | None) -> tuple[Bools, bool | None, int | None]:
    """The mask, filled up where it has fewer steps than x; whether it is True at padding, which the filling decides;
    and the steps that it came with, where these were fewer."""
    if batch.x.ndim < 2 or mask.shape in (batch.x.shape[:2], batch.x.shape[1::-1]):
        return mask, inverted, None
    ways = (False, True) if inverted is None else (inverted,)
    found = [(wide, way) for way in ways for wide in _widenings(mask, batch.rows, batch.steps, way)]
    if not found:
        return mask, inverted, None
    # Where nobody said which it is: one by which it pads on the right, and of these one that says the lengths, or x.
    right = [(wide, way) for wide, way in found if read_mask(batch, wide, way).right]
    wide, way = right[0] if right else found[0]
    if len(right) > 1:
        told = [batch.counts] if batch.given.origin == "given" else []
        for ends in (*told, last_bit(bits_of(filled_cells(batch)))):
            alike = (each for each in right if np.array_equal(read_mask(batch, *each).lengths, ends))
            wide, way = next(alike, (wide, way))
            if np.array_equal(read_mask(batch, wide, way).lengths, ends):
                break
    return wide, way, mask.shape[int(wide.shape[1] != mask.shape[1])]


def with_mask_read(batch: Batch) -> Batch:
    """The batch whose lengths were given as a mask, with the lengths that the mask says; any other one as it is."""
    reading = in_place_of_lengths(batch)
    return batch if reading is None else replace(batch, given=batch.given.read_as(reading.lengths))
