"""A value that somebody types into a cell of x, as a number of x's dtype."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.errors import BatchError
from packviz.core.texts.quoting import cut, quoted

WORDS = {"nan": np.nan, "inf": np.inf, "+inf": np.inf, "-inf": -np.inf}
TRUTHS = {"true": True, "1": True, "false": False, "0": False}
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.IGNORECASE)
_WHOLE = re.compile(r"[+-]?\d{1,30}")


def typed_value(text: str, dtype: str, held: np.dtype[Any]) -> Any:
    """The number that `text` is, of torch's dtype of this name, which NumPy holds as `held`. Raises BatchError where it
    is none, or can't be held."""
    said, word = cut(text.strip(), 40), text.strip().lower()
    if held.kind == "b":
        if word not in TRUTHS:
            raise BatchError(f"{quoted(said, 40)} is no boolean: type True or False.")
        return held.type(TRUTHS[word])
    if held.kind in "iu":
        return _whole(text.strip(), said, dtype, held)
    if held.kind == "c":
        raise BatchError(f"x holds {dtype}, of which no cell can be typed here.")
    if word not in WORDS and not _NUMBER.fullmatch(word):
        raise BatchError(f"{quoted(said, 40)} is no number: type one such as 0.5, 1e-3, nan or inf.")
    number = WORDS.get(word)
    number = float(word) if number is None else number
    with np.errstate(over="ignore"):
        found = np.asarray(number).astype(held)
    found = as_bfloat16(found) if dtype == "bfloat16" else found
    if np.isinf(found) and not np.isinf(number):
        raise BatchError(f"{said} is beyond the numbers of {dtype}.")
    return found[()]


def as_bfloat16(values: NDArray[Any]) -> NDArray[Any]:
    """float32 rounded to what bfloat16 holds: the nearest, and of two as near the one whose last bit is 0."""
    bits = np.asarray(values, dtype=np.float32).view(np.uint32)
    rounded = (bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))) & np.uint32(0xFFFF0000)
    return np.where(np.isnan(values), values, rounded.view(np.float32)).astype(np.float32)


def _whole(text: str, said: str, dtype: str, held: np.dtype[Any]) -> Any:
    if not _WHOLE.fullmatch(text):
        raise BatchError(f"{quoted(said, 40)} is no whole number, but x holds {dtype}.")
    least, most = np.iinfo(held).min, np.iinfo(held).max
    if not least <= int(text) <= most:
        raise BatchError(f"{said} is not between {least} and {most}, but x holds {dtype}.")
    return held.type(int(text))
