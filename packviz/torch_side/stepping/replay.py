"""A run that is kept as checkpoints, for when all of its states are more than memory may be taken for.

The first run goes layer by layer, as torch does, and keeps the state with which the walk comes into each span of steps.
A segment is then the walk through all layers and directions over the steps of one span. Both multiply the same numbers
in the same shapes, so that what is computed again is the same, bit for bit.
"""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from packviz.core.cancel import UNWATCHED, Watch
from packviz.core.moments import Pass
from packviz.core.packing import Packing
from packviz.core.replaying import Segment, Steps
from packviz.torch_side.stepping.walk import Share, initial_zeros, walk_span
from packviz.torch_side.tensors import to_array

if TYPE_CHECKING:
    from torch import Tensor, nn

    State = tuple[Tensor, ...]
    Made = Callable[[Pass, Steps, dict[str, Tensor]], None]

AT_HAND = 4
"""Segments that are kept for those that read on in them: who looks at a segment looks at its neighbours, too."""

FOR_SEGMENTS = AT_HAND + 1
"""Segments that are in memory at once, at most: those at hand, and the one that is shown."""

SHORTEST = 4
"""Steps of a span, where the run has as many: shorter ones are not sooner computed again than they are asked for."""


def spans_for(packing: Packing, cell_bytes: int, carried_bytes: int, limit: int) -> tuple[Steps, ...] | None:
    """The spans of steps between checkpoints, as short as memory allows, so that a segment is soon computed again; None
    where no length of them fits.

    `cell_bytes`: of all states of a packed cell; `carried_bytes`: of what a row carries through all layers and
    directions; `limit`: the bytes that may be taken for the checkpoints and a few segments.
    """
    sizes, length = packing.batch_sizes, SHORTEST
    while length < packing.longest:
        checkpoints = int(sizes[::length].sum()) * carried_bytes
        largest = int(np.add.reduceat(sizes, np.arange(0, len(sizes), length)).max()) * cell_bytes
        if checkpoints + FOR_SEGMENTS * largest <= limit:
            return tuple((first, min(first + length, packing.longest)) for first in range(0, packing.longest, length))
        length *= 2
    return None


class Checkpoints:
    """The checkpoints of one run, and what computes its segments again. It keeps a copy of the module.

    `spans`: the steps of each segment. `nbytes`: of the checkpoints and of data. Segments are computed one at a time,
    whichever thread asks.
    """

    def __init__(
        self, module: nn.RNNBase, data: Tensor, packing: Packing, start: Sequence[Tensor], spans: tuple[Steps, ...]
    ) -> None:
        self.spans = spans
        self._module, self._data, self._packing, self._start = copy.deepcopy(module), data, packing, tuple(start)
        self._sizes: list[int] = packing.batch_sizes.tolist()
        self._directions = 2 if module.bidirectional else 1
        self._entered: dict[Pass, list[State]] = {}
        self._bytes = int(data.nbytes)  # added up once: they are told at every step
        self._at_hand: OrderedDict[int, Segment] = OrderedDict()
        self._lock = Lock()

    @property
    def nbytes(self) -> int:
        """The bytes of the checkpoints and of data."""
        return self._bytes

    def run(self, made: Made, watch: Watch) -> Tensor:
        """The first run: `out.data`, (N, D · H). `made` gets the states of each span of each layer and direction, in
        the order of the walk, which it must not keep. Raises Cancelled."""
        import torch

        read, passes = self._data, self._module.num_layers * self._directions
        with torch.inference_mode():
            for layer in range(self._module.num_layers):
                width = self._module.proj_size or self._module.hidden_size
                out = read.new_empty(len(read), self._directions * width)
                for direction in range(self._directions):
                    at, place = (layer, direction), layer * self._directions + direction
                    entered: list[State] = [()] * len(self.spans)
                    state: State | None = None
                    numbers = range(len(self.spans))
                    for taken, number in enumerate(reversed(numbers) if direction else numbers):
                        share = Share(watch, place * len(numbers) + taken, passes * len(numbers))
                        entered[number] = self._entering(at, number, state)
                        self._bytes += sum(int(part.nbytes) for part in entered[number])
                        start, stop = self._cells(number)
                        buffers, state = walk_span(
                            self._module, at, read[start:stop].clone(), self._sizes_of(number), entered[number], share
                        )
                        out[start:stop, direction * width : (direction + 1) * width] = buffers["h"]
                        made(at, self.spans[number], buffers)
                    self._entered[at] = entered
                read = out
        return read

    def segment(self, number: int, watch: Watch = UNWATCHED) -> Segment:
        """The states of the steps of that span, as arrays on the CPU. Raises Cancelled."""
        with self._lock:
            found = self._at_hand.get(number)
            if found is None:
                found = self._again(number, watch)
                self._at_hand[number] = found
                while len(self._at_hand) > AT_HAND:
                    self._at_hand.popitem(last=False)
            self._at_hand.move_to_end(number)
            return found

    def _again(self, number: int, watch: Watch) -> Segment:
        import torch

        start, stop = self._cells(number)
        sizes, found = self._sizes_of(number), dict[Pass, dict[str, NDArray[np.float64]]]()
        passes = len(self._entered)
        with torch.inference_mode():
            read = self._data[start:stop].clone()
            for layer in range(self._module.num_layers):
                outputs = []
                for direction in range(self._directions):
                    at = (layer, direction)
                    share = Share(watch, len(found), passes)
                    buffers, _ = walk_span(self._module, at, read, sizes, self._entered[at][number], share)
                    found[at] = {name: to_array(buffer) for name, buffer in buffers.items()}
                    outputs.append(buffers["h"])
                read = outputs[0].clone() if self._directions == 1 else torch.cat(outputs, dim=1)
        return Segment(self.spans[number], start, found)

    # ---- the parts -------------------------------------------------------------------------------------------------

    def _cells(self, number: int) -> tuple[int, int]:
        first, stop = self.spans[number]
        return int(self._packing.offsets[first]), int(self._packing.offsets[stop])

    def _sizes_of(self, number: int) -> list[int]:
        first, stop = self.spans[number]
        return self._sizes[first:stop]

    def _entering(self, at: Pass, number: int, left: State | None) -> State:
        """The state with which the walk comes into a span, and a copy of it: forward of the rows that take its first
        step; backward of all that do, those that begin inside with their initial state. `left`: that with which it left
        the span before; None at the first one."""
        import torch

        rows = self._sizes[self.spans[number][0]]
        place = at[0] * self._directions + at[1]
        first = tuple(state[place] for state in self._start) or initial_zeros(self._module, self._data, self._sizes[0])
        if left is None:
            return tuple(part[:rows].clone() for part in first)
        if at[1]:
            return tuple(torch.cat((part, own[len(part) : rows])) for part, own in zip(left, first, strict=True))
        return tuple(part[:rows].clone() for part in left)
