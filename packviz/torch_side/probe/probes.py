"""The leak probe of a recurrent module: packed and unpacked, with other values in the padding, layer by layer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from packviz.core.batch import Batch, frozen
from packviz.core.breaches import found
from packviz.core.budget import MEMORY, afford
from packviz.core.cancel import UNWATCHED, Cancelled, Watch
from packviz.core.carrier import Padded
from packviz.core.cells.bits import Bools
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
from packviz.torch_side.facts import facts_of, states_of
from packviz.torch_side.inputs import Prepared, prepare
from packviz.torch_side.module import build, call_name, cell_of, check_numbers, described, hx_of
from packviz.torch_side.probe.fills import differs, filled, float_fills, notes_on, padding_of_batch
from packviz.torch_side.probe.layers import at_rest, layers_of
from packviz.torch_side.tensors import to_array, to_tensor
from packviz.torch_side.threads import GATES

if TYPE_CHECKING:
    import torch
    from torch import Tensor

PIECE = 1 << 22
"""Numbers that are compared at once."""


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


@dataclass(frozen=True, eq=False)
class _Subject:
    """What is run: the module, what is known of it, its layers one by one in the layout of x, x as they take it, and
    what is padding in it.

    `cells`, `within`: bool, in the layout of x: padding, and the steps before each row's length. `ours`: nobody else
    has the module.
    """

    module: torch.nn.RNNBase
    known: Module
    layers: list[torch.nn.RNNBase]
    batch: Batch
    x: Tensor
    cells: Tensor
    within: Tensor
    hx: object | None
    device: torch.device
    ours: bool = False

    @property
    def directions(self) -> int:
        return 2 if self.module.bidirectional else 1

    def state(self, layer: int | None = None) -> Any:
        """hx of the whole module, or its part for one layer; None where there is none."""
        if self.hx is None:
            return None
        hx = states_of(self.hx, self.device, cell_of(self.module))
        if layer is None:
            return hx
        part = slice(layer * self.directions, (layer + 1) * self.directions)
        return tuple(h[part].contiguous() for h in hx) if isinstance(hx, tuple) else hx[part].contiguous()


class _LayerOut(NamedTuple):
    """What one layer returned: a PackedSequence or (B, T, D · H) or (T, B, D · H), and the states, (D, n, H) each."""

    out: Any
    final: tuple[Tensor, ...]


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
        subject = _Subject(module, known, layers, batch, prepared.x.to(device), cells, inside, hx, device, ours)
        runs = (_run("packed", subject, watch, 0.0), _run("unpacked", subject, watch, 0.5))
    watch.step(1.0)
    return ProbeReport(batch, described(module), padding, runs, tuple(notes), _findings(runs[0], padding))


def _findings(packed: ProbeRun, padding: Padding) -> tuple[Finding, ...]:
    """That the packed run reads padding: torch keeps rows apart by itself, so that lengths alone can be to blame."""
    rows = [int(row) for row in packed.rows if padding.cells[row].any()]
    if not rows:
        return ()
    return (found("reads-padding", rows, f"Packed, {run_line(packed)}: the lengths count cells that are padding."),)


def _run(name: RunName, subject: _Subject, watch: Watch, share: float) -> ProbeRun:
    """One way to run it. `share`: of the progress that is behind."""
    watch.step(share)
    ready = _ready(name, subject, filled(subject.x, subject.cells, None))
    if isinstance(ready, str):
        return ProbeRun(name, error=ready)
    whole = _whole(name, subject, ready, watch)
    if isinstance(whole, str):
        return ProbeRun(name, error=whole)
    watch.check()
    old = list(_through(subject, ready, watch))
    if not _alike(_data(old[-1].out), _data(whole), watch):
        hooked = f"{call_name(subject.module)} run layer by layer differs from the module itself"
        return ProbeRun(name, error=f"not compared: {hooked}; probe it as a callable, fn(x, lengths).")
    reads = []
    fills = float_fills(subject.x.dtype)
    for at, fill in enumerate(fills):
        found: list[Reads] = []
        for value in fill.values:
            watch.step(share + (at + 1) / (2 * len(fills) + 2))
            other = _ready(name, subject, filled(subject.x, subject.cells, value))
            try:
                found.append(_compared(fill.label, subject, _through(subject, other, watch), old, watch))
            except Cancelled:
                raise
            except Exception as error:
                nothing = nothing_read(len(subject.layers), subject.directions, subject.batch.rows)
                found = [Reads(fill.label, **nothing, error=raised(error))]
                break
        reads.append(_both(fill.label, found))
    return ProbeRun(name, tuple(reads))


def _ready(name: RunName, subject: _Subject, x: Tensor) -> Any:
    """x, or x packed as the batch says; a str where packing refuses: what it raises."""
    if name == "unpacked":
        return x
    asked = ask_pack(subject.batch, x.cpu())
    if asked.result is None:
        return f"{asked.outcome.call} raises {asked.outcome.text}" if asked.outcome.ok is False else asked.outcome.text
    return asked.result.to(subject.device)


def _whole(name: RunName, subject: _Subject, ready: Any, watch: Watch) -> Any:
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


def _through(subject: _Subject, ready: Any, watch: Watch) -> Iterator[_LayerOut]:
    """What each layer returns, the output of one being the input of the next."""
    for layer, module in enumerate(subject.layers):
        ready, final = run_kept(module, ready, subject.state(layer), watch=watch)
        yield _LayerOut(ready, final if isinstance(final, tuple) else (final,))


def _compared(label: str, subject: _Subject, new: Iterator[_LayerOut], old: list[_LayerOut], watch: Watch) -> Reads:
    """What changed, layer by layer."""
    rows, names = subject.batch.rows, ("h_n", "c_n")
    outs, firsts = [], []
    finals: dict[str, list[Bools]] = {}
    for before, after in zip(old, new, strict=True):
        watch.check()
        steps = _by_row(subject, before.out, after.out, watch)
        read = steps.any(axis=1).T
        outs.append(_all_rows(read, rows))
        firsts.append(_all_rows(np.where(read, steps.argmax(axis=1).T, -1), rows, -1))
        for name, state, was in zip(names, after.final, before.final, strict=False):
            finals.setdefault(name, []).append(_all_rows(to_array(differs(state, was).any(dim=2)), rows))
    final = {name: frozen(np.stack(parts)) for name, parts in finals.items()}
    return Reads(label, frozen(np.stack(outs)), frozen(np.stack(firsts)), MappingProxyType(final))


def _by_row(subject: _Subject, before: Any, after: Any, watch: Watch) -> Bools:
    """(n, T, D) bool: in which row, at which step before its length, the output of a direction changed."""
    from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

    changed = _changed(_data(after), _data(before), subject.directions, watch)
    if isinstance(before, PackedSequence):
        packed = PackedSequence(changed, before.batch_sizes, before.sorted_indices, before.unsorted_indices)
        return to_array(pad_packed_sequence(packed, batch_first=True)[0])
    changed &= subject.within[..., None]
    return to_array(changed if subject.batch.call.batch_first else changed.transpose(0, 1))


def _changed(new: Tensor, old: Tensor, directions: int, watch: Watch) -> Tensor:
    """Where the output of a direction, (…, D), differs in any of its numbers; some rows after the other."""
    import torch

    found = torch.empty(*old.shape[:-1], directions, dtype=torch.bool, device=old.device)
    for part in _pieces(old, watch):
        apart = differs(new[part], old[part])
        found[part] = apart.reshape(*apart.shape[:-1], directions, -1).any(dim=-1)
    return found


def _alike(new: Tensor, old: Tensor, watch: Watch) -> bool:
    """Whether these are two runs of the same thing; on CUDA a kernel of several layers may round to ten bits."""
    if new.shape != old.shape:
        return False
    parts = ((new[part].float(), old[part].float()) for part in _pieces(old, watch))
    return all(bool(one.isclose(other, 0.02, 0.02, equal_nan=True).all()) for one, other in parts)


def _pieces(data: Tensor, watch: Watch) -> Iterator[slice]:
    """Slices along the first dimension, of about PIECE numbers each; the watch is asked before each of them."""
    stride = max(1, PIECE * len(data) // max(1, data.numel()))
    for start in range(0, len(data), stride):
        watch.check()
        yield slice(start, start + stride)


def _data(out: Any) -> Tensor:
    data: Tensor = out.data if hasattr(out, "batch_sizes") else out
    return data


def _all_rows(read: Any, rows: int, missing: Any = False) -> Any:
    """(D, n) as (D, B): a row that torch dropped, for want of a length, reads nothing."""
    out = np.full((read.shape[0], rows), missing, dtype=read.dtype)
    out[:, : read.shape[1]] = read
    return out


def _both(label: str, found: list[Reads]) -> Reads:
    """One Reads of the runs over both signs."""
    if len(found) == 1:
        return found[0]
    union = ProbeRun("packed", tuple(found)).union
    assert union is not None
    return Reads(label, union.out, union.first, union.final)


def _check_size(batch: Batch, module: torch.nn.RNNBase, prepared: Prepared) -> None:
    outputs = (module.proj_size or module.hidden_size) * (2 if module.bidirectional else 1)
    gates = GATES[cell_of(module)] * module.hidden_size * (2 if module.bidirectional else 1)
    cells = batch.rows * batch.steps
    kept = outputs * (module.num_layers + 3) + gates  # of one layer at a time, torch keeps the gates of all cells
    what = f"probing {batch.rows} × {batch.steps} cells through {module.num_layers} layers of {outputs} outputs"
    most = max(1, int(batch.rows * MEMORY.most() / max(1, cells * kept * prepared.dtype.itemsize)))
    if most < batch.rows:
        what = f"{what} (at most {most:,} rows can be)"
    afford(what, cells * kept * prepared.dtype.itemsize)
