"""What a recurrent module does with a packed batch, really asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from packviz.core.batch import Batch, BatchError
from packviz.core.cancel import UNWATCHED, Watch
from packviz.core.module import Module
from packviz.core.run_path import run_path
from packviz.core.texts.quoting import LONGEST
from packviz.core.verdict import Outcome
from packviz.torch_side.asking.apart import ask_apart
from packviz.torch_side.asking.asked import LONGEST_OF_TORCH, Asked, asked, raised, shape
from packviz.torch_side.asking.pack import ask_pack
from packviz.torch_side.asking.parts import is_large, run_in_parts
from packviz.torch_side.devices import device_named
from packviz.torch_side.facts import device_of, facts_of, runs_as_torchs, with_hx
from packviz.torch_side.facts import states_of as states_of
from packviz.torch_side.inputs import Prepared, prepare
from packviz.torch_side.module import build, hx_of
from packviz.torch_side.put_back import as_it_was, untouched
from packviz.torch_side.threads import step_work, threads_that_help

if TYPE_CHECKING:
    import torch
    from torch.nn.utils.rnn import PackedSequence


def ask_run(batch: Batch, module: Module, packed: PackedSequence, hx: object | None, watch: Watch = UNWATCHED) -> Asked:
    """What a module does with the batch, as `module.inputs` prepares it; of one that somebody else holds, what one like
    it does. `hx`: unless given, zeros like those of `module.hx`.

    A large run, of sizes that fit, is asked in parts: what it puts out then has its shape, and no numbers. Raises
    Cancelled between them, and nothing else.
    """
    try:
        device, prepared = device_named(module.device), prepare(batch, module)
        made = build(module, prepared.input_size, prepared.dtype, drawn=prepared.drawn).to(device)
        given = hx_of(module) if hx is None else hx
        ready = _moved(_repacked(batch, prepared, packed), device)
    except (BatchError, TypeError, RuntimeError) as error:
        said = str(error) if isinstance(error, BatchError) else raised(error)
        return Asked(Outcome(module.name, None, f"not asked: {said}"), None)
    known = module if hx is None else with_hx(module, hx, device)
    path = run_path(batch, known)
    if path is not None and path.fits:
        return ask_here(made.eval(), ready, given, module.name, parts=watch)
    return ask_module(made, ready, given, known, batch)


def _repacked(batch: Batch, prepared: Prepared, packed: PackedSequence) -> PackedSequence:
    """The packed batch with the prepared x; the same object where x was taken as it is."""
    if prepared.plan.as_given:
        return packed
    again = ask_pack(batch, prepared.x)
    if again.result is None:
        raise BatchError(again.outcome.text)
    result: PackedSequence = again.result
    return result


def ask_module(own: torch.nn.Module, packed: PackedSequence, hx: object | None, module: Module, batch: Batch) -> Asked:
    """What torch's module does with the packed batch, and with the initial state `hx`.

    `module`: what is known of it, and of hx. `batch`: the one that was packed. A run that may bring the interpreter
    down is made in another process, by another module of the same sizes; the result is then the outcome of unpacking
    there.
    """
    path = run_path(batch, module)
    if path is not None and path.risky:
        return ask_apart(path.module, packed, batch.call)
    return ask_here(own, packed, hx, module.name)


def ask_here(
    module: torch.nn.Module, packed: PackedSequence, hx: object | None, name: str, *, parts: Watch | None = None
) -> Asked:
    """What a module does with a packed batch, in this process.

    It runs in the mode it is in, training or not, since it may raise in one of them only. What it changes in itself
    (running means, say) and around it (random numbers, say) is put back. `parts`: who follows a large run in parts, of
    a module of torch's own that takes this batch; None for a single run, of any module.
    """
    import torch

    facts = facts_of(module)
    device, cell, work = device_of(module), facts.cell, step_work(facts, packed)
    try:
        module = untouched(module)
    except BatchError as error:
        return Asked(Outcome(name, None, f"not asked: {error}"), None)

    def run() -> Any:
        ready = _moved(packed, device)
        states = () if hx is None else (states_of(hx, device, cell),)
        with threads_that_help(work):
            if parts is not None and runs_as_torchs(module) and is_large(module, ready):
                return run_in_parts(module, ready, *states, watch=parts)
            return module(ready, *states)

    # Of packviz's own there is nothing to put back, and nobody who waits for it.
    with torch.no_grad() if parts is not None else as_it_was(module, trusted=cell is not None):
        made = asked(name, run, _run_words, LONGEST if cell is None else LONGEST_OF_TORCH)
    return Asked(made.outcome, _packed_of(made.result))


def _packed_of(result: Any) -> PackedSequence | None:
    """The PackedSequence that a module returned, alone or before its states; None where it returned none."""
    from torch.nn.utils.rnn import PackedSequence

    alone = isinstance(result, PackedSequence) or not isinstance(result, tuple | list) or not result
    out = result if alone else result[0]
    return out if isinstance(out, PackedSequence) else None


def _moved(packed: PackedSequence, device: torch.device) -> PackedSequence:
    return packed.to(device)  # type: ignore[arg-type, no-any-return, unused-ignore]  # torch's overloads know dtypes only


def _run_words(result: Any) -> str:
    several = isinstance(result, tuple) and result and not hasattr(result, "batch_sizes")
    out, *rest = result if several else (result,)
    states: Any = rest[0] if rest and isinstance(rest[0], tuple) else rest
    words = [f"out {shape(getattr(out, 'data', out))}"]
    words += [f"{name} {shape(state)}" for name, state in zip(("h_n", "c_n"), states, strict=False)]
    return f"returns {', '.join(words)}"
