"""Tensors, arrays and nested lists to NumPy, with torch's name of the dtype; without importing torch."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import BatchError, frozen
from packviz.core.cells.padding import round_bfloat16
from packviz.core.texts.quoting import cut

MOST_DIMENSIONS = 32

_PLAIN = frozenset((list, tuple, dict, str, int, float, bool, type(None)))
"""What texts are parsed into: of none of these is it asked what members it has, there are millions of them."""
_ALIASES = {"half": "float16", "float": "float32", "double": "float64", "short": "int16", "int": "int32"} | {
    "long": "int64",
    "bool_": "bool",
    "cfloat": "complex64",
    "cdouble": "complex128",
}
_HELD_AS = {
    **{name: name for name in ("bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64")},
    **{name: name for name in ("float16", "float32", "float64", "complex64", "complex128")},
    "bfloat16": "float32",  # numpy has no bfloat16
}

_WITHOUT_MEMORY = "doesn't have storage"
"""torch's words for a tensor that a transform of torch.func wraps."""


@dataclass(frozen=True, eq=False)
class Values:
    """An array and torch's name of the dtype that it had ("bfloat16" is held as float32). The array is read-only.

    `device`: where a printed tensor says that it lies. `listed`: written as a list, not as a tensor or an array.
    """

    array: NDArray[Any]
    dtype: str
    device: str = "cpu"
    listed: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "array", frozen(np.asarray(self.array)))  # a number of an array is none itself


class Archive(Mapping[str, Any]):
    """The arrays of a file by name, nothing else; each is read from it whenever it is asked for."""

    def __contains__(self, name: object) -> bool:
        return any(name == known for known in self)  # a Mapping would read the array to find out


def has_members(obj: object, names: Iterable[str]) -> bool:
    """Whether an object has all of these, in its class or in itself, asked without running any code of its own: no
    property, no __getattr__."""
    if type(obj) in _PLAIN or isinstance(obj, type):
        return False
    try:
        own = object.__getattribute__(obj, "__dict__")
    except AttributeError:
        own = {}
    held = own if type(own) is dict else {}
    line = type.__dict__["__mro__"].__get__(type(obj))
    return all(name in held or any(name in type.__dict__["__dict__"].__get__(kind) for kind in line) for name in names)


def is_tensor(obj: object) -> bool:
    """Whether it is a torch.Tensor, or of a class that has detach, cpu, numpy and dtype, as one has."""
    return has_members(obj, ("detach", "cpu", "numpy", "dtype"))


def is_array(obj: object) -> bool:
    """Whether it has a shape and a dtype of its own: a tensor, an array, Values, or one of a class with __array__."""
    return isinstance(obj, Values | np.ndarray | np.generic) or is_tensor(obj) or has_members(obj, ("__array__",))


def dimensions(obj: object) -> int:
    """How many dimensions it has, asked of its first elements: 0 for a number, 2 for a list of lists of numbers."""
    depth = 0
    while isinstance(obj, list | tuple):
        depth += 1
        if depth > MOST_DIMENSIONS:
            raise BatchError(f"the lists are nested more than {MOST_DIMENSIONS} deep, but a batch has (B, T, *).")
        if not obj:
            return depth
        obj = obj[0]
    if isinstance(obj, Values):
        return depth + obj.array.ndim
    if is_tensor(obj):
        return depth + int(getattr(obj, "ndim", 0))
    return depth + (np.ndim(_plain(obj)) if is_array(obj) else 0)


def values_of(obj: object, what: str = "x") -> Values:
    """The numbers of a tensor, an array or a rectangular nested list. Arrays are not copied where they need not be.

    Raises BatchError for whatever holds no numbers, and for a ragged list.
    """
    if isinstance(obj, Values):
        return obj
    if is_tensor(obj):
        return _values_of_tensor(obj, what)
    if is_array(obj):
        return _values_of_array(_plain(obj), what)
    dimensions(obj)
    nested = from_text(number_array(obj, what))
    if isinstance(nested, list):
        raise BatchError(f"{what} is a ragged list, but one array is expected.")
    return nested


def number_array(obj: object, what: str = "x") -> NDArray[Any] | list[Any]:
    """A nested list of numbers as int64, float64 or bool, or, where it is ragged, the list itself."""
    _refuse_foreign(obj, what)
    try:
        array = np.asarray(obj)
    except ValueError:
        if isinstance(obj, list | tuple):
            return list(obj)
        raise BatchError(f"{what} is {_named(obj)}, but numbers are expected.") from None
    except (OverflowError, TypeError, RuntimeError, RecursionError, MemoryError) as error:
        raise BatchError(f"{what} can't be read as numbers ({_first_line(error)}).") from None
    if array.dtype.kind == "O":
        raise BatchError(f"{what} holds {_odd_one(array)}, but numbers of at most 64 bits are expected.")
    if array.dtype.kind not in "biufc":
        raise BatchError(f"{what} holds text, but numbers are expected.")
    return array


_KNOWN = (bool, int, float, complex, str, bytes, type(None), np.generic, np.ndarray)


def _refuse_foreign(obj: object, what: str) -> None:
    """Raise BatchError for what holds an object that NumPy would ask whether it is an array: that runs code of it."""
    lists, seen = [obj], set[int]()
    while lists:
        held = lists.pop()
        items = held if isinstance(held, list | tuple) else (held,)
        if id(held) in seen:
            continue
        seen.add(id(held))
        for kind in set(map(type, items)):
            if issubclass(kind, list | tuple):
                lists += [item for item in items if type(item) is kind]
            elif not issubclass(kind, _KNOWN):
                odd = next(item for item in items if type(item) is kind)
                if not is_array(odd) and kind.__module__ not in sys.stdlib_module_names:
                    raise BatchError(f"{what} holds a value of type {cut(kind.__name__)}, but numbers are expected.")


def from_text(nested: NDArray[Any] | list[Any]) -> Values | list[Values]:
    """Numbers without a dtype of their own, with the dtype that torch.tensor gives them: whole numbers are int64,
    fractions float32. A ragged list becomes a list of sequences, all of one dtype."""
    if not isinstance(nested, list):
        return cast(nested, _default_dtype([nested]))
    rows = [sequence(row, index) for index, row in enumerate(nested)]
    if len(rows) == 2 and rows[0].ndim >= 2 and rows[1].ndim == 1:  # x and its lengths, each with a dtype of its own
        return [cast(row, _default_dtype([row])) for row in rows]
    dtype = _default_dtype([row for row in rows if row.size])
    return [cast(row, dtype) for row in rows]


def cast(array: NDArray[Any], dtype: str) -> Values:
    """The numbers in torch's dtype of that name, as torch.tensor(..., dtype=...) gives them."""
    name = dtype.rpartition(".")[2]
    name = _ALIASES.get(name, name)
    held = _HELD_AS.get(name)
    if name == held and array.dtype == held:
        return Values(array, name)
    if held is None:
        raise BatchError(f"dtype={cut(dtype)} is none that packviz can hold; use {', '.join(_HELD_AS)}.")
    if held.lstrip("u").startswith("int") and array.size and array.dtype.kind in "iu":
        limits = np.iinfo(held)
        if int(array.min()) < limits.min or int(array.max()) > limits.max:
            raise BatchError(f"{int(array.max())} or {int(array.min())} does not fit in dtype={name}.")
    if array.dtype.kind == "c" and held[0] != "c":
        raise BatchError(f"complex numbers do not fit in dtype={name}.")
    with np.errstate(all="ignore"):
        if name in ("float16", "bfloat16") and array.dtype.kind == "f":
            array = array.astype(np.float32, copy=False)  # torch rounds twice, too
        return Values(round_bfloat16(array) if name == "bfloat16" else array.astype(held, copy=False), name)


def _values_of_tensor(tensor: Any, what: str) -> Values:
    dtype = str(tensor.dtype).removeprefix("torch.")
    if "sparse" in str(getattr(tensor, "layout", "")):
        raise BatchError(f"{what} is a sparse tensor, but torch packs dense ones: give {what}.to_dense().")
    if dtype.startswith("float8"):
        raise BatchError(f"{what} holds {dtype}, which no recurrent module takes: give {what}.float().")
    try:
        here = tensor.detach().cpu()
        for settled in ("resolve_conj", "resolve_neg"):
            here = getattr(here, settled, lambda same=here: same)()
        if dtype == "bfloat16":
            here = here.float()
        return Values(numbers_of(here), dtype)
    except (RuntimeError, TypeError, NotImplementedError, ValueError) as error:
        if _WITHOUT_MEMORY in str(error):
            raise BatchError(f"{what} is held by a transform of torch.func, such as vmap: give it outside.") from None
        raise BatchError(f"{what} is a tensor whose values can't be read ({_first_line(error)}).") from None


def numbers_of(tensor: Any) -> NDArray[Any]:
    """The numbers of a tensor on the CPU: one by one where it has no memory of its own, as inside torch.func.grad.
    Raises what torch raises where there are none."""
    try:
        return np.asarray(tensor.numpy())
    except RuntimeError as error:
        if _WITHOUT_MEMORY not in str(error):
            raise
    flat = tensor.reshape(-1).tolist()
    held = _HELD_AS.get(str(tensor.dtype).removeprefix("torch."), "float32")
    return np.array(flat, dtype=held).reshape(tuple(tensor.shape))


def _values_of_array(array: NDArray[Any], what: str) -> Values:
    if array.dtype.name not in _HELD_AS:
        raise BatchError(
            f"{what} holds {array.dtype}, which torch does not have; convert it first, to float32 or int64 for example."
        )
    return Values(array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("=")), array.dtype.name)


def _plain(obj: object) -> NDArray[Any]:
    try:
        return np.asarray(obj)
    except (ValueError, TypeError, RuntimeError) as error:
        raise BatchError(f"{_named(obj)} can't be read as an array ({_first_line(error)}).") from None


def sequence(row: object, index: int) -> NDArray[Any]:
    """The row of that number as an array, (length, *). Raises BatchError where it is no rectangular list of numbers."""
    if not isinstance(row, list | tuple | np.ndarray):
        raise BatchError(
            f"x[{index}] is {_named(row)}, but x[0] to x[{index}] must all be sequences: write [[1, 2], [3]]."
        )
    array = number_array(row, f"x[{index}]")
    if isinstance(array, list):
        raise BatchError(f"x[{index}] is itself ragged: every step of a sequence must have the same features.")
    return array


def _default_dtype(arrays: Sequence[NDArray[Any]]) -> str:
    kinds = {"f" if not array.size and array.dtype.kind == "f" else array.dtype.kind for array in arrays}
    if "c" in kinds:
        return "complex64"
    if "f" in kinds or not kinds:
        return "float32"
    if kinds == {"b"}:
        return "bool"
    return "uint64" if kinds == {"u"} else "int64"


def _odd_one(array: NDArray[Any]) -> str:
    odd = next((item for item in array.flat if not isinstance(item, float) and not _fits(item)), None)
    if isinstance(odd, int):
        return f"a whole number of {odd.bit_length()} bits"
    return "null" if odd is None else _named(odd)


def _fits(item: object) -> bool:
    return isinstance(item, int) and item.bit_length() < 64


def _named(obj: object) -> str:
    if obj is None or isinstance(obj, bool | int | float):
        return str(obj) if not isinstance(obj, int) or abs(obj) < 10**18 else "a huge number"
    if isinstance(obj, str):
        return f"the text {obj[:40]!r}"
    return f"a value of type {type(obj).__name__}"


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200].rstrip(".")
