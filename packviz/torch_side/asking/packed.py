"""What torch does with a PackedSequence that contradicts itself: asked in another process, since some end it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from packviz.core.batch import Batch, BatchError, Call, make_batch
from packviz.core.carrier import PackedFields
from packviz.core.module import Module
from packviz.core.verdict import Outcome, Verdict
from packviz.torch_side.asking.asked import KILLED, ending, raised
from packviz.torch_side.asking.other_process import Answer, Unavailable, ask_elsewhere
from packviz.torch_side.asking.wire import PACK, UNPACK, PackedCall
from packviz.torch_side.devices import device_named
from packviz.torch_side.facts import with_hx
from packviz.torch_side.inputs import prepare
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


def ask_packed(batch: Batch, module: Module, own: torch.nn.Module | None = None, hx: object = None) -> Verdict:
    """What torch does with the fields of a PackedSequence as they are: its constructor, the run, unpacking.

    The run is that of a module like this one, on data as `module.inputs` prepares it. `own`: the user's own, which
    `module` describes; `hx`: its initial state. Nothing is raised from here.
    """
    import torch

    fields = batch.contradictory
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
    run = _run(call, module, None if own is not None else hx)
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


def _run(call: PackedCall, module: Module, hx: object) -> _Run:
    """The run of a module like this one; `hx`: given in place of what the module knows of its own."""
    if module.cell is None:
        missing = (
            f"not asked: torch may end the process that it is asked in, and {module.name} is at hand only in this one"
        )
        return _Run(call, module.name, missing)
    try:
        ready = prepare(_of_data(call.fields, call.dtype), module)
        known = module if hx is None else with_hx(module, hx, device_named(module.device))
    except (BatchError, TypeError, RuntimeError) as error:
        said = str(error) if isinstance(error, BatchError) else raised(error)
        return _Run(call, module.name, f"not asked: {said}")
    if ready.plan.as_given and module.held:
        return _Run(replace(call, module=known), module.name, "")
    dtype = str(ready.dtype).removeprefix("torch.")
    known = known.fitted(ready.input_size, dtype)
    # data of no dimension has no features that could be made ready: torch gets it as it is, as a float.
    data = to_array(ready.x[0]) if call.fields.data.ndim else to_array(ready.x).reshape(())
    return _Run(replace(call, module=known, ready=data, ready_dtype=dtype), module.name, "")


def _of_data(fields: PackedFields, dtype: str) -> Batch:
    """data as one row, so that it is prepared as x would be."""
    data = fields.data if fields.data.ndim else fields.data.reshape(1)
    return make_batch(data[None], np.array([len(data)]), Call(batch_first=True), dtype=dtype)
