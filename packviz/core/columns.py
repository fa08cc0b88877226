"""Columns: a state of a layer and direction whose numbers are not all at hand, read like an array, in parts.

A run may have more states than memory may be taken for, or hold them on another device. Whoever reads a trace asks for
the rows and units that it needs, of an array and of a column alike.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Units = slice | NDArray[np.int64] | None
Values = Any
"""An array, (N, H), or a Column of that shape."""


class Column(ABC):
    """(N, H) numbers, some of which have to be fetched. `nbytes`: what it holds itself.

    It is indexed by rows, or rows and units, as an array is; `np.asarray` fetches all of it. Nothing is written to it.
    """

    ndim = 2

    def __init__(self, shape: tuple[int, int], dtype: Any, nbytes: int = 0) -> None:
        self.shape, self.dtype, self.nbytes = shape, np.dtype(dtype), nbytes

    @abstractmethod
    def take(self, rows: NDArray[np.int64], units: Units = None) -> NDArray[Any]:
        """A new array of these rows, (n,), and units, (n, units); all units where None."""

    def slab(self, start: int, stop: int) -> NDArray[Any]:
        """The rows from `start` on, up to `stop`, (stop - start, H)."""
        return self.take(np.arange(start, stop))

    def __len__(self) -> int:
        return self.shape[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return self.slab(0, len(self)).astype(dtype or self.dtype, copy=False)

    def __getitem__(self, index: Any) -> Any:
        rows, units = index if isinstance(index, tuple) else (index, None)
        if isinstance(rows, slice) and rows.step in (None, 1):
            found = self.slab(*rows.indices(len(self))[:2])
            return found if units is None else found[:, units]
        if isinstance(rows, slice):
            rows = np.arange(*rows.indices(len(self)))
        k = np.asarray(rows)
        if k.dtype == bool:
            k = np.flatnonzero(k)
        if isinstance(units, np.ndarray) and units.ndim == 2 and k.ndim == 2 and k.shape[1] == units.shape[0] == 1:
            return self.take(k[:, 0], units[0])
        found = self.take(np.atleast_1d(k).reshape(-1))
        found = found.reshape(*k.shape, self.shape[1])
        return found if units is None else found[..., units]


class Pieces(Column):
    """What is known of a column, and NaN for the rest.

    `pieces`: rows, (n,) int64, rising, and their numbers, (n, H), any number of times.
    """

    def __init__(
        self, shape: tuple[int, int], dtype: Any, pieces: Sequence[tuple[NDArray[np.int64], NDArray[Any]]]
    ) -> None:
        super().__init__(shape, dtype, sum(values.nbytes for _, values in pieces))
        self.pieces = tuple(pieces)

    def take(self, rows: NDArray[np.int64], units: Units = None) -> NDArray[Any]:
        chosen: Any = slice(None) if units is None else units
        width = len(np.arange(self.shape[1])[chosen])
        found = np.full((len(rows), width), np.nan, dtype=self.dtype)
        for held, values in self.pieces:
            there, place = _places(held, rows)
            if there.any():
                found[there] = values[place[there]][:, chosen]
        return found

    def known(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """(n,) which of these rows are known."""
        known = np.zeros(len(rows), dtype=bool)
        for held, _ in self.pieces:
            known |= _places(held, rows)[0]
        return known


def _places(held: NDArray[np.int64], rows: NDArray[np.int64]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Which of the rows are among the `held` ones, which rise, and the place of each there."""
    if not len(held):
        return np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=np.int64)
    place = np.minimum(np.searchsorted(held, rows), len(held) - 1)
    return held[place] == rows, place


def taken(values: Values, rows: NDArray[np.int64], units: Units = None) -> NDArray[Any]:
    """A new array of these rows and units of an array or a column, (rows, units)."""
    if isinstance(values, Column):
        return values.take(rows, units)
    if units is None:
        return np.asarray(values[rows])
    if isinstance(units, slice):
        return np.asarray(values[:, units][rows])
    return np.asarray(values[rows[:, None], np.asarray(units)[None, :]])


def slab(values: Values, start: int, stop: int) -> NDArray[Any]:
    """The rows from `start` on, up to `stop`: of an array without a copy."""
    return values.slab(start, stop) if isinstance(values, Column) else np.asarray(values[start:stop])


def known(values: Values, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(n,) which of these rows are at hand, or can be fetched."""
    return values.known(rows) if isinstance(values, Pieces) else np.ones(len(rows), dtype=bool)
