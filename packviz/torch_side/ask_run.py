"""What a recurrent module does with a packed batch, really asked."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from packviz.core.batch import Batch, BatchError
from packviz.core.findings import Outcome
from packviz.core.model import ModelSpec
from packviz.core.module_facts import ModuleFacts
from packviz.core.run_path import run_path
from packviz.torch_side.ask_apart import ask_apart
from packviz.torch_side.ask_pack import ask_pack
from packviz.torch_side.asking import Asked, asked, raised, shape
from packviz.torch_side.devices import device_named
from packviz.torch_side.facts import device_of, facts_of
from packviz.torch_side.facts import states_of as states_of
from packviz.torch_side.inputs import Prepared, prepare
from packviz.torch_side.module import build, build_facts, hx_of
from packviz.torch_side.seed import generator_at

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

    It runs in the mode it is in, training or not, since it may raise in one of them only. Buffers that it changes
    (running means, say) are put back, and so are torch's random numbers.
    """
    device, cell = device_of(module), facts_of(module).cell

    def run() -> Any:
        ready = _moved(packed, device)
        return module(ready) if hx is None else module(ready, states_of(hx, device, cell))

    with _as_it_was(module):
        made = asked(name, run, _run_words)
    out = made.result[0] if isinstance(made.result, tuple) and made.result else made.result
    return Asked(made.outcome, out if hasattr(out, "batch_sizes") else None)


@contextmanager
def _as_it_was(module: torch.nn.Module) -> Iterator[None]:
    """Buffers, random numbers and the filters of warnings, which are no exceptions here, are put back at the end.

    One thread at a time, since all of that is one for the whole process.
    """
    import torch

    gpus = sorted({p.device.index for p in module.parameters() if p.device.type == "cuda"})
    kept = [(buffer, buffer.detach().clone()) for buffer in module.buffers()]
    with generator_at(None), torch.random.fork_rng(devices=gpus), warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            for buffer, before in kept:
                buffer.copy_(before)


def _moved(packed: PackedSequence, device: torch.device) -> PackedSequence:
    return packed.to(device)  # type: ignore[arg-type, no-any-return, unused-ignore]  # torch's overloads know dtypes only


def _run_words(result: Any) -> str:
    out, *rest = result if isinstance(result, tuple) and not hasattr(result, "batch_sizes") else (result,)
    states = rest[0] if rest and isinstance(rest[0], tuple) else rest
    words = [f"out {shape(getattr(out, 'data', out))}"]
    words += [f"{name} {shape(state)}" for name, state in zip(("h_n", "c_n"), states, strict=False)]
    return f"returns {', '.join(words)}"
