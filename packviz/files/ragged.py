"""Many sequences of one dtype in one array, without an object for each of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import frozen
from packviz.files.arrays import MOST_DIMENSIONS, Values, dimensions, from_text, number_array

LISTS = frozenset((list, tuple))
NUMBERS = frozenset((int, float, bool, complex))
PLAIN = LISTS | NUMBERS | {str, type(None)}
"""Types of items that are no batch and no array."""


@dataclass(frozen=True, eq=False)
class Ragged:
    """Sequences one after the other: `flat`, (N, *), their steps; `lengths`, (B,) int64, how many of these each has.

    `dtype`: torch's name of it. Both arrays are read-only.
    """

    flat: NDArray[Any]
    lengths: NDArray[np.int64]
    dtype: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "flat", frozen(self.flat))
        object.__setattr__(self, "lengths", frozen(self.lengths))

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def ndim(self) -> int:
        """The dimensions of the padded batch, (B, T, *)."""
        return self.flat.ndim + 1

    def rows(self) -> Iterator[Values]:
        """Each sequence, (length, *)."""
        end = 0
        for length in self.lengths.tolist():
            yield Values(self.flat[end : end + length], self.dtype)
            end += length

    @classmethod
    def of_text(cls, flat: NDArray[Any], lengths: NDArray[np.int64]) -> Ragged:
        """Of numbers without a dtype of their own, with the one that torch.tensor gives them."""
        values = from_text(flat)
        assert isinstance(values, Values)
        return cls(values.array, lengths, values.dtype)

    @classmethod
    def of_rows(cls, x: Values) -> Ragged:
        """Of the rows of a rectangular array, (B, T, *)."""
        rows, steps, *features = x.array.shape
        return cls(x.array.reshape((rows * steps, *features)), np.full(rows, steps, dtype=np.int64), x.dtype)

    @classmethod
    def joined(cls, rows: Sequence[Values]) -> Ragged:
        """Of sequences, at least one, that all have the same features and dtype."""
        lengths = np.fromiter((len(row.array) for row in rows), np.int64, len(rows))
        return cls(np.concatenate([row.array for row in rows]), lengths, rows[0].dtype)


def depth(obj: object) -> int:
    """The dimensions of a value, as `arrays.dimensions`, of a Ragged too."""
    return obj.ndim if isinstance(obj, Ragged) else dimensions(obj)


def flattened(rows: Sequence[object]) -> tuple[NDArray[Any], NDArray[np.int64]] | None:
    """The steps, (N, *), and the lengths, (B,) int64, of a list of lists of Python's numbers.

    None where it is anything else: an item that is no list, steps with different features, no numbers.
    """
    if not set(map(type, rows)) <= LISTS:
        return None
    lengths = np.fromiter(map(len, rows), np.int64, len(rows))  # type: ignore[arg-type]
    items: list[Any] = list(chain.from_iterable(rows))  # type: ignore[arg-type]
    features: list[int] = []
    while items and type(items[0]) in LISTS:
        sizes = set(map(len, items)) if set(map(type, items)) <= LISTS else set()
        if len(sizes) != 1 or len(features) > MOST_DIMENSIONS:
            return None
        features += sizes
        items = list(chain.from_iterable(items))
    if not set(map(type, items)) <= NUMBERS:
        return None
    try:
        array = number_array(items) if items else np.empty(0)
    except ValueError:  # a number that is too large: who reads row by row can say which
        return None
    if isinstance(array, list) or 0 in features:
        return None
    return array.reshape((int(lengths.sum()), *features)), lengths
