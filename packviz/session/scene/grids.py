"""The grids of cells that the panes draw, sampled on demand: a pane asks only for the cells that it has pixels for.

Every grid has two axes: `down` (time in the time panes, rows in the state pane) and `across`. Its methods take index
arrays d, (n,), and c, (m,), and give (n, m) answers, so that 3 × 5 and 4096 × 2048 cost the same to paint.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from packviz.core.arrays import ReadOnly
from packviz.core.batch import Batch
from packviz.core.gradients import Norms
from packviz.core.look import colour
from packviz.core.look.colour import Theme
from packviz.core.packing import Packing
from packviz.core.texts.wording import length_told
from packviz.session.scene.numbers import number_row
from packviz.session.state import NORM, ColourBy

Index = NDArray[np.int64]
Pixels = NDArray[np.uint8]


class Kind(IntEnum):
    """What a place of a grid is."""

    NONE = 0  # nothing: the pane shows through
    DATA = 1
    PADDING = 2  # beyond the length: hatched
    MISSING = 3  # counted by a length, but x has no such step: crossed out in red
    VOID = 4  # no state: the row has ended, or has not been stepped; a dotted frame
    DROPPED = 5  # data of a row that has no length, so that torch drops it


NONE, DATA, PADDING, MISSING, VOID, DROPPED = (np.uint8(kind) for kind in Kind)


@dataclass(frozen=True)
class Head:
    """The label of one column: its text, a second line, the colour of its sequence, and whether something is wrong."""

    text: str
    sub: str = ""
    rgb: tuple[int, int, int] | None = None
    bad: bool = False


class Grid(Protocol):
    """What a pane can draw. `name` is the pane's; `dims`: whether the steps around the current one are dimmed."""

    name: str
    dims: bool

    @property
    def down(self) -> int: ...

    @property
    def across(self) -> int: ...

    @property
    def drawn_from(self) -> tuple[object, ...]:
        """What the cells are drawn from: where it is the same, so are they."""

    def kinds(self, d: Index, c: Index) -> Pixels:
        """(n, m) Kind."""

    def fills(self, d: Index, c: Index) -> Pixels:
        """(n, m, 4) RGBA of the cells; what is no DATA may be anything."""

    def texts(self, d: Index, c: Index, short: bool = False) -> list[list[str]]:
        """(n, m) the number that each cell bears; `short`: in as few characters as say anything."""

    def notes(self, d: Index, c: Index) -> list[list[str]] | None:
        """(n, m) the small second line of each cell, or None where the grid has none."""

    def heads(self, c: Sequence[int]) -> list[Head]:
        """The labels of the columns c."""


DECADES = 6.0
"""Of sizes of gradients that have colours of their own."""


@dataclass(frozen=True, eq=False)
class CellColours(ReadOnly):
    """The colour of a cell of the batch, the same in every pane that shows it.

    `limits`: (least, greatest) value of the feature shown. `finite`: x holds neither NaN nor an infinity.
    """

    batch: Batch
    by: ColourBy
    theme: Theme
    feature: int
    limits: tuple[float, float]
    palette: Pixels  # (B, 4)
    finite: bool
    step: int  # the current one; only used when coloured by state
    gradient: Norms | None = None  # where cells are coloured by it and it is there

    def values(self, rows: Index, steps: Index) -> NDArray[Any]:
        """x at (row, step), broadcast, the one feature that is shown; steps and rows inside x."""
        return shown_of(self.batch, self.feature, rows, steps)

    def of(self, rows: Index, steps: Index) -> Pixels:
        """(…, 4) RGBA of (row, step), broadcast; not to be written to."""
        if self.by == "value":
            values = self._real(rows, steps)
            low, high = self.limits
            if low < 0 < high:
                return colour.diverging(values, max(-low, high), self.theme)
            return colour.sequential(values, low, high, self.theme)
        if self.by == "gradient" and self.gradient is not None:
            return self._by_gradient(self.gradient.norms, rows, steps)
        rgba = self._plain(rows, steps)
        if not self.finite:
            values, rgba = self._real(rows, steps), rgba.copy()
            odd = ~np.isfinite(values)
            rgba[odd] = colour.sequential(values[odd], 0, 1, self.theme)
        return rgba

    def _real(self, rows: Index, steps: Index) -> NDArray[Any]:
        values = self.values(*np.broadcast_arrays(rows, steps))
        return values.real if values.dtype.kind == "c" else values

    def _by_gradient(self, gradient: NDArray[Any], rows: Index, steps: Index) -> Pixels:
        """By its size, from the largest of all down to a millionth of it."""
        norms = gradient[np.broadcast_arrays(rows, steps)[0], np.broadcast_arrays(rows, steps)[1]]
        with np.errstate(divide="ignore", invalid="ignore"):
            sizes = np.log10(norms / max(float(np.nanmax(gradient, initial=0)), np.finfo(float).tiny))
        sizes[norms == 0] = -DECADES
        return colour.sequential(np.maximum(sizes, -DECADES), -DECADES, 0, self.theme)

    def _plain(self, rows: Index, steps: Index) -> Pixels:
        """The colour of sequence, step or state: of each row or each step, spread over the cells."""
        if self.by in ("sequence", "gradient"):  # these are on their way
            rgba = self.palette[rows]
        elif self.by == "step":
            rgba = colour.sequential(steps, 0, max(1, self.batch.steps - 1), self.theme)
        else:
            counts = self.batch.counts
            ends = counts[np.minimum(rows, len(counts) - 1)] if len(counts) else np.zeros(rows.shape, dtype=np.int64)
            active = ends > self.step
            both = np.array([(*self.theme.rgb(name), 255) for name in ("ended", "accent")], dtype=np.uint8)
            rgba = both[active.astype(np.int64)]
        return np.broadcast_to(rgba, (*np.broadcast_shapes(rows.shape, steps.shape), 4))


@dataclass(frozen=True, eq=False)
class PaddedGrid(ReadOnly):
    """x as it was given: down = time, across = rows in the order of the batch."""

    colours: CellColours
    lengths: Index  # (n,) as torch reads them
    bad_rows: frozenset[int]
    down: int  # max(T, longest length)
    places: Index | None = None  # (B, T), of a contradictory PackedSequence: -1 where x is only filled
    name = "padded"
    dims = True

    @property
    def across(self) -> int:
        return self.colours.batch.rows

    @property
    def drawn_from(self) -> tuple[object, ...]:
        return "padded", self.colours, self.down

    def kinds(self, d: Index, c: Index) -> Pixels:
        lengths, steps = self._lengths(c), self.colours.batch.steps
        inside = d[:, None] < lengths[None, :]
        exists = (d < steps)[:, None]
        kinds = np.where(inside, np.where(exists, DATA, MISSING), np.where(exists, PADDING, NONE))
        if len(self.lengths) < self.across:
            kinds[:, c >= len(self.lengths)] = np.where(exists, DROPPED, NONE)
        if self.places is not None:
            rows, at = self._places(d, c)
            kinds[(kinds == DATA) & (self.places[rows, at] < 0)] = PADDING
        return kinds

    def _lengths(self, c: Index) -> Index:
        if len(self.lengths) == 0:
            return np.zeros(len(c), dtype=np.int64)
        return np.where(c < len(self.lengths), self.lengths[np.minimum(c, len(self.lengths) - 1)], 0)

    def _places(self, d: Index, c: Index) -> tuple[Index, Index]:
        return c[None, :], np.minimum(d, self.colours.batch.steps - 1)[:, None]

    def fills(self, d: Index, c: Index) -> Pixels:
        return self.colours.of(*self._places(d, c))

    def texts(self, d: Index, c: Index, short: bool = False) -> list[list[str]]:
        values = self.colours.values(*np.broadcast_arrays(*self._places(d, c)))
        exists = d < self.colours.batch.steps
        return [number_row(row) if here else [""] * len(c) for row, here in zip(values, exists, strict=True)]

    def notes(self, d: Index, c: Index) -> list[list[str]] | None:
        return None

    def heads(self, c: Sequence[int]) -> list[Head]:
        palette, counts, batch = self.colours.palette, self.lengths, self.colours.batch
        return [
            Head(
                f"row {r}",
                f"len {length_told(batch, r)}" if r < len(counts) else "no len",
                rgb_of(palette, r),
                r in self.bad_rows,
            )
            for r in c
        ]


@dataclass(frozen=True, eq=False)
class PackedGrid:
    """`data` in memory order: down = time, across = sorted rows; step t holds batch_sizes[t] cells."""

    colours: CellColours
    packing: Packing
    down: int
    name = "packed"
    dims = True

    @property
    def across(self) -> int:
        return self.packing.rows

    @property
    def drawn_from(self) -> tuple[object, ...]:
        return "packed", self.colours, self.packing, self.down

    def kinds(self, d: Index, c: Index) -> Pixels:
        sizes = self.packing.batch_sizes
        size = np.where(d < len(sizes), sizes[np.minimum(d, len(sizes) - 1)], 0)
        kinds = np.where(c[None, :] < size[:, None], DATA, NONE)
        kinds[d >= self.packing.steps] *= MISSING
        return kinds

    def _places(self, d: Index, c: Index) -> tuple[Index, Index]:
        return self.packing.sorted_indices[c][None, :], np.minimum(d, self.packing.steps - 1)[:, None]

    def fills(self, d: Index, c: Index) -> Pixels:
        return self.colours.of(*self._places(d, c))

    def texts(self, d: Index, c: Index, short: bool = False) -> list[list[str]]:
        values = self.colours.values(*np.broadcast_arrays(*self._places(d, c)))
        exists = d < self.packing.steps
        return [number_row(row) if here else [""] * len(c) for row, here in zip(values, exists, strict=True)]

    def notes(self, d: Index, c: Index) -> list[list[str]] | None:
        k = self.packing.index(*self._places(d, c))
        return [[f"[{index}]" for index in row] for row in k.tolist()]

    def heads(self, c: Sequence[int]) -> list[Head]:
        rows = self.packing.sorted_indices
        return [Head(f"row {rows[s]}", "", rgb_of(self.colours.palette, int(rows[s]))) for s in c]


def feature_of(batch: Batch, feature: int) -> NDArray[Any]:
    """One feature of x, (B, T), a view; features count on through all dimensions after (row, step).

    (B, 0) where x has no features at all: F = 0.
    """
    grid = batch.grid
    if not batch.features:
        return grid
    if 0 in batch.features:
        return np.empty((batch.rows, 0), dtype=grid.dtype)
    last: tuple[Any, ...] = tuple(np.unravel_index(feature, batch.features))
    return np.asarray(grid[(slice(None), slice(None), *last)])


def shown_of(batch: Batch, feature: int, rows: Any, steps: Any) -> NDArray[Any]:
    """x at (row, step), indexed as an array is, (…): one feature, or the norm over all of them where it is NORM."""
    if feature != NORM or not batch.features or 0 in batch.features:
        return np.asarray(feature_of(batch, max(feature, 0))[rows, steps])
    return norm_of(np.asarray(batch.grid[rows, steps]), len(batch.features))


def norm_of(cells: NDArray[Any], dimensions: int) -> NDArray[Any]:
    """The Euclidean norm over the last dimensions, float64, (…)."""
    wide = cells.reshape(*cells.shape[: cells.ndim - dimensions], -1)
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(np.linalg.norm(wide if wide.dtype.kind == "c" else wide.astype(np.float64), axis=-1))


def rgb_of(palette: Pixels, row: int) -> tuple[int, int, int]:
    """One row of a palette, (B, 4), as three ints."""
    r, g, b, _ = palette[row].tolist()
    return r, g, b
