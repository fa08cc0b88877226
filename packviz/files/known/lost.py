"""A PackedSequence that lost its type: data loaders, moves to a device and savers turn it into a tuple, a list or a
dict of its fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import BatchError
from packviz.core.packed import inverse, is_permutation
from packviz.files.arrays import is_array, values_of
from packviz.files.packed import PackedParts
from packviz.files.paste.found import Found, depth_of

LOST = "a PackedSequence that lost its type: data, batch_sizes and what sorted its rows, side by side"


def lost_packed(obj: object) -> Found | None:
    """The PackedSequence whose four fields these are, in any order but that of its indices; None of anything else.

    data, (N, *); batch_sizes, (L,), of whole numbers that never rise and add up to N; sorted_indices and
    unsorted_indices, (B,), each the inverse of the other and B the first of batch_sizes, or two None.
    """
    if isinstance(obj, Mapping) or not isinstance(obj, Sequence) or isinstance(obj, str) or len(obj) != 4:
        return None
    indices = [item for item in obj if item is None]
    arrays = [item for item in obj if _is_field(item)]
    if len(indices) + len(arrays) != 4 or len(indices) not in (0, 2):
        return None
    try:
        return _fields(arrays)
    except BatchError:  # what holds no numbers is no field
        return None


def _is_field(item: object) -> bool:
    return is_array(item) or (isinstance(item, list | tuple) and depth_of(item) >= 1)


def _fields(arrays: Sequence[object]) -> Found | None:
    vectors: dict[int, NDArray[Any]] = {}
    for place, item in enumerate(arrays):
        if depth_of(item) == 1:
            array = values_of(item, "a field").array
            if array.dtype.kind in "iu" and array.size:
                vectors[place] = array
    for sizes in vectors:
        if not _falls(vectors[sizes]):
            continue
        for data in range(len(arrays)):
            if data == sizes or _rows(arrays[data]) != int(vectors[sizes].sum()):
                continue
            rest = [place for place in range(len(arrays)) if place not in (sizes, data)]
            if not rest:
                return _found(arrays[data], arrays[sizes], None, None)
            if all(place in vectors for place in rest) and _undo(vectors, rest, int(vectors[sizes][0])):
                return _found(arrays[data], arrays[sizes], arrays[rest[0]], arrays[rest[1]])
    return None


def _found(data: object, sizes: object, order: object, back: object) -> Found:
    return Found(PackedParts(data, sizes, order, back), said=(LOST,))


def _falls(sizes: NDArray[Any]) -> bool:
    return int(sizes.min()) > 0 and not bool(np.any(np.diff(sizes.astype(np.int64)) > 0))


def _rows(obj: object) -> int:
    return len(values_of(obj, "data").array) if depth_of(obj) >= 1 else -1


def _undo(vectors: Mapping[int, NDArray[Any]], places: Sequence[int], rows: int) -> bool:
    """Whether the two are permutations of so many rows, and each the inverse of the other."""
    order, back = (vectors[place] for place in places)
    if not len(order) == len(back) == rows or not (is_permutation(order) and is_permutation(back)):
        return False
    return bool(np.array_equal(inverse(order), back))
