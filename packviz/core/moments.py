"""Moments: the points of a walk through a recurrent module, in the order in which torch takes them.

Layer after layer; in each layer direction 0 (forward) from step 0 to the last, then direction 1 (backward) from the
last to step 0. A layer needs the whole output of the one below, and both directions read the same input, so that no
other order is torch's. Source: `apply_layer_stack` and the bidirectional layers of ATen (RNN.cpp).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import frozen

Ints = NDArray[np.int64]
Pass = tuple[int, int]
"""(layer, direction): one layer reading all steps, forward or backward."""

ARROWS = ("→", "←")
DIRECTIONS = ("forward", "backward")


def pass_name(layer: int, direction: int, directions: int) -> str:
    """`layer 1 ←` of a layer and direction; without an arrow where there is one direction."""
    return f"layer {layer}{f' {ARROWS[direction]}' if directions > 1 else ''}"


class Moment(NamedTuple):
    """One point of a walk: `layer` has just read step `step`, in `direction` 0 (forward) or 1 (backward)."""

    step: int
    layer: int = 0
    direction: int = 0


@dataclass(frozen=True)
class Moments:
    """All moments of a walk, M = layers × directions × steps of them, in its order: equal to any other of these sizes.

    `steps`: L, the steps of each layer and direction. `layers`, at least 1. `directions`: 1 or 2. Nothing is computed
    but what is asked for, and one moment at a time costs nothing however long the walk is. Raises ValueError where
    there is no such walk.
    """

    steps: int
    layers: int = 1
    directions: int = 1

    def __post_init__(self) -> None:
        if self.steps < 0 or self.layers < 1 or self.directions not in (1, 2):
            raise ValueError(
                f"{self.steps} steps, {self.layers} layers and {self.directions} directions make no walk: at least "
                "0 steps, 1 layer, and 1 or 2 directions do."
            )

    def __len__(self) -> int:
        """M."""
        return self.layers * self.directions * self.steps

    def __getitem__(self, index: int) -> Moment:
        """The moment of that number, from 0, or from the end where it is negative. Raises IndexError."""
        at = index + len(self) if index < 0 else index
        if not 0 <= at < len(self):
            raise IndexError(f"moment {index} of a walk of {len(self)} moments")
        before, place = divmod(int(at), self.steps)
        layer, direction = divmod(before, self.directions)
        return Moment(self.steps - 1 - place if direction else place, layer, direction)

    def __iter__(self) -> Iterator[Moment]:
        return map(self.__getitem__, range(len(self)))

    def __contains__(self, moment: object) -> bool:
        if not isinstance(moment, tuple) or len(moment) != 3:
            return False
        step, layer, direction = moment
        return bool(0 <= step < self.steps and 0 <= layer < self.layers and 0 <= direction < self.directions)

    def index_of(self, moment: Moment) -> int:
        """The number of that moment, from 0. Raises ValueError where the walk has no such moment."""
        if moment not in self:
            raise ValueError(
                f"{moment} is no moment of a walk of {self.steps} steps, {self.layers} layers and "
                f"{self.directions} directions."
            )
        step, layer, direction = moment
        place = self.steps - 1 - step if direction else step
        return int((layer * self.directions + direction) * self.steps + place)

    def nearest(self, moment: Moment) -> Moment:
        """That moment, or where the walk has none such, the one whose step, layer and direction are each the nearest.

        Raises ValueError where the walk has no moments at all.
        """
        if not len(self):
            raise ValueError("a walk of 0 steps has no moments.")
        step, layer, direction = moment
        return Moment(_within(step, self.steps), _within(layer, self.layers), _within(direction, self.directions))

    def moved(self, moment: Moment, by: int) -> Moment:
        """The moment so many moments later, or earlier where `by` is negative; the first or the last one at most.

        A moment that the walk does not have counts as its nearest one.
        """
        return self[_within(self.index_of(self.nearest(moment)) + by, len(self))]

    def along(self, of_steps: NDArray[Any]) -> NDArray[Any]:
        """What is known of each step, as the walk comes upon it, (M,), read-only.

        `of_steps`: by step, (L,); or by direction and step, (directions, L); or (layers, directions, L).
        """
        held = np.broadcast_to(of_steps, (self.layers, self.directions, self.steps))
        walked = held.copy()
        walked[:, 1:] = held[:, 1:, ::-1]
        return frozen(walked.reshape(-1))

    @cached_property
    def step(self) -> Ints:
        """The step of each moment, (M,) int64, read-only."""
        return self.along(np.arange(self.steps))

    @cached_property
    def layer(self) -> Ints:
        """The layer of each moment, (M,) int64, read-only."""
        return self.along(np.arange(self.layers)[:, None, None])

    @cached_property
    def direction(self) -> Ints:
        """The direction of each moment, (M,) int64, read-only."""
        return self.along(np.arange(self.directions)[:, None])


def _within(place: int, size: int) -> int:
    return int(min(max(place, 0), size - 1))
