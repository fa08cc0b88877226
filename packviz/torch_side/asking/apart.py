"""A run that may read or write memory that is not its own, asked in another process: torch may bring it down."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from packviz.core.batch import Call
from packviz.core.carrier import PackedFields
from packviz.core.module import Module
from packviz.core.packed import contradictions
from packviz.core.verdict import Outcome
from packviz.torch_side.asking.asked import Asked, ending
from packviz.torch_side.asking.other_process import Answer, Unavailable, ask_elsewhere
from packviz.torch_side.asking.wire import UNPACK, PackedCall
from packviz.torch_side.tensors import to_array

if TYPE_CHECKING:
    from torch.nn.utils.rnn import PackedSequence

MOST_BYTES = 2**30
"""Of data: more is not sent to another process."""


def ask_apart(module: Module, packed: PackedSequence, call: Call) -> Asked:
    """What a module of these sizes does with a packed batch of this shape, all zeros, and an initial state of zeros.

    The result is the outcome of unpacking what came back; None where nothing did. Nothing is raised from here.
    """
    try:
        answer = _told(packed, call, module)
    except Unavailable as error:
        return _missed(module.name, str(error))
    return _heard(module.name, answer)


def is_sound(packed: PackedSequence) -> bool:
    """Whether the fields of what a module returned agree: those that don't may bring the interpreter down."""
    try:
        return not contradictions(_zeros(packed))
    except (AttributeError, TypeError, ValueError, RuntimeError):  # a field may be anything
        return False


def unpack_apart(packed: PackedSequence, call: Call) -> Outcome:
    """What pad_packed_sequence does with a PackedSequence like this one, of zeros. Nothing is raised from here."""
    try:
        answer = _told(packed, call, None)
    except Unavailable as error:
        return _missed(UNPACK, str(error)).outcome
    except (AttributeError, TypeError, ValueError, RuntimeError):
        return Outcome(UNPACK, None, "not asked: the fields of the PackedSequence that it got are not all tensors")
    made, unpack = answer.outcomes.get("pack"), answer.outcomes.get("unpack")
    if made is not None and made.ok is False:
        return Outcome(UNPACK, None, f"not asked: PackedSequence itself raises {made.text}")
    if unpack is not None and (answer.done or answer.code is None or unpack.ok is False):
        return unpack
    if answer.code is None:
        return Outcome(UNPACK, None, "not asked to the end: it had not returned in time")
    return Outcome(UNPACK, False, ending(answer.code))


def _told(packed: PackedSequence, call: Call, module: Module | None) -> Answer:
    size = prod(packed.data.shape) * packed.data.itemsize
    if size > MOST_BYTES:
        raise Unavailable(f"another takes no {size / 2**30:,.1f} GiB")
    fields, dtype = _zeros(packed), str(packed.data.dtype).removeprefix("torch.")
    # Zeros of the memory that data has; NumPy has no bfloat16.
    data = np.zeros(fields.data.shape, dtype="float32" if dtype == "bfloat16" else dtype)
    return ask_elsewhere(
        PackedCall(
            replace(fields, data=data), dtype, call.batch_first, call.padding_value, call.total_length, module=module
        )
    )


def _zeros(packed: PackedSequence) -> PackedFields:
    """The fields, and for the data a view of its shape that takes no memory."""
    order, back = packed.sorted_indices, packed.unsorted_indices
    return PackedFields(
        np.broadcast_to(np.zeros(()), tuple(packed.data.shape)),
        to_array(packed.batch_sizes),
        None if order is None else to_array(order),
        None if back is None else to_array(back),
    )


def _heard(name: str, answer: Answer) -> Asked:
    run, unpack = answer.outcomes.get("run"), answer.outcomes.get("unpack")
    if answer.done and run is not None:
        return Asked(run, unpack if run.ok else None)
    if answer.code is None:
        return Asked(Outcome(name, None, "not asked to the end: it had not returned in time"), None)
    if run is None:
        return Asked(Outcome(name, False, ending(answer.code)), None)
    # What it wrote over was noticed later, when memory was given back: that is the doing of the run.
    if not run.ok:
        return Asked(run, None)
    missed = Outcome(UNPACK, None, f"not reached: {name} ended the process")
    later = f"{ending(answer.code)}, right after it has returned {run.text.removeprefix('returns ')}"
    return Asked(Outcome(name, False, later), missed)


def _missed(name: str, why: str) -> Asked:
    return Asked(Outcome(name, None, f"not asked: torch may end the process that it is asked in, and {why}"), None)
