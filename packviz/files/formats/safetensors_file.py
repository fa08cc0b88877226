"""Named tensors in the safetensors format: a header in JSON, then their bytes; nothing in it can be run. Only those
that are needed are read, and torch is not imported."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import BatchError
from packviz.core.budget import afford
from packviz.core.texts.quoting import cut, quoted
from packviz.files.arrays import Archive, Values
from packviz.files.known.mapping import from_mapping
from packviz.files.paste.found import Found
from packviz.files.several import Several, batches_among
from packviz.files.stream import Stream

SIZE = 8
LARGEST_HEADER = 100 * 1000 * 1000
"""Bytes of a header, as the format allows."""
METADATA = "__metadata__"
_DTYPES = {
    "BOOL": "bool",
    "BF16": "bfloat16",
    **{f"I{bits}": f"int{bits}" for bits in (8, 16, 32, 64)},
    **{f"U{bits}": f"uint{bits}" for bits in (8, 16, 32, 64)},
    **{f"F{bits}": f"float{bits}" for bits in (16, 32, 64)},
}


def sniff(head: bytes) -> bool:
    """A length of the header that may be one, then an object."""
    size = int.from_bytes(head[:SIZE], "little")
    return len(head) > SIZE + 1 and 2 <= size <= LARGEST_HEADER and head[SIZE:].startswith(b'{"')


def read(stream: Stream) -> Found | Several:
    """x, lengths and options under their usual names, or several batches, as in a .npz archive."""
    tensors = Tensors(stream)
    if not tensors:
        raise BatchError("it holds no tensors; save it with safetensors.torch.save_file({'x': x, 'lengths': lengths}).")
    dimensions = {name: len(tensors.shape(name)) for name in tensors}
    if not any(name.endswith("weight_ih_l0") for name in dimensions):
        several = batches_among(tensors, dimensions.__getitem__)
        if several is not None:
            return several
    return from_mapping(tensors, dimensions=dimensions)


class Tensors(Archive):
    """The tensors of the file by name; each is read when it is asked for. Raises BatchError where it has no header.

    `metadata`: what the header says beside them.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        stream.seek(0)
        size = int.from_bytes(stream.read(SIZE) or b"", "little")
        if not 2 <= size <= min(LARGEST_HEADER, stream.size - SIZE):
            raise BatchError("it is damaged or no .safetensors file (its header is longer than the file).")
        self._data = SIZE + size
        try:
            header = json.loads((stream.read(size) or b"").decode("utf-8"))
        except (ValueError, RecursionError):
            raise BatchError("it is damaged or no .safetensors file (its header is no JSON).") from None
        if not isinstance(header, dict):
            raise BatchError("it is damaged or no .safetensors file (its header is no object).")
        self._about = {name: about for name, about in header.items() if name != METADATA}
        said = header.get(METADATA)
        self.metadata: Mapping[str, str] = said if isinstance(said, dict) else {}
        self._places = {name: self._place(name) for name in self._about}

    def __len__(self) -> int:
        return len(self._about)

    def __iter__(self) -> Iterator[str]:
        return iter(self._about)

    def __contains__(self, name: object) -> bool:
        return name in self._about

    def __getitem__(self, name: str) -> Values:
        dtype, shape, start, stop = self._places[name]
        afford(f"a tensor of shape {shape} of {dtype}", stop - start)
        self._stream.seek(self._data + start)
        held = np.dtype("uint16" if dtype == "bfloat16" else dtype).newbyteorder("<")
        buffer = bytearray(stop - start)
        if self._stream.readinto(buffer) != len(buffer):
            raise BatchError(f"it is cut short: the end of {quoted(name, 60)} is missing.")
        array: NDArray[Any] = np.frombuffer(buffer, held).reshape(shape)
        if not array.dtype.isnative:
            array = array.astype(array.dtype.newbyteorder("="))
        if dtype == "bfloat16":  # the upper half of a float32
            array = (array.astype(np.uint32) << 16).view(np.float32)
        return Values(array, dtype)

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape that the header says."""
        return self._places[name][1]

    def _place(self, name: str) -> tuple[str, tuple[int, ...], int, int]:
        """The dtype, the shape and where the bytes lie. Raises BatchError where the header contradicts itself."""
        about = self._about[name]
        about = about if isinstance(about, dict) else {}
        dtype = _DTYPES.get(str(about.get("dtype")))
        if dtype is None and isinstance(about.get("dtype"), str):
            raise BatchError(f"{quoted(name, 60)} holds {cut(about['dtype'], 20)}, which no recurrent module takes.")
        shape, place = about.get("shape"), about.get("data_offsets")
        if dtype is None or not _whole(shape) or not _whole(place) or len(cast(list[int], place)) != 2:
            raise BatchError(f"it is damaged or no .safetensors file (its header says nothing of {quoted(name, 60)}).")
        start, stop = cast(list[int], place)
        size = math.prod(cast(list[int], shape)) * (2 if dtype == "bfloat16" else np.dtype(dtype).itemsize)
        if stop - start != size or stop > self._stream.size - self._data or len(cast(list[int], shape)) > 32:
            raise BatchError(
                f"it is damaged or cut short: {quoted(name, 60)} of {size:,} bytes does not lie where its header says."
            )
        return dtype, tuple(cast(list[int], shape)), start, stop


def _whole(numbers: object) -> bool:
    """Whether it is a list of whole numbers, none below 0."""
    return isinstance(numbers, list) and all(type(number) is int and 0 <= number < 2**62 for number in numbers)
