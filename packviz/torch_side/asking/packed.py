"""What torch does with a PackedSequence that contradicts itself: asked in another process, since some end it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from packviz.core.batch import Batch, BatchError, Call, PackedFields, make_batch
from packviz.core.findings import Outcome, Verdict
from packviz.core.model import ModelSpec
from packviz.core.module_facts import ModuleFacts
from packviz.torch_side.asking.asked import KILLED, ending, raised
from packviz.torch_side.asking.other_process import Answer, Unavailable, ask_elsewhere
from packviz.torch_side.asking.wire import PACK, UNPACK, PackedCall
from packviz.torch_side.facts import facts_of
from packviz.torch_side.inputs import prepare
from packviz.torch_side.module import build_facts
from packviz.torch_side.tensors import to_array

if TYPE_CHECKING:
    import torch

MOST_BYTES = 2**30
"""Of data: more is not sent to another process."""

SECONDS = 20.0
MEMORY = 4 * 2**30
"""That torch may take for its answer, besides eight times what data takes."""

NO_MEMORY = ("can't allocate memory", "bad_alloc", "MemoryError")


class _Run(NamedTuple):
    """The run as it can be asked: the call with its module, or without one, and then why."""

    call: PackedCall
    name: str
    missing: str


def ask_packed(batch: Batch, spec: ModelSpec, module: torch.nn.Module | None = None, hx: object = None) -> Verdict:
    """What torch does with the fields of a PackedSequence as they are: its constructor, the run, unpacking.

    The run is that of the module of `spec` on data as `spec.inputs` prepares it; or of a module like `module`, or like
    that of the batch, on data as it is. Nothing is raised from here.
    """
    import torch

    fields = batch.packed
    assert fields is not None
    how = batch.call
    call = PackedCall(
        fields,
        batch.dtype,
        how.batch_first,
        how.padding_value,
        how.total_length,
        seconds=SECONDS,
        memory=MEMORY + 8 * fields.data.nbytes,
    )
    run = _run(batch, call, spec, module, hx)
    size = fields.data.nbytes + (0 if run.call.ready is None else run.call.ready.nbytes)
    if size > MOST_BYTES:
        missed = (
            f"not asked: torch may end the process that it is asked in, and another takes no {size / 2**30:,.1f} GiB"
        )
        return Verdict(torch.__version__, *(Outcome(name, None, missed) for name in (PACK, run.name, UNPACK)))
    try:
        return Verdict(torch.__version__, *_asked(run))
    except Unavailable as error:
        missed = f"not asked: torch may end the process that it is asked in, and {error}"
        return Verdict(torch.__version__, *(Outcome(name, None, missed) for name in (PACK, run.name, UNPACK)))


def _asked(run: _Run) -> tuple[Outcome, Outcome, Outcome]:
    """Pack, run and unpack."""
    answer = ask_elsewhere(run.call)
    told = dict(answer.outcomes)
    if run.call.module is not None and "pack" in told and "run" not in told:
        told["run"] = _broken_off(run.name, answer, run.call)
        again = ask_elsewhere(replace(run.call, module=None, ready=None))
        told |= {stage: outcome for stage, outcome in again.outcomes.items() if stage == "unpack"}
        answer = again
    pack = _stage(told.get("pack"), PACK, answer, run.call)
    if pack.ok is not True:
        missed = f"not reached: {PACK} {'was not asked' if pack.ok is None else 'raised'}"
        return pack, Outcome(run.name, None, missed), Outcome(UNPACK, None, missed)
    ran = told.get("run") or Outcome(run.name, None, run.missing)
    unpack = _stage(told.get("unpack"), UNPACK, answer, run.call)
    return pack, _stage(ran, run.name, answer, run.call), _to_the_end(unpack, answer)


def _stage(told: Outcome | None, name: str, answer: Answer, call: PackedCall) -> Outcome:
    if told is None:
        return _broken_off(name, answer, call)
    if told.ok is False and any(words in told.text for words in NO_MEMORY):
        return replace(told, text=f"{told.text} (asked with {call.memory / 2**30:.0f} GiB of memory)")
    return told


def _to_the_end(unpack: Outcome, answer: Answer) -> Outcome:
    """What was returned is worth nothing where the memory that was written over ends the process right after it."""
    if unpack.ok is not True or answer.done or answer.code in (None, -KILLED):
        return unpack
    assert answer.code is not None
    said = unpack.text.removeprefix("returns ")
    return replace(unpack, ok=False, text=f"{ending(answer.code)}, right after it has returned {said}")


def _broken_off(name: str, answer: Answer, call: PackedCall) -> Outcome:
    """What is known of the stage that the process did not get through."""
    if answer.code is None:
        return Outcome(name, None, f"not asked to the end: it had not returned after {call.seconds:g} s")
    if answer.code == -KILLED:
        return Outcome(name, None, "not asked to the end: the system ended its process")
    return Outcome(name, False, ending(answer.code))


def _run(batch: Batch, call: PackedCall, spec: ModelSpec, module: torch.nn.Module | None, hx: object) -> _Run:
    if module is not None:
        facts = facts_of(module, hx)
    elif batch.module is not None and batch.module.fed is None:
        facts = batch.module
    else:
        return _prepared(batch, call, spec, hx)
    if facts.cell is None:
        missing = (
            f"not asked: torch may end the process that it is asked in, and {facts.name} is at hand only in this one"
        )
        return _Run(call, facts.name, missing)
    return _Run(replace(call, module=facts), facts.name, "")


def _prepared(batch: Batch, call: PackedCall, spec: ModelSpec, hx: object) -> _Run:
    """The run of the module of `spec`, with hx, or with the initial state that the batch brings."""
    name = f"nn.{spec.cell}"
    try:
        ready = prepare(_of_data(call.fields, call.dtype), spec)
    except (BatchError, TypeError, RuntimeError) as error:
        said = str(error) if isinstance(error, BatchError) else raised(error)
        return _Run(call, name, f"not asked: {said}")
    dtype = str(ready.dtype).removeprefix("torch.")
    facts = ModuleFacts(name, spec.cell, ready.input_size, spec.hidden, dtype=dtype)
    weights = spec.weights
    if weights is not None:
        bias = "bias_ih_l0" in weights.arrays
        facts = replace(facts, inputs=weights.inputs, hidden=weights.hidden, dtype=weights.dtype, bias=bias)
    given = batch.module
    if hx is not None:
        try:
            given = facts_of(build_facts(facts), hx)
        except BatchError as error:
            return _Run(call, name, f"not asked: {error}")
    if given is not None:
        facts = replace(facts, hx=given.hx, hx_given=given.hx_given)
    # data of no dimension has no features that could be made ready: torch gets it as it is, as a float.
    data = to_array(ready.x[0]) if call.fields.data.ndim else to_array(ready.x).reshape(())
    return _Run(replace(call, module=facts, ready=data, ready_dtype=dtype), name, "")


def _of_data(fields: PackedFields, dtype: str) -> Batch:
    """data as one row, so that it is prepared as x would be."""
    data = fields.data if fields.data.ndim else fields.data.reshape(1)
    return make_batch(data[None], np.array([len(data)]), Call(batch_first=True), dtype=dtype)
