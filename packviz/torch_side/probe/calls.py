"""The leak probe of any callable, fn(x, lengths) or fn(x), that returns tensors with one row for each row of x."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from packviz.core.batch import Batch, BatchError
from packviz.core.cells.padding import padding_of
from packviz.core.probing import Padding, ProbeReport, ProbeRun, Reads, nothing_read
from packviz.core.texts.quoting import LONGEST
from packviz.torch_side.asking.asked import raised
from packviz.torch_side.devices import device_named
from packviz.torch_side.module import call_name
from packviz.torch_side.probe.axes import resized
from packviz.torch_side.probe.fills import Fill, filled, float_fills, notes_on, padding_of_batch
from packviz.torch_side.probe.layers import at_rest
from packviz.torch_side.probe.reached import reached_by
from packviz.torch_side.probe.results import (
    Part,
    differences,
    how_read,
    is_tensor,
    leaves,
    parts_of,
    read_by,
    refused,
    same_shapes,
    state_names,
    tensors_of,
)
from packviz.torch_side.put_back import is_unsettled, untouched
from packviz.torch_side.tensors import lengths_of, to_tensor, x_of

if TYPE_CHECKING:
    import torch
    from torch import Tensor

NO_IDS = "not compared: x holds whole numbers, which can't be NaN, and no other one than the padding value to fill in."
UNSTEADY = "not compared: two runs over the same x differ, by more than rounding; is something drawn at random?"
NO_TENSOR = "returns {}, in which there is no tensor: (B, T', *), (T', B, *) or (B, *) is expected."

Result = list[tuple[str, Any]]
"""All that a call returned, one by one, with its name."""


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
    if isinstance(fn, torch.nn.Module):
        fn = untouched(fn)
    reached = reached_by(fn)
    modules = reached.modules
    _check_settled(tuple(module for module in modules if module is not fn))
    module = _module_of(fn)
    where = device_named(device) if device is not None else _device_of(module, beside)
    takes_lengths = _takes_lengths(fn)
    notes = notes_on(batch, padding)
    if not takes_lengths:
        notes.insert(0, "It was called with x alone: it takes no lengths.")

    def call(value: float | None, another_size: bool = False) -> Result | None:
        x = filled(source, cells, value)
        given = (x, copy.deepcopy(lengths_of(batch) if lengths is None else lengths))
        if another_size:
            smaller = resized(x, given[1] if takes_lengths else [1] * batch.rows, batch)
            if smaller is None:
                return None
            given = smaller
        with torch.random.fork_rng(devices=[where] if where.type == "cuda" else []):
            return list(leaves(fn(*given) if takes_lengths else fn(given[0]), "the result"))

    with at_rest(*modules, also=reached.keep):
        source = x_of(batch).to(where)
        cells = to_tensor(padding.cells if batch.call.batch_first else padding.cells.T).to(where)
        fills, said = _fills(batch, padding, source)
        notes.extend(said)
        run = _run(call, fills, batch, padding, notes)
    return ProbeReport(batch, _name_of(fn), padding, (run,), tuple(notes))


class _Call(Protocol):
    """One call of the callable, with a value in the padding, or with x as it is; over x of another size where asked
    for, None where there is none."""

    def __call__(self, value: float | None, another_size: bool = False) -> Result | None: ...


def _run(call: _Call, fills: tuple[Fill, ...], batch: Batch, padding: Padding, notes: list[str]) -> ProbeRun:
    try:
        old, again = call(None) or [], call(None) or []
    except Exception as error:  # whatever it raises is the answer
        return ProbeRun("called", error=f"raises {raised(error, LONGEST)}")
    if not old:
        return ProbeRun("called", error=NO_TENSOR.format("nothing"))
    tensors = tensors_of(old)
    if not tensors:
        return ProbeRun("called", error=NO_TENSOR.format(", ".join(type(value).__name__ for _, value in old)))
    if refusal := refused(old):
        return ProbeRun("called", error=refusal)
    if not _alike(old, again):
        return ProbeRun("called", error=UNSTEADY)
    others, failed = _of_another_size(call, tensors)
    parts, refusal = parts_of(tensors, others, batch)
    if refusal:
        return ProbeRun("called", error=refusal)
    notes.extend(how_read(parts, batch, failed))
    if not fills and padding.count:
        return ProbeRun("called", error=NO_IDS)
    return ProbeRun("called", tuple(_filled_with(fill, call, old, parts, batch, padding) for fill in fills))


def _of_another_size(call: _Call, tensors: Result) -> tuple[Result | None, str]:
    """What comes back over x of another size, tensor by tensor; else None, and what was raised."""
    try:
        found = call(None, another_size=True)
    except Exception as error:  # many a callable takes one size only
        return None, raised(error, LONGEST)
    others = tensors_of(found or [])
    return (others, "") if [name for name, _ in others] == [name for name, _ in tensors] else (None, "")


def _alike(old: Result, again: Result) -> bool:
    same = same_shapes(old, again) and not any(bool(d.any()) for d in differences(old, again))
    return same and _changed_number(old, again) is None


def _changed_number(old: Result, new: Result) -> str | None:
    """The name of the first thing that is no tensor and differs."""
    plain, others = ([(n, v) for n, v in result if not is_tensor(v)] for result in (old, new))
    if [name for name, _ in plain] != [name for name, _ in others]:
        return "what it returns beside its tensors"
    return next((name for (name, a), (_, b) in zip(plain, others, strict=True) if repr(a) != repr(b)), None)


def _filled_with(fill: Fill, call: _Call, old: Result, parts: list[Part], batch: Batch, padding: Padding) -> Reads:
    """What changes with this in the padding; the values of a fill together."""
    found = []
    for value in fill.values:
        try:
            new = call(value) or []
            if not same_shapes(old, new):
                raise ValueError("what it returns has other shapes than over x as it is")
            if (name := _changed_number(old, new)) is not None:
                raise ValueError(f"{name} reads padding: it changes, and is no tensor with rows")
            found.append(read_by(fill.label, parts, differences(old, new), batch, padding))
        except Exception as error:
            nothing = nothing_read(1, 1, batch.rows, state_names(parts))
            return Reads(fill.label, **nothing, error=raised(error, LONGEST))
    union = ProbeRun("called", tuple(found)).union
    assert union is not None
    return replace(union, fill=fill.label)


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


def _check_settled(modules: tuple[torch.nn.Module, ...]) -> None:
    """Raise BatchError where a run would settle the sizes of a module that can't be replaced by a copy."""
    lazy = next(filter(is_unsettled, modules), None)
    if lazy is not None:
        raise BatchError(
            f"the sizes of the {type(lazy).__name__} are settled by its first run, which would change it for good: "
            "run it once first, or probe the module itself."
        )


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

    try:
        signature = inspect.signature(fn.forward if isinstance(fn, torch.nn.Module) else fn)
    except (TypeError, ValueError, AttributeError):  # a scripted module may have no forward that Python sees
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
