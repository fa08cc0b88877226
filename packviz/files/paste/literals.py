"""Lists of nothing but numbers, found in a text and read fast, however large the text is.

Python's own parser needs hundreds of bytes a number. So the lists of numbers are cut out first, in NumPy; what is
left is small, and is given to a real parser with a placeholder in the place of each list.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import BatchError
from packviz.core.cancel import UNWATCHED, Watch
from packviz.files.arrays import MOST_DIMENSIONS, number_array

SUMMARISED = (
    "the print is summarised: torch and NumPy leave cells out at the '...' above 1,000 elements, so that it can't be "
    'rebuilt; print it again after torch.set_printoptions(profile="full"), or save it with '
    "torch.save((x, lengths), path) and open the file"
)
PIECE = 1 << 20
LONGEST_WITH_NAMES = 1 << 16
_OPEN, _CLOSE = ord("["), ord("]")
_IN_NUMBERS = np.zeros(256, dtype=np.bool_)
_IN_NUMBERS[list(b"0123456789+-.,eE \t\r\n[]" + b"nanNaNinfInfinityTruetrueFalsefalse")] = True
_OPENING = re.compile(r"[\[\s]*")
_WORDS = {"nan": "NaN", "NaN": "NaN", "inf": "Infinity", "Infinity": "Infinity", "e": "e", "E": "E"} | {
    "True": "true",
    "true": "true",
    "False": "false",
    "false": "false",
}


_ODD_WORD = re.compile(
    r"(?<![A-Za-z])(?!(?:nan|NaN|inf|Infinity|True|true|False|false|[eE])(?![A-Za-z]))[A-Za-z]+|(?<![\dA-Za-z.])[eE](?![A-Za-z])"
)


@dataclass(frozen=True)
class NumberList:
    """The text of a nested list of numbers, and the line at which it begins."""

    text: str
    line: int

    @property
    def has_names(self) -> bool:
        """Whether some of its words are no numbers, such as the names in [i, n]."""
        return len(self.text) <= LONGEST_WITH_NAMES and _ODD_WORD.search(self.text) is not None

    def read(self, watch: Watch = UNWATCHED) -> NDArray[Any] | list[Any]:
        """int64, float64 or bool (uint64 above int64); where it is ragged, a list of its rows.

        Raises BatchError naming the line.
        """
        if "..." in self.text:
            raise BatchError(f"line {self.line}: {SUMMARISED}.")
        depth = _OPENING.match(self.text)[0].count("[")  # type: ignore[index]
        if depth > MOST_DIMENSIONS:
            raise BatchError(f"line {self.line}: the lists are nested more than {MOST_DIMENSIONS} deep.")
        try:
            return number_rows(self.text, depth, watch)
        except BatchError as error:
            raise BatchError(f"line {self.line}: {error}") from None
        except (ValueError, RecursionError, MemoryError) as error:
            raise BatchError(
                f"line {self.line}: {_excerpt(self.text)} can't be read as a list of numbers ({_why(error)})."
            ) from None


def spans(data: bytes) -> NDArray[np.int64]:
    """(n, 2) int64: start and stop of each outermost list of nothing but numbers in the text, in its order.

    Raises BatchError naming the line of a square bracket without its twin.
    """
    array = np.frombuffer(data, dtype=np.uint8)
    at = np.flatnonzero((array == _OPEN) | (array == _CLOSE))
    opens = array[at] == _OPEN
    level = np.cumsum(np.where(opens, 1, -1)) + ~opens
    _check_balance(data, at, opens, level)
    # Within one level brackets open and close in turn, so that a stable sort by level puts twins side by side.
    pairs = np.argsort(level, kind="stable").reshape(-1, 2)
    odd_before = np.searchsorted(np.flatnonzero(~_IN_NUMBERS[array]), at)
    pairs = pairs[odd_before[pairs[:, 0]] == odd_before[pairs[:, 1]]]
    pairs = pairs[np.argsort(pairs[:, 0])]
    if not len(pairs):
        return np.empty((0, 2), dtype=np.int64)
    outer = np.concatenate([[True], pairs[1:, 1] > np.maximum.accumulate(pairs[:-1, 1])])
    found: NDArray[np.int64] = at[pairs[outer]] + np.array([0, 1])
    return found


def extract(text: str, placeholder: str) -> tuple[str, list[NumberList]]:
    """The text with each outermost list of numbers replaced by the placeholder, in which `{}` is its index.

    Line breaks within a list are kept behind the placeholder's first character, so that line numbers stay true.
    """
    data = text.encode("utf-8", "replace")
    parts, lists, end, line = [], [], 0, 1
    for index, (start, stop) in enumerate(spans(data).tolist()):
        parts.append(data[end:start].decode("utf-8", "replace"))
        line += parts[-1].count("\n")
        found = NumberList(data[start:stop].decode("ascii"), line)
        lists.append(found)
        breaks = found.text.count("\n")
        mark = placeholder.replace("{}", str(index))
        parts.append(mark[0] + "\n" * breaks + mark[1:])
        line, end = line + breaks, stop
    parts.append(data[end:].decode("utf-8", "replace"))
    return "".join(parts), lists


def number_rows(text: str, depth: int, watch: Watch = UNWATCHED) -> NDArray[Any] | list[Any]:
    """The numbers in the text of a nested list that begins with `depth` brackets."""
    if "," not in text:
        text = re.sub(r"(?<=[\w.\]])\s+(?=[\w.+\-\[])", ",", text)  # print(array) has no commas
    if len(text) <= PIECE:
        return number_array(_loads(text))
    inner = text.strip()[1:-1]
    boundary = re.compile(rf"(?:\]\s*){{{depth - 1}}},")
    pieces, start = [], 0
    try:
        while start < len(inner):
            watch.check()
            found = boundary.search(inner, min(start + PIECE, len(inner)))
            stop = len(inner) if found is None else found.end() - 1
            pieces.append(number_array(_loads(f"[{inner[start:stop]}]")))
            start = stop + 1
    except ValueError as error:
        if isinstance(error, BatchError):
            raise
        return number_array(_loads(text))
    arrays = [piece for piece in pieces if not isinstance(piece, list)]
    if len(arrays) == len(pieces) and len({array.shape[1:] for array in arrays}) == 1:
        return np.concatenate(arrays)
    return [row for piece in pieces for row in piece]


def _loads(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        pass  # torch and Python write numbers that JSON does not: 1., .5, nan
    text = re.sub(r"[A-Za-z]+", _word, text)
    text = re.sub(r"(?<=\d)\.(?!\d)", ".0", text)
    text = re.sub(r"(?<!\d)\.(?=\d)", "0.", text)
    text = re.sub(r"(?<![eE\d.])\+(?=[\d.I])", "", text)
    text = re.sub(r",\s*\]", "]", text)
    return json.loads(text.replace("-NaN", "NaN"))


def _word(match: re.Match[str]) -> str:
    word = _WORDS.get(match[0])
    if word is None:
        raise BatchError(f"{match[0][:40]!r} is not a number.")
    return word


def _check_balance(data: bytes, at: NDArray[Any], opens: NDArray[Any], level: NDArray[Any]) -> None:
    if not len(at):
        return
    if level.min() < 1:
        bad, what = int(np.argmax(level < 1)), "']' closes nothing"
    elif opens.sum() * 2 != len(at):
        left = int(opens.sum() * 2 - len(at))
        bad, what = int(np.flatnonzero((level == left) & opens)[-1]), "'[' is never closed"
    else:
        return
    raise BatchError(f"line {data.count(10, 0, int(at[bad])) + 1}: a {what}; paste the whole text.")


def _excerpt(text: str) -> str:
    short = " ".join(text[:60].split())
    return short if len(text) <= 60 else f"{short}..."


def _why(error: BaseException) -> str:
    if isinstance(error, json.JSONDecodeError):
        near = error.doc[max(0, error.pos - 12) : error.pos + 12]
        return f"{error.msg} near {' '.join(near.split())!r}"
    if "digits" in str(error):
        return "a number has thousands of digits"
    return (str(error).splitlines() or [type(error).__name__])[0][:120].rstrip(".")
