"""One law for the lengths of all rows: how they come from what the cells hold, where one sentence says it of every row.

A single wrong length is a slip; lengths that are all wrong in the same way were made wrongly, in one place: that place
is what has to be mended. A law is a fact about the numbers, held against every row; what it means is for the rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from packviz.core.cells.bits import Bools, Ints

Kind = Literal["offset", "filled", "order", "late", "times", "over"]
Rounding = Literal["", "up", "down"]
ROUNDINGS: tuple[Rounding, ...] = ("", "up", "down")

MOST_OFF = 2
"""Steps that all lengths may be off by: an end mark, or a mark at either end."""
ROUNDED = 3
"""So many lengths must differ before a factor that only fits when it is rounded is no chance."""


@dataclass(frozen=True)
class Law:
    """How all lengths come from the ends of the data, (n,), which are the lengths that the cells ask for.

    `kind`: "offset": they are the ends plus `by`, of either sign. "filled": they count the cells that are not padding.
    "order": they are the ends of the same rows in another order; `by`: rolled by so many rows, 0 for another one, and
    `turned` where it is the reverse. "late": the data of every row begins at step `by`, and the lengths leave that out.
    "times": they are the ends times `by`; "over": the ends over `by`; either way rounded `rounded`, "" where it comes
    out even. `cut`: no length is beyond T, where it would be by the law.
    """

    kind: Kind
    by: int = 0
    rounded: Rounding = ""
    cut: bool = False
    turned: bool = False


def law_of(counts: Ints, starts: Ints, ends: Ints, held: Ints, steps: int) -> Law | None:
    """The law that explains every wrong length of n rows with data in each; None where the lengths are right, or no
    one law explains them.

    `counts`: (n,) the lengths; `starts`, `ends`: (n,) the first step of the data of each row, and the step after its
    last; `held`: (n,) its cells that are not padding. `steps`: T.
    """
    if len(counts) < 2 or bool(np.all(counts == ends)):
        return None
    if bool(np.all(counts == held)):
        holes = bool(np.any(held < ends - starts))
        return (None if holes else _late(counts, starts, ends)) or Law("filled")
    late = _late(counts, starts, ends)
    if late is not None:
        return late
    if len(np.unique(counts)) < 2:
        return None  # one length for all rows: it is none of their ends
    return _offset(counts, ends, steps) or _order(counts, ends) or _factor(counts, ends)


def _late(counts: Ints, starts: Ints, ends: Ints) -> Law | None:
    by = int(starts[0])
    return Law("late", by) if by > 0 and bool(np.all((starts == by) & (ends == counts + by))) else None


def _offset(counts: Ints, ends: Ints, steps: int) -> Law | None:
    for by in (by for size in range(1, MOST_OFF + 1) for by in (size, -size)):
        if bool(np.all(counts == ends + by)):
            return Law("offset", by)
        # Lengths that were cut to T: of the rows that reach it nothing is wrong, and two must show it.
        if by > 0 and bool(np.all(counts == np.minimum(ends + by, steps))) and int(np.sum(counts < steps)) > 1:
            return Law("offset", by, cut=True)
    return None


def _order(counts: Ints, ends: Ints) -> Law | None:
    if not np.array_equal(np.sort(counts), np.sort(ends)):
        return None
    by = next((by for by in (1, -1) if len(counts) > 2 and np.array_equal(counts, np.roll(ends, by))), 0)
    return Law("order", by, turned=not by and np.array_equal(counts, ends[::-1]))


def _factor(counts: Ints, ends: Ints) -> Law | None:
    """Lengths taken before the steps were pooled, or after; of rows of one step alone nothing is known."""
    large, small = (counts, ends) if int(counts.sum()) > int(ends.sum()) else (ends, counts)
    if int(small.sum()) < 1 or int(small.max()) < 2:
        return None
    near = round(int(large.sum()) / int(small.sum()))
    for by in (near, near - 1, near + 1):
        if by < 2:
            continue
        rounded = next((way for way in ROUNDINGS if _fits(large, small, by, way)), None)
        if rounded is None or (rounded and len(np.unique(small)) < ROUNDED):
            continue
        return Law("times" if large is counts else "over", by, rounded)
    return None


def _fits(large: Ints, small: Ints, by: int, rounded: Rounding) -> bool:
    if not rounded:
        return bool(np.all(large == small * by))
    made: Ints = -(-large // by) if rounded == "up" else np.maximum(large // by, 1)
    held: Bools = made == small
    return bool(np.all(held))
