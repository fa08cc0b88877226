"""Numbers and arrays as Python that torch reads back to exactly the same values."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
from numpy.typing import NDArray

WIDTH = 100
INFERRED = frozenset({"int64", "float32", "bool"})
"""The dtypes that torch.tensor itself infers from Python's ints, floats and bools."""


def typed_number(text: str) -> float:
    """A number as somebody types it, whole where it is typed so. Raises ValueError."""
    try:
        return int(text)
    except ValueError:
        return float(text)


def literal(value: Any) -> str:
    """One numpy number as Python: "3", "0.1", "True", "torch.nan", "-torch.inf", "complex(1.0, torch.nan)"."""
    if np.iscomplexobj(value):
        return f"complex({literal(value.real)}, {literal(value.imag)})"
    if isinstance(value, (np.floating, float)):
        if np.isnan(value):
            return "torch.nan"
        if np.isinf(value):
            return "torch.inf" if value > 0 else "-torch.inf"
        # The shortest text of a float32 (0.1, not 0.10000000149) reads back to it, as a double, in all but odd cases.
        short = repr(float(str(value)))
        return short if type(value)(float(short)) == value else repr(float(value))
    return str(value)


def tensor_literal(array: NDArray[Any], dtype: str, column: int = 0) -> str:
    """`torch.tensor([[1, 2], [3, 4]])` of an array with few cells, one line for each of its innermost lists.

    `dtype` is torch's name; it is written where torch would not infer it. `column`: where in its line the text
    will start, so that what follows lines up.
    """
    if array.size == 0 and array.ndim != 1:
        return f"torch.zeros({tuple(array.shape)}, dtype=torch.{dtype})"
    inferred = dtype in INFERRED and array.size > 0
    ending = "" if inferred else f", dtype=torch.{dtype}"
    return f"torch.tensor({list_literal(array, column + len('torch.tensor('))}{ending})"


def list_literal(array: NDArray[Any], column: int = 0) -> str:
    """Nested lists of the numbers of an array, (*), broken into lines of at most WIDTH that line up at `column`."""
    if array.ndim == 0:
        return literal(array[()])
    margin = "\n" + " " * (column + 1)
    if array.ndim > 1:
        return f"[{f',{margin}'.join(list_literal(part, column + 1) for part in array)}]"
    text = ", ".join(map(str, array.tolist()) if array.dtype.kind == "i" else map(literal, array))
    room = max(20, WIDTH - column)
    return f"[{margin.join(textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False))}]"
