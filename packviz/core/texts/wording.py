"""How findings name things: rows, cells as the user would index them, packed indices, numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from packviz.core.batch import Batch
from packviz.core.lengths import INT64

NAN = "NaN"
MOST_NAMED = 4  # so many rows are listed by number in a sentence; more are counted
MOST_LISTED = 12  # and in a list of them; of more, the middle is left out


def count(n: int, one: str, many: str | None = None) -> str:
    """`1 cell`, `3 cells`."""
    return f"{n} {one if n == 1 else many or one + 's'}"


def listed(words: Sequence[str]) -> str:
    """`0`, `0 and 1`, `0, 1 and 4`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def abridged(values: ArrayLike, most: int = 12) -> str:
    """Numbers, (n,), without their middle where they are more than `most`: `3, 2, 4`, `6, 4, 4, …, 1`."""
    numbers = np.asarray(values)
    shown = numbers if len(numbers) <= most else np.append(numbers[: most - 1], numbers[-1:])
    words = [_bare(value) for value in shown.tolist()]
    return ", ".join(words if len(numbers) <= most else [*words[:-1], "…", words[-1]])


def rows_named(rows: Sequence[int]) -> str:
    """`Row 2`, `Rows 0 and 1`, `57 rows`."""
    if len(rows) > MOST_NAMED:
        return f"{len(rows)} rows"
    return f"Row{'s' if len(rows) > 1 else ''} {listed([str(row) for row in rows])}"


def rows_listed(rows: ArrayLike, most: int = MOST_LISTED, *, total: bool = True) -> str:
    """`row 2`, `rows 0, 3`; of more than `most` the middle is left out: `rows 0, 1, …, 56 (57 in all)`. `total`: the
    last is said; nothing where there are no rows."""
    numbers = np.asarray(rows)
    if not len(numbers):
        return ""
    said = f"row{'s' if len(numbers) > 1 else ''} {abridged(numbers, most)}"
    return f"{said} ({len(numbers):,} in all)" if total and len(numbers) > most else said


def rows_counted(rows: Sequence[int]) -> str:
    """`row 2`, `3 rows`."""
    return f"row {rows[0]}" if len(rows) == 1 else f"{len(rows):,} rows"


def rows_title(rows: Sequence[int], one: str, many: str) -> str:
    """`Row 2: its length …` of one row, `3 rows: their lengths …` of more."""
    return f"Row {rows[0]}: {one}" if len(rows) == 1 else f"{len(rows)} rows: {many}"


def cells_named(batch: Batch, row: int, first: int, stop: int) -> str:
    """The cells of one row as they are indexed in the layout of x: `x[2, 4]`, `x[2, 3:5]`, `x[3:5, 2]`."""
    steps = str(first) if stop == first + 1 else f"{first}:{stop}"
    if batch.x.ndim < 2:
        return f"x[{steps}]" if batch.x.ndim else "x"
    return f"x[{row}, {steps}]" if batch.call.batch_first else f"x[{steps}, {row}]"


def length_named(batch: Batch, place: int) -> str:
    """`lengths[2] is 6`; of one that torch reads as another number, `lengths[2] is 0.5, which torch reads as 0`.

    `place`: in the lengths as they are read, (n,); one of a matrix is named as it is indexed, `lengths[1, 0]`.
    """
    value, read = batch.lengths[place].item(), int(batch.counts[place])
    given = batch.given
    where = f"[{place}]"
    if given.array.ndim != 1 and given.array.size == len(given):
        at = np.unravel_index(place, given.array.shape)
        where = f"[{', '.join(str(int(index)) for index in at)}]" if at else ""
    told = f"lengths{where} is {_bare(value)}"
    converted = given.listed and not abs(value) <= INT64  # by Python, which raises
    if converted or (value == read and not isinstance(value, bool)):
        return told
    return f"{told}, which torch reads as {read}"


def length_told(batch: Batch, place: int) -> str:
    """A length as torch reads it, `3`; of one that is no number, as it was given: `nan`."""
    value = batch.lengths[place].item()
    return str(batch.counts[place]) if abs(value) < 2.0**63 else _bare(value)


def lengths_named(batch: Batch, most: int = 12) -> str:
    """The lengths as given, and what is odd about them: `[3, 2, nan]`, `[3, 2] of shape (2, 1), on cuda:0`."""
    given = batch.given
    odd = given.array.ndim != 1 or given.device != "cpu"
    told = f"[{abridged(batch.lengths, most)}]" if given.known else "no values"
    if given.array.size != len(given):
        return f"{told}, read from lengths {lengths_placed(batch)}"  # a mask
    return f"{told} {lengths_placed(batch)}" if odd else told


def lengths_placed(batch: Batch) -> str:
    """The shape and the device of the lengths: `of shape (3, 1)`, `of shape (3,), on cuda:0`."""
    given = batch.given
    return f"of shape {given.array.shape}" + (f", on {given.device}" if given.device != "cpu" else "")


def _bare(value: Any) -> str:
    """A number as it is printed: `3`, `2.5`, `nan`, `True`, `(1+2j)`."""
    odd = isinstance(value, bool | complex) or value - value != 0
    return str(value) if odd else number(value)


def number(value: float) -> str:
    """A number as it is typed in Python: `0`, `-1.5`, `float("nan")`."""
    if value != value or value in (float("inf"), float("-inf")):
        return f'float("{value}")'
    whole = isinstance(value, int) or (float(value).is_integer() and abs(value) < 1e15)
    return str(int(value)) if whole else repr(float(value))
