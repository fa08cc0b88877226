"""How much a scalar of a run hangs on every cell of x and on every hidden state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.arrays import ReadOnly, frozen
from packviz.core.moments import Moments, pass_name
from packviz.core.packing import Packing
from packviz.core.texts.wording import rows_listed
from packviz.core.trace import Pass

VANISHED, EXPLODED = 1e-3, 1e3
"""A gradient this many times smaller, or larger, at the one end of a row than at the other."""


Of = str | tuple[int, int, int]
"""What the gradient is of: "h_n", the sum of all final hidden states; "mean", of all outputs in valid cells; or (row,
step, unit) of the output, whose units of the backward direction follow those of the forward one."""


@dataclass(frozen=True, eq=False)
class Norms(ReadOnly):
    """The norms at every cell of x, or at h after it, (B, T), rows in the order of the batch; 0 at padding. `said`: of
    what and where: `the sum of h_n at h of layer 0 →`; `troubles`: where they vanish or explode on their way."""

    norms: NDArray[np.float64]
    said: str
    troubles: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class Gradients:
    """The Euclidean norm of the gradient of `of`, a scalar in words, at each cell. Arrays are read-only, float64.

    `x`: (B, T), rows in the order of the batch; 0 at padding, which is not packed. `states`: (layer, direction) → (N,)
    in packed order, of h after each step, by all ways in which it goes on. `value`: the scalar. `packing`: where each
    row sits in the packed order. `module`: "nn.LSTM(1, 6)".
    """

    of: str
    value: float
    x: NDArray[np.float64]
    states: Mapping[Pass, NDArray[np.float64]]
    packing: Packing
    module: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "x", frozen(self.x))
        held = {key: frozen(values) for key, values in self.states.items()}
        object.__setattr__(self, "states", MappingProxyType(held))
        for key, values in held.items():
            if len(values) != self.packing.size:
                raise ValueError(f"states[{key}] has {len(values)} numbers, but data has {self.packing.size}.")

    def __repr__(self) -> str:
        ends = "; ".join(self.troubles()) or "no row vanishes or explodes"
        return f"<Gradients of {self.of} = {self.value:.4g}, {self.module} over {self.packing.rows} rows; {ends}>"

    @property
    def moments(self) -> Moments:
        """The walk that they are of."""
        layers, directions = zip(*self.states, strict=True)
        return Moments(self.packing.longest, max(layers) + 1, max(directions) + 1)

    def at_x(self) -> Norms:
        """The norms at the cells of x."""
        return Norms(self.x, f"{self.of} at x", tuple(self.troubles()))

    def at_states(self, layer: int = 0, direction: int = 0) -> Norms:
        """The norms at h after each step of a layer and direction, in the cell that the step read. Raises ValueError
        where there is no such layer or direction."""
        if (layer, direction) not in self.states:
            raise ValueError(f"there are no gradients of layer {layer} in direction {direction}.")
        name = pass_name(layer, direction, self.moments.directions)
        norms = np.zeros(self.x.size)
        norms[self.packing.flat] = self.states[layer, direction]
        told = tuple(said for said in self.troubles() if said.startswith(f"{name}:"))
        return Norms(norms.reshape(self.x.shape), f"{self.of} at h of {name}", told)

    def row(self, row: int, *, layer: int = 0, direction: int = 0) -> NDArray[Any]:
        """The norms at h of one row over its own steps, (length,)."""
        k = self.packing.index(row, np.arange(self.packing.lengths[row]))
        return self.states[layer, direction][k]

    def ratios(self, *, layer: int = 0, direction: int = 0) -> NDArray[np.float64]:
        """Of each row the norm at the first h that it has against that at the last, (n,): far below 1 the gradient
        vanishes on its way back, far above it explodes; NaN where the last one is 0."""
        packing, values = self.packing, self.states[layer, direction]
        rows = np.arange(packing.rows)
        start, end = packing.index(rows, np.zeros_like(rows)), packing.index(rows, packing.lengths - 1)
        first, last = (end, start) if direction else (start, end)
        with np.errstate(divide="ignore", invalid="ignore"):
            found = values[first] / values[last]
        return np.where(values[last] == 0, np.nan, found)

    def troubles(self) -> list[str]:
        """`layer 0 →: vanishes in rows 1, 4`, for each layer and direction in which it does, or explodes."""

        said = []
        for layer, direction in self.states:
            ratios = self.ratios(layer=layer, direction=direction)
            name = pass_name(layer, direction, self.moments.directions)
            for rows, verb in ((ratios < VANISHED, "vanishes"), (ratios > EXPLODED, "explodes")):
                if rows.any():
                    said.append(f"{name}: {verb} in {rows_listed(np.flatnonzero(rows))}")
        return said
