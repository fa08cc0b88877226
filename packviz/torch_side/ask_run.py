"""What a recurrent module does with a packed batch, really asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from packviz.core.batch import Batch, BatchError
from packviz.core.findings import Outcome
from packviz.core.model import ModelSpec
from packviz.torch_side.ask_pack import ask_pack
from packviz.torch_side.asking import Asked, asked, raised, shape
from packviz.torch_side.devices import device_named
from packviz.torch_side.inputs import Prepared, prepare
from packviz.torch_side.module import build
from packviz.torch_side.seed import generator_at

if TYPE_CHECKING:
    import torch
    from torch.nn.utils.rnn import PackedSequence


def ask_run(batch: Batch, spec: ModelSpec, packed: PackedSequence, hx: object | None) -> Asked:
    name = f"nn.{spec.cell}"
    try:
        device, prepared = device_named(spec.device), prepare(batch, spec)
        module = build(spec, prepared.input_size, prepared.dtype, drawn=prepared.drawn)
        module = module.to(device)
        ready = _moved(_repacked(batch, prepared, packed), device)
    except (BatchError, TypeError, RuntimeError) as error:
        said = str(error) if isinstance(error, BatchError) else raised(error)
        return Asked(Outcome(name, None, f"not asked: {said}"), None)
    return ask_module(module, ready, hx, name)


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


def ask_module(module: torch.nn.Module, packed: PackedSequence, hx: object | None, name: str) -> Asked:
    import torch

    parameter = next(module.parameters(), None)

    def run() -> Any:
        ready = packed if parameter is None else _moved(packed, parameter.device)
        return module(ready) if hx is None else module(ready, states_of(hx, ready.data.device))

    with torch.no_grad(), generator_at(None):
        made = asked(name, run, _run_words)
    out = made.result[0] if isinstance(made.result, tuple) and made.result else made.result
    return Asked(made.outcome, out if hasattr(out, "batch_sizes") else None)


def _moved(packed: PackedSequence, device: torch.device) -> PackedSequence:
    return packed.to(device)  # type: ignore[arg-type, no-any-return, unused-ignore]  # torch's overloads know dtypes only


def states_of(hx: object, device: torch.device) -> Any:
    """hx as a module takes it: a tensor, or a pair of them for an LSTM, from tensors, arrays or lists."""
    import torch

    if isinstance(hx, (tuple, list)) and hx and not isinstance(hx[0], (int, float)):
        return tuple(torch.as_tensor(part, device=device) for part in hx)
    return torch.as_tensor(hx, device=device)


def _run_words(result: Any) -> str:
    out, *rest = result if isinstance(result, tuple) and not hasattr(result, "batch_sizes") else (result,)
    states = rest[0] if rest and isinstance(rest[0], tuple) else rest
    words = [f"out {shape(getattr(out, 'data', out))}"]
    words += [f"{name} {shape(state)}" for name, state in zip(("h_n", "c_n"), states, strict=False)]
    return f"returns {', '.join(words)}"
