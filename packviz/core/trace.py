"""A run as data: every state of every row, layer and direction of a recurrent module over a packed batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import frozen
from packviz.core.columns import Values, known, taken
from packviz.core.moments import Moment, Moments
from packviz.core.moments import Pass as Pass
from packviz.core.packing import Packing
from packviz.core.replaying import Replays, RowsHeld, Segment, Steps, pieces_of

States = Mapping[str, Values]
"""By name, an array or a column each: see `packviz.core.columns`."""

Chosen = slice | NDArray[np.int64] | None

Where = tuple[str, tuple[int, ...]]
"""A number of what torch returns: ("out", (k, column)) of out.data, or ("h_n", (slot, row, unit)), or of "c_n"."""

CARRIED = ("h", "c")
"""The states that a step takes over from the one before; the others, the gates, are made anew at each step."""


@dataclass(frozen=True, eq=False, repr=False)
class Trace:
    """Every state of one run. Arrays are read-only, float32 or float64 (float16 and bfloat16 as float32).

    `states`: (layer, direction) → name → (N, H), h of a module with a projection (N, proj_size): the state right after
    the cell of that packed index was read, in either direction. The first name is h. `initial`: "h_0" (and "c_0"), as
    torch takes them: (layers × directions, n, H), rows in the order of the batch. `packing`: where each row sits in the
    packed order. `limits`: (layer, direction, name) → the largest finite absolute value of that state in the run.
    `hidden`: H. `difference`: the largest absolute difference of out, h_n (and c_n) from torch's own module on the same
    packed batch, and `furthest` where that is, None where nothing differs; `agrees`: whether
    torch.testing.assert_close finds them equal. `module`: "nn.LSTM(1, 6)". `inputs`: what was done to x. `device`,
    `dtype`: torch's names.

    A run with more states than memory may be taken for is kept as checkpoints, its states are columns that are computed
    again when they are read: `replays`. `ends`: then (layer, direction) → name → (n, H), each row after its last step,
    rows in the order of the batch; `given`: its final states.

    Where a method takes a `step`, a Moment will do, too; a step is one of `layer` and `direction`, 0 where left out.
    A step before the first counts as the first; after the last one all rows have ended, and backward none has begun. At
    step t the rows with t < length are active. Forward, the others have ended, and keep their last state. Backward,
    they have not begun: a row is first read at its last step, where the walk comes upon it, and has its initial h and c
    until then, and no gates, which is NaN; at step 0 all rows end together. Raises ValueError where there is no such
    state, layer or direction, or where the arrays don't fit.
    """

    states: Mapping[Pass, States]
    initial: States
    packing: Packing
    limits: Mapping[tuple[int, int, str], float]
    hidden: int
    difference: float
    agrees: bool
    module: str
    device: str
    dtype: str
    inputs: str
    furthest: Where | None = None
    replays: Replays | None = None
    ends: Mapping[Pass, States] | None = None
    given: States | None = None

    def __post_init__(self) -> None:
        held = {key: MappingProxyType(_frozen(states)) for key, states in self.states.items()}
        object.__setattr__(self, "states", MappingProxyType(held))
        object.__setattr__(self, "initial", MappingProxyType(_frozen(self.initial)))
        object.__setattr__(self, "limits", MappingProxyType(dict(self.limits)))
        moments, size = self.moments, self.packing.size
        if set(held) != {(layer, d) for layer in range(moments.layers) for d in range(moments.directions)}:
            raise ValueError(f"states has the layers and directions {sorted(held)}, which are not all of a module.")
        for mapping in ("ends", "given"):
            if getattr(self, mapping) is not None:
                object.__setattr__(self, mapping, MappingProxyType(dict(getattr(self, mapping))))
        for key, states in held.items():
            for name, array in states.items():
                if len(array) != size:
                    raise ValueError(f"states[{key}][{name!r}] has {len(array)} rows, but data has {size}.")

    @cached_property
    def moments(self) -> Moments:
        """The order in which the steps were taken."""
        layers, directions = zip(*self.states, strict=True)
        return Moments(self.packing.longest, max(layers) + 1, max(directions) + 1)

    @cached_property
    def final(self) -> States:
        """The final states as torch returns them: "h_n" (and "c_n") → (layers × directions, n, H)."""
        return MappingProxyType(final_states(self.states, self.packing) if self.given is None else dict(self.given))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the states of the cell, h first; the same in every layer."""
        return tuple(self.values)

    @property
    def values(self) -> States:
        """The states of layer 0, forward, by name, (N, H) each: all states of a module that has no other layer."""
        return self.states[0, 0]

    def width(self, name: str) -> int:
        """The units of a state: H, or proj_size of an h that is projected."""
        return int(self.values[name].shape[1])

    @property
    def layers(self) -> int:
        """How many layers there are."""
        return self.moments.layers

    @property
    def directions(self) -> int:
        """1, or 2 of a bidirectional module."""
        return self.moments.directions

    @property
    def steps(self) -> int:
        """L, the number of steps that each layer takes in each direction."""
        return self.packing.longest

    @property
    def nbytes(self) -> int:
        """The bytes of all states that are held, or of the checkpoints."""
        held: int = sum(array.nbytes for states in self.states.values() for array in states.values())
        return held + (0 if self.replays is None else self.replays.nbytes)

    @property
    def spans(self) -> tuple[Steps, ...]:
        """The steps that are at hand together: all of them, or those between two checkpoints."""
        return ((0, self.steps),) if self.replays is None else self.replays.spans

    def through(self, segment: Segment | None, held: RowsHeld | None = None) -> Trace:
        """The same run, of which only these states are at hand, and NaN stands for all others: nothing is computed
        again to read it."""
        seen = {
            at: {name: pieces_of(at, name, array.shape, array.dtype, segment, held) for name, array in states.items()}
            for at, states in self.states.items()
        }
        return replace(self, states=seen)

    def known(self, step: int | Moment, rows: Chosen = None, *, direction: int | None = None) -> NDArray[np.bool_]:
        """Of each row whether its state after `step` is at hand, (rows,): all are, but of what `through` gives."""
        at = self._moment(step, None, direction)
        k = self.k(at, rows)
        found = known(self.states[at.layer, at.direction]["h"], k) | (k < 0)
        if self.ends is not None and not at.direction:
            found |= self.packing.lengths[self._rows(rows)] <= at.step
        return np.asarray(found)

    def __repr__(self) -> str:
        passes = (
            "" if len(self.states) == 1 else f", {self.moments.layers} layers × {self.moments.directions} directions"
        )
        ran = (
            f"{self.module}{passes} over {self.packing.rows} rows and {self.steps} steps on {self.device}, {self.dtype}"
        )
        agreement = f"max |Δ| against torch {self.difference:.1e}{'' if self.agrees else ', they differ'}"
        return f"<Trace of {', '.join(self.names)}: {ran}; {agreement}>"

    def _repr_html_(self) -> str:
        from packviz.core.texts.html.trace import trace_html

        return trace_html(self)

    def limit(self, name: str, *, layer: int = 0, direction: int = 0) -> float:
        """The largest finite absolute value of a state in the whole run: the end of its colour scale."""
        return self.limits[layer, direction, name]

    def k(self, step: int | Moment, rows: Chosen = None, *, direction: int | None = None) -> NDArray[np.int64]:
        """The packed index whose state each row bears after `step`, (rows,) int64; -1 where it has not begun.

        That is the cell at `step`, and for a row that has ended that of its last step. `rows`: in the order of the
        batch; all where None.
        """
        at = self._moment(step, None, direction)
        chosen = self._rows(rows)
        shown = at.step if at.direction else np.minimum(at.step, self.packing.lengths[chosen] - 1)
        return self.packing.index(chosen, shown)

    def state(
        self,
        name: str,
        step: int | Moment,
        rows: Chosen = None,
        units: Chosen = None,
        *,
        layer: int | None = None,
        direction: int | None = None,
    ) -> NDArray[Any]:
        """The state after `step`, (rows, units), rows in the order of the batch; ended rows keep their last one, and
        rows that have not begun their initial one.

        Only the rows and units asked for are gathered.
        """
        at = self._moment(step, layer, direction)
        values, k = self._states(name, at.layer, at.direction), self.k(at, rows)
        if self.ends is not None and not at.direction:
            return self._with_ended(name, at, k, self._rows(rows), units)
        found = taken(values, np.maximum(k, 0), units)
        if at.direction and len(k) and k.min() < 0:
            waiting = k < 0
            found[waiting] = self._before(name, at, self._rows(rows)[waiting], units)
        return found

    def row(self, name: str, row: int, *, layer: int = 0, direction: int = 0) -> NDArray[Any]:
        """The state of one row over its own steps, (length, H): the first is that after step 0, in either direction."""
        values = self._states(name, layer, direction)
        return taken(values, self.packing.index(row, np.arange(self.packing.lengths[row])))

    def _with_ended(
        self, name: str, at: Moment, k: NDArray[np.int64], rows: NDArray[np.int64], units: Chosen
    ) -> NDArray[Any]:
        """What rows bear forward, those that have ended without looking at the steps at which they did."""
        assert self.ends is not None
        ended = self.packing.lengths[rows] <= at.step
        found = taken(self.ends[at.layer, at.direction][name], rows, units)
        found[~ended] = taken(self.states[at.layer, at.direction][name], k[~ended], units)
        return found

    def _moment(self, step: int | Moment, layer: int | None, direction: int | None) -> Moment:
        if isinstance(step, Moment):
            if layer not in (None, step.layer) or direction not in (None, step.direction):
                raise ValueError(f"{step} has a layer and a direction: give no others, or a step alone.")
            step, layer, direction = step
        return Moment(max(step, 0), layer or 0, direction or 0)

    def _states(self, name: str, layer: int, direction: int) -> Values:
        states = self.states.get((layer, direction))
        if states is None:
            have = f"{self.moments.layers} layers and {self.moments.directions} directions"
            raise ValueError(f"there is no layer {layer} in direction {direction}: the trace has {have}, from 0.")
        if name not in states:
            raise ValueError(f"{name!r} is no state of {self.module}: choose one of {', '.join(states)}.")
        return states[name]

    def _rows(self, rows: Chosen) -> NDArray[np.int64]:
        every = np.arange(self.packing.rows)
        return every if rows is None else every[rows]

    def _before(self, name: str, at: Moment, rows: NDArray[np.int64], units: Chosen) -> NDArray[Any] | float:
        """What rows that have not begun bear: the initial state; NaN for a gate."""
        if name not in CARRIED:
            return np.nan
        initial = self.initial[f"{name}_0"][at.layer * self.moments.directions + at.direction]
        return taken(initial, rows, units)


def final_states(states: Mapping[Pass, States], packing: Packing) -> dict[str, NDArray[Any]]:
    """The final states of a run, "h_n" (and "c_n") → (layers × directions, n, H), rows in the order of the batch.

    `states`: as a Trace has them. Forward a row ends at its last step, backward at step 0. Source: torch.nn.LSTM.
    """
    rows = np.arange(packing.rows)
    ends = [packing.index(rows, packing.lengths - 1), packing.index(rows, 0)]
    names = [name for name in CARRIED if all(name in held for held in states.values())]
    return {
        f"{name}_n": frozen(np.stack([states[key][name][ends[key[1]]] for key in sorted(states)])) for name in names
    }


def _frozen(arrays: States) -> dict[str, NDArray[Any]]:
    return {name: frozen(array) if isinstance(array, np.ndarray) else array for name, array in arrays.items()}
