"""What the calls in a text make of the values in it, as torch and NumPy would: arrays, casts, padding, lengths.

Whatever may be large is paid for from the purse of the text before it is made.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import BatchError
from packviz.files.arrays import MOST_DIMENSIONS, Values, cast, from_text, is_array, number_array, values_of
from packviz.files.paste.nested import Nested
from packviz.files.paste.purse import Purse
from packviz.files.ragged import Ragged
from packviz.files.sequences import pad, padded_bytes, sequences_of

LEGACY = {"FloatTensor": "float32", "Tensor": "float32", "DoubleTensor": "float64", "HalfTensor": "float16"} | {
    "LongTensor": "int64",
    "IntTensor": "int32",
    "ShortTensor": "int16",
    "CharTensor": "int8",
    "ByteTensor": "uint8",
    "BoolTensor": "bool",
    "BFloat16Tensor": "bfloat16",
}
"""The dtypes of torch's older constructors."""

_CASTS = {"long": "int64", "int": "int32", "float": "float32", "double": "float64", "half": "float16", "bool": "bool"}
METHODS = (
    frozenset({"cpu", "cuda", "numpy", "detach", "clone", "contiguous", "tolist", "requires_grad_", "copy"})
    | _CASTS.keys()
)
"""Those of a tensor that give one of the same numbers, which `same_numbers` makes."""

RAGGED = "the rows of the tensor are of different lengths."


def listed(read: Nested) -> Any:
    """A list of numbers: Values, a Ragged, or a list of rows."""
    made = read if isinstance(read, Ragged) else from_text(read)
    return Values(made.array, made.dtype, listed=True) if isinstance(made, Values) else made


def array_of(raw: object, dtype: str | None, purse: Purse, *, numpy: bool) -> Values | None:
    """What tensor(raw) makes, or array(raw) of NumPy; None where raw is nothing that numbers are made of. Raises
    BatchError where its rows are of different lengths."""
    if is_array(raw):
        own = values_of(raw)
        return own if dtype is None else recast(own.array, dtype, purse)
    if isinstance(raw, Ragged):
        raise BatchError(RAGGED)
    purse.spend(2 * purse.weighed(raw)[0])
    if isinstance(raw, list | tuple) and any(is_array(item) for item in raw):
        raw = [values_of(item).array for item in raw]
    if not isinstance(raw, list | tuple | int | float | complex):
        return None
    array = number_array(raw)
    if isinstance(array, list):
        raise BatchError(RAGGED)
    return typed(array, dtype, numpy=numpy)


def typed(array: NDArray[Any], dtype: str | None, *, numpy: bool) -> Values:
    """Numbers of a text with the dtype that is said, else the one that torch, or NumPy, gives them."""
    if dtype is not None:
        return cast(array, dtype)
    if numpy:
        return Values(array, array.dtype.name)
    only = from_text(array)
    assert isinstance(only, Values)
    return only


def recast(array: NDArray[Any], dtype: str, purse: Purse) -> Values:
    """In another dtype, by torch's name."""
    purse.spend(16 * array.size)
    return cast(array, dtype)


def device_of(name: str) -> str:
    """torch's name of a device: the first one, where only its kind is said."""
    return "cuda:0" if name == "cuda" else name or "cpu"


def same_numbers(there: Values, method: str, purse: Purse) -> Values:
    """What one of METHODS makes: on another device, in another dtype, as a list, or the same again."""
    device = {"cpu": "cpu", "cuda": "cuda", "tolist": "cpu"}.get(method, there.device)
    made = recast(there.array, _CASTS[method], purse) if method in _CASTS else there
    return replace(made, device=device_of(device), listed=method == "tolist")


def with_a_feature(there: Values) -> Values:
    """With a last dimension of size 1: each cell gets a feature. Raises BatchError where there are too many."""
    if there.array.ndim >= MOST_DIMENSIONS:
        raise BatchError(f"a tensor has more than {MOST_DIMENSIONS} dimensions, but a batch has (B, T, *).")
    return replace(there, array=there.array[..., None], listed=False)


def emptied(values: Values, shape: object) -> Values:
    """Of no elements, in the shape that its print says; the same where no array can have that shape."""
    return Values(np.zeros(shape, values.array.dtype), values.dtype) if _is_empty_shape(shape) else values


def padded(rows: object, purse: Purse, *, batch_first: bool, filler: Any) -> Values:
    """What pad_sequence(rows) makes. Raises BatchError naming the sequence that does not fit."""
    purse.spend(purse.weighed(rows)[0])
    sequences = sequences_of(_as_rows(rows))
    purse.spend(padded_bytes(sequences))
    x, _ = pad(sequences, filler, purse.budget)
    return x if batch_first else Values(x.array.swapaxes(0, 1), x.dtype)


def lengths_of(rows: object, purse: Purse) -> list[int]:
    """What [len(s) for s in rows] is."""
    purse.spend(purse.weighed(rows)[0])
    counts: list[int] = sequences_of(_as_rows(rows)).lengths.tolist()
    return counts


def _as_rows(rows: Any) -> list[object] | Ragged:
    if isinstance(rows, Ragged):
        return rows
    if isinstance(rows, Values):
        if rows.array.ndim > 1 and len(rows.array):
            return Ragged.of_rows(rows)
        return [Values(np.asarray(row), rows.dtype) for row in rows.array[:1]] if rows.array.ndim else [rows]
    return list(rows) if isinstance(rows, list | tuple) else [rows]


def _is_empty_shape(shape: object) -> TypeGuard[tuple[int, ...] | list[int]]:
    """Whether it is the shape of a tensor without elements, that an array can have."""
    if not isinstance(shape, tuple | list) or 0 not in shape or len(shape) > MOST_DIMENSIONS:
        return False
    return all(type(n) is int and n >= 0 for n in shape) and math.prod(n for n in shape if n) < 2**40
