"""The leak probe of a recurrent module: packed and unpacked, with other values in the padding, layer by layer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from packviz.core.batch import Batch
from packviz.core.breaches import found
from packviz.core.budget import MEMORY, afford
from packviz.core.cancel import UNWATCHED, Cancelled, TooLong, Watch
from packviz.core.carrier import Padded
from packviz.core.findings import Finding
from packviz.core.module import Module
from packviz.core.patience import timed
from packviz.core.probing import Padding, ProbeReport, ProbeRun, Reads, RunName, nothing_read
from packviz.core.run_path import run_path
from packviz.core.texts.probe import run_line
from packviz.torch_side.asking.asked import raised
from packviz.torch_side.asking.pack import ask_pack
from packviz.torch_side.asking.parts import run_kept
from packviz.torch_side.asking.run import ask_module
from packviz.torch_side.devices import device_named
from packviz.torch_side.facts import facts_of
from packviz.torch_side.inputs import Prepared, prepare
from packviz.torch_side.module import build, call_name, cell_of, check_numbers, described, hx_of
from packviz.torch_side.probe.fills import filled, float_fills, notes_on, padding_of_batch
from packviz.torch_side.probe.judged import Judged, merged
from packviz.torch_side.probe.layers import at_rest, layers_of
from packviz.torch_side.probe.layerwise import Subject, alike, both, compared, data_of, through
from packviz.torch_side.probe.recurrent import PackedRun, hold_packed, result_of
from packviz.torch_side.tensors import to_tensor
from packviz.torch_side.threads import GATES

if TYPE_CHECKING:
    import torch
    from torch import Tensor

NO_TIME = "It was not held against other rows: {}"


def probe_spec(batch: Batch, spec: Module, *, watch: Watch = UNWATCHED) -> ProbeReport:
    """What this module reads of the padding; of one that somebody else holds, what one like it does.

    NaN comes after an embedding or a cast, where x is floats. Raises BatchError where x does not go through any module,
    or is too large; Cancelled, which is asked for between the parts of a run.
    """
    padding = padding_of_batch(batch)
    if spec.held:
        return probe_module(build(spec), batch, hx=hx_of(spec), watch=watch)
    device = device_named(spec.device)
    prepared = prepare(batch, spec)
    module = build(spec, prepared.input_size, prepared.dtype, drawn=prepared.drawn).to(device)
    module.batch_first = batch.call.batch_first
    return _probed(module.eval(), spec, batch, padding, prepared, hx_of(spec), device, watch, ours=True)


def probe_module(
    module: torch.nn.RNNBase,
    batch: Batch,
    *,
    hx: object | None = None,
    device: str | None = None,
    watch: Watch = UNWATCHED,
) -> ProbeReport:
    """What a user's own nn.LSTM, nn.GRU or nn.RNN reads of the padding; the module stays as it is.

    `hx`: as the module takes it, in the order of the batch. `device`: where to run; where the module is, unless given.
    Floats go in as they are, whole numbers cast to the dtype of the module. Raises as `probe_spec`.
    """
    import copy

    padding = padding_of_batch(batch)
    weight = next(module.parameters())
    check_numbers(module)
    known = replace(facts_of(module, hx), inputs="auto", dtype=str(weight.dtype).removeprefix("torch."))
    prepared = prepare(batch, known)
    where = weight.device if device is None else device_named(device)
    ours = module if where == weight.device else copy.deepcopy(module).to(where)
    return _probed(ours, replace(known, device=str(where)), batch, padding, prepared, hx, where, watch)


class _Kept(NamedTuple):
    """What the module put out over x as it is, the same layer by layer, and the states of each layer."""

    whole: Any
    out: Any
    finals: list[tuple[Tensor, ...]]


def _probed(
    module: torch.nn.RNNBase,
    known: Module,
    batch: Batch,
    padding: Padding,
    prepared: Prepared,
    hx: object | None,
    device: torch.device,
    watch: Watch,
    *,
    ours: bool = False,
) -> ProbeReport:
    import torch

    watch = timed(watch, f"probing {call_name(module)}")
    _check_size(batch, module, prepared)
    first = batch.call.batch_first
    steps = np.arange(batch.steps)
    within = steps < padding.lengths[:, None]
    cells, inside = (to_tensor(part if first else part.T).to(device) for part in (padding.cells, within))
    notes = notes_on(batch, padding)
    if prepared.plan.ids is not None or prepared.plan.cast is not None:
        notes.insert(0, f"{prepared.said}; the padding was filled after that.")
    if module.batch_first != first and isinstance(batch.carrier, Padded):
        notes.append(
            f"The module has batch_first={module.batch_first} and x batch_first={first}: for the unpacked run its "
            "layers read x as it lies. Packed data have no layout of their own."
        )
    with torch.no_grad() if ours else at_rest(module):
        layers = layers_of(module, first)
        subject = Subject(module, known, layers, batch, prepared.x.to(device), cells, inside, hx, device, ours)
        kept: list[_Kept] = []
        runs = (_run("packed", subject, watch, 0.0, kept), _run("unpacked", subject, watch, 0.3))
        try:
            law = _law(subject, padding, kept[0], watch) if kept and not runs[0].errors else None
        except TooLong as error:
            law = None
            notes.append(NO_TIME.format(error))
    watch.step(1.0)
    findings = _findings(runs[0], padding)
    if law is None:
        return ProbeReport(batch, described(module), padding, runs, tuple(notes), findings)
    return ProbeReport(
        batch,
        described(module),
        padding,
        runs,
        (*notes, *dict.fromkeys(law.notes)),
        tuple(merged([*findings, *law.findings])),
        untested=tuple(law.untested),
        judged=True,
        crossings=tuple(law.crossings),
        reached=tuple(law.reached),
    )


def _law(subject: Subject, padding: Padding, kept: _Kept, watch: Watch) -> Judged:
    """The packed run held against the whole law."""
    plain = filled(subject.x, subject.cells, None)
    total = subject.batch.call.total_length

    def again(packed: Any) -> Tensor:
        if subject.ours:
            return data_of(run_kept(subject.module, packed, subject.state(), watch=watch)[0])
        return data_of((subject.module(packed) if subject.hx is None else subject.module(packed, subject.state()))[0])

    def pack(x: Tensor) -> Any:
        return _ready("packed", subject, x)

    run = PackedRun(subject.batch, padding, subject.layers, plain, subject.cells, subject.state, pack, again)
    base = result_of(kept.out, kept.finals, total, watch)
    return hold_packed(run, base, data_of(kept.whole), watch.part(0.6, 0.4))


def _findings(packed: ProbeRun, padding: Padding) -> tuple[Finding, ...]:
    """That the packed run reads padding: torch keeps rows apart by itself, so that lengths alone can be to blame."""
    rows = [int(row) for row in packed.rows if padding.cells[row].any()]
    if not rows:
        return ()
    return (found("reads-padding", rows, f"Packed, {run_line(packed)}: the lengths count cells that are padding."),)


def _run(name: RunName, subject: Subject, watch: Watch, share: float, kept: list[_Kept] | None = None) -> ProbeRun:
    """One way to run it. `share`: of the progress that is behind. `kept`: is given what was returned over x."""
    watch.step(share)
    ready = _ready(name, subject, filled(subject.x, subject.cells, None))
    if isinstance(ready, str):
        return ProbeRun(name, error=ready)
    whole = _whole(name, subject, ready, watch)
    if isinstance(whole, str):
        return ProbeRun(name, error=whole)
    watch.check()
    old = list(through(subject, ready, watch))
    if not alike(data_of(old[-1].out), data_of(whole), watch):
        hooked = f"{call_name(subject.module)} run layer by layer differs from the module itself"
        return ProbeRun(name, error=f"not compared: {hooked}; probe it as a callable, fn(x, lengths).")
    if kept is not None:
        kept.append(_Kept(whole, old[-1].out, [layer.final for layer in old]))
    reads = []
    fills = float_fills(subject.x.dtype)
    for at, fill in enumerate(fills):
        found: list[Reads] = []
        for value in fill.values:
            watch.step(share + 0.3 * (at + 1) / (len(fills) + 1))
            other = _ready(name, subject, filled(subject.x, subject.cells, value))
            try:
                found.append(compared(fill.label, subject, through(subject, other, watch), old, watch))
            except Cancelled:
                raise
            except Exception as error:
                nothing = nothing_read(len(subject.layers), subject.directions, subject.batch.rows)
                found = [Reads(fill.label, **nothing, error=raised(error))]
                break
        reads.append(both(fill.label, found))
    return ProbeRun(name, tuple(reads))


def _ready(name: RunName, subject: Subject, x: Tensor) -> Any:
    """x, or x packed as the batch says; a str where packing refuses: what it raises."""
    if name == "unpacked":
        return x
    asked = ask_pack(subject.batch, x.cpu())
    if asked.result is None:
        return f"{asked.outcome.call} raises {asked.outcome.text}" if asked.outcome.ok is False else asked.outcome.text
    return asked.result.to(subject.device)


def _whole(name: RunName, subject: Subject, ready: Any, watch: Watch) -> Any:
    """What the module itself puts out, in the layout of x; a str where it raises, or was not run."""
    module, call = subject.module, call_name(subject.module)
    path = run_path(subject.batch, subject.known)
    if name == "packed" and not (subject.ours and path is not None and path.fits):
        asked = ask_module(module, ready, subject.hx, subject.known, subject.batch)
        if asked.outcome.ok is False:
            return f"{call} raises {asked.outcome.text}"
        found = asked.result if hasattr(asked.result, "batch_sizes") else None  # asked apart, it is at hand only there
        return f"not compared: {call} {asked.outcome.text}" if found is None else found
    turn = name == "unpacked" and module.batch_first != subject.batch.call.batch_first
    given = ready.transpose(0, 1) if turn else ready
    try:
        if subject.ours:
            out = run_kept(module, given, subject.state(), watch=watch)[0]
        else:
            out = module(given)[0] if subject.hx is None else module(given, subject.state())[0]
    except Cancelled:
        raise
    except Exception as error:  # whatever the module raises is the answer
        return f"{call} raises {raised(error)}"
    return out.transpose(0, 1) if turn else out


def _check_size(batch: Batch, module: torch.nn.RNNBase, prepared: Prepared) -> None:
    outputs = (module.proj_size or module.hidden_size) * (2 if module.bidirectional else 1)
    gates = GATES[cell_of(module)] * module.hidden_size * (2 if module.bidirectional else 1)
    cells = batch.rows * batch.steps
    kept = outputs * (module.num_layers + 6) + gates  # of one layer at a time, torch keeps the gates of all cells
    what = f"probing {batch.rows} × {batch.steps} cells through {module.num_layers} layers of {outputs} outputs"
    most = max(1, int(batch.rows * MEMORY.most() / max(1, cells * kept * prepared.dtype.itemsize)))
    if most < batch.rows:
        what = f"{what} (at most {most:,} rows can be)"
    afford(what, cells * kept * prepared.dtype.itemsize)
