"""Any callable, fn(x, lengths) or fn(x), that returns tensors with one row for each row of x, held against the law of
the probe: what it reads of padding, and whether a row's result depends on its company."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from packviz.core.batch import Batch, BatchError
from packviz.core.breaches import sentence
from packviz.core.cancel import UNWATCHED, Cancelled, Watch
from packviz.core.cells.padding import padding_of
from packviz.core.findings import Severity
from packviz.core.patience import timed
from packviz.core.probing import NAN, Padding, ProbeReport, ProbeRun, Reads, nothing_read
from packviz.core.texts.quoting import LONGEST
from packviz.torch_side.asking.asked import raised
from packviz.torch_side.devices import device_named
from packviz.torch_side.module import call_name
from packviz.torch_side.probe.again import again, changed_number
from packviz.torch_side.probe.caller import Caller, Result
from packviz.torch_side.probe.fills import Fill, float_fills, notes_on, padding_of_batch
from packviz.torch_side.probe.judged import Judged
from packviz.torch_side.probe.judging import Filled, begin, judge
from packviz.torch_side.probe.layers import at_rest
from packviz.torch_side.probe.reached import reached_by
from packviz.torch_side.probe.results import (
    Part,
    data_of,
    differences,
    how_read,
    parts_of,
    read_by,
    refused,
    same_shapes,
    state_names,
    tensors_of,
)
from packviz.torch_side.probe.rows import none
from packviz.torch_side.put_back import is_unsettled, untouched

if TYPE_CHECKING:
    import torch
    from torch import Tensor

NO_IDS = "not compared: x holds whole numbers, which can't be NaN, and no other one than the padding value to fill in."
UNSTEADY = "not compared: two runs over the same x differ, by more than rounding; is something drawn at random?"
NO_TENSOR = "returns {}, in which there is no tensor: (B, T', *), (T', B, *) or (B, *) is expected."
KEPT = "The second call over the same x gives another result, and the same one where all is put back before it."
DRAWN = "With other random numbers the result is another one, though all modules are in evaluation mode."
RESTED = (
    "With other random numbers the result is another one, though all modules are in evaluation mode: dropout is called "
    "for as a function. It was switched off for all that is compared, as in evaluation mode."
)
SQUARE_RESULT = (
    "{} was not held against rows in other company: two of its dimensions may be the rows, and it takes no other size "
    "of x that would tell."
)
HIDDEN = "Not tested: whether a row depends on its company or on padding, which what is drawn at random hides."


def probe_callable(
    fn: Callable[..., Any],
    batch: Batch,
    *,
    lengths: object = None,
    device: str | None = None,
    beside: object = None,
    watch: Watch = UNWATCHED,
) -> ProbeReport:
    """Any callable or nn.Module held against the law, called as fn(x, lengths), or fn(x) where it takes no more.

    `lengths`: as they are handed to it; those of the batch, (B,) on the CPU, unless given. `device`: where x lies;
    unless given, where the parameters of a module are, else where the tensor `beside` is. Modules are at rest
    meanwhile, each call begins with what the callable found at first, and the random numbers of all calls are the same.
    Raises BatchError where x has no cells, or where the callable reads on from what can't be put back; Cancelled.
    """
    import torch

    padding = padding_of_batch(batch)
    if isinstance(fn, torch.nn.Module):
        fn = untouched(fn)
    reached = reached_by(fn)
    _check_settled(tuple(module for module in reached.modules if module is not fn))
    where = device_named(device) if device is not None else _device_of(_module_of(fn), beside)
    takes_lengths = _takes_lengths(fn)
    notes = notes_on(batch, padding)
    if not takes_lengths:
        notes.insert(0, "It was called with x alone: it takes no lengths.")
    watch = timed(watch, f"probing {_name_of(fn)}")
    with at_rest(*reached.modules, also=reached.keep) as guard:
        caller = Caller(fn, batch, padding, guard, where, lengths, takes_lengths, watch)
        fills, said = _fills(batch, padding, caller.x)
        notes.extend(said)
        run, judged = _run(caller, fills, notes, reached.modules, _looked_into(fn, reached.modules))
    watch.step(1.0)
    return ProbeReport(
        batch,
        _name_of(fn),
        padding,
        (run,),
        (*notes, *judged.notes, *judged.untested),
        tuple(judged.findings),
        judged.broken,
        untested=tuple(judged.untested),
        judged=True,
        crossings=tuple(judged.crossings),
        reached=tuple(judged.reached),
    )


def _run(
    caller: Caller,
    fills: tuple[Fill, ...],
    notes: list[str],
    modules: tuple[torch.nn.Module, ...],
    module: torch.nn.Module | None,
) -> tuple[ProbeRun, Judged]:
    batch, padding, told = caller.batch, caller.padding, Judged()
    try:
        old = caller()
        refusal = _refusal(old)
        if not refusal:
            _call_again(caller, old, told)
            old = caller() if caller.resting else old
            refusal = UNSTEADY if any(f.severity is Severity.SILENT for f in told.findings) or told.untested else ""
    except Cancelled:
        raise
    except Exception as error:  # whatever it raises is the answer
        return ProbeRun("called", error=f"raises {raised(error, LONGEST)}"), told
    if refusal:
        return ProbeRun("called", error=refusal), told
    tensors = tensors_of(old)
    others, failed = _of_another_size(caller, tensors)
    parts, refusal = parts_of(tensors, others, batch)
    if refusal:
        return ProbeRun("called", error=refusal), told
    if not fills and padding.count:
        notes.extend(how_read(parts, batch, failed))
        return ProbeRun("called", error=NO_IDS), told
    begun, parts = begin(caller, parts, modules)
    notes.extend(how_read(parts, batch, failed))
    count = len(parts)
    finite = tuple(value for fill in fills for value in fill.values if fill.label != NAN)
    rows = Filled([none(batch.rows) for _ in range(count)], [none(batch.rows) for _ in range(count)], finite)
    run = ProbeRun("called", tuple(_filled_with(fill, caller, old, parts, rows) for fill in fills))
    unknown = frozenset(at for at, part in enumerate(parts) if others is None and _is_square(part, batch.rows))
    law = judge(caller, parts, begun, rows, modules, module, unknown)
    law.untested += [SQUARE_RESULT.format(sentence(parts[at].name)) for at in sorted(unknown)]
    law.findings = [*law.findings, *told.findings]
    law.notes = [*told.notes, *law.notes]
    return run, law


def _is_square(part: Part, rows: int) -> bool:
    """Whether two dimensions may be its rows."""
    return rows > 1 and tuple(data_of(part.value).shape[:2]) == (rows, rows)


def _refusal(old: Result) -> str:
    """Why a result can't be compared at all, else nothing."""
    if not old:
        return NO_TENSOR.format("nothing")
    if not tensors_of(old):
        return NO_TENSOR.format(", ".join(type(value).__name__ for _, value in old))
    return refused(old)


def _call_again(caller: Caller, old: Result, told: Judged) -> None:
    """The same call twice: a state that is kept, or numbers that are drawn."""
    found, rows = again(caller, old), range(caller.batch.rows)
    if found.kept and not found.restless:
        told.add("state-kept", rows, KEPT)
    if found.drawn:
        told.add("draws-random", rows, RESTED if found.rested else DRAWN, note=True)
        if not found.rested:
            told.untested.append(HIDDEN)


def _of_another_size(caller: Caller, tensors: Result) -> tuple[Result | None, str]:
    """What comes back over x of another size, tensor by tensor; else None, and what was raised."""
    try:
        found = caller.another_size()
    except Cancelled:
        raise
    except Exception as error:  # many a callable takes one size only
        return None, raised(error, LONGEST)
    others = tensors_of(found or [])
    return (others, "") if [name for name, _ in others] == [name for name, _ in tensors] else (None, "")


def _filled_with(fill: Fill, caller: Caller, old: Result, parts: list[Part], rows: Filled) -> Reads:
    """What changes with this in the padding; the values of a fill together. The rows of each part go to `rows`."""
    found, batch, padding = [], caller.batch, caller.padding
    for value in fill.values:
        try:
            new = caller.filled(value)
            if not same_shapes(old, new):
                raise ValueError("what it returns has other shapes than over x as it is")
            if (name := changed_number(old, new)) is not None:
                raise ValueError(f"{name} reads padding: it changes, and is no tensor with rows")
            changes = differences(old, new)
            found.append(read_by(fill.label, parts, changes, batch, padding))
            into = rows.endless if fill.label == NAN else rows.finite
            for at, (part, change) in enumerate(zip(parts, changes, strict=True)):
                into[at] = into[at] | read_by(fill.label, [part], [change], batch, padding).any[0, 0]
        except Cancelled:
            raise
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


def _looked_into(fn: Callable[..., Any], modules: tuple[torch.nn.Module, ...]) -> torch.nn.Module | None:
    """The module in which the first break is looked for: the one that is called, else the only one that is reached."""
    return _module_of(fn) or (modules[0] if len(modules) == 1 else None)


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
