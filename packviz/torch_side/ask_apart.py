"""A run that may read or write memory that is not its own, asked in another process: torch may bring it down."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from packviz.core.batch import Call, PackedFields
from packviz.core.findings import Outcome
from packviz.core.module_facts import ModuleFacts
from packviz.torch_side.ask_packed import ending
from packviz.torch_side.asking import Asked
from packviz.torch_side.child import UNPACK
from packviz.torch_side.other_process import Answer, Unavailable, ask_elsewhere
from packviz.torch_side.tensors import to_array
from packviz.torch_side.wire import PackedCall

if TYPE_CHECKING:
    from torch.nn.utils.rnn import PackedSequence

MOST_BYTES = 2**30
"""Of data: more is not sent to another process."""


def ask_apart(facts: ModuleFacts, packed: PackedSequence, call: Call) -> Asked:
    """What a module of these facts does with a packed batch of this shape, all zeros, and an initial state of zeros.

    The result is the outcome of unpacking what came back; None where nothing did. Nothing is raised from here.
    """
    name, data = facts.name, packed.data
    dtype = str(data.dtype).removeprefix("torch.")
    held = "float32" if dtype == "bfloat16" else dtype
    if prod(data.shape) * np.dtype(held).itemsize > MOST_BYTES:
        return _missed(name, f"another takes no {prod(data.shape) * np.dtype(held).itemsize / 2**30:,.1f} GiB")
    order, back = packed.sorted_indices, packed.unsorted_indices
    fields = PackedFields(
        np.zeros(tuple(data.shape), dtype=held),
        to_array(packed.batch_sizes),
        None if order is None else to_array(order),
        None if back is None else to_array(back),
    )
    question = PackedCall(
        fields, dtype, call.batch_first, call.padding_value, call.total_length, module=replace(facts, fed=None)
    )
    try:
        answer = ask_elsewhere(question)
    except Unavailable as error:
        return _missed(name, str(error))
    return _heard(name, answer)


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
