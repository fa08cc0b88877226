"""What may change of a call once it is over, copied before anything is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from packviz.files.arrays import Values
from packviz.files.lengths import lengths_given
from packviz.torch_side.facts import device_of, with_hx
from packviz.torch_side.recording.buffers import Buffers
from packviz.torch_side.recording.looks import Looks, are_whole
from packviz.torch_side.recording.made import SEQUENCES, Made
from packviz.torch_side.recording.taken import LAST, Taken
from packviz.torch_side.recording.views import Look, copied, look

if TYPE_CHECKING:
    from torch import Tensor


def grabbed(made: Made, looks: Looks, buffers: Buffers | None = None) -> Taken:
    """A copy of what a call is given: from a GPU it is waited for. `looks`: at its tensors. `buffers`: whose memory
    it is copied into. Raises Unreadable, and BatchError of lengths that torch takes for none."""
    found: list[Look | None] = [*looks.parts]
    states, lengths, module = [], made.lengths, None
    if looks.known is not None:
        module = looks.known.facts
        if made.hx is not None and made.module is not None:
            module = with_hx(module, made.hx, device_of(made.module))
            states = _tensors_of(made.hx)
            found += map(look, states)
    elif isinstance(looks.lengths, Look) and looks.lengths.device != "meta":
        found.append(looks.lengths)
        lengths = LAST
    elif lengths is not None:
        lengths = _lengths(lengths)
    raw, sequences = None if buffers is None else buffers.copied(found), made.call == SEQUENCES
    if raw is None:
        tensors = [*(made.x if made.packed or sequences else (made.x,)), *states]
        tensors += [made.lengths] if lengths is LAST else []
        found = [None if look is None else copied(tensor, look) for tensor, look in zip(tensors, found, strict=True)]
    known, state, many = looks.known, looks.state, len(looks.parts)
    return Taken(made.call, made.options, made.packed, sequences, found, many, raw, lengths, known, state, module)


def _tensors_of(hx: Any) -> list[Tensor]:
    """The tensors of an initial state, as far as it may have any."""
    import torch

    states = hx if isinstance(hx, tuple | list) else (hx,)
    return [state for state in states[:2] if isinstance(state, torch.Tensor)]


def _lengths(given: Any) -> object:
    """A copy of lengths that are no tensor, or one without numbers, which says where they lay."""
    import torch

    if isinstance(given, torch.Tensor):
        shape = tuple(given.shape)
        return Look(shape, "int64", "meta", None).of(np.zeros(shape, dtype=np.int64))
    if isinstance(given, np.ndarray):
        return given.copy()
    if are_whole(given):
        return list(map(int, given))
    lengths = lengths_given(given)  # what holds tensors of the program must not be held
    return Values(lengths.array, lengths.array.dtype.name, lengths.device, lengths.listed)
