"""Traces made by hand, without torch, in which every number says where it stands."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

import numpy as np
import pytest

from packviz.core.moments import Moments
from packviz.core.packing import Packing
from packviz.core.trace import Trace

WIDTHS = {"h": 2, "c": 3, "g": 3}
"""A projection of size 2, H = 3, and one gate."""


def numbered_trace(
    packing: Packing, layers: int = 1, directions: int = 1, spoilt: Mapping[int, float] | None = None
) -> Trace:
    """A trace whose numbers are all different; the initial states are negative. `spoilt`: what stands in the place of
    some numbers, counted by packed index, state after state, of the last layer and direction."""
    states, count = {}, 0
    for key in [(layer, direction) for layer in range(layers) for direction in range(directions)]:
        states[key] = {}
        for name, width in WIDTHS.items():
            numbers = np.arange(count, count + packing.size * width, dtype=np.float64)
            states[key][name] = numbers.reshape(packing.size, width)
            count += numbers.size
    for place, value in (spoilt or {}).items():
        name, k = list(WIDTHS)[place // packing.size % 3], place % packing.size
        states[layers - 1, directions - 1][name][k, place % WIDTHS[name]] = value
    shapes = {f"{name}_0": (layers * directions, packing.rows, WIDTHS[name]) for name in "hc"}
    initial = {name: -1.0 - np.arange(np.prod(shape)).reshape(shape) for name, shape in shapes.items()}
    limits = {(*key, name): float(array.max()) for key, held in states.items() for name, array in held.items()}
    return Trace(states, initial, packing, limits, 3, 0.0, True, "nn.LSTM(1, 3)", "cpu", "float64", "as it is")


def assert_read_only(trace: Trace) -> None:
    """Nothing that can be reached from a trace can be changed: no field, no entry of a mapping, no number."""
    seen = _check(trace, "trace")
    assert {"trace.states[0, 0]['h']", "trace.final['h_n']", "trace.initial['h_0']"} <= seen
    assert {"trace.values['h']", "trace.moments.step", "trace.packing.lengths", "trace.limits"} <= seen


def _check(value: Any, name: str) -> set[str]:
    """The names of all that was looked at."""
    seen = {name}
    if isinstance(value, np.ndarray):
        assert not value.flags.writeable, name
        return seen
    if isinstance(value, Mapping):
        assert not isinstance(value, MutableMapping), name
        for key, held in value.items():
            shown = ", ".join(map(repr, key)) if isinstance(key, tuple) else repr(key)
            seen |= _check(held, f"{name}[{shown}]")
        return seen
    assert not isinstance(value, list | set | bytearray), name
    if isinstance(value, Trace | Moments | Packing):
        for each in dir(value):
            if not each.startswith("_") and not callable(getattr(value, each)):
                with pytest.raises(AttributeError):
                    setattr(value, each, None)
                seen |= _check(getattr(value, each), f"{name}.{each}")
    return seen
