"""The values of options, as argparse wants them: a function of the text each, that raises ArgumentTypeError."""

from __future__ import annotations

import argparse
import math
import re
from typing import Any

from packviz.core.budget import bytes_of
from packviz.core.errors import BatchError
from packviz.core.module import LARGEST_HIDDEN, LARGEST_SEED, MOST_LAYERS
from packviz.core.patience import seconds_of
from packviz.core.texts.quoting import cut

SMALLEST, LARGEST = (320, 240), (16384, 16384)


def number(text: str) -> float:
    from packviz.core.texts.values import typed_number  # with NumPy, which --help does not need

    try:
        found = typed_number(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{cut(text)!r} is not a number") from None
    if isinstance(found, float) and math.isinf(found) and "inf" not in text.lower():
        raise argparse.ArgumentTypeError(f"{cut(text)!r} is not a number of at most 64 bits")
    if isinstance(found, int) and not -(2**63) <= found < 2**64:
        raise argparse.ArgumentTypeError(f"{cut(text)!r} is not a number of at most 64 bits")
    return found


def lengths_typed(text: str) -> tuple[float, ...]:
    """Whole numbers as int, others as float: torch cuts fractions off, and that is a finding."""
    words = re.split(r"[\s,;]+", text.strip().strip("[]()").strip(" ,;"))
    try:
        return tuple(number(word) for word in words)
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(f"{cut(text)!r} is not a list of numbers such as 3,2,4") from None


def whole(text: str, least: int, most: int = 2**63 - 1) -> int:
    found: Any = number(text)
    if not isinstance(found, int) or found < least:
        raise argparse.ArgumentTypeError(f"{cut(text)!r} is not a whole number of {least} or more")
    if found > most:
        raise argparse.ArgumentTypeError(f"{cut(text)!r} is more than {most}")
    return found


def entry_typed(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("the name of the batch is empty")
    return text.strip()


def axes_typed(text: str) -> str:
    named = text.strip().upper()
    if not re.fullmatch(r"[A-Z0-9]{1,32}", named) or named.count("T") != 1 or named.count("B") > 1:
        raise argparse.ArgumentTypeError(f"{cut(text)!r} is none like BTF, TBF or BFT: B rows, T steps, F features")
    return named


def expression(text: str) -> str:
    """A comparison over the states, which is checked here and parsed again where it is used."""
    from packviz.core.expressions.parse import parse_truth

    try:
        parse_truth(text)
    except BatchError as error:
        raise argparse.ArgumentTypeError(str(error).rstrip(".")) from None
    return text


def layers_typed(text: str) -> int:
    return whole(text, 1, MOST_LAYERS)


def projection_size(text: str) -> int:
    return whole(text, 0, LARGEST_HIDDEN)


def count_typed(text: str) -> int:
    return whole(text, 0)


def memory_typed(text: str) -> int:
    try:
        return bytes_of(text)
    except BatchError as error:
        raise argparse.ArgumentTypeError(str(error).rstrip(".")) from None


def seconds_typed(text: str) -> float:
    try:
        return seconds_of(text)
    except BatchError as error:
        raise argparse.ArgumentTypeError(str(error).rstrip(".")) from None


def positive(text: str) -> int:
    return whole(text, 1)


def hidden_size(text: str) -> int:
    return whole(text, 1, LARGEST_HIDDEN)


def seed_typed(text: str) -> int:
    return whole(text, 0, LARGEST_SEED)


def size_typed(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d+)\s*[x×]\s*(\d+)", text.strip(), re.IGNORECASE)
    if match is None:
        raise argparse.ArgumentTypeError(f"{cut(text)!r} is not a size such as 1600x1000")
    width, height = int(match[1]), int(match[2])
    if not (SMALLEST[0] <= width <= LARGEST[0] and SMALLEST[1] <= height <= LARGEST[1]):
        raise argparse.ArgumentTypeError(f"{cut(text)!r} is not between 320x240 and 16384x16384 pixels")
    return width, height
