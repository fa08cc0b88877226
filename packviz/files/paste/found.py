"""What a reader found: x, lengths, the options that came with them; and the names under which they are looked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from packviz.core.batch import OPTIONS, BatchError
from packviz.core.cells.companions import kind_of
from packviz.core.errors import Undecided
from packviz.core.texts.quoting import excerpt
from packviz.files.arrays import Values, is_array
from packviz.files.masks import MaskFound, is_mask_name, mask_among
from packviz.files.packed import is_packed, parts_of
from packviz.files.ragged import Ragged, depth

X_NAMES = (
    *("x", "xs", "inputs", "input", "batch", "padded", "x_padded", "padded_x", "packed", "data", "sequences", "seqs"),
    *("seq", "sequence", "tokens", "input_ids", "token_ids", "ids"),
)
LENGTHS_NAMES = (
    *("lengths", "lens", "length", "len", "seq_lens", "seq_len", "seq_lengths", "seq_length", "sequence_lengths"),
    *("input_lengths", "x_lengths", "x_lens", "sizes", "lengths_x"),
)
_LENGTHS_LIKE = re.compile(r"(^|_)(len|lens|length|lengths)$")
SEQUENCES_NAME = "sequences"
MOST_LISTED = 12
MOST_NESTED = 4


class LengthsAlone(BatchError):
    """There is no x, but its lengths."""

    def __init__(self, lengths: object) -> None:
        super().__init__("The text holds lengths and no x: paste x as well, or open its batch first.")
        self.lengths = lengths


@dataclass(frozen=True)
class SequenceList:
    """A list that says itself that it holds sequences, though they may all be of one length."""

    rows: tuple[object, ...]


@dataclass(frozen=True)
class Found:
    """What a reader found, not yet checked.

    `x`: one array or nested list; a list of sequences, a Ragged or a SequenceList; a PackedSequence. `lengths`: as they
    were found, or None. `options`: those of the call that the source says itself, and no others. `mask`: the one beside
    x. `beside`: labels and the like, by name.
    """

    x: object
    lengths: object = None
    options: Mapping[str, object] = field(default_factory=dict)
    mask: MaskFound | None = None
    beside: Mapping[str, object] = field(default_factory=dict)


def x_name(dimensions: Mapping[str, int]) -> str:
    """Under which of these names x is, given the dimensions of each.

    A usual name, else the only one with at least two dimensions. Raises Undecided listing the names.
    """
    usual = usual_x_name(dimensions)
    if usual is not None:
        return usual
    others = list(names_beside(dimensions))
    wide = [name for name in others if dimensions[name] >= 2]
    wide = [name for name in wide if kind_of(name) is None] or wide  # labels are x only where nothing else is
    if len(wide) == 1:
        return wide[0]
    listed = ", ".join(name[:40] for name in others[:MOST_LISTED]) + (", ..." if len(others) > MOST_LISTED else "")
    listed = excerpt(listed) or "nothing that looks like x"
    text = f"it holds {listed}, but packviz can't tell which of them is the batch: name it x, and its lengths lengths."
    raise Undecided(text, wide[:MOST_LISTED])


def usual_x_name(names: Iterable[str]) -> str | None:
    """The one of these names that x usually has, whatever its case; None where there is none."""
    by_lower = {name.lower().lstrip("_"): name for name in reversed(list(names))}
    return next((by_lower[usual] for usual in X_NAMES if usual in by_lower), None)


def names_beside(names: Iterable[str]) -> Iterator[str]:
    """The names that are none of lengths, of a mask or of an option: one of them may be x."""
    beside = (is_lengths_name, is_mask_name, OPTIONS.__contains__)
    return (name for name in names if not any(known(name) for known in beside))


def lengths_name(dimensions: Mapping[str, int]) -> str | None:
    """Under which of these names the lengths are, or None; one number named seq_len or length is none."""
    own = [name for name in dimensions if kind_of(name) is None]  # those of the labels are none of x
    names = [name for name in own if is_lengths_name(name) and (name[-1] in "sS" or dimensions[name] > 0)]
    by_lower = {name.lower().lstrip("_"): name for name in reversed(names)}
    for usual in LENGTHS_NAMES:
        if usual in by_lower:
            return by_lower[usual]
    return names[0] if len(names) == 1 else None


@lru_cache(256)
def is_lengths_name(name: str) -> bool:
    """Whether a value of that name holds lengths."""
    lower = name.lower().lstrip("_")
    return lower in LENGTHS_NAMES or _LENGTHS_LIKE.search(lower) is not None


def from_mapping(named: Mapping[str, Any], *, dimensions: Mapping[str, int] | None = None, depth: int = 0) -> Found:
    """x, lengths and options from named values, under their usual names.

    `dimensions`: of each value, where they are known without reading it. `depth`: how many dicts lie around this one.
    """
    if not all(isinstance(name, str) and name for name in named):
        raise BatchError("the names in it are not all text: name the batch x and its lengths lengths.")
    if depth > MOST_NESTED:
        raise BatchError(
            f"its dicts are nested more than {MOST_NESTED} deep: name the batch x and its lengths lengths."
        )
    options = {name: named[name] for name in OPTIONS if name in named}
    parts = parts_of(named)
    if parts is not None:
        return Found(parts, None, options)
    weights = next((name for name in named if name.endswith("weight_ih_l0")), None)
    if weights is not None:
        raise BatchError(f"it holds weights ({excerpt(weights)}), not a batch: load it as the weights of the model.")
    if dimensions is None:
        dimensions = {name: depth_of(value) for name, value in named.items()}
    key = lengths_name(dimensions)
    try:
        name = x_name(dimensions)
    except Undecided as error:
        raise Undecided(str(error), error.choices, lambda x: _picked(named, x, key, options)) from None
    x, mask = named[name], mask_among(named)
    beside = {other: named[other] for other in named if other != name and kind_of(other) is not None}
    if isinstance(x, Mapping) and not is_packed(x):
        inner = from_mapping(x, depth=depth + 1)
        lengths = inner.lengths if key is None else named[key]
        return Found(inner.x, lengths, {**inner.options, **options}, mask or inner.mask, {**inner.beside, **beside})
    if name.lower() == SEQUENCES_NAME:
        x = as_sequences(x)
    return Found(x, None if key is None else named[key], options, mask, beside)


def _picked(named: Mapping[str, Any], x: str, lengths: str | None, options: Mapping[str, object]) -> Found:
    """What was found, with x under this name."""
    return Found(named[x], None if lengths is None else named[lengths], options, mask_among(named))


def as_sequences(x: object) -> object:
    """The rows of x as sequences, where x is a list or a text's array; anything else as it is, a Ragged too."""
    if isinstance(x, list | tuple) and not is_packed(x):
        return SequenceList(tuple(x))
    if isinstance(x, Values) and x.array.ndim >= 2:
        return Ragged.of_rows(x) if len(x.array) else SequenceList(())
    return x


def depth_of(value: object) -> int:
    """How many dimensions a named value has; 0 where it is no array and no list."""
    if isinstance(value, Values):
        return value.array.ndim
    if is_packed(value):
        return 2
    return depth(value) if isinstance(value, list | tuple | Ragged) or is_array(value) else 0
