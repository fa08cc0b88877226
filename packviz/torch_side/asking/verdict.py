"""What the installed torch does with this call: pack, run and unpack, really asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packviz.core.batch import Batch
from packviz.core.cancel import UNWATCHED, TooLong, Watch
from packviz.core.module import Module
from packviz.core.patience import timed
from packviz.core.verdict import Outcome, Verdict
from packviz.torch_side.asking.apart import is_sound, unpack_apart
from packviz.torch_side.asking.asked import Asked
from packviz.torch_side.asking.pack import ask_pack, ask_unpack
from packviz.torch_side.asking.packed import ask_packed
from packviz.torch_side.asking.run import ask_module, ask_run
from packviz.torch_side.asking.wire import UNPACK
from packviz.torch_side.facts import facts_of

if TYPE_CHECKING:
    import torch


def ask(
    batch: Batch,
    module: Module,
    *,
    own: torch.nn.Module | None = None,
    hx: object | None = None,
    watch: Watch = UNWATCHED,
) -> Verdict:
    """What torch does with this batch, this call and this module, or with the user's `own`, in place of it.

    x goes through pack_padded_sequence as it was given (pack_sequence for a ragged list), and through the module as
    `module.inputs` prepares it; through the user's own as it was given. Of a module that somebody else holds, one like
    it is asked. `hx`: as the module takes it, in the order of the batch; unless given, zeros like those of `module.hx`.
    A PackedSequence that contradicts itself goes through as it is, in another process. Whatever torch raises is an
    outcome; nothing is raised from here, but BatchError where `own` is no torch.nn.Module, and Cancelled.
    """
    import torch

    module = module if own is None else facts_of(own, hx)
    if batch.contradictory is not None:
        return ask_packed(batch, module, own, hx)
    name = module.name
    with torch.no_grad():
        packed = ask_pack(batch)
    if packed.result is None:
        missed = f"not reached: {packed.outcome.call} {'was not asked' if packed.outcome.ok is None else 'raised'}"
        return Verdict(torch.__version__, packed.outcome, Outcome(name, None, missed), Outcome(UNPACK, None, missed))
    if own is None:
        try:
            run = ask_run(batch, module, packed.result, hx, timed(watch, f"running {name}"))
        except TooLong as error:
            run = Asked(Outcome(name, None, f"not asked to its end: {error}"), None)
    else:
        run = ask_module(own, packed.result, hx, module, batch)
    if isinstance(run.result, Outcome):
        return Verdict(torch.__version__, packed.outcome, run.outcome, run.result)
    if own is not None and run.result is not None and not is_sound(run.result):
        return Verdict(torch.__version__, packed.outcome, run.outcome, unpack_apart(run.result, batch.call))
    # Where the run raised, unpacking is asked of the packed batch itself: it has words of its own for a bad one.
    returned, said = packed.result if run.result is None else run.result, (packed.outcome, run.outcome)
    del packed, run  # so that they are gone while unpacking takes its memory
    with torch.no_grad():
        return Verdict(torch.__version__, *said, ask_unpack(batch, returned).outcome)
