"""Lengths as torch is given them: a tensor on any device, an array, a Python list, tuple, range or number."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from packviz.core.batch import BatchError
from packviz.core.lengths import INT64, META, Lengths, make_lengths
from packviz.core.texts.quoting import quoted
from packviz.files.arrays import Values, is_array, is_tensor, number_array, values_of
from packviz.files.ragged import Ragged


def lengths_given(obj: object) -> Lengths:
    """The lengths, of any number of dimensions, where they lie, and whether torch converts them from Python's numbers.

    Values are copied to the CPU; those of a meta tensor, which has none, are zeros. Raises BatchError for what holds no
    numbers, and for what torch.as_tensor(lengths, dtype=torch.int64) raises a TypeError or a ValueError at.
    """
    if is_tensor(obj) or isinstance(obj, Values):
        return _of_tensor(obj)
    if isinstance(obj, np.ndarray):
        if any(stride < 0 for stride in obj.strides):
            raise BatchError("lengths is an array that is read backwards, which torch refuses: give lengths.copy().")
        if not obj.dtype.isnative:
            raise BatchError(
                f"lengths is an array of {obj.dtype}, whose bytes are swapped, which torch refuses: "
                f"give lengths.astype({obj.dtype.name!r})."
            )
        return _given(obj)
    if isinstance(obj, bool | int | float | np.generic) and not isinstance(obj, complex):
        return make_lengths(_number(obj, "lengths"), listed=True)
    if isinstance(obj, list | tuple | range):
        return _of_list(obj)
    if is_array(obj):
        return _given(obj)
    if isinstance(obj, Ragged):
        raise BatchError("lengths is a ragged list, but one length a row is expected: [3, 2, 4].")
    raise BatchError(f"lengths is {quoted(obj, 60)}, but one length a row is expected: [3, 2, 4].")


def _given(array: Any, device: str = "cpu") -> Lengths:
    return make_lengths(values_of(array, "lengths").array, device=device)


def _of_tensor(tensor: Any) -> Lengths:
    if isinstance(tensor, Values):
        return make_lengths(tensor.array, device=tensor.device, listed=tensor.listed)
    device = str(getattr(tensor, "device", "cpu"))
    name = str(tensor.dtype).removeprefix("torch.")
    if device != META:  # NumPy has no float8, and float32 holds all of its numbers
        return _given(tensor.float() if name.startswith("float8") else tensor, device)
    held = name if name in np.sctypeDict else "float32" if "float" in name else "int64"
    return make_lengths(np.zeros(tuple(tensor.shape), dtype=held), device=META)


def _of_list(rows: Any) -> Lengths:
    plain = _plain(rows, "lengths")
    array = number_array(plain, "lengths") if len(plain) else np.empty(0, dtype=np.int64)
    if isinstance(array, list):
        raise BatchError("lengths is a ragged list, but one length a row is expected: [3, 2, 4].")
    return make_lengths(array, listed=True)


def _plain(rows: Any, name: str, past: list[float] | None = None) -> list[Any]:
    """A nested list of Python's numbers, as torch.as_tensor makes them of what is in it.

    `past`: the values so far that torch raises at: to whatever comes after one, it does not get.
    """
    past = [] if past is None else past
    if isinstance(rows, range) or all(type(item) in (int, float, bool) and item >= -(2**63) for item in rows):
        items = list(rows)
        if max(items, default=0) < 2**63:
            past += [item for item in items if isinstance(item, float) and not abs(item) <= INT64]
            return items
    made: list[Any] = []
    for index, item in enumerate(rows):
        if isinstance(item, list | tuple | range):
            made.append(_plain(item, f"{name}[{index}]", past))
            continue
        made.append(_as_float(item) if past else _item(item, f"{name}[{index}]"))
        past += [item] if isinstance(item, float) and not abs(item) <= INT64 else []
    return made


def _as_float(item: Any) -> float:
    """Something that torch does not get to, as a number; NaN where it is none."""
    try:
        return float(item)
    except OverflowError:
        return math.inf if item > 0 else -math.inf
    except (TypeError, ValueError, RuntimeError):
        return math.nan


def _item(item: Any, name: str) -> Any:
    if isinstance(item, list | tuple | range):
        return _plain(item, name)
    if is_tensor(item):
        one = values_of(item, name).array
        if one.size == 1 and one.dtype.kind in "biu":
            return int(one.reshape(()))
        raise BatchError(f"{name} is a tensor {_kind(one)}, but torch takes one whole number: give one tensor of all.")
    if isinstance(item, np.ndarray):
        if item.ndim and (item.dtype.kind in "biu" or item.dtype == np.float64):
            return _plain(item.tolist(), name)
        raise BatchError(f"{name} is an array {_kind(item)}, which torch takes in no list: give one array of all.")
    return _number(item, name) if isinstance(item, bool | int | float | np.generic | complex) else item


def _number(item: Any, name: str) -> Any:
    """One number, if torch converts it to int64, or raises because of its value, as for NaN, rather than its type."""
    if isinstance(item, float):
        return item
    if isinstance(item, bool | int | np.integer | np.bool_):
        if -(2**63) <= int(item) < 2**63:
            return item
        raise BatchError(f"{name} is {quoted(item)}, but a length is a whole number of 64 bits.")
    if isinstance(item, complex):
        raise BatchError(f"{name} is {quoted(item)}, but a whole number is expected.")
    raise BatchError(f"{name} is a {type(item).__name__}, which torch takes for no length: give int({name}).")


def _kind(array: np.ndarray[Any, Any]) -> str:
    return f"of shape {array.shape}, {array.dtype}"
