"""What the installed torch does with this call: pack, run and unpack, really asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packviz.core.batch import Batch
from packviz.core.findings import Outcome, Verdict
from packviz.core.model import ModelSpec
from packviz.torch_side.asking.apart import is_sound, unpack_apart
from packviz.torch_side.asking.pack import ask_pack, ask_unpack
from packviz.torch_side.asking.packed import ask_packed
from packviz.torch_side.asking.run import ask_module, ask_run
from packviz.torch_side.asking.wire import UNPACK
from packviz.torch_side.module import call_name

if TYPE_CHECKING:
    import torch


def ask(batch: Batch, spec: ModelSpec, *, module: torch.nn.Module | None = None, hx: object | None = None) -> Verdict:
    """What torch does with this batch, this call and the module of `spec`, or with the user's own `module`.

    x goes through pack_padded_sequence as it was given (pack_sequence for a ragged list), and through the module of
    `spec` as `spec.inputs` prepares it; through the user's own module, or one made of the facts that the batch brings,
    as it was given. `hx`: as the module takes it, in the order of the batch. A PackedSequence that contradicts itself
    goes through as it is, in another process. Whatever torch raises is an outcome; nothing is raised from here.
    """
    import torch

    if batch.packed is not None:
        return ask_packed(batch, spec, module, hx)
    given = f"nn.{spec.cell}" if batch.module is None else batch.module.name
    name = given if module is None else call_name(module)
    with torch.no_grad():
        packed = ask_pack(batch)
    if packed.result is None:
        missed = f"not reached: {packed.outcome.call} {'was not asked' if packed.outcome.ok is None else 'raised'}"
        return Verdict(torch.__version__, packed.outcome, Outcome(name, None, missed), Outcome(UNPACK, None, missed))
    if module is None:
        run = ask_run(batch, spec, packed.result, hx)
    else:
        run = ask_module(module, packed.result, hx, name, batch=batch)
    if isinstance(run.result, Outcome):
        return Verdict(torch.__version__, packed.outcome, run.outcome, run.result)
    if module is not None and run.result is not None and not is_sound(run.result):
        return Verdict(torch.__version__, packed.outcome, run.outcome, unpack_apart(run.result, batch.call))
    with torch.no_grad():
        # Where the run raised, unpacking is asked of the packed batch itself: it has words of its own for a bad one.
        unpack = ask_unpack(batch, packed.result if run.result is None else run.result).outcome
    return Verdict(torch.__version__, packed.outcome, run.outcome, unpack)
