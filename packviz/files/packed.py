"""A PackedSequence back to the padded batch that it was made of; in NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import BatchError
from packviz.core.packing import pack_in_order
from packviz.core.wording import abridged
from packviz.files.arrays import Values, values_of
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
    """x, (B, L, *), with rows in the order of the batch; lengths, (B,); sorted_indices, (B,), or None."""

    x: Values
    lengths: Ints
    order: Ints | None


def is_packed(obj: object) -> bool:
    """Whether it is a PackedSequence, torch's own or PackedParts."""
    return not isinstance(obj, type) and all(hasattr(obj, name) for name in FIELDS)


def parts_of(named: Mapping[str, Any]) -> PackedParts | None:
    """The fields of a PackedSequence from named values, or None where they are not all there."""
    if "data" not in named or "batch_sizes" not in named:
        return None
    return PackedParts(*(named.get(name) for name in FIELDS))


def unpack(packed: object, padding_value: float) -> Unpacked:
    """The padded batch of a PackedSequence: data (N, *), batch_sizes (L,), indices (B,) or None.

    As torch.nn.utils.rnn.pad_packed_sequence(batch_first=True). Raises BatchError where it contradicts itself.
    """
    fields: Any = packed
    data = values_of(fields.data, "data")
    if data.array.ndim == 0:
        raise BatchError("The PackedSequence contradicts itself: data is one number, but has the shape (N, *).")
    sizes = _whole(fields.batch_sizes, "batch_sizes")
    _check_sizes(sizes, len(data.array))
    order = _check_indices(fields.sorted_indices, fields.unsorted_indices, int(sizes[0]))
    ranks = np.arange(sizes[0])
    lengths = np.empty(len(ranks), dtype=np.int64)
    # The sorted row r is active at the steps whose batch size is above r.
    lengths[ranks if order is None else order] = np.searchsorted(-sizes, -ranks, side="left")
    packing = pack_in_order(lengths, ranks if order is None else order, len(sizes))
    x = filled((len(ranks) * len(sizes), *data.array.shape[1:]), data, padding_value)
    x[packing.flat] = data.array
    return Unpacked(Values(x.reshape(len(ranks), len(sizes), *data.array.shape[1:]), data.dtype), lengths, order)


def _whole(obj: object, name: str) -> Ints:
    array = values_of(obj, name).array
    if array.ndim != 1 or (array.dtype.kind not in "iu" and array.size):
        raise BatchError(
            f"The PackedSequence contradicts itself: {name} has shape {array.shape} of {array.dtype}, "
            "but one dimension of whole numbers is expected."
        )
    return array.astype(np.int64)


def _check_sizes(sizes: Ints, count: int) -> None:
    if not len(sizes):
        raise BatchError("The PackedSequence contradicts itself: batch_sizes is empty, but it has one entry a step.")
    if sizes.min() < 1:
        step = int(np.argmax(sizes < 1))
        raise BatchError(
            f"The PackedSequence contradicts itself: batch_sizes[{step}] is {sizes[step]}, "
            "but at least one row is active at every step."
        )
    rises = np.flatnonzero(np.diff(sizes) > 0)
    if len(rises):
        step = int(rises[0])
        raise BatchError(
            f"The PackedSequence contradicts itself: batch_sizes rises from {sizes[step]} at step {step} to "
            f"{sizes[step + 1]} at step {step + 1}, but rows that ended cannot come back."
        )
    total = sum(sizes.tolist())
    if total != count:
        raise BatchError(
            f"The PackedSequence contradicts itself: batch_sizes sum to {total}, but data has {count} rows."
        )


def _check_indices(sorted_indices: object, unsorted_indices: object, rows: int) -> Ints | None:
    if sorted_indices is None:
        if unsorted_indices is not None:
            raise BatchError(
                "The PackedSequence contradicts itself: it has unsorted_indices, but its sorted_indices are None."
            )
        return None
    order = _whole(sorted_indices, "sorted_indices")
    if not np.array_equal(np.sort(order), np.arange(rows)):
        raise BatchError(
            "The PackedSequence contradicts itself: sorted_indices must hold every row from 0 to "
            f"{rows - 1} once, because batch_sizes[0] is {rows}, but holds [{abridged(order)}]."
        )
    if unsorted_indices is not None:
        back = _whole(unsorted_indices, "unsorted_indices")
        if not np.array_equal(back, np.argsort(order)):
            raise BatchError(
                "The PackedSequence contradicts itself: unsorted_indices is no inverse of sorted_indices; "
                f"[{abridged(np.argsort(order))}] is expected, but it holds [{abridged(back)}]."
            )
    return order
