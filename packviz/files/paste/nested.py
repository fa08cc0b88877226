"""A nested list of numbers in a text, however large, however ragged: an array, or the sequences that it holds.

A large one is read piece by piece, each of some of its elements, in NumPy (numbers.py); a small one, and what is not
surely well formed, by Python's parser of JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import BatchError
from packviz.core.cancel import UNWATCHED, Watch
from packviz.files.arrays import MOST_DIMENSIONS, number_array, sequence
from packviz.files.paste.numbers import Piece, read_piece, with_commas
from packviz.files.ragged import NUMBERS, Ragged, flattened
from packviz.files.sequences import refuse_odd_row

PIECE = 1 << 20
SHORT, ODD = 1 << 12, 1 << 16
"""Bytes of a list that is read in Python, and of one that is where it is odd."""
FEW = 16
"""Elements of a list that are read one by one, where they are no rows of one batch: x and its lengths, say."""

_STEPS = np.zeros(256, dtype=np.int8)
_STEPS[ord("[")], _STEPS[ord("]")] = 1, -1
_WORDS = {"nan": "NaN", "NaN": "NaN", "inf": "Infinity", "Infinity": "Infinity", "e": "e", "E": "E"} | {
    "True": "true",
    "true": "true",
    "False": "false",
    "false": "false",
}
_BETWEEN = re.compile(rb"(?<=[\w.\]])\s+(?=[\w.+\-\[])")
Nested = NDArray[Any] | Ragged | list[Any]


def read_nested(data: bytes, watch: Watch = UNWATCHED) -> Nested:
    """The numbers of the list whose text this is, with its brackets: int64, float64 or bool (uint64 above int64).

    Ragged where its rows have different lengths; a list of rows where they do not fit in one batch. Raises BatchError,
    and ValueError or RecursionError where it is no list of numbers.
    """
    bare = b"," not in data  # as print(array) writes it
    if len(data) <= SHORT:
        return _small(loads((_BETWEEN.sub(b",", data) if bare else data).decode("ascii")))
    if bare:
        data = with_commas(data)
    return _large(data.strip(), watch)


def _small(nested: list[Any]) -> Nested:
    array = number_array(nested)
    if not isinstance(array, list):
        return array
    flat = flattened(array)
    return array if flat is None else _rows(*flat)


def _rows(steps: NDArray[Any], lengths: NDArray[np.int64]) -> Nested:
    """Sequences; of two the second, where it is empty, may be the lengths of the first, (T, *)."""
    if len(lengths) == 2 and steps.ndim > 1 and not lengths[1]:
        return [steps, np.empty(0)]
    return Ragged.of_text(steps, lengths)


def _large(data: bytes, watch: Watch, *, apart: bool = True) -> Nested:
    """`apart`: whether its elements, where they are few, may be anything but the rows of one batch."""
    pieces: list[Piece] = []
    for start, stop in _cuts(data):
        watch.check()
        text = data[start:stop]
        piece = read_piece(text)
        if piece is None:
            piece = _piece_of(_items(text))
        if piece is None or not _fits(piece, pieces):
            return _odd(data, _items(text), pieces, watch, apart=apart)
        pieces.append(piece)
    return _joined(pieces)


def _items(piece: bytes) -> list[Any]:
    text = piece.decode("ascii").rstrip()
    if not text or text.endswith(","):  # two commas in a row, or one at the beginning
        text = f"{text},0"
    items: list[Any] = loads(f"[{text}]")
    return items


def _piece_of(items: list[Any]) -> Piece | None:
    if set(map(type, items)) <= NUMBERS:
        array = number_array(items)
        return None if isinstance(array, list) else Piece(array, None)
    flat = flattened(items)
    return None if flat is None else Piece(*flat)


def _fits(piece: Piece, pieces: list[Piece]) -> bool:
    """Whether its elements are of the kind of those before: all numbers, or rows with the same features."""
    if pieces and (piece.lengths is None) != (pieces[0].lengths is None):
        return False
    model = _model(pieces)
    return model is None or not len(piece.steps) or piece.steps.shape[1:] == model[1][1:]


def _model(pieces: list[Piece]) -> tuple[int, tuple[int, ...]] | None:
    """The first row that has steps, its number and its shape; None where there is none yet."""
    first = 0
    for piece in pieces:
        if piece.lengths is not None and len(piece.steps):
            at = int(np.argmax(piece.lengths > 0))
            return first + at, (int(piece.lengths[at]), *piece.steps.shape[1:])
        first += piece.elements
    return None


def _joined(pieces: list[Piece]) -> Nested:
    if not pieces:
        return np.empty(0)
    kinds = {piece.steps.dtype.kind for piece in pieces if piece.steps.size}
    if len(kinds) > 1:
        held: Any = np.float64 if "f" in kinds or "u" in kinds else np.int64
    else:
        held = {"i": np.int64, "b": np.bool_, "u": np.uint64}.get("".join(kinds), np.float64)
    model = next((piece.steps for piece in pieces if len(piece.steps)), pieces[0].steps)
    steps = np.concatenate([piece.steps for piece in pieces if len(piece.steps)] or [model], dtype=held)
    lengths = [piece.lengths for piece in pieces if piece.lengths is not None]
    if not lengths:
        return steps
    counts = np.concatenate(lengths, dtype=np.int64)
    if counts.min() == counts.max():
        return steps.reshape((len(counts), int(counts[0]), *model.shape[1:]))
    return _rows(steps, counts)


def _odd(data: bytes, items: list[Any], before: list[Piece], watch: Watch, *, apart: bool) -> Nested:
    """What is no batch as a whole: its few elements, each an array; else BatchError naming the first that is odd."""
    if apart and len(data) <= ODD:
        return _small(loads(data.decode("ascii")))
    if apart:
        places = _elements(data)
        if places is not None:
            return [_element(data[start:stop].strip(), index, watch) for index, (start, stop) in enumerate(places)]
    first = sum(piece.elements for piece in before)
    if before and before[0].lengths is None:
        sequence(before[0].steps[0].item(), 0)
    refuse_odd_row(items, first, _model(before))
    raise BatchError("x is neither rectangular nor a list of sequences: its steps must all have the same features.")


def _element(data: bytes, index: int, watch: Watch) -> Any:
    if data[:1] == b"[" and len(data) > SHORT:
        with suppress(BatchError):
            read = _large(data, watch, apart=False)
            if isinstance(read, np.ndarray):
                return read
    return sequence(loads(data.decode("ascii")), index)


def _cuts(data: bytes) -> Iterator[tuple[int, int]]:
    """(start, stop) of pieces of the text, each of whole elements of the list and, mostly, of about PIECE bytes.

    Raises BatchError where the lists are nested too deep.
    """
    start, end, depth = 1, len(data) - 1, 1
    array = np.frombuffer(data, dtype=np.uint8)
    for at in range(start, end, PIECE):
        window = array[at : min(at + PIECE, end)]
        depths = np.cumsum(_STEPS[window], dtype=np.int32) + depth
        if depths.max() > MOST_DIMENSIONS:
            raise BatchError(f"the lists are nested more than {MOST_DIMENSIONS} deep.")
        commas = np.flatnonzero((window == ord(",")) & (depths == 1))
        if len(commas):
            stop = at + int(commas[-1])
            yield start, stop
            start = stop + 1
        depth = int(depths[-1])
    if data[start:end].strip():
        yield start, end


def _elements(data: bytes) -> list[tuple[int, int]] | None:
    """(start, stop) of each element of the list, None where they are more than FEW."""
    start, end, depth = 1, len(data) - 1, 1
    found: list[tuple[int, int]] = []
    array = np.frombuffer(data, dtype=np.uint8)
    for at in range(start, end, PIECE):
        window = array[at : min(at + PIECE, end)]
        depths = np.cumsum(_STEPS[window], dtype=np.int32) + depth
        commas = np.flatnonzero((window == ord(",")) & (depths == 1))
        if len(found) + len(commas) > FEW:
            return None
        for comma in commas.tolist():
            found.append((start, at + comma))
            start = at + comma + 1
        depth = int(depths[-1])
    return [*found, (start, end)] if data[start:end].strip() else found


def loads(text: str) -> Any:
    """The value of a list of numbers as JSON, Python, torch or NumPy write it. Raises ValueError, RecursionError."""
    if text.count("[") > MOST_DIMENSIONS and deepest(text) > MOST_DIMENSIONS:
        raise BatchError(f"the lists are nested more than {MOST_DIMENSIONS} deep.")
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


def deepest(text: str) -> int:
    """How deep the square brackets of a text are nested."""
    steps = _STEPS[np.frombuffer(text.encode("utf-8", "replace"), dtype=np.uint8)]
    return int(np.cumsum(steps[steps != 0], dtype=np.int32).max(initial=0))


def _word(match: re.Match[str]) -> str:
    word = _WORDS.get(match[0])
    if word is None:
        raise BatchError(f"{match[0][:40]!r} is not a number.")
    return word
