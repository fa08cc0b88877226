"""The numbers of a text, read from its bytes in NumPy: no Python object for a number or a row.

A piece of text is read here only where it is surely well formed; where it is not, None comes back, and a real parser
says what is wrong with it, or reads what is rare, such as whole numbers of more than 18 digits.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import BatchError

Bytes = NDArray[np.uint8]

AT_ONCE = 1 << 20
LAST = b" 8721306459"
LONGEST = 18
"""Digits of a whole number that surely fits in 64 bits."""
MOST_DIGITS = 100_000
"""Digits that anything reads."""

BLANK, WORD, COMMA, OPEN, CLOSE = range(5)
KINDS = bytearray([WORD]) * 256
for _kind, _marks in ((BLANK, b" \t\r\n"), (COMMA, b","), (OPEN, b"["), (CLOSE, b"]")):
    for _mark in _marks:
        KINDS[_mark] = _kind
_FOLLOWS = {WORD: (COMMA, CLOSE), COMMA: (WORD, OPEN, CLOSE), OPEN: (WORD, OPEN, CLOSE), CLOSE: (COMMA, CLOSE)}
_MISFITS = np.array([second not in _FOLLOWS.get(first, ()) for first in range(5) for second in range(5)])

TO_BLANKS = bytes.maketrans(b",[]\t\r\n", b"      ")
_WHOLE = b"0123456789+-, \t\r\n[]"
_FRACTION = b".eE"
_ODD_WORD = re.compile(
    rb"(?<![A-Za-z])(?!(?:nan|NaN|inf|Infinity|True|true|False|false|[eE])(?![A-Za-z]))[A-Za-z]+"
    rb"|[\w.+\-](?:[Tt]rue|[Ff]alse)|(?:[Tt]rue|[Ff]alse)[\w.+\-]"
)
_BOOLS = {b"True": b"1", b"true": b"1", b"False": b"0", b"false": b"0"}


class Piece(NamedTuple):
    """Elements of a list. `steps`: (N, *) int64, float64 or bool. `lengths`: (B,), how many of them each element has,
    or None where the elements are numbers themselves."""

    steps: NDArray[Any]
    lengths: NDArray[Any] | None

    @property
    def elements(self) -> int:
        """How many elements there are."""
        return len(self.steps) if self.lengths is None else len(self.lengths)


def read_piece(data: bytes) -> Piece | None:
    """The elements in the text of a list, without its own brackets: `1, 2` or `[1, 2], [3]`.

    None where they are not surely numbers, or lists of numbers that are rectangular from their second dimension on.
    """
    letters = data.translate(None, _WHOLE + _FRACTION)
    bools = 0
    if letters:
        if _ODD_WORD.search(data):
            return None
        for word, digit in _BOOLS.items():
            bools += data.count(word)
            data = data.replace(word, digit)
    kinds = np.frombuffer(data.translate(KINDS), dtype=np.uint8)
    begins = beginnings(kinds == WORD)
    seen = kinds[begins | (kinds > WORD)]
    del kinds
    if (
        not len(seen)
        or seen[0] in (COMMA, CLOSE)
        or seen[-1] == COMMA
        or bool(_MISFITS[seen[:-1] * 5 + seen[1:]].any())
    ):
        return None
    seen = seen[seen != COMMA]
    numbers = read_words(data.translate(TO_BLANKS), begins)
    if numbers is None:
        return None
    if bools and bools == len(numbers):
        numbers = numbers.astype(np.bool_)
    return _structured(seen, numbers)


def with_commas(data: bytes) -> bytes:
    """The text of a list that is written without commas, with one between every two elements that blanks part."""
    array, last = bytearray(data), OPEN
    view = np.frombuffer(array, dtype=np.uint8)
    kinds = np.frombuffer(KINDS, dtype=np.uint8)
    for start in range(0, len(data), AT_ONCE):
        here = kinds[view[start : start + AT_ONCE]]
        before = np.concatenate([[kinds[view[start - 1]] if start else OPEN], here[:-1]])
        at = np.flatnonzero(
            (here > COMMA) | ((here == WORD) & (before != WORD))
        )  # where an element or a bracket begins
        seen = here[at]
        behind = np.concatenate([[last], seen[:-1]])
        parted = (seen != CLOSE) & ((behind == WORD) | (behind == CLOSE)) & (before[at] == BLANK)
        view[at[parted] + (start - 1)] = ord(",")
        last = int(seen[-1]) if len(seen) else last
    return bytes(array)


def places(mask: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Where it is True, as flatnonzero, in half the memory."""
    if len(mask) <= AT_ONCE:
        return np.flatnonzero(mask).astype(np.int32)
    parts = [
        np.flatnonzero(mask[at : at + AT_ONCE]).astype(np.int32) + np.int32(at) for at in range(0, len(mask), AT_ONCE)
    ]
    return np.concatenate(parts)


def counted(mask: NDArray[np.bool_], at: NDArray[np.bool_]) -> NDArray[np.int32]:
    """How often the mask is True up to each place where `at` is."""
    parts, seen = [np.empty(0, dtype=np.int32)], 0
    for start in range(0, len(mask), AT_ONCE):
        sums = np.cumsum(mask[start : start + AT_ONCE], dtype=np.int32) + np.int32(seen)
        parts.append(sums[at[start : start + AT_ONCE]])
        seen = int(sums[-1])
    return np.concatenate(parts)


def beginnings(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where runs of True begin."""
    begins = inside.copy()
    begins[1:] &= ~inside[:-1]
    return begins


def read_words(data: bytes, begins: NDArray[np.bool_], *, noughts: bool = False) -> NDArray[Any] | None:
    """The numbers of a text in which nothing but blanks stands between them: int64, or float64 where one is no whole
    number; exactly what int() and float() make of them.

    `begins`: where they begin. None where a word is no number, where one begins with a 0 that Python's grammar refuses,
    as 007 (`noughts`: int() takes it), or where one is a whole number of more than LONGEST digits.
    """
    words = int(np.count_nonzero(begins))
    if not words:
        return np.empty(0)
    whole = not data.translate(None, _WHOLE)
    array = np.frombuffer(data, dtype=np.uint8)
    digits = (array >= ord("0")) & (array <= ord("9"))
    if _is_long(digits) and (_is_long_whole(array, digits) or whole):
        return None
    if not noughts and _begins_with_nought(array, begins, digits):
        return None
    del array, digits
    try:
        numbers = np.fromstring(data + LAST, np.int64 if whole else np.float64, sep=" ")
    except ValueError:
        return None
    # Some versions of NumPy do not raise, but stop at a word that is no number, or split 1-2 in two.
    return numbers[:-1] if len(numbers) == words + 1 and numbers[-1] == int(LAST) else None


def _begins_with_nought(array: Bytes, begins: NDArray[np.bool_], digits: NDArray[np.bool_]) -> bool:
    noughts = (array[:-1] == ord("0")) & digits[1:]  # a nought before a digit
    signs = begins[:-2] & ((array[:-2] == ord("-")) | (array[:-2] == ord("+")))
    return bool((begins[:-1] & noughts).any()) or bool((signs & noughts[1:]).any())


def _is_long(digits: NDArray[np.bool_]) -> bool:
    """Whether somewhere more than LONGEST digits stand side by side."""
    run, length = digits, 1
    while length <= LONGEST and len(run):
        more = min(length, LONGEST + 1 - length)
        run = run[:-more] & run[more:]
        length += more
    return bool(run.any())


def _is_long_whole(array: Bytes, digits: NDArray[np.bool_]) -> bool:
    """Whether one of the numbers with more than LONGEST digits may be a whole one: no point or exponent beside them."""
    begins, ends = places(beginnings(digits)), places(beginnings(~digits))
    ends = np.append(ends[ends > begins[0]], np.int32(len(digits)))[: len(begins)]
    if (ends - begins).max() > MOST_DIGITS:
        raise BatchError("a number has more than 100,000 digits.")
    long = ends - begins > LONGEST
    before = array[np.maximum(begins[long] - 1, 0)]
    after = array[np.minimum(ends[long], len(array) - 1)]
    points = tuple(_FRACTION)
    return not bool((np.isin(before, points) | np.isin(after, points)).all())


def _structured(seen: Bytes, numbers: NDArray[Any]) -> Piece | None:
    """The numbers in the lists that these words and brackets make, by the kind of each."""
    at = places(seen != WORD)
    if not len(at):
        return Piece(narrow(numbers), None)
    opens = seen[at] == OPEN
    depth = np.cumsum(np.where(opens, 1, -1).astype(np.int8), dtype=np.int32)
    words = at - np.arange(len(at), dtype=np.int32)  # before each bracket
    if depth[-1] or int(depth.min()) < 0 or words[0] or words[-1] != len(numbers):
        return None
    deepest = int(depth.max())
    within = depth[:-1][np.diff(words) > 0]
    if (within != deepest).any() if len(within) else deepest > 1:
        return None
    closed = [places(~opens & (depth == level)) for level in range(deepest)]  # where lists of each depth end
    lengths, features = None, list[int]()
    for level, ends in enumerate(closed):
        inner = words[ends] if level == deepest - 1 else np.searchsorted(closed[level + 1], ends)
        counts = np.diff(inner, prepend=0)
        if level == 0:
            lengths = counts.astype(np.int32)
        elif not len(counts) or (counts != counts[0]).any():
            return None
        else:
            features.append(int(counts[0]))
    steps = len(numbers) if deepest == 1 else len(closed[1])
    return Piece(narrow(numbers).reshape((steps, *features)), lengths)


def narrow(numbers: NDArray[Any]) -> NDArray[Any]:
    """The same whole numbers in as few bytes as hold them, while there are many pieces."""
    if numbers.dtype != np.int64 or not len(numbers):
        return numbers
    least, most = int(numbers.min()), int(numbers.max())
    fits = (
        kind for kind in (np.int8, np.int16, np.int32) if np.iinfo(kind).min <= least and most <= np.iinfo(kind).max
    )
    kind = next(fits, None)
    return numbers if kind is None else numbers.astype(kind)
