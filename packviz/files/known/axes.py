"""Which dimensions of x are its rows and its steps: how they are named, and when time is the last one.

Mels, features of a convolution and waves are often kept as (B, F, T). That is told by the lengths, by a mask, by the
padding; a name alone makes it likely only, since some frameworks keep (B, T, F) under the same one.
"""

from __future__ import annotations

import re
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import BatchError
from packviz.core.cells.filling import Fill, fill_beyond
from packviz.core.errors import Undecided
from packviz.core.texts.wording import count
from packviz.files.known.names import is_time_last_name

Ints = NDArray[np.int64]

LEAST_STEPS = 3
"""A last dimension of fewer is not taken for steps."""


def readings(dimensions: int) -> tuple[str, ...]:
    """The readings of an x of so many dimensions: BT, TB; BTF, TBF, BFT; of five, as a video has, BFTFF, too."""
    features = "F" * (dimensions - 2)
    time_last = (f"B{features}T",) if features else ()
    return (f"BT{features}", f"TB{features}", *time_last, *(("BFTFF",) if dimensions == 5 else ()))


def is_turned(axes: str) -> bool:
    """Whether rows and steps are not the first two dimensions."""
    return set(axes[:2]) != {"B", "T"}


def spelt(axes: str) -> str:
    """`(B, T, F)`, with where time is before it unless that is first or second: `time last, (B, F, T)`."""
    where = "" if not is_turned(axes) else "time last, " if axes.endswith("T") else "time third, "
    return f"{where}({', '.join(axes)})"


def checked_axes(axes: object, shape: tuple[int, ...]) -> str:
    """Axes as they were typed, for an x of this shape: one letter a dimension, B its rows, T its steps, any other one
    its features. Raises BatchError."""
    named = str(axes).upper()
    if not re.fullmatch(r"[A-Z0-9]{1,32}", named) or named.count("B") != 1 or named.count("T") != 1:
        raise BatchError(
            f"axes is {str(axes)[:40]!r}, but one letter a dimension of x is expected, B for its rows, T for its "
            "steps and F for features, as in BTF, TBF or BFT."
        )
    if len(named) != len(shape):
        raise BatchError(
            f"axes is {named}, which is {count(len(named), 'dimension')}, but x has shape {shape}: give one of "
            f"{', '.join(readings(max(len(shape), 2)))}."
        )
    return named


def turned(x: NDArray[Any], axes: str) -> tuple[NDArray[Any], bool]:
    """x as (B, T, *) or (T, B, *), a view, and its batch_first: turned only where B and T are not its first two."""
    rows, steps = axes.index("B"), axes.index("T")
    if {rows, steps} == {0, 1}:
        return x, rows == 0
    return np.moveaxis(x, (rows, steps), (0, 1)), True


def view(x: NDArray[Any], axes: str) -> NDArray[Any]:
    """x as (B, T, *), a view."""
    return np.moveaxis(x, (axes.index("B"), axes.index("T")), (0, 1))


def time_last_by_lengths(x: NDArray[Any], counts: Ints, name: str) -> str | None:
    """Why x is (B, F, T), as its lengths tell; None where it is not. Raises Undecided where both may be."""
    if x.ndim < 3 or not len(counts) or len(counts) != x.shape[0]:
        return None
    rows, middle, last = x.shape[0], x.shape[1], x.shape[-1]
    longest, axes = int(counts.max()), readings(x.ndim)
    if longest > max(last, middle) and is_time_last_name(name):
        undecided(x.shape, (axes[0], axes[2]), f"the longest length, {longest}, is more than any of its dimensions")
    if last < LEAST_STEPS or longest > last or longest < 1 or int(counts.min()) < 0:
        return None
    here = fill_beyond(view(x, axes[2]), counts)
    if longest > middle:
        if longest == last:
            return f"the longest length is its last dimension, {last}, and more than its second, {middle}"
        if here is not None:
            return by_fill(here)
        more = int(np.count_nonzero(counts > middle))
        if 2 * more > rows or is_time_last_name(name):
            said = f"{more} of {count(rows, 'length')} are more than its second dimension, {middle}"
            return f"{said}, none than its last, {last}"
        return None
    square = rows == middle
    others = (fill_beyond(view(x, reading), counts) for reading in axes[: 2 if square else 1])
    there = any(fill is not None for fill in others)
    if here is not None and not there:
        return by_fill(here)
    if there or square:
        return None
    if middle != last and longest in (middle, last):
        said = f"the longest length is its last dimension, {last}, and not its second, {middle}"
        return said if longest == last else None
    why = f"the lengths, {int(counts.min())} to {longest}, fit its second dimension and its last"
    undecided(x.shape, (axes[0], axes[2]), why)


def time_last_by_mask(x: NDArray[Any], mask: NDArray[Any], name: str) -> str | None:
    """The same of the mask beside x, a matrix."""
    if x.ndim < 3 or mask.ndim != 2:
        return None
    rows, middle, last = x.shape[0], x.shape[1], x.shape[-1]
    here, there = (mask.shape in ((rows, steps), (steps, rows)) for steps in (last, middle))
    if not here or (there and middle != last):
        return None
    if not there:
        return f"the mask is {mask.shape}, as large as its first dimension and its last"
    counts = np.asarray(mask != 0).sum(axis=1 if mask.shape[0] == rows else 0).astype(np.int64)
    return time_last_by_lengths(x, counts, name) if len(counts) == rows else None


def undecided(shape: tuple[int, ...], choices: tuple[str, ...], why: str) -> NoReturn:
    """Raises Undecided: which of these readings x is."""
    ways = [f"({', '.join(axes)})" for axes in choices]
    listed = f"{', '.join(ways[:-1])} or {ways[-1]}"
    raise Undecided(f"x has shape {shape}, and may be {listed}: {why}.", choices, option="axes")


def by_fill(fill: Fill) -> str:
    """Why a reading is the one of which all cells beyond the lengths hold one number."""
    return f"only then all cells beyond the lengths hold one number, {fill.shown}"
