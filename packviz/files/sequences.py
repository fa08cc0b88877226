"""A list of sequences, the input of pack_sequence, to one padded array."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import BatchError
from packviz.core.budget import afford
from packviz.core.cells.padding import wraps
from packviz.files.arrays import Values, cast, dimensions, from_text, is_array, values_of


def sequences_of(rows: Sequence[object]) -> list[Values]:
    """Each sequence, (length, *), all with the same features and of one dtype: that of the first, as in pad_sequence.

    `rows`: tensors, arrays or nested lists. Raises BatchError naming the sequence that does not fit.
    """
    if not any(is_array(row) for row in rows):
        listed = from_text(list(rows))
        sequences = listed if isinstance(listed, list) else [listed]
    else:
        sequences = [values_of(row, f"x[{index}]") for index, row in enumerate(rows)]
    if not sequences:
        raise BatchError("x is an empty list, but a batch needs at least one sequence: [[1, 2], [3]].")
    flat = next((index for index, row in enumerate(sequences) if row.array.ndim == 0), None)
    if flat is not None:
        raise BatchError(f"x[{flat}] is one number, but each x[i] must be a sequence of shape (length, *).")
    model = next((index for index, row in enumerate(sequences) if row.array.size), 0)
    features = sequences[model].array.shape[1:]
    first = sequences[0].dtype
    fitted = []
    for index, row in enumerate(sequences):
        array = row.array
        if array.size == 0 and array.shape[0] == 0:
            array = array.reshape((0, *features))
        if array.shape[1:] != features:
            raise BatchError(
                f"x[{index}] has shape {array.shape}, but x[{model}] has {sequences[model].array.shape}: "
                "all sequences need the same sizes after their length."
            )
        fitted.append(row if row.dtype == first and array is row.array else cast(array, first))
    return fitted


def pad(sequences: Sequence[Values], padding_value: float) -> tuple[Values, NDArray[np.int64]]:
    """The sequences, B of (length, *), as one padded (B, T, *), and their lengths, (B,) int64.

    As torch.nn.utils.rnn.pad_sequence(batch_first=True).
    """
    lengths = np.array([len(row.array) for row in sequences], dtype=np.int64)
    steps = int(lengths.max(initial=0))
    model = sequences[0]
    cell = max(row.array.nbytes // max(1, len(row.array)) for row in sequences)
    afford(f"the padded batch of {len(sequences):,} rows and {steps:,} steps", len(sequences) * steps * cell)
    x = filled((len(sequences), steps, *model.array.shape[1:]), model, padding_value)
    x[np.arange(steps) < lengths[:, None]] = np.concatenate([row.array for row in sequences])
    return Values(x, model.dtype), lengths


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
    if not isinstance(obj, list | tuple) or not obj:
        return False
    if any(is_array(row) and dimensions(row) > 0 for row in obj):
        return True
    sizes = [len(row) if isinstance(row, list | tuple) else -1 for row in obj]
    return len(set(sizes)) > 1
