"""The cells of a table of numbers: read from its bytes in NumPy, piece by piece, without an object for each line.

A piece in which something is odd is read line by line (lines.py): that says what is wrong with it, or reads what is
rare, such as digits of other scripts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from packviz.core.arrays import ReadOnly
from packviz.core.cancel import UNWATCHED, Watch
from packviz.files.formats.lines import Form, Part, bad_length, read_lines, with_points
from packviz.files.paste.numbers import beginnings, counted, narrow, places, read_words

PIECE = 1 << 20
MOST_ODD = 400_000
"""Lines that are read one by one."""

_ALLOWED = b"0123456789+-.eE nNaAiIfFtTyY"
_BLANK, _WORD, _MARK, _BREAK = range(4)
_ODD_BREAK = re.compile("[\r\x0b\x0c\x1c-\x1f\x85\u2028\u2029]")


@dataclass(frozen=True, eq=False)
class Rows(ReadOnly):
    """The rows of a table: `flat`, (N,) int64 or float64, one after the other; `lengths`, (B,), how many numbers
    each has; `counts`, (B,), its column of lengths, or None."""

    flat: NDArray[Any]
    lengths: NDArray[Any]
    counts: NDArray[Any] | None


class _Cells(NamedTuple):
    """The cells of a piece, in their order. `filled`: (n,) whether there is anything in each. `starts`: (lines,) the
    first one of each line that is not blank; `column`: (n,) its place in its line. `of_word`: the cell of each word."""

    filled: NDArray[np.bool_]
    starts: NDArray[np.integer[Any]]
    column: NDArray[np.int32]
    of_word: NDArray[np.int32]


def read_rows(text: str, form: Form, start: int = 0, watch: Watch = UNWATCHED) -> Rows | None:
    """The rows of a table from this place of its text on; None where there are none.

    Rows at the end without any filled cell are none. Raises BatchError naming line and column, and Cancelled.
    """
    line = above = len(text[:start].splitlines())
    text = text[start:].replace("\r\n", "\n")
    parts, odd = list[Part](), 0
    for begin, end in _cuts(text):
        watch.check()
        piece = with_points(text[begin:end], form.delimiter)
        part = _read_piece(piece, form)
        if part is None and '"' in piece and form.delimiter != " ":  # a cell may go on in other lines
            parts.append(read_lines(with_points(text[begin:], form.delimiter), form, line, MOST_ODD - odd, watch))
            break
        if part is None:
            part = read_lines(piece, form, line, MOST_ODD - odd, watch)
            odd += len(part.lengths)
        parts.append(part)
        line += piece.count("\n") + 1
    return _joined(parts, form, text, above)


def _joined(parts: list[Part], form: Form, text: str, above: int) -> Rows | None:
    filled = np.concatenate([part.filled for part in parts] or [np.empty(0, dtype=np.bool_)])
    if not filled.any():
        return None
    rows = len(filled) - int(np.argmax(filled[::-1]))
    if form.column is not None and not filled[:rows].all():
        raise bad_length(text, form, above)
    lengths = np.concatenate([part.lengths for part in parts])[:rows]
    counts = None if form.column is None else _concatenated([part.counts for part in parts])[:rows]
    return Rows(_concatenated([part.flat for part in parts]), lengths, counts)


def _concatenated(arrays: list[NDArray[Any]]) -> NDArray[Any]:
    """As int64, where all are whole numbers, else as float64."""
    whole = all(array.dtype.kind == "i" or not array.size for array in arrays)
    return np.concatenate(
        [array for array in arrays if array.size] or arrays, dtype=np.int64 if whole else np.float64, casting="unsafe"
    )


def _cuts(text: str) -> Iterator[tuple[int, int]]:
    """(start, stop) of pieces of whole lines and, mostly, of about PIECE characters."""
    start = 0
    while start < len(text):
        stop = text.rfind("\n", start, start + PIECE) if start + PIECE < len(text) else len(text)
        if stop < 0:
            stop = text.find("\n", start)
        stop = len(text) if stop < 0 else stop
        yield start, stop
        start = stop + 1


def _unquoted(data: bytes, marks: bytes) -> bytes | None:
    """The text with blanks in the place of the quotes around cells; None where other things than a cell are quoted."""
    array = np.frombuffer(data, dtype=np.uint8)
    parts = np.flatnonzero((array == ord("\n")) | (array == ord(marks)))
    quotes = np.flatnonzero(array == ord('"'))
    if len(quotes) % 2:
        return None
    opening, closing = quotes[::2], quotes[1::2]
    ends = np.append(parts, len(array))
    cell = np.searchsorted(parts, opening)
    begins = np.concatenate([[0], parts + 1])[cell]
    if (opening != begins).any() or (closing + 1 != ends[cell]).any():
        return None
    bare = array.copy()
    bare[quotes] = ord(" ")
    return bare.tobytes()


def _read_piece(text: str, form: Form) -> Part | None:
    """The rows of some lines; None where they are not surely numbers and, at their ends, empty cells."""
    if _ODD_BREAK.search(text):
        return None
    data = text.encode("utf-8", "replace")
    marks = form.delimiter.encode().strip(b" ")
    if marks and b'"' in data:
        unquoted = _unquoted(data, marks)
        if unquoted is None:
            return None
        data = unquoted
    kinds = np.frombuffer(data.translate(_kinds(marks)), dtype=np.uint8)
    begins = beginnings(kinds == _WORD)
    cells = _words_as_cells(kinds, begins) if form.delimiter == " " else _cells(kinds, begins)
    if not len(cells.starts):
        empty = np.empty(0, dtype=np.int64)
        return Part(empty, empty, np.empty(0, dtype=np.bool_), empty)
    left_out = np.isin(cells.column, list(form.skipped)) if form.skipped else None
    kept = cells.filled if left_out is None else cells.filled & ~left_out
    lengths = np.add.reduceat(kept, cells.starts, dtype=np.int64)
    last = np.maximum.reduceat(np.where(kept, cells.column, -1), cells.starts) + 1
    if (lengths != last - sum((last > column).astype(np.int32) for column in form.skipped)).any():
        return None  # an empty cell before another
    flat = _numbers(data, marks, kinds, begins, None if left_out is None else ~left_out[cells.of_word])
    if flat is None or len(flat) != np.count_nonzero(kept):
        return None
    filled = np.logical_or.reduceat(cells.filled, cells.starts)
    counts = np.empty(0, dtype=np.int64)
    if form.column is not None:
        placed = cells.filled & (cells.column == form.column)
        found = _numbers(data, marks, kinds, begins, placed[cells.of_word])
        has = np.logical_or.reduceat(placed, cells.starts)
        if found is None or len(found) != np.count_nonzero(placed) or (has != filled).any():
            return None
        counts = np.full(len(has), -1, dtype=found.dtype)
        counts[has] = found
    return Part(narrow(flat), narrow(lengths), filled, counts)


def _kinds(marks: bytes) -> bytes:
    kinds = bytearray([_WORD]) * 256
    kinds[ord(" ")] = kinds[ord("\t")] = _BLANK
    kinds[ord("\n")] = _BREAK
    for mark in marks:
        kinds[mark] = _MARK
    return bytes(kinds)


def _cells(kinds: NDArray[np.uint8], begins: NDArray[np.bool_]) -> _Cells:
    """What stands between marks, (n,); a cell of several words is one."""
    marks = kinds > _WORD
    ends = np.append(places(marks), np.int32(len(kinds)))
    breaks = np.append(kinds[ends[:-1]] == _BREAK, True)
    of_word = counted(marks, begins)
    filled = np.zeros(len(ends), dtype=np.bool_)
    filled[of_word] = True
    last = places(breaks)
    starts = np.concatenate([[0], last[:-1] + 1], dtype=np.int32)
    column = np.arange(len(ends), dtype=np.int32)
    column -= np.repeat(starts, last - starts + 1)
    blank = np.diff(ends[last], prepend=-1) == 1  # lines without any character
    if blank.any():
        there = np.ones(len(ends), dtype=np.bool_)
        there[starts[blank]] = False
        place = np.cumsum(there, dtype=np.int32) - 1
        return _Cells(filled[there], place[starts[~blank]], column[there], place[of_word])
    return _Cells(filled, starts, column, of_word)


def _words_as_cells(kinds: NDArray[np.uint8], begins: NDArray[np.bool_]) -> _Cells:
    """Every word a cell."""
    words = int(np.count_nonzero(begins))
    before = counted(begins, kinds == _BREAK)  # words before each line's end
    counts = np.diff(before, prepend=0, append=words)
    starts = np.cumsum(counts)[counts > 0] - counts[counts > 0]
    column = np.arange(words, dtype=np.int32)
    column -= np.repeat(starts, counts[counts > 0]).astype(np.int32)
    return _Cells(np.ones(words, dtype=np.bool_), starts, column, np.arange(words, dtype=np.int32))


def _numbers(
    data: bytes, marks: bytes, kinds: NDArray[np.uint8], begins: NDArray[np.bool_], wanted: NDArray[np.bool_] | None
) -> NDArray[Any] | None:
    """The numbers among the words, those that are wanted; None where one of these is no number."""
    if wanted is not None:
        if not wanted.any():
            return np.empty(0)
        array = np.frombuffer(data, dtype=np.uint8).copy()
        word = np.maximum(np.cumsum(begins, dtype=np.int32) - 1, 0)
        array[(kinds == _WORD) & ~wanted[word]] = ord(" ")
        begins, data = begins.copy(), array.tobytes()
        begins[begins] = wanted
    data = data.translate(bytes.maketrans(marks + b"\t\n", b" " * (len(marks) + 2)))
    return None if data.translate(None, _ALLOWED) else read_words(data, begins, noughts=True)
