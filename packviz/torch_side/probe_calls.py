"""The leak probe of any callable, fn(x, lengths) or fn(x): rows are found by the dimension that equals B."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from packviz.core.batch import Batch
from packviz.core.padding import padding_of
from packviz.core.probing import Padding, ProbeReport, ProbeRun, Reads, nothing_read
from packviz.torch_side.asking import raised
from packviz.torch_side.devices import device_named
from packviz.torch_side.module import call_name
from packviz.torch_side.probe_fills import Fill, filled, float_fills, notes_on, padding_of_batch
from packviz.torch_side.probe_layers import at_rest
from packviz.torch_side.probe_results import (
    differences,
    how_read,
    is_tensor,
    leaves,
    part_of,
    read_by,
    same_shapes,
    state_names,
)
from packviz.torch_side.tensors import lengths_of, to_tensor, x_of

if TYPE_CHECKING:
    import torch
    from torch import Tensor

NO_IDS = "not compared: x holds whole numbers, which can't be NaN, and no other one than the padding value to fill in."
UNSTEADY = "not compared: two runs over the same x differ, by more than rounding; is something drawn at random?"
NO_TENSOR = "returns {}, in which there is no tensor: (B, T', *), (T', B, *) or (B, *) is expected."


def probe_callable(
    fn: Callable[..., Any],
    batch: Batch,
    *,
    lengths: object = None,
    device: str | None = None,
    beside: object = None,
) -> ProbeReport:
    """What any callable or nn.Module reads of the padding: called as fn(x, lengths), or fn(x) where it takes no more.

    `lengths`: as they are handed to it; those of the batch, (B,) on the CPU, unless given. `device`: where x lies;
    unless given, where the parameters of a module are, else where the tensor `beside` is. A module is at rest
    meanwhile, and the random numbers of all calls are the same. Raises BatchError where x has no cells.
    """
    import torch

    padding = padding_of_batch(batch)
    module = _module_of(fn)
    where = device_named(device) if device is not None else _device_of(module, beside)
    takes_lengths = _takes_lengths(fn)
    notes = notes_on(batch, padding)
    if not takes_lengths:
        notes.insert(0, "It was called with x alone: it takes no lengths.")

    def call(value: float | None) -> list[tuple[str, Any]]:
        x = filled(source, cells, value)
        given = (x, copy.deepcopy(lengths) if lengths is not None else lengths_of(batch).clone())
        with torch.random.fork_rng(devices=[where] if where.type == "cuda" else []):
            return list(leaves(fn(*given) if takes_lengths else fn(x), "the result"))

    with torch.no_grad(), at_rest(module):
        source = x_of(batch).to(where)
        cells = to_tensor(padding.cells if batch.call.batch_first else padding.cells.T).to(where)
        fills, said = _fills(batch, padding, source)
        notes.extend(said)
        run = _run(call, fills, batch, padding, notes)
    return ProbeReport(batch, _name_of(fn), padding, (run,), tuple(notes))


def _run(
    call: Callable[[float | None], list[tuple[str, Any]]],
    fills: tuple[Fill, ...],
    batch: Batch,
    padding: Padding,
    notes: list[str],
) -> ProbeRun:
    try:
        old, again = call(None), call(None)
    except Exception as error:  # whatever it raises is the answer
        return ProbeRun("called", error=f"raises {raised(error)}")
    if not old:
        return ProbeRun("called", error=NO_TENSOR.format("nothing"))
    tensors = [(name, value) for name, value in old if is_tensor(value)]
    if not tensors:
        return ProbeRun("called", error=NO_TENSOR.format(", ".join(type(value).__name__ for _, value in old)))
    parts = [part_of(name, value, at, batch) for at, (name, value) in enumerate(tensors)]
    if not same_shapes(parts, again) or any(bool(d.any()) for d in differences(parts, again)):
        return ProbeRun("called", error=UNSTEADY)
    notes.extend(how_read(parts, batch))
    if not fills and padding.count:
        return ProbeRun("called", error=NO_IDS)
    reads = []
    for fill in fills:
        found = []
        for value in fill.values:
            try:
                new = call(value)
                if not same_shapes(parts, new):
                    raise ValueError("what it returns has other shapes than over x as it is")
                found.append(read_by(fill.label, parts, differences(parts, new), batch, padding))
            except Exception as error:
                nothing = nothing_read(1, 1, batch.rows, state_names(parts))
                found = [Reads(fill.label, **nothing, error=raised(error))]
                break
        union = ProbeRun("called", tuple(found)).union
        reads.append(found[0] if union is None else Reads(fill.label, union.out, union.first, union.final))
    return ProbeRun("called", tuple(reads))


def _fills(batch: Batch, padding: Padding, x: Tensor) -> tuple[tuple[Fill, ...], list[str]]:
    """What the padding is filled with, and what is to be said of it."""
    if x.is_floating_point() or x.is_complex():
        return float_fills(x.dtype if x.is_floating_point() else x.real.dtype), []
    values = batch.grid[~padding.cells]
    values = values[values != padding_of(batch)]
    if not values.size:
        return (), []
    ids = sorted({values.min().item(), values.max().item()})
    labels = " and then with ".join(str(n) for n in ids)
    said = f"x holds whole numbers, which can't be NaN: the padding was filled with {labels}, which occur in x."
    return tuple(Fill(str(n) if isinstance(n, bool) else f"id {n}", (n,)) for n in ids), [said]


def _module_of(fn: Callable[..., Any]) -> torch.nn.Module | None:
    """The module that is called: the callable itself, or that whose method it is."""
    import torch

    for owner in (fn, getattr(fn, "__self__", None)):
        if isinstance(owner, torch.nn.Module):
            return owner
    return None


def _device_of(module: torch.nn.Module | None, beside: object) -> torch.device:
    import torch

    parameter = next(module.parameters(), None) if module is not None else None
    if parameter is not None:
        return parameter.device
    return beside.device if isinstance(beside, torch.Tensor) else torch.device("cpu")


def _takes_lengths(fn: Callable[..., Any]) -> bool:
    import torch

    target = fn.forward if isinstance(fn, torch.nn.Module) else fn
    try:
        signature = inspect.signature(target)
    except (TypeError, ValueError):
        return True
    try:
        signature.bind(None, None)
    except TypeError:
        try:
            signature.bind(None)
        except TypeError:
            return True  # its own exception says what is wrong
        return False
    return True


def _name_of(fn: Callable[..., Any]) -> str:
    import torch

    return call_name(fn) if isinstance(fn, torch.nn.Module) else getattr(fn, "__name__", type(fn).__name__)
