"""What somebody looks for in a batch: a row, a step, a cell, a packed index, or the next cell that holds a value."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from packviz.core.batch import Batch
from packviz.core.errors import BatchError
from packviz.core.packing import Packing
from packviz.core.texts.quoting import cut
from packviz.core.texts.values import typed_number
from packviz.core.texts.wording import count

WAYS = "row 3 · t5 · x[3, 5] · data[12] · = 7.5, the next cell that holds it"
_NUMBER = r"(\d{1,18})"
_FORMS = {
    "cell": re.compile(rf"(?:x\s*)?[\[(]?\s*{_NUMBER}\s*,\s*{_NUMBER}\s*[\])]?"),
    "packed": re.compile(rf"(?:data|packed|k)\s*[\[=]?\s*{_NUMBER}\s*\]?"),
    "row": re.compile(rf"(?:row|r)\s*{_NUMBER}"),
    "step": re.compile(rf"(?:step|t)?\s*{_NUMBER}"),
}
_VALUE = re.compile(r"(?:==?|value)\s*(.+)")


@dataclass(frozen=True)
class Wanted:
    """One of `row`, `step`, both of them, `packed`, an index in data, or `value`, which may be NaN."""

    row: int | None = None
    step: int | None = None
    packed: int | None = None
    value: float | None = None


def parse_wanted(text: str) -> Wanted:
    """What is meant by `row 3`, `t5`, `5` (a step), `x[3, 5]`, `data[12]`, `= 7.5`. Raises BatchError."""
    bare = text.strip().lower()
    for kind, form in _FORMS.items():
        match = form.fullmatch(bare)
        if match is not None:
            numbers = tuple(map(int, match.groups()))
            return Wanted(*numbers) if kind == "cell" else Wanted(**{kind: numbers[0]})
    value = _VALUE.fullmatch(bare)
    try:
        return Wanted(value=typed_number(value[1] if value is not None else bare))
    except (ValueError, OverflowError):
        raise BatchError(f"{cut(text.strip(), 40)!r} is no place of a batch: write {WAYS}.") from None


def place_of(wanted: Wanted, batch: Batch, packing: Packing | None, row: int, step: int) -> tuple[int, int | None]:
    """(row, step) of it, seen from this row and step; a step of None leaves the one that there is.

    A value is looked for from the next cell on, row by row, and after the last cell from the first. Raises BatchError
    where there is no such place.
    """
    if wanted.value is not None:
        return _holding(wanted.value, batch, row, step)
    if wanted.packed is not None:
        if packing is None:
            raise BatchError("The batch is not packed, so that there is no data to go to.")
        if not 0 <= wanted.packed < packing.size:
            raise BatchError(f"data[{wanted.packed}] is beyond its end: data has {count(packing.size, 'row')}.")
        rows, steps = packing.cell([wanted.packed])
        return int(rows[0]), int(steps[0])
    if wanted.row is not None and wanted.row >= batch.rows:
        raise BatchError(f"There is no row {wanted.row}: the batch has {count(batch.rows, 'row')}, from 0.")
    if wanted.step is not None and wanted.step >= batch.steps:
        raise BatchError(f"There is no t{wanted.step}: x has {count(batch.steps, 'step')}, from t0.")
    return (row if wanted.row is None else wanted.row), wanted.step


def _holding(value: float, batch: Batch, row: int, step: int) -> tuple[int, int]:
    """The next cell one of whose features is equal to the value as x holds it."""
    grid, rows = batch.grid, batch.rows
    features = tuple(range(1, grid.ndim - 1))
    for turn in range(rows + 1):
        here = (row + turn) % max(rows, 1)
        if here >= rows:
            break
        same = _equal(grid[here], value)
        hits = np.flatnonzero(same.any(axis=features) if features else same)
        if turn == 0:
            hits = hits[hits > step]
        elif turn == rows:
            hits = hits[hits <= step]
        if len(hits):
            return here, int(hits[0])
    raise BatchError(f"No cell of x holds {value}.")


def _equal(cells: np.ndarray, value: float) -> np.ndarray:
    if isinstance(value, float) and np.isnan(value):
        return np.isnan(cells) if cells.dtype.kind in "fc" else np.zeros(cells.shape, dtype=bool)
    if cells.dtype.kind == "f":
        with np.errstate(over="ignore"):
            return np.asarray(cells == cells.dtype.type(value))  # 0.1 is the float32 that is nearest to it
    return np.asarray(cells == value)
