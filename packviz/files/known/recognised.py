"""What was found, read as the frameworks mean it that write such files: turned where time is last, its lengths in
steps, with the padding value that it shows; each said in `said`.

Only what nobody says is looked for: an option that is typed, or that the file says itself, stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import BatchError, Call
from packviz.core.cells.filling import Fill, fill_beyond
from packviz.core.cells.masks import as_mask
from packviz.files.arrays import Values, is_array, values_of
from packviz.files.known.axes import checked_axes, readings, spelt, turned, view
from packviz.files.known.end_to_end import end_to_end
from packviz.files.known.mask_layout import rows_of_mask
from packviz.files.known.relative import counted, is_relative
from packviz.files.known.time_axis import time_by_lengths, time_by_mask
from packviz.files.known.turning import turned_sequences
from packviz.files.known.unsaid import told_by_runs
from packviz.files.lengths import lengths_given
from packviz.files.packed import is_packed
from packviz.files.paste.found import Found, SequenceList
from packviz.files.ragged import Ragged
from packviz.files.sequences import is_sequences
from packviz.files.settle import array_of

Ints = NDArray[np.int64]

MASKED = -1e4
"""What is added to attention where it is masked is no more than this."""


def recognised(
    found: Found,
    call: Call,
    given: frozenset[str],
    lengths: object = None,
    mask: object = None,
    axes: str | None = None,
) -> Found:
    """What was found, as it is meant. The arguments are those of `settle`; `axes`: how somebody says that x lies.

    Raises BatchError where the axes do not fit, and Undecided where two readings do.
    """
    if is_packed(found.x) or isinstance(found.x, Ragged | SequenceList) or is_sequences(found.x):
        return turned_sequences(found, axes)
    if not is_array(found.x) and not isinstance(found.x, list | tuple):
        return found
    x = array_of(found.x)
    if x.array.dtype.kind not in "biufc":
        return found
    found = replace(found, x=x)
    counts = _counts(found.lengths if lengths is None else lengths)
    if axes is None and lengths is None and counts is not None:
        whole = end_to_end(found, x, counts)
        if whole is not None:
            return whole
    found, told = _with_flat_mask(found, mask)
    made = _Reading(found, x, counts, call, given, axes, told)
    made.take_axes()
    if lengths is None:
        made.take_relative()
    made.take_time()
    made.take_mask()
    made.take_unsaid()
    made.take_padding()
    return made.found


class _Reading:
    """What is known of x so far; each step adds to it."""

    def __init__(
        self,
        found: Found,
        x: Values,
        counts: NDArray[Any] | None,
        call: Call,
        given: frozenset[str],
        axes: str | None,
        mask: NDArray[Any] | None,
    ) -> None:
        self.found, self.x, self.counts, self.call, self.mask = found, x, counts, call, mask
        self._axes = axes
        self._typed = given

    @property
    def said(self) -> Mapping[str, object]:
        """The options that somebody said, as far as they are of use here."""
        return {**self.found.options, **{name: getattr(self.call, name) for name in self._typed}}

    @property
    def batch_first(self) -> bool | None:
        """Whether somebody said how x lies, and how."""
        first = self.said.get("batch_first")
        return None if first is None else bool(first)

    def take_axes(self) -> None:
        """Those that somebody chose."""
        if self._axes is not None:
            self._turn(checked_axes(self._axes, self.x.array.shape), ())

    def take_relative(self) -> None:
        """Lengths relative to the longest, in steps."""
        if self.counts is None or not is_relative(self.counts):
            return
        told = counted(self.x.array, self.counts, self.batch_first)
        if told is None:
            return
        counts, axes = told
        if axes is not None:
            self._turn(axes, (f"{spelt(axes)}, of whose steps the lengths are whole numbers",))
        steps = view(self.x.array, "BT" if self.batch_first is not False else "TB").shape[1] if axes else None
        longest = int(counts.max()) if steps is None else steps
        self.counts = counts
        self.found = replace(
            self.found,
            lengths=counts,
            said=(*self.found.said, f"lengths relative to the longest, 0 to 1, times {longest} steps"),
        )

    def take_time(self) -> None:
        """(B, F, T), where the lengths or the mask say so, or of five dimensions (B, F, T, F, F)."""
        if self.batch_first is not None:
            return
        told = None
        if self.counts is not None:
            if self.counts.dtype.kind in "iu":
                told = time_by_lengths(self.x.array, self.counts.astype(np.int64), self.found.name)
        elif self.mask is not None:
            told = time_by_mask(self.x.array, self.mask, self.found.name)
        if told is not None:
            axes, why = told
            self._turn(axes, (f"{spelt(axes)}, turned to {spelt(readings(len(axes))[0])}: {why}",))

    def take_mask(self) -> None:
        """The layout of a mask that is read in place of lengths, and does not pad on the right."""
        if self.mask is None or self.counts is not None or self.batch_first is not None or self.call.batch_first:
            return
        if self.mask.shape != self.x.array.shape[:2]:
            return
        told = rows_of_mask(self.mask)
        if told is not None:
            self._add((told[1],), {"batch_first": told[0]})

    def take_unsaid(self) -> None:
        """The layout and the padding value of an x without lengths."""
        if self.counts is not None or self.mask is not None or self.found.lengths is not None:
            return
        padding = self.said.get("padding_value", self.call.padding_value)
        if not isinstance(padding, int | float):
            return
        ways = readings(self.x.array.ndim)
        first = self.batch_first
        if first is not None or self.call.batch_first:  # a caller whose options are not torch's means them
            own = ways[0 if first is not False else 1]
            ways = (own,) if first is not None else (own, *ways[2:])
        unread = self.found.mask is not None
        any_value = "padding_value" not in self.said and self.call.padding_value == 0
        told = told_by_runs(self.x.array, self.found.name, padding, ways, any_value=any_value)
        if unread and not told.said:
            raise BatchError(
                f"x has shape {self.x.array.shape} and comes without lengths, and {self.found.said[-1]}: save lengths, "
                "or a mask as large as its first two dimensions."
            )
        if told.axes is not None and first is None:
            self._turn(told.axes, ())
        self._add(told.said, {} if told.padding is None else {"padding_value": told.padding})

    def take_padding(self) -> None:
        """The padding value that x shows beyond its lengths, or those of its mask."""
        if "padding_value" in self.said or self.call.padding_value != 0:
            return
        fill = self._fill()
        if fill is None or fill.value == 0:
            return
        where = "before the data" if fill.left else "beyond the lengths"
        self._add(
            (f"padding_value {fill.shown}: all {fill.cells} cells {where} hold it",), {"padding_value": fill.value}
        )

    def _fill(self) -> Fill | None:
        x, first = self.x.array, self.batch_first
        if x.ndim < 2:
            return None
        ways = [way for way in readings(x.ndim)[:2] if first is None or first == way.startswith("B")]
        for way in ways:
            grid = view(x, way)
            counts = self._per_row(grid)
            if counts is None:
                continue
            fill = fill_beyond(grid, counts) or fill_beyond(grid, counts, left=True)
            if fill is not None:
                return fill
        return None

    def _per_row(self, grid: NDArray[Any]) -> Ints | None:
        """The lengths, or what the mask says in their place, of the rows of a reading."""
        if self.counts is not None:
            fits = self.counts.dtype.kind in "iu" and len(self.counts) == len(grid)
            return self.counts.astype(np.int64) if fits else None
        if self.mask is None or self.mask.ndim != 2 or self.mask.shape not in (grid.shape[:2], grid.shape[1::-1]):
            return None
        cells = as_mask(self.mask if self.mask.shape == grid.shape[:2] else self.mask.T)
        if cells is None:
            return None
        return np.asarray(cells.sum(axis=1), dtype=np.int64)

    def _turn(self, axes: str, said: tuple[str, ...]) -> None:
        array, first = turned(self.x.array, axes)
        moved = array is not self.x.array
        self.x = replace(self.x, array=array) if moved else self.x
        self.found = replace(self.found, x=self.x, axes=axes if moved or self._axes is not None else None)
        self._add(said, {"batch_first": first})

    def _add(self, said: tuple[str, ...], options: Mapping[str, object]) -> None:
        own = {**self.found.options, **options}
        self.found = replace(self.found, options=own, said=(*self.found.said, *said))


def _counts(lengths: object) -> NDArray[Any] | None:
    """The lengths as a vector, (n,), of a column too; None where there are none, or only settle says what is wrong."""
    if lengths is None:
        return None
    try:
        read = lengths_given(lengths)
    except BatchError:
        return None
    array = read.array
    if not read.known or array.ndim > 2 or (array.ndim == 2 and 1 not in array.shape):
        return None
    return array.reshape(-1)


def _with_flat_mask(found: Found, mask: object) -> tuple[Found, NDArray[Any] | None]:
    """What was found with its mask as a matrix, True at data, where it is one: of (B, 1, T) say, or of 0 and minus
    infinity, as it is added; and that matrix. A mask that somebody gave stays as it is."""
    value = mask if mask is not None else None if found.mask is None else found.mask.value
    if value is None:
        return found, None
    try:
        array = values_of(value, "mask").array
    except BatchError:
        return found, None
    if mask is not None:
        return found, array if as_mask(array) is not None else None
    assert found.mask is not None
    flat = array.reshape([n for i, n in enumerate(array.shape) if n != 1 or i == 0]) if array.ndim > 2 else array
    if flat.ndim == 2 and flat.dtype.kind == "f" and bool(np.all((flat == 0) | (flat <= MASKED))) and flat.any():
        flat = flat == 0
    if flat.ndim != 2 or as_mask(flat) is None:
        shape = f"{found.mask.name} of shape {array.shape} is no mask of rows and steps, and is left out"
        return replace(found, said=(*found.said, shape)), None
    moved = flat is not array
    shown = replace(found, mask=replace(found.mask, value=flat)) if moved else found
    return shown, ~flat if found.mask.inverted and flat.dtype.kind == "b" else flat
