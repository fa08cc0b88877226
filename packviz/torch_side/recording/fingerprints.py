"""A few letters that change with the weights of a module: of some of their numbers, read once a version."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from packviz.torch_side.recording.views import Unreadable, look

if TYPE_CHECKING:
    import torch

MOST_READ = 16
"""Numbers of each weight."""

Read = dict[tuple[object, ...], str]
"""What was read last of the weights of a module, by their version."""


def fingerprint(module: torch.nn.RNNBase, read: Read) -> str:
    """Eight hexadecimal digits: the same numbers give the same ones, on another day as well; of weights on a GPU, whose
    numbers would have to be waited for, the same only while nothing writes to them. "" where they have none. `read`: of
    this module, in which what is read now is left."""
    weights = module._flat_weights
    try:
        version: tuple[object, ...] = tuple([(weight.data_ptr(), weight._version) for weight in weights])  # type: ignore[union-attr]
    except (AttributeError, RuntimeError):  # one has been taken away, lies nowhere, or counts no versions
        version = tuple([_version(weight) for weight in weights])
    found = read.get(version)
    if found is None:
        read.clear()
        found = read[version] = _read(weights)  # type: ignore[arg-type]
    return found


def _version(weight: torch.Tensor | None) -> object:
    if weight is None:
        return None
    try:
        place = weight.data_ptr()
    except RuntimeError:  # it lies nowhere, as what torch.func differentiates by
        return None
    return place if weight.is_inference() else (place, weight._version)


def _read(weights: list[torch.Tensor]) -> str:
    total = 0
    for weight in weights:
        try:
            seen = look(weight)
        except Unreadable:
            return ""
        numbers = seen.numbers
        if numbers is None:
            total = crc32(repr((_version(weight), seen.shape)).encode(), total)
            continue
        rows = numbers.reshape(seen.shape[0], -1) if numbers.size else numbers
        some = rows[:: max(1, len(rows) // MOST_READ)][:MOST_READ]
        total = crc32(some[:, :1].tobytes() + some[:, -1:].tobytes() if some.ndim > 1 else b"", total)
    return f"{total:08x}"
