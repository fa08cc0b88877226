"""Which dimension of x counts its steps, as its lengths or a mask tell: the second, the last, or, of five dimensions,
the third.

A video is kept as (B, C, T, H, W), as a convolution over time and space takes it, or as (B, T, C, H, W); a series of
volumes as (B, X, Y, Z, T). What the lengths fit alone is it, and what they and the padding fit; the rest is asked.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.cells.filling import fill_beyond
from packviz.files.known.axes import (
    LEAST_STEPS,
    by_fill,
    is_turned,
    readings,
    time_last_by_lengths,
    time_last_by_mask,
    undecided,
    view,
)

Ints = NDArray[np.int64]

MOST_CHANNELS = 4
"""A third dimension of at most so many may be the channels of a picture: that the longest length is just as large tells
nothing by itself."""


def time_by_lengths(x: NDArray[Any], counts: Ints, name: str) -> tuple[str, str] | None:
    """The axes of an x whose time is neither of its first two dimensions, and why, as its lengths tell; None where it
    is. Raises Undecided where several may be."""
    if x.ndim != 5:
        why = time_last_by_lengths(x, counts, name)
        return None if why is None else (readings(x.ndim)[2], why)
    if not len(counts) or len(counts) != x.shape[0] or int(counts.min()) < 0 or int(counts.max()) < 1:
        return None
    return _of_five(x, counts)


def time_by_mask(x: NDArray[Any], mask: NDArray[Any], name: str) -> tuple[str, str] | None:
    """The same of the mask beside x, a matrix."""
    if x.ndim != 5:
        why = time_last_by_mask(x, mask, name)
        return None if why is None else (readings(x.ndim)[2], why)
    rows = x.shape[0]
    fitting = [way for way in _ways(x) if mask.shape in ((rows, _steps(x, way)), (_steps(x, way), rows))]
    if not any(map(is_turned, fitting)):
        return None
    if len(fitting) == 1:
        return fitting[0], f"the mask is {mask.shape}, as large as its first dimension and {_place(fitting[0])}"
    counts = np.asarray(mask != 0).sum(axis=1 if mask.shape[0] == rows else 0).astype(np.int64)
    return time_by_lengths(x, counts, name) if len(counts) == rows else None


def _of_five(x: NDArray[Any], counts: Ints) -> tuple[str, str] | None:
    longest, ways = int(counts.max()), _ways(x)
    fitting = [way for way in ways if longest <= _steps(x, way)]
    if not any(map(is_turned, fitting)):
        return None
    filled = {way: fill for way in fitting if (fill := fill_beyond(view(x, way), counts)) is not None}
    if x.shape[0] == x.shape[1] and fill_beyond(view(x, "TBFFF"), counts) is not None:
        return None  # the layout of its first two dimensions says more
    if len(filled) == 1:
        [(way, fill)] = filled.items()
        return (way, by_fill(fill)) if is_turned(way) else None
    left = list(filled) or fitting
    if not filled and _likely_too_large(x, counts, fitting):
        return None
    exact = [way for way in left if longest == _steps(x, way)]
    channels = exact == ["BFTFF"] and longest <= MOST_CHANNELS and len(left) > 1
    told, said = None, ""
    if len(exact) == 1 and not channels:
        told, said = exact[0], "the longest length is"
    elif len(left) == 1:
        told, said = left[0], f"the lengths, up to {longest}, fit"
    if told is None:
        undecided(x.shape, tuple(left), f"the lengths, {int(counts.min())} to {longest}, fit {_sized(x, left, 'and')}")
    others = [way for way in (left if len(left) > 1 else ways) if way != told]
    why = f"{said} {_sized(x, [told], '')}, and not {_sized(x, others, 'or')}"
    return (told, why) if is_turned(told) else None


def _likely_too_large(x: NDArray[Any], counts: Ints, fitting: list[str]) -> bool:
    """Whether at most half of the lengths are beyond the second dimension, and none is the size of another one: then
    these are likelier too large than time is elsewhere."""
    beyond = int(np.count_nonzero(counts > x.shape[1]))
    exact = any(int(counts.max()) == _steps(x, way) for way in fitting)
    return 0 < 2 * beyond <= len(counts) and not exact


def _ways(x: NDArray[Any]) -> list[str]:
    """The readings with the rows first, by where they have the steps; a dimension of too few is none of steps."""
    ways = sorted((way for way in readings(x.ndim) if way[0] == "B"), key=lambda way: way.index("T"))
    return [way for way in ways if not is_turned(way) or _steps(x, way) >= LEAST_STEPS]


def _steps(x: NDArray[Any], axes: str) -> int:
    return int(x.shape[axes.index("T")])


def _sized(x: NDArray[Any], ways: list[str], joined: str) -> str:
    """Where these readings have the steps, and how many: `its third dimension, 16, and its last, 32`."""
    first, *more = (f"{_place(way)}{{}}, {_steps(x, way)}" for way in ways)
    named = [first.format(" dimension"), *(name.format("") for name in more)]
    return named[0] if not more else f"{', '.join(named[:-1])}, {joined} {named[-1]}"


def _place(axes: str) -> str:
    return {1: "its second", 2: "its third"}.get(axes.index("T"), "its last")
