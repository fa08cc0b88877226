"""A run that is kept as checkpoints: some of its steps are computed again, from the nearest checkpoint, when asked for.

Source: the checkpoints of rr and of torch.utils.checkpoint, in the order of a recurrent walk: a segment of steps needs
of each layer and direction only the state with which the walk came into it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from packviz.core.arrays import frozen
from packviz.core.cancel import UNWATCHED, Watch
from packviz.core.columns import Column, Pieces, Units
from packviz.core.moments import Pass
from packviz.core.packing import Packing

Steps = tuple[int, int]
"""The first of some steps, and the one after the last of them."""


@dataclass(frozen=True, eq=False)
class Segment:
    """Every state of the steps of a span: (layer, direction) → name → (cells, H), the packed cells from `start` on."""

    span: Steps
    start: int
    states: Mapping[Pass, Mapping[str, NDArray[Any]]]

    def __post_init__(self) -> None:
        object.__setattr__(self, "states", _frozen(self.states))

    @property
    def nbytes(self) -> int:
        """The bytes of its states."""
        return sum(array.nbytes for of in self.states.values() for array in of.values())


@dataclass(frozen=True, eq=False)
class RowsHeld:
    """Every state of some rows, over all of their steps: `cells`, (n,) int64, rising packed indices, and (layer,
    direction) → name → (n, H)."""

    rows: tuple[int, ...]
    cells: NDArray[np.int64]
    states: Mapping[Pass, Mapping[str, NDArray[Any]]]

    def __post_init__(self) -> None:
        object.__setattr__(self, "cells", frozen(self.cells))
        object.__setattr__(self, "states", _frozen(self.states))

    @property
    def nbytes(self) -> int:
        """The bytes of its states."""
        return sum(array.nbytes for of in self.states.values() for array in of.values())


def _frozen(
    states: Mapping[Pass, Mapping[str, NDArray[Any]]],
) -> Mapping[Pass, Mapping[str, NDArray[Any]]]:
    held = {at: MappingProxyType({name: frozen(array) for name, array in of.items()}) for at, of in states.items()}
    return MappingProxyType(held)


class Replays(Protocol):
    """Whoever computes segments again. `spans`: all of them, in the order of the steps."""

    spans: tuple[Steps, ...]

    def segment(self, number: int, watch: Watch = UNWATCHED) -> Segment:
        """The segment of that span, bit for bit as in the first run. Raises Cancelled."""

    @property
    def nbytes(self) -> int:
        """The bytes of the checkpoints."""


class Replayed(Column):
    """A state whose numbers are computed again when they are asked for."""

    def __init__(
        self, replays: Replays, packing: Packing, at: Pass, name: str, shape: tuple[int, int], dtype: Any
    ) -> None:
        super().__init__(shape, dtype)
        self._replays, self._at, self._name = replays, at, name
        stops = [packing.offsets[stop] for _, stop in replays.spans]
        self._stops = np.array(stops, dtype=np.int64)

    def take(self, rows: NDArray[np.int64], units: Units = None) -> NDArray[Any]:
        chosen: Any = slice(None) if units is None else units
        number = np.searchsorted(self._stops, rows, side="right")
        found = np.empty((len(rows), len(np.arange(self.shape[1])[chosen])), dtype=self.dtype)
        for each in np.unique(number):
            segment, here = self._replays.segment(int(each)), number == each
            found[here] = segment.states[self._at][self._name][rows[here] - segment.start][:, chosen]
        return found


def span_of(spans: tuple[Steps, ...], step: int) -> int:
    """The number of the span in which a step lies; the nearest one for a step outside."""
    stops = [stop for _, stop in spans]
    return min(int(np.searchsorted(stops, step, side="right")), len(spans) - 1)


def rows_held(replays: Replays, packing: Packing, rows: tuple[int, ...], watch: Watch = UNWATCHED) -> RowsHeld:
    """The states of some rows over all of their steps, each segment computed once. Raises Cancelled."""
    cells = [packing.index(row, np.arange(packing.lengths[row])) for row in rows]
    every = np.sort(np.concatenate(cells)) if cells else np.empty(0, dtype=np.int64)
    parts: dict[Pass, dict[str, list[NDArray[Any]]]] = {}
    for number, (first, stop) in enumerate(replays.spans):
        watch.step(number / len(replays.spans))
        start, end = packing.offsets[first], packing.offsets[stop]
        here = every[np.searchsorted(every, start) : np.searchsorted(every, end)] - start
        if not len(here):
            break
        segment = replays.segment(number, watch.quiet())
        for at, made in segment.states.items():
            for name, array in made.items():
                parts.setdefault(at, {}).setdefault(name, []).append(array[here])
    states = {at: {name: np.concatenate(some) for name, some in of.items()} for at, of in parts.items()}
    return RowsHeld(rows, every, states)


def pieces_of(
    at: Pass, name: str, shape: tuple[int, int], dtype: Any, segment: Segment | None, held: RowsHeld | None
) -> Pieces:
    """What is known of a state from a segment and from some rows."""
    pieces = []
    if segment is not None:
        array = segment.states[at][name]
        pieces.append((np.arange(segment.start, segment.start + len(array)), array))
    if held is not None and at in held.states:
        pieces.append((held.cells, held.states[at][name]))
    return Pieces(shape, dtype, pieces)
