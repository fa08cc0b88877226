"""A PackedSequence back to the padded batch that it was made of, or as near as its fields allow; in NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import frozen
from packviz.core.budget import afford
from packviz.core.carrier import PackedFields
from packviz.core.packed import contradictions, inverse, is_permutation, reading
from packviz.core.packing import pack_in_order
from packviz.files.arrays import Values, has_members, values_of
from packviz.files.sequences import filled

FIELDS = ("data", "batch_sizes", "sorted_indices", "unsorted_indices")
Ints = NDArray[np.int64]


class PackedParts(NamedTuple):
    """The fields of a PackedSequence under torch's names: tensors, arrays or lists; indices may be None."""

    data: object
    batch_sizes: object
    sorted_indices: object = None
    unsorted_indices: object = None


class Unpacked(NamedTuple):
    """x, (B, L, *), with rows in the order of the batch; lengths, (B,); sorted_indices, (B,), or None.

    `fields`: those of a PackedSequence that contradicts itself; x and lengths are then the nearest reading.
    """

    x: Values
    lengths: Ints
    order: Ints | None
    fields: PackedFields | None


def is_packed(obj: object) -> bool:
    """Whether it is a PackedSequence, torch's own or PackedParts."""
    return has_members(obj, FIELDS)


def parts_of(named: Mapping[str, Any]) -> PackedParts | None:
    """The fields of a PackedSequence from named values, or None where they are not all there."""
    if "data" not in named or "batch_sizes" not in named:
        return None
    return PackedParts(*(named.get(name) for name in FIELDS))


def unpack(packed: object, padding_value: float) -> Unpacked:
    """The padded batch of a PackedSequence: data (N, *), batch_sizes (L,), indices (B,) or None.

    As torch.nn.utils.rnn.pad_packed_sequence(batch_first=True). Where the fields contradict each other they come along
    as `fields`, and x and lengths are the nearest reading. Raises BatchError where one of them holds no numbers.
    """
    data, fields = fields_of(packed)
    if contradictions(fields):
        x, lengths = reading(fields, filled((), data, padding_value))
        return Unpacked(Values(x, data.dtype), lengths, None, fields)
    sizes, order = fields.batch_sizes, fields.sorted_indices
    ranks = np.arange(sizes[0])
    place = ranks if order is None else order.astype(np.int64, copy=False)
    lengths = np.empty(len(ranks), dtype=np.int64)
    # The sorted row r is active at the steps whose batch size is above r.
    lengths[place] = np.searchsorted(-sizes, -ranks, side="left")
    packing = pack_in_order(lengths, place, len(sizes))
    cell = data.array[:1].nbytes
    afford(f"the padded batch of {len(ranks):,} rows and {len(sizes):,} steps", len(ranks) * len(sizes) * cell)
    grid = filled((len(ranks) * len(sizes), *data.array.shape[1:]), data, padding_value)
    grid[packing.flat] = data.array
    grid = grid.reshape(len(ranks), len(sizes), *data.array.shape[1:])
    return Unpacked(Values(grid, data.dtype), lengths, None if order is None else place, None)


def fields_of(packed: object) -> tuple[Values, PackedFields]:
    """`data` with torch's name of its dtype, and all fields as they were given, read-only.

    PackedParts are what a PackedSequence will be made of: torch then makes unsorted_indices, where they are missing.
    Raises BatchError where a field holds no numbers.
    """
    given: Any = packed
    data = values_of(given.data, "data")
    sizes = _numbers(given.batch_sizes, "batch_sizes")
    order, back = (
        None if indices is None else _numbers(indices, name)
        for name, indices in zip(FIELDS[2:], (given.sorted_indices, given.unsorted_indices), strict=True)
    )
    made = isinstance(packed, PackedParts) and back is None and order is not None
    if made and order is not None and order.dtype == np.int64 and is_permutation(order):
        back = frozen(inverse(order))
    return data, PackedFields(data.array, sizes, order, back)


def _numbers(obj: object, name: str) -> NDArray[Any]:
    """As given; an empty list, which has no dtype of its own, as whole numbers."""
    if isinstance(obj, list | tuple) and not obj:
        return frozen(np.empty(0, dtype=np.int64))
    return values_of(obj, name).array
