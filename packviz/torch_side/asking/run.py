"""What a recurrent module does with a packed batch, really asked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from packviz.core.batch import Batch, BatchError
from packviz.core.findings import Outcome
from packviz.core.model import ModelSpec
from packviz.core.module_facts import ModuleFacts
from packviz.core.run_path import run_path
from packviz.torch_side.asking.apart import ask_apart
from packviz.torch_side.asking.asked import Asked, asked, raised, shape
from packviz.torch_side.asking.pack import ask_pack
from packviz.torch_side.devices import device_named
from packviz.torch_side.facts import device_of, facts_of
from packviz.torch_side.facts import states_of as states_of
from packviz.torch_side.inputs import Prepared, prepare
from packviz.torch_side.module import build, build_facts, hx_of
from packviz.torch_side.put_back import as_it_was, untouched
from packviz.torch_side.threads import step_work, threads_that_help

if TYPE_CHECKING:
    import torch
    from torch.nn.utils.rnn import PackedSequence


def ask_run(batch: Batch, spec: ModelSpec, packed: PackedSequence, hx: object | None) -> Asked:
    """What the module of `spec` does with the batch, as `spec.inputs` prepares it; of a batch that brings the facts of
    its own module, what such a module does with it as it is."""
    if batch.module is not None:
        return _ask_facts(batch.module, batch, packed)
    name = f"nn.{spec.cell}"
    try:
        device, prepared = device_named(spec.device), prepare(batch, spec)
        module = build(spec, prepared.input_size, prepared.dtype, drawn=prepared.drawn)
        module = module.to(device)
        ready = _moved(_repacked(batch, prepared, packed), device)
    except (BatchError, TypeError, RuntimeError) as error:
        said = str(error) if isinstance(error, BatchError) else raised(error)
        return Asked(Outcome(name, None, f"not asked: {said}"), None)
    fed = (prepared.input_size, str(prepared.dtype).removeprefix("torch."))
    return ask_module(module, ready, hx, name, batch=batch, fed=fed)


def _ask_facts(facts: ModuleFacts, batch: Batch, packed: PackedSequence) -> Asked:
    try:
        module, hx = build_facts(facts), hx_of(facts)
    except (BatchError, RuntimeError) as error:
        return Asked(Outcome(facts.name, None, f"not asked: {error}"), None)
    return ask_module(module, packed, hx, facts.name, batch=batch)


def _repacked(batch: Batch, prepared: Prepared, packed: PackedSequence) -> PackedSequence:
    """The packed batch with the prepared x; the same object where x was taken as it is."""
    plan = prepared.plan
    if plan.ids is None and plan.cast is None and not plan.unsqueeze and not plan.flatten:
        return packed
    again = ask_pack(batch, prepared.x)
    if again.result is None:
        raise BatchError(again.outcome.text)
    result: PackedSequence = again.result
    return result


def ask_module(
    module: torch.nn.Module,
    packed: PackedSequence,
    hx: object | None,
    name: str,
    *,
    batch: Batch | None = None,
    fed: tuple[int, str] | None = None,
) -> Asked:
    """What a module does with a packed batch, and with the initial state `hx`.

    `batch`: the one that was packed; with it, a run that may bring the interpreter down is made in another process, by
    another module of the same sizes; the result is then the outcome of unpacking there. `fed`: the features and the
    dtype that x has been given before.
    """
    facts = facts_of(module, hx)
    path = None if batch is None else run_path(batch, replace(facts, fed=fed))
    if batch is not None and path is not None and path.risky:
        return ask_apart(facts, packed, batch.call)
    return ask_here(module, packed, hx, name)


def ask_here(module: torch.nn.Module, packed: PackedSequence, hx: object | None, name: str) -> Asked:
    """What a module does with a packed batch, in this process.

    It runs in the mode it is in, training or not, since it may raise in one of them only. What it changes in itself
    (running means, say) and around it (random numbers, say) is put back.
    """
    facts = facts_of(module)
    device, cell, work = device_of(module), facts.cell, step_work(facts, packed)
    module = untouched(module)

    def run() -> Any:
        ready = _moved(packed, device)
        with threads_that_help(work):
            return module(ready) if hx is None else module(ready, states_of(hx, device, cell))

    with as_it_was(module, trusted=cell is not None):
        made = asked(name, run, _run_words)
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
