"""How far the states of a row move with one of its cells of x: their derivative, in float64, by the chain rule along
the run, as it goes on from step to step and from layer to layer.

A difference of two runs would do where the influence is large; where it vanishes, which is what one wants to see, it
would show the rounding of the states instead, from about 1e-12 of them on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import Batch, BatchError
from packviz.core.cancel import UNWATCHED, Watch
from packviz.core.module import Module
from packviz.core.origins import OfX
from packviz.core.patience import timed
from packviz.core.reach import Reach
from packviz.core.texts.wording import cells_named, length_told
from packviz.core.trace import Pass, Trace
from packviz.torch_side.inputs import prepare
from packviz.torch_side.module import build, layer_of
from packviz.torch_side.stepping.tangents import TANGENTS, Tangent
from packviz.torch_side.stepping.walk import walk
from packviz.torch_side.tensors import to_tensor

if TYPE_CHECKING:
    from torch import Tensor, nn

    States = Mapping[Pass, Mapping[str, Tensor]]

AT_ONCE = 64 << 20
"""Bytes of derivatives that are held at once."""

OF_THE_WALK = 0.2
"""The share of the work that is the run itself."""


def reach_of(batch: Batch, spec: Module, trace: Trace, cell: OfX, *, watch: Watch = UNWATCHED) -> Reach:
    """How far the states of this trace of `spec` over the batch move with a cell of x; a feature of -1 is all of them,
    and of an id that goes through an embedding, the numbers that this gives.

    The row is run again in float64, alone and cut to its length, from its initial state. Raises BatchError where there
    is no such cell, or it is not packed; Cancelled.
    """
    import torch

    _check_cell(batch, trace, cell)
    row, length = cell.row, int(trace.packing.lengths[cell.row])
    watch = timed(watch, f"following {cells_named(batch, row, cell.step, cell.step + 1)}")
    prepared = prepare(batch, spec)
    module = build(spec, prepared.input_size, prepared.dtype, drawn=prepared.drawn).to("cpu", torch.float64)
    with torch.inference_mode():
        of_row = prepared.x[row, :length] if batch.call.batch_first else prepared.x[:length, row]
        data = of_row.reshape(length, -1).double()
        start = tuple(to_tensor(state[:, row : row + 1]).double() for state in trace.initial.values())
        states = walk(module, data, [1] * length, start, watch.part(0, OF_THE_WALK))
        columns = _numbers_of(cell, batch.feature_count, data.shape[1])
        follow = _Follow(module, states, start, cell.step, length)
        rest = watch.part(OF_THE_WALK, 1 - OF_THE_WALK)
        size = max(1, AT_ONCE // follow.bytes_each)
        for begin in range(columns.start, columns.stop, size):
            part = range(begin, min(begin + size, columns.stop))
            follow.take(part, rest.part((begin - columns.start) / len(columns), len(part) / len(columns)))
    watch.step(1.0)
    k = int(trace.packing.index(row, cell.step))
    return Reach(cell, k, follow.influence, len(columns), spec.inputs == "embedding")


class _Follow:
    """The influence of some numbers of a cell, part after part. `influence`: as of a Reach."""

    def __init__(self, module: nn.RNNBase, states: States, start: tuple[Tensor, ...], step: int, length: int) -> None:
        self.step, self.length = step, length
        self.layers, self.directions = module.num_layers, 2 if module.bidirectional else 1
        self.weights = {at: layer_of(module, *at) for at in states}
        self.tangents: dict[Pass, Tangent] = {}
        for (layer, direction), held in states.items():
            initial = [state[layer * self.directions + direction] for state in start]
            kind = TANGENTS[module.mode]
            self.tangents[layer, direction] = kind(self.weights[layer, direction], held, initial, bool(direction))
        self.states = len(start)
        self.influence: dict[Pass, NDArray[np.float64]] = {at: np.zeros(length) for at in states}

    @property
    def bytes_each(self) -> int:
        """What the derivative by one number takes: that of h of the layer below, and of the one that is read next."""
        outputs = max(weights.outputs for weights in self.weights.values())
        kept = min(self.layers - 1, 2) * self.length * self.directions * outputs
        return 8 * (kept + 12 * max(weights.hidden for weights in self.weights.values()))

    def take(self, columns: range, watch: Watch) -> None:
        """Add the influence of these numbers of the cell. Raises Cancelled."""
        below: Tensor | None = None
        for layer in range(self.layers):
            weights = self.weights[layer, 0]
            size, kept = weights.outputs, None
            if layer < self.layers - 1:
                kept = weights.w_ih.new_zeros(self.length, len(columns), self.directions * size)
            for direction in range(self.directions):
                at = layer, direction
                watch.step((layer * self.directions + direction) / len(self.influence))
                part = None if kept is None else kept[:, :, direction * size : (direction + 1) * size]
                self.influence[at] = np.hypot(self.influence[at], self._along(at, columns, below, part, watch))
            below = kept

    def _along(
        self, at: Pass, columns: range, below: Tensor | None, kept: Tensor | None, watch: Watch
    ) -> NDArray[np.float64]:
        """How far h of a layer and direction moves with these numbers, after each step, (length,). `below`: how that of
        the layer below does, (length, m, D · H); None where x is read. `kept`: is written to, (length, m, H)."""
        layer, direction = at
        weights, tangent, found = self.weights[at], self.tangents[at], np.zeros(self.length)
        w_ih = weights.w_ih.t()
        widths = (weights.outputs, weights.hidden)[: self.states]
        state = tuple(w_ih.new_zeros(len(columns), width) for width in widths)
        # What comes before the cell does not hang on it; above it all does, where the layer below reads both ways.
        first = self.step if layer == 0 or self.directions == 1 else self.length - 1 if direction else 0
        for t in range(first, -1, -1) if direction else range(first, self.length):
            watch.check()
            read: Tensor | None = None
            if below is not None:
                read = below[t] @ w_ih
            elif t == self.step:
                read = w_ih[columns.start : columns.stop]
            state = tangent.step(t, read, state)
            found[t] = _norm(state[0])
            if kept is not None:
                kept[t] = state[0]
        return found


def _norm(moved: Tensor) -> float:
    """The Frobenius norm of a derivative, (m, H): of the smallest and the largest, too, whose squares are none."""
    most = float(moved.abs().max())
    scale = most if 0 < most < float("inf") else 1.0
    return scale * float((moved / scale).norm())


def _numbers_of(cell: OfX, features: int, numbers: int) -> range:
    """Which numbers of the cell, as the module takes it, are asked about."""
    if cell.feature < 0:
        return range(numbers)
    each = numbers // max(1, features)
    return range(cell.feature * each, (cell.feature + 1) * each)


def _check_cell(batch: Batch, trace: Trace, cell: OfX) -> None:
    """Raise BatchError where there is no such cell of x, or nothing reads it."""
    row, step, feature = cell.row, cell.step, cell.feature
    features = max(1, batch.feature_count)
    if not (0 <= row < batch.rows and 0 <= step < batch.steps):
        shape = f"{batch.rows} rows and {batch.steps} steps"
        raise BatchError(f"there is no cell of row {row} at step {step}: x has {shape}.")
    if not -1 <= feature < features:
        raise BatchError(f"there is no feature {feature}: a cell of x has {features}, from 0; -1 is all of them.")
    name = cells_named(batch, row, step, step + 1)
    if row >= trace.packing.rows:
        raise BatchError(f"{name} goes nowhere: row {row} has no length, and torch drops it.")
    if step >= trace.packing.lengths[row]:
        raise BatchError(f"{name} goes nowhere: it is padding (length {length_told(batch, row)}), and not packed.")
