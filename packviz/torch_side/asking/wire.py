"""What goes between packviz and the process in which torch is asked about a bad PackedSequence: bytes, no pickles.

A frame is its length, eight bytes, and then the bytes. A call is one frame: the length of a JSON text, the text, and
an .npz with its arrays. Each answer is one frame of JSON.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.carrier import PackedFields
from packviz.core.module import Held, Module, StateFacts

PACK, UNPACK = "PackedSequence", "pad_packed_sequence"
"""The calls that are asked about, besides that of the module."""

READY, DONE, ENDED = "ready", "done", "ended"
"""What is said besides the stages: torch is there; a call is answered; its fork has ended, and how."""

SIZE = struct.Struct("<Q")
Read = Callable[[int], bytes]
"""Up to so many bytes; none at the end of the stream."""


@dataclass(frozen=True, eq=False)
class PackedCall:
    """One question: the PackedSequence of these fields, through this module, unpacked with these options.

    `dtype`: torch's name of the dtype of `fields.data`. `ready`: data as the module takes it, (N, F), in `ready_dtype`,
    or None where the module takes it as it is. `module`: None where none is run; its numbers are not sent. `seconds`,
    `memory`: how long it may take, and how many bytes more than the process has at the start.
    """

    fields: PackedFields
    dtype: str
    batch_first: bool = True
    padding_value: float = 0
    total_length: int | None = None
    module: Module | None = None
    ready: NDArray[Any] | None = None
    ready_dtype: str = "float32"
    seconds: float = 20
    memory: int = 2**32


def encode(call: PackedCall) -> bytes:
    """The call as the bytes of one frame."""
    fields = call.fields
    value = call.padding_value
    told = {
        "dtype": call.dtype,
        "batch_first": call.batch_first,
        "padding_value": int(value) if isinstance(value, int) else float(value),
        "total_length": None if call.total_length is None else int(call.total_length),
        "module": None if call.module is None else _told(call.module),
        "ready_dtype": call.ready_dtype,
        "seconds": call.seconds,
        "memory": call.memory,
    }
    given = {
        "data": fields.data,
        "batch_sizes": fields.batch_sizes,
        "sorted_indices": fields.sorted_indices,
        "unsorted_indices": fields.unsorted_indices,
        "ready": call.ready,
    }
    held = BytesIO()
    arrays: dict[str, Any] = {name: array for name, array in given.items() if array is not None}
    np.savez(held, **arrays)
    text = json.dumps(told).encode()
    return SIZE.pack(len(text)) + text + held.getvalue()


def decode(frame: bytes) -> PackedCall:
    """The call of one frame."""
    (size,) = SIZE.unpack_from(frame)
    told: dict[str, Any] = json.loads(frame[SIZE.size : SIZE.size + size])
    with np.load(BytesIO(frame[SIZE.size + size :]), allow_pickle=False) as held:
        arrays = {name: held[name] for name in held.files}
    indices = (arrays.get(name) for name in ("sorted_indices", "unsorted_indices"))
    fields = PackedFields(arrays["data"], arrays["batch_sizes"], *indices)
    module = told.pop("module")
    return PackedCall(fields, module=None if module is None else _module(module), ready=arrays.get("ready"), **told)


def _told(module: Module) -> dict[str, Any]:
    told = asdict(module.as_held())
    del told["weights"]
    return told


def _module(told: dict[str, Any]) -> Module:
    """JSON has lists where a Module has tuples."""
    states = told.pop("hx")
    hx = (
        None
        if states is None
        else tuple(state and StateFacts(tuple(state["shape"]), state["dtype"]) for state in states)
    )
    return Module(**told, hx=hx, weights=Held())


def framed(frame: bytes) -> bytes:
    """The bytes with their length before them."""
    return SIZE.pack(len(frame)) + frame


def read_frame(read: Read) -> bytes | None:
    """The next frame; None where the stream ends before one is whole."""
    head = _exactly(read, SIZE.size)
    return None if head is None else _exactly(read, SIZE.unpack(head)[0])


def _exactly(read: Read, size: int) -> bytes | None:
    parts: list[bytes] = []
    while size > 0:
        part = read(min(size, 2**20))
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
