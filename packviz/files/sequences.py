"""A list of sequences, the input of pack_sequence, to one padded array."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain
from typing import TypeGuard

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import BatchError
from packviz.core.budget import afford
from packviz.core.cells.padding import wraps
from packviz.files.arrays import MOST_DIMENSIONS, Values, cast, dimensions, from_text, is_array, sequence, values_of
from packviz.files.ragged import LISTS, Ragged, flattened

PLAIN = frozenset((int, float, bool))


def sequences_of(rows: Sequence[object] | Ragged) -> Ragged:
    """The sequences, (length, *), all with the same features and of one dtype: that of the first, as in pad_sequence.

    `rows`: tensors, arrays or nested lists. Raises BatchError naming the sequence that does not fit.
    """
    if isinstance(rows, Ragged):
        return rows
    flat = flattened(rows) if rows else None
    if flat is not None:
        return Ragged.of_text(*flat)
    if _are_alike(rows):
        return Ragged.joined(rows)
    sequences = _one_by_one(rows)
    if not sequences:
        raise BatchError("x is an empty list, but a batch needs at least one sequence: [[1, 2], [3]].")
    flat_one = next((index for index, row in enumerate(sequences) if row.array.ndim == 0), None)
    if flat_one is not None:
        raise BatchError(f"x[{flat_one}] is one number, but each x[i] must be a sequence of shape (length, *).")
    model = next((index for index, row in enumerate(sequences) if row.array.size), 0)
    features = sequences[model].array.shape[1:]
    first = sequences[0].dtype
    fitted = []
    for index, row in enumerate(sequences):
        array = row.array
        if array.size == 0 and array.shape[0] == 0:
            array = array.reshape((0, *features))
        if array.shape[1:] != features:
            raise _misfit(index, array.shape, model, sequences[model].array.shape)
        fitted.append(row if row.dtype == first and array is row.array else cast(array, first))
    return Ragged.joined(fitted)


def _are_alike(rows: Sequence[object]) -> TypeGuard[Sequence[Values]]:
    """Whether they are arrays of a text that fit together as they are."""
    kinds = {(row.dtype, row.array.shape[1:]) if isinstance(row, Values) and row.array.size else None for row in rows}
    return len(kinds) == 1 and None not in kinds and all(isinstance(row, Values) and row.array.ndim for row in rows)


def _one_by_one(rows: Sequence[object]) -> list[Values]:
    if set(map(type, rows)) <= LISTS or not any(map(is_array, rows)):
        refuse_odd_row(rows)
        listed = from_text(list(rows))
        return listed if isinstance(listed, list) else [listed]
    return [values_of(row, f"x[{index}]") for index, row in enumerate(rows)]


def refuse_odd_row(rows: Sequence[object], first: int = 0, model: tuple[int, tuple[int, ...]] | None = None) -> None:
    """Raises BatchError naming the first row that is no rectangular list of numbers, or none of the features of the
    others; `first`: the number of rows[0], `model`: that of a row before them, and its shape."""
    misfit: BatchError | None = None
    for index, row in enumerate(rows, first):
        shape = _plain_shape(row) or sequence(row, index).shape
        if 0 in shape:
            continue
        model = model or (index, shape)
        if misfit is None and shape[1:] != model[1][1:]:
            misfit = _misfit(index, shape, *model)
    if misfit is not None and (first or len(rows) != 2):  # two rows may be x and its lengths
        raise misfit


def _plain_shape(row: object) -> tuple[int, ...] | None:
    """The shape of what is surely a rectangular list of numbers of at most 64 bits, found without making an array."""
    items, shape = row, list[int]()
    while isinstance(items, list | tuple) and items:
        kinds = set(map(type, items))
        if kinds <= PLAIN:
            fits = min(items) >= -(2**63) and max(items) < 2**63
            return (*shape, len(items) // math.prod(shape)) if fits else None
        sizes = set(map(len, items)) if kinds <= LISTS else ()
        if len(sizes) != 1 or len(shape) > MOST_DIMENSIONS:
            return None
        shape.append(len(items) // math.prod(shape))
        items = list(chain.from_iterable(items))
    return None


def _misfit(index: int, shape: tuple[int, ...], other: int, model: tuple[int, ...]) -> BatchError:
    return BatchError(
        f"x[{index}] has shape {shape}, but x[{other}] has {model}: "
        "all sequences need the same sizes after their length."
    )


def pad(sequences: Ragged, padding_value: float, budget: int | None = None) -> tuple[Values, NDArray[np.int64]]:
    """The sequences, B of (length, *), as one padded (B, T, *), and their lengths, (B,) int64.

    As torch.nn.utils.rnn.pad_sequence(batch_first=True). Raises BatchError where x would not fit in the budget.
    """
    lengths, flat = sequences.lengths, sequences.flat
    steps = int(lengths.max(initial=0))
    afford(f"x, padded to {len(lengths):,} rows of {steps:,} steps,", padded_bytes(sequences), budget)
    x = filled((len(lengths), steps, *flat.shape[1:]), Values(flat[:0], sequences.dtype), padding_value)
    x[np.arange(steps) < lengths[:, None]] = flat
    return Values(x, sequences.dtype), lengths


def padded_bytes(sequences: Ragged) -> int:
    """What they take once they are padded, and a mask of their cells, in bytes."""
    cells = len(sequences) * int(sequences.lengths.max(initial=0))
    return cells * (sequences.flat.itemsize * math.prod(sequences.flat.shape[1:]) + 1)


def filled(shape: tuple[int, ...], model: Values, padding_value: float) -> NDArray[np.generic]:
    """An array of the model's dtype, filled with the padding value as torch converts it to that dtype.

    With 0 where the dtype has no such value, NaN among whole numbers say: packing never looks at it.
    """
    held = model.array.dtype
    if held.kind not in "fc" and not np.isfinite(padding_value):
        return np.zeros(shape, dtype=held)
    fill = cast(np.array([padding_value], dtype=np.float64), "float32" if model.dtype == "bfloat16" else model.dtype)
    if held.kind in "iu" and int(padding_value) != int(fill.array[0]) and not wraps(padding_value, held):
        return np.zeros(shape, dtype=held)
    if model.dtype == "bfloat16":
        fill = cast(fill.array, "bfloat16")
    return np.full(shape, fill.array[0], dtype=held)


def is_sequences(obj: object) -> bool:
    """Whether it is a list of sequences rather than one array: tensors or arrays in a list, or a ragged list."""
    if isinstance(obj, Ragged):
        return True
    if not isinstance(obj, list | tuple) or not obj:
        return False
    kinds = set(map(type, obj))
    if not kinds <= LISTS | PLAIN and any(is_array(row) and dimensions(row) > 0 for row in obj):
        return True
    if kinds <= PLAIN:
        return False
    return len({len(row) if isinstance(row, list | tuple) else -1 for row in obj}) > 1
