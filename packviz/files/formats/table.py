"""Tables of numbers, CSV and TSV: a row of the table is a row of the batch, so that a table says batch_first=True."""

from __future__ import annotations

import re

import numpy as np

from packviz.core.batch import BatchError
from packviz.core.cancel import UNWATCHED, Watch
from packviz.files.arrays import from_text
from packviz.files.formats.cells import Rows, read_rows
from packviz.files.formats.lines import Form, first_line, is_number
from packviz.files.known.names import is_lengths_name
from packviz.files.paste.found import Found
from packviz.files.ragged import Ragged
from packviz.files.stream import Stream

OWN_OPTIONS = {"batch_first": True}


def sniff(head: bytes) -> bool:
    """Numbers in the last whole line of the beginning, with a separator, and nothing that other grammars have."""
    lines = head.decode("utf-8", "replace").splitlines()
    if not lines or any(mark in line for line in lines for mark in "[](){}='#>"):
        return False
    cells = re.split(r"[,;\t]", lines[0 if len(lines) < 3 else 1])
    return len(cells) > 1 and all(cell == "" or is_number(cell) for cell in (c.strip() for c in cells))


def read(stream: Stream) -> Found:
    return parse_table(stream.read_text(), stream.watch)


def parse_table(text: str, watch: Watch = UNWATCHED) -> Found:
    """The batch of a table: one line a row, one cell a step.

    Empty cells at the end of a line are padding; lines of different lengths make sequences. A first line of words
    is a header; a column headed `length` or `lengths` holds the lengths. A table says batch_first=True by its form, and
    no other option. Raises BatchError naming line and column.
    """
    delimiter = _delimiter(text)
    first = first_line(text, delimiter)
    if first is None:
        raise BatchError("it is empty, but a table of numbers is expected: one line a row, one cell a step.")
    header = _header(first.cells)
    column = None if header is None else next((c for c, name in enumerate(header) if is_lengths_name(name)), None)
    labels = header is not None and header[0] == "" and len(header) > 1
    skipped = frozenset(c for c in (column, 0 if labels else None) if c is not None)
    rows = read_rows(text, Form(delimiter, skipped, column), 0 if header is None else first.after, watch)
    if rows is None:
        raise BatchError("it has a header but no numbers below it: one line a row, one cell a step is expected.")
    return _found(rows)


def _found(rows: Rows) -> Found:
    if rows.lengths.min() == rows.lengths.max():
        x = from_text(rows.flat.reshape(len(rows.lengths), int(rows.lengths[0])))
        return Found(x, rows.counts, OWN_OPTIONS)
    return Found(Ragged.of_text(rows.flat, rows.lengths.astype(np.int64)), rows.counts, OWN_OPTIONS)


def _delimiter(text: str) -> str:
    start = text[:65536]
    return next((mark for mark in "\t;," if mark in start), " ")


def _header(cells: list[str]) -> list[str] | None:
    """The names of the columns, where the first line is no line of numbers."""
    if len(cells) > 1 and cells[0] == "" and cells[1] != "":
        return cells
    named = [cell for cell in cells if cell and not is_number(cell)]
    return cells if named and all(re.match(r"[^\W\d]", cell) or cell[0] in "#\"'" for cell in named) else None
