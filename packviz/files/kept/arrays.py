"""Arrays by name, and one JSON object beside them, as one safetensors file that standard tools read.

bfloat16 is held as float32, as in a Batch; complex numbers as pairs of floats, in one dimension more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.arrays import frozen
from packviz.core.batch import BatchError
from packviz.core.texts.quoting import cut
from packviz.files.formats.safetensors_file import Tensors
from packviz.files.kept.facts import Facts
from packviz.files.stream import Stream

KEY = "packviz"
_KINDS = "biufc"


def arrays_bytes(arrays: Mapping[str, NDArray[Any]], facts: Facts) -> bytes:
    """All of them as one file. `facts`: what is JSON. Raises BatchError where an array holds numbers that the format
    has no name for."""
    from safetensors.numpy import save

    pairs = sorted(name for name, array in arrays.items() if array.dtype.kind == "c")
    said = json.dumps({**facts, "complex": pairs}, allow_nan=False)
    return bytes(save({name: _plain(name, array) for name, array in arrays.items()}, {KEY: said}))


class NamedArrays:
    """What `arrays_bytes` wrote: the arrays by name, read-only, each read once it is asked for, and the `facts`.

    `others`: arrays that lie elsewhere, by name. Raises BatchError, KeyError, TypeError or ValueError where the bytes
    are no such file.
    """

    def __init__(self, data: bytes | Stream, others: Mapping[str, NDArray[Any]] | None = None) -> None:
        self._tensors = Tensors(Stream.of(data) if isinstance(data, bytes) else data)
        self._others = dict(others or {})
        facts = json.loads(self._tensors.metadata[KEY])
        self._pairs = frozenset(facts.pop("complex"))
        self.facts: Facts = facts

    def __call__(self, name: str) -> NDArray[Any]:
        """The array of that name. Raises BatchError where there is none."""
        if name in self._others:
            return self._others[name]
        if name not in self._tensors:
            raise BatchError(f"it is damaged: it holds no {cut(name, 60)}.")
        array = self._tensors[name].array
        if name in self._pairs:
            if array.ndim == 0 or array.shape[-1] != 2 or array.dtype.kind != "f" or array.itemsize < 4:
                raise BatchError(f"it is damaged: {cut(name, 60)} holds no pairs of floats.")
            array = array.view(np.result_type(array.dtype, np.complex64))[..., 0]
        return frozen(array)

    def maybe(self, name: str) -> NDArray[Any] | None:
        """The array of that name, or None."""
        return self(name) if name in self._others or name in self._tensors else None


def _plain(name: str, array: NDArray[Any]) -> NDArray[Any]:
    """As the format takes it: its numbers one after another, in the order of this machine."""
    if array.dtype.kind not in _KINDS or array.dtype.itemsize > (16 if array.dtype.kind == "c" else 8):
        raise BatchError(f"{name} holds {array.dtype}, which can't be saved: convert it first.")
    array = np.array(array, dtype=array.dtype.newbyteorder("="), order="C", copy=None)
    if array.dtype.kind == "c":
        return array[..., None].view(array.real.dtype)
    return array
