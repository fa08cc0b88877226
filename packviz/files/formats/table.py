"""Tables of numbers, CSV and TSV: a row of the table is a row of the batch, so that a table says batch_first=True."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import BatchError
from packviz.core.cancel import UNWATCHED, Watch
from packviz.files.arrays import from_text
from packviz.files.paste.found import Found, SequenceList, is_lengths_name
from packviz.files.stream import Stream

CHECK_EVERY = 64
OWN_OPTIONS = {"batch_first": True}


def sniff(head: bytes) -> bool:
    """Numbers in the last whole line of the beginning, with a separator, and nothing that other grammars have."""
    lines = head.decode("utf-8", "replace").splitlines()
    if not lines or any(mark in line for line in lines for mark in "[](){}='#>"):
        return False
    cells = re.split(r"[,;\t]", lines[0 if len(lines) < 3 else 1])
    return len(cells) > 1 and all(cell == "" or _is_number(cell) for cell in (c.strip() for c in cells))


def read(stream: Stream) -> Found:
    return parse_table(stream.read_text(), stream.watch)


def parse_table(text: str, watch: Watch = UNWATCHED) -> Found:
    """The batch of a table: one line a row, one cell a step.

    Empty cells at the end of a line are padding; lines of different lengths make sequences. A first line of words
    is a header; a column headed `length` or `lengths` holds the lengths. A table says batch_first=True by its form, and
    no other option. Raises BatchError naming line and column.
    """
    delimiter = _delimiter(text)
    if delimiter == ";":
        text = re.sub(r"(?<=\d),(?=\d)", ".", text)
    lines = _lines(text, delimiter)
    first = next(lines, None)
    if first is None:
        raise BatchError("it is empty, but a table of numbers is expected: one line a row, one cell a step.")
    header = _header(first[1])
    column = None if header is None else next((c for c, name in enumerate(header) if is_lengths_name(name)), None)
    labels = header is not None and header[0] == "" and len(header) > 1
    numbers: list[tuple[int, list[str]]] = [] if header is not None else [first]
    numbers.extend(_watched(lines, watch))
    while numbers and not any(numbers[-1][1]):
        numbers.pop()
    if not numbers:
        raise BatchError("it has a header but no numbers below it: one line a row, one cell a step is expected.")
    counts = None if column is None else _numbers_of(((n, _cell(c, column)) for n, c in numbers), column)
    skipped = {c for c in (column, 0 if labels else None) if c is not None}
    rows = [_row(line, cells, skipped) for line, cells in _watched(iter(numbers), watch)]
    return _found(rows, counts)


def _found(rows: list[NDArray[Any]], counts: NDArray[Any] | None) -> Found:
    if len({len(row) for row in rows}) == 1:
        x = from_text(np.stack(rows))
        return Found(x, counts, OWN_OPTIONS)
    listed = from_text(list(rows))
    assert isinstance(listed, list)
    if counts is not None:
        return Found(listed, counts, OWN_OPTIONS)
    return Found(SequenceList(tuple(listed)), None, OWN_OPTIONS)


def _lines(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(line number, stripped cells without the empty ones at the end) of each line that is not blank."""
    if delimiter == " ":
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                yield number, line.split()
        return
    reader = csv.reader(text.splitlines(), delimiter=delimiter, skipinitialspace=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise BatchError(f"line {reader.line_num} is no line of a table ({error}).") from None
        if cells:
            yield reader.line_num, [cell.strip() for cell in cells]


def _watched(lines: Iterator[tuple[int, list[str]]], watch: Watch) -> Iterator[tuple[int, list[str]]]:
    while block := list(islice(lines, CHECK_EVERY)):
        watch.check()
        yield from block


def _delimiter(text: str) -> str:
    start = text[:65536]
    return next((mark for mark in "\t;," if mark in start), " ")


def _header(cells: list[str]) -> list[str] | None:
    """The names of the columns, where the first line is no line of numbers."""
    if len(cells) > 1 and cells[0] == "" and cells[1] != "":
        return cells
    named = [cell for cell in cells if cell and not _is_number(cell)]
    return cells if named and all(re.match(r"[^\W\d]", cell) or cell[0] in "#\"'" for cell in named) else None


def _row(line: int, cells: list[str], skipped: set[int]) -> NDArray[Any]:
    stop = len(cells)
    while stop and (cells[stop - 1] == "" or stop - 1 in skipped):
        stop -= 1
    kept = cells[:stop] if not skipped else [cell for c, cell in enumerate(cells[:stop]) if c not in skipped]
    try:
        return _array(kept)
    except ValueError:
        raise _bad_cell(line, cells[:stop], skipped) from None


def _array(cells: list[str]) -> NDArray[Any]:
    try:
        return np.fromiter(map(int, cells), np.int64, len(cells))
    except OverflowError:
        raise ValueError from None
    except ValueError:
        return np.fromiter(map(float, cells), np.float64, len(cells))


def _numbers_of(cells: Iterator[tuple[int, str]], column: int) -> NDArray[Any]:
    listed = list(cells)
    try:
        return _array([cell for _, cell in listed])
    except ValueError:
        line, cell = next((n, c) for n, c in listed if not _is_number(c) or _too_large(c))
        wrong = "too large for 64 bits" if _is_number(cell) else "not a number"
        raise BatchError(f"line {line}, column {column + 1}: the length is {_shown(cell)}, {wrong}.") from None


def _cell(cells: list[str], column: int) -> str:
    return cells[column] if column < len(cells) else ""


def _bad_cell(line: int, cells: list[str], skipped: set[int]) -> BatchError:
    for column, cell in enumerate(cells):
        if column not in skipped and (not _is_number(cell) or _too_large(cell)):
            what = "is too large for 64 bits" if _is_number(cell) else "is not a number"
            hint = "; only the cells at the end of a line may be empty" if cell == "" else ""
            return BatchError(f"line {line}, column {column + 1}: {_shown(cell)} {what}{hint}.")
    return BatchError(f"line {line} is no line of numbers.")


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _too_large(cell: str) -> bool:
    try:
        return not -(2**63) <= int(cell) < 2**63
    except ValueError:
        return False


def _shown(cell: str) -> str:
    return repr(cell[:40]) if cell else "an empty cell"
