"""Lists of nothing but numbers, found in a text and read fast, however large the text is.

Python's own parser needs hundreds of bytes a number. So the lists of numbers are cut out first, in NumPy; what is
left is small, and is given to a real parser with a placeholder in the place of each list.
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import BatchError
from packviz.core.cancel import UNWATCHED, Watch
from packviz.files.arrays import Values, from_text
from packviz.files.paste.nested import Nested, read_nested
from packviz.files.ragged import Ragged

SUMMARISED = (
    "the print is summarised: torch and NumPy leave cells out at the '...' above 1,000 elements, so that it can't be "
    'rebuilt; print it again after torch.set_printoptions(profile="full"), or save it with '
    "torch.save((x, lengths), path) and open the file"
)
TOO_MUCH = "The text has too much that is not numbers: save x with torch.save and open the file."
PIECE = 1 << 20
SHORTEST_ROWS, FEWEST_ROWS = 1 << 16, 1000
LONGEST_WITH_NAMES = 1 << 16
_OPEN, _CLOSE = ord("["), ord("]")
_STEPS = np.zeros(256, dtype=np.int8)
_STEPS[_OPEN], _STEPS[_CLOSE] = 1, -1
_NO_LETTERS = b"0123456789+-., \t\r\n[]"
_IN_NUMBERS = np.zeros(256, dtype=np.bool_)
_IN_NUMBERS[list(b"0123456789+-.,eE \t\r\n[]" + b"nanNaNinfInfinityTruetrueFalsefalse")] = True
_ODD_WORD = re.compile(
    r"(?<![A-Za-z])(?!(?:nan|NaN|inf|Infinity|True|true|False|false|[eE])(?![A-Za-z]))[A-Za-z]+|(?<![\dA-Za-z.])[eE](?![A-Za-z])"
)


@dataclass(frozen=True)
class NumberList:
    """A nested list of numbers in a text, the bytes `data[start:stop]`, and the line at which it begins."""

    data: bytes
    start: int
    stop: int
    line: int

    @classmethod
    def of(cls, text: str, line: int = 1) -> NumberList:
        """That of a text of its own."""
        data = text.encode("ascii", "replace")
        return cls(data, 0, len(data), line)

    @property
    def text(self) -> str:
        """Its text, with its brackets."""
        return self.data[self.start : self.stop].decode("ascii")

    @property
    def has_names(self) -> bool:
        """Whether some of its words are no numbers, such as the names in [i, n]."""
        if self.stop - self.start > LONGEST_WITH_NAMES:
            return False
        data = self.data[self.start : self.stop]
        return bool(data.translate(None, _NO_LETTERS)) and _ODD_WORD.search(data.decode("ascii")) is not None

    def read(self, watch: Watch = UNWATCHED) -> Nested:
        """int64, float64 or bool (uint64 above int64); a Ragged, or a list of its rows.

        Raises BatchError naming the line.
        """
        if self.data.find(b"...", self.start, self.stop) >= 0:
            raise BatchError(f"line {self.line}: {SUMMARISED}.")
        try:
            return read_nested(self.data[self.start : self.stop], watch)
        except BatchError as error:
            raise BatchError(f"line {self.line}: {error}") from None
        except (ValueError, RecursionError, MemoryError) as error:
            head = self.data[self.start : min(self.start + 60, self.stop)].decode("ascii")
            shown = " ".join(head.split()) + ("..." if self.stop - self.start > 60 else "")
            raise BatchError(f"line {self.line}: {shown} can't be read as a list of numbers ({_why(error)}).") from None


def spans(data: bytes) -> NDArray[Any]:
    """(n, 2): start and stop of each outermost list of nothing but numbers in the text, in its order.

    Raises BatchError naming the line of a square bracket without its twin.
    """
    groups, mixed = _groups(data)
    return _outermost(data) if mixed else groups


def extract(text: str, placeholder: str, most: int | None = None) -> tuple[str, list[NumberList]]:
    """The text with each outermost list of numbers replaced by the placeholder, in which `{}` is its index.

    Line breaks within a list are kept behind the placeholder's first character, so that line numbers stay true.
    Raises BatchError where what is left would have more than `most` bytes.
    """
    data = text.encode("utf-8", "replace")
    found = spans(data)
    left = len(data) - int(found[:, 1].sum(dtype=np.int64) - found[:, 0].sum(dtype=np.int64))
    if most is not None and left + len(found) * len(placeholder) > most:
        raise BatchError(TOO_MUCH)
    parts, lists, end, line = list[str](), list[NumberList](), 0, 1
    for index, (start, stop) in enumerate(found.tolist()):
        parts.append(data[end:start].decode("utf-8", "replace"))
        line += parts[-1].count("\n")
        lists.append(NumberList(data, start, stop, line))
        breaks = data.count(b"\n", start, stop)
        mark = placeholder.replace("{}", str(index))
        parts.append(mark[0] + "\n" * breaks + mark[1:])
        line, end = line + breaks, stop
    parts.append(data[end:].decode("utf-8", "replace"))
    return "".join(parts), lists


def rows_alone(text: str, watch: Watch = UNWATCHED) -> Ragged | None:
    """The sequences of a long text of nothing but lists of numbers, one after the other; None of every other text.

    They have the dtype that the first of them has alone, as in pad_sequence.
    """
    if len(text) < SHORTEST_ROWS or not text.startswith("[") or not text.isascii():
        return None
    data = text.rstrip().encode("ascii")
    if data.translate(None, _NO_LETTERS):
        return None
    found, _ = _groups(data)
    ends = found[:-1, 1]
    array = np.frombuffer(data, dtype=np.uint8).copy()
    if len(found) < FEWEST_ROWS or int(found[-1, 1]) != len(data) or (found[1:, 0] == ends).any():
        return None
    array[ends] = ord(",")
    try:
        read = read_nested(b"[" + array.tobytes() + b"]", watch)
    except (ValueError, RecursionError, MemoryError):
        return None
    first = NumberList(data, 0, int(found[0, 1]), 1).read()
    made = read if isinstance(read, Ragged) else from_text(read)
    rows = Ragged.of_rows(made) if isinstance(made, Values) and made.array.ndim == 2 else made
    if not isinstance(rows, Ragged) or not isinstance(first, np.ndarray) or not rows.flat.ndim == first.ndim == 1:
        return None
    alone = from_text(first)
    return rows if isinstance(alone, Values) and alone.dtype == rows.dtype else None


def nonce(text: str) -> str:
    """A word that does not stand in the text: what marks the place of a list can't be typed by anybody."""
    while (word := f"_{secrets.token_hex(4)}_") in text:
        pass
    return word


def _groups(data: bytes) -> tuple[NDArray[Any], bool]:
    """The brackets of the text that lie in no others, (n, 2), and whether something else than numbers lies in some.

    Raises BatchError naming the line of a bracket without its twin.
    """
    array = np.frombuffer(data, dtype=np.uint8)
    depth, opened, mixed = 0, -1, False
    places = list[NDArray[Any]]()
    left = data.count(b"[") - data.count(b"]")
    for at in range(0, len(data), PIECE):
        window = array[at : at + PIECE]
        steps = _STEPS[window]
        depths = np.cumsum(steps, dtype=np.int32) + depth
        if depths.min() < 0:
            _refuse(data, at + int(np.argmax(depths < 0)), "']' closes nothing")
        if left > 0:
            last = np.flatnonzero((steps > 0) & (depths == left))
            opened = at + int(last[-1]) if len(last) else opened
        outer = ((steps > 0) & (depths == 1)) | ((steps < 0) & (depths == 0))
        places.append(np.flatnonzero(outer).astype(np.int32) + at)
        mixed = mixed or bool((~_IN_NUMBERS[window] & (depths > 0)).any())
        depth = int(depths[-1])
    if left > 0:
        _refuse(data, opened, "'[' is never closed")
    found = np.concatenate(places or [np.empty(0, dtype=np.int32)]).reshape(-1, 2)  # they open and close in turn
    found[:, 1] += 1
    return found, mixed


def _outermost(data: bytes) -> NDArray[Any]:
    """The outermost lists of nothing but numbers, (n, 2), in a text whose brackets all have their twins."""
    array = np.frombuffer(data, dtype=np.uint8)
    at = np.flatnonzero((array == _OPEN) | (array == _CLOSE)).astype(np.int32)
    opens = array[at] == _OPEN
    level = np.cumsum(np.where(opens, 1, -1).astype(np.int8), dtype=np.int32) + ~opens
    if level.max() > np.iinfo(np.int16).max:
        _refuse(data, int(at[0]), "list is nested too deep", "write it flat")
    # Within one level brackets open and close in turn, so that a stable sort by level puts twins side by side.
    pairs = np.argsort(level.astype(np.int16), kind="stable").astype(np.int32).reshape(-1, 2)
    del level, opens
    odd_before = np.cumsum(~_IN_NUMBERS[array], dtype=np.int32)[at]
    pairs = pairs[odd_before[pairs[:, 0]] == odd_before[pairs[:, 1]]]
    pairs = pairs[np.argsort(pairs[:, 0])]
    if not len(pairs):
        return np.empty((0, 2), dtype=np.int64)
    outer = np.concatenate([[True], pairs[1:, 1] > np.maximum.accumulate(pairs[:-1, 1])])
    return np.asarray(at[pairs[outer]] + np.array([0, 1]))


def _refuse(data: bytes, at: int, what: str, way: str = "paste the whole text") -> NoReturn:
    raise BatchError(f"line {data.count(10, 0, at) + 1}: a {what}; {way}.")


def _why(error: BaseException) -> str:
    if isinstance(error, json.JSONDecodeError):
        near = error.doc[max(0, error.pos - 12) : error.pos + 12]
        return f"{error.msg} near {' '.join(near.split())!r}"
    if "digits" in str(error):
        return "a number has thousands of digits"
    return (str(error).splitlines() or [type(error).__name__])[0][:120].rstrip(".")
