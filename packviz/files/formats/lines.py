"""The lines of a table, one by one, as Python's csv, int and float read them: for what is odd, and to say what is
wrong, naming line and column."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import BatchError
from packviz.core.cancel import UNWATCHED, Watch

BLOCK = 64
AT_ONCE = 1 << 16
LONGEST_HEADER = 1 << 18
_FRACTION = re.compile(r"(?<=\d),(?=\d)")


@dataclass(frozen=True)
class Form:
    """How a table is written: what stands between its cells, " " for blanks of any kind (beside ";" a comma is that of
    a fraction); the columns that are no part of x, and which of these holds the lengths."""

    delimiter: str
    skipped: frozenset[int] = frozenset()
    column: int | None = None


class Part(NamedTuple):
    """Some rows: `flat`, (N,) int64 or float64, one after the other; `lengths`, (B,), how many numbers each has;
    `filled`: whether it has any cell that is not empty; `counts`: its length, -1 where it is not filled."""

    flat: NDArray[Any]
    lengths: NDArray[Any]
    filled: NDArray[np.bool_]
    counts: NDArray[Any]


class First(NamedTuple):
    """The stripped cells of the first line that is not blank, and the place in the text behind it."""

    cells: list[str]
    after: int


class _Row(NamedTuple):
    """`cells`: all of them; `stop`: behind the last one that is filled and part of x; `kept`: those of x."""

    line: int
    cells: list[str]
    stop: int
    kept: list[str]


def with_points(text: str, delimiter: str) -> str:
    """The text with a point in its fractions, where they may have a comma."""
    return _FRACTION.sub(".", text) if delimiter == ";" and "," in text else text


def first_line(text: str, delimiter: str) -> First | None:
    """The first line of a table, of a very long one the beginning; None where it has none."""
    used = 0

    def counted() -> Iterator[str]:
        nonlocal used
        for line in _lines(text):
            used += len(line)
            yield with_points(line[:LONGEST_HEADER], delimiter)

    cells = next((cells for _, cells in _cells(counted(), delimiter)), None)
    return None if cells is None else First(cells, used)


def read_lines(text: str, form: Form, before: int, most: int, watch: Watch = UNWATCHED) -> Part:
    """The rows of some lines; `before`: the number of the line before them. Raises BatchError naming line and column
    of what is no number, and where they are more than `most`."""
    flat, lengths, filled, counts = list[NDArray[Any]](), list[int](), list[bool](), list[NDArray[Any]]()
    rows = (_row(before + line, cells, form.skipped) for line, cells in _cells(_lines(text), form.delimiter))
    while block := [row for _, row in zip(range(BLOCK), rows, strict=False)]:
        watch.check()
        if form.column is not None:
            counts.append(_counts(block, form.column))
        flat.append(_numbers(block, form.skipped))
        lengths += [len(row.kept) for row in block]
        filled += [any(row.cells) for row in block]
        if len(lengths) > most:
            raise BatchError("it has too many lines that are not plain numbers: save x as .npy or .pt.")
    none = np.empty(0, dtype=np.int64)
    return Part(
        np.concatenate(flat or [none]),
        np.array(lengths, dtype=np.int64),
        np.array(filled, dtype=np.bool_),
        np.concatenate(counts or [none]),
    )


def bad_length(text: str, form: Form, before: int) -> BatchError:
    """What to say of the first line that has no length, as it has nothing at all."""
    column = form.column or 0
    line = next((line for line, cells in _cells(_lines(text), form.delimiter) if not any(cells)), 0)
    return BatchError(f"line {before + line}, column {column + 1}: the length is an empty cell, not a number.")


def is_number(cell: str) -> bool:
    """Whether Python makes a float of it."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _lines(text: str) -> Iterator[str]:
    """The lines, each with its end, as str.splitlines; some at a time."""
    start = 0
    while start < len(text):
        stop = text.find("\n", start + AT_ONCE) + 1 or len(text)
        yield from text[start:stop].splitlines(keepends=True)
        start = stop


def _cells(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(line number, stripped cells) of each line that is not blank."""
    if delimiter == " ":
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield number, line.split()
        return
    reader = csv.reader(_without_ends(lines), delimiter=delimiter, skipinitialspace=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise BatchError(f"line {reader.line_num} is no line of a table ({error}).") from None
        if cells:
            yield reader.line_num, [cell.strip() for cell in cells]


def _without_ends(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield line.splitlines()[0]


def _row(line: int, cells: list[str], skipped: frozenset[int]) -> _Row:
    stop = len(cells)
    while stop and (cells[stop - 1] == "" or stop - 1 in skipped):
        stop -= 1
    kept = cells[:stop] if not skipped else [cell for c, cell in enumerate(cells[:stop]) if c not in skipped]
    return _Row(line, cells, stop, kept)


def _numbers(rows: list[_Row], skipped: frozenset[int]) -> NDArray[Any]:
    cells = [cell for row in rows for cell in row.kept]
    try:
        if not any(map(_may_be_too_large, cells)):
            return _array(cells)
    except ValueError:
        pass
    arrays = []
    for row in rows:
        try:
            arrays.append(_array(row.kept))
        except ValueError:
            raise _bad_cell(row, skipped) from None
    return np.concatenate(arrays)


def _array(cells: list[str]) -> NDArray[Any]:
    try:
        return np.fromiter(map(int, cells), np.int64, len(cells))
    except OverflowError:
        raise ValueError from None
    except ValueError:
        return np.fromiter(map(float, cells), np.float64, len(cells))


def _counts(rows: list[_Row], column: int) -> NDArray[Any]:
    listed = [(row.line, row.cells[column] if column < len(row.cells) else "", any(row.cells)) for row in rows]
    cells = [cell if there else "-1" for _, cell, there in listed]
    try:
        if any(map(_may_be_too_large, cells)):
            raise ValueError
        return _array(cells)
    except ValueError:
        bad = (at for at in listed if at[2] and (not is_number(at[1]) or _too_large(at[1])))
        line, cell, _ = next(bad)
        what = "too large for 64 bits" if is_number(cell) else "not a number"
        raise BatchError(f"line {line}, column {column + 1}: the length is {_shown(cell)}, {what}.") from None


def _bad_cell(row: _Row, skipped: frozenset[int]) -> BatchError:
    for column, cell in enumerate(row.cells[: row.stop]):
        if column not in skipped and (not is_number(cell) or _too_large(cell)):
            what = "is too large for 64 bits" if is_number(cell) else "is not a number"
            hint = "; only the cells at the end of a line may be empty" if cell == "" else ""
            return BatchError(f"line {row.line}, column {column + 1}: {_shown(cell)} {what}{hint}.")
    return BatchError(f"line {row.line} is no line of numbers.")


def _may_be_too_large(cell: str) -> bool:
    return len(cell) > 18 and _too_large(cell)


def _too_large(cell: str) -> bool:
    try:
        return not -(2**63) <= int(cell) < 2**63
    except ValueError:
        return False


def _shown(cell: str) -> str:
    return repr(cell[:40]) if cell else "an empty cell"
