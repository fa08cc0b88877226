"""A packed run of torch's own recurrent modules held against the whole law: rows alone and in other company, the data
of other rows changed, the steps that are read, and the same call again.

What it reads of padding is found before (probes.py), in RUN passes for each of its two runs; with these all together
take no more than PASSES.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from packviz.core.batch import Batch
from packviz.core.cancel import Cancelled, Watch
from packviz.core.cells.bits import Bools
from packviz.core.probing import Padding
from packviz.core.steps_read import Narrowing, Reached, cuts
from packviz.core.texts.quoting import LONGEST
from packviz.core.texts.wording import count as amount
from packviz.torch_side.asking.asked import raised
from packviz.torch_side.asking.parts import run_kept
from packviz.torch_side.probe.axes import Reading
from packviz.torch_side.probe.caller import PASSES, Caller, Result
from packviz.torch_side.probe.company import in_other_company
from packviz.torch_side.probe.crossing import Crossed, crossed
from packviz.torch_side.probe.fills import differs
from packviz.torch_side.probe.judged import Judged, merged
from packviz.torch_side.probe.judging import Filled, hold
from packviz.torch_side.probe.results import Part
from packviz.torch_side.probe.rows import PIECE, Judge, none
from packviz.torch_side.probe.shortened import EVEN
from packviz.torch_side.tensors import to_array, to_tensor

if TYPE_CHECKING:
    import torch
    from torch import Tensor
    from torch.nn.utils.rnn import PackedSequence

RUN = 5
"""Passes that a run takes before: the module itself, it layer by layer, and again over each of three fills."""

HALF = 2
"""Runs in which half of the rows are changed."""

REACH = 4
"""Passes, at most, in which steps are filled with NaN."""

FEWER = "Not tested: whether a row depends on its company, since torch returns {} of {} rows."
KEPT = "The second call over the same packed batch gives another result."
FAILED = "Not tested: whether a row depends on its company; {}."
NAN_STEPS = (
    "The first step of each row was filled with NaN, or its last one, or all but one of them: what becomes NaN has "
    "read it, however faint the trace that its number leaves."
)
FORWARD, BACKWARD, ALL = "forward", "backward", "all units"
OUT = {
    "last": ("out[:, -1]", "out[-1]"),
    "end": ("out at lengths - 1", "out at lengths - 1"),
    "start": ("out[:, 0]", "out[0]"),
}
"""What is often taken of the outputs, padded again, with the rows first and with the steps first."""


@dataclass(frozen=True, eq=False)
class PackedRun:
    """What is run. `layers`: one module for each layer; `state`: (layer) → the initial state of it, for all rows, or
    None; `pack`: x → the batch packed as it says; `again`: packed → the data that the module itself puts out.

    `x`: as the module takes it, in the layout of the batch; `cells`: what is padding in it, in that layout, too.
    """

    batch: Batch
    padding: Padding
    layers: list[torch.nn.RNNBase]
    x: Tensor
    cells: Tensor
    state: Callable[[int], Any]
    pack: Callable[[Tensor], PackedSequence]
    again: Callable[[PackedSequence], Tensor]


class PackedCaller(Caller):
    """Calls of a packed run, as oracles make them: each returns out, (n, T', D × H), h_n and c_n, (L × D, n, H)."""

    def __init__(self, run: PackedRun, watch: Watch) -> None:
        self.run, self.batch, self.padding, self.watch = run, run.batch, run.padding, watch
        self.x, self.plain, self.cells, self.where = run.x, run.x, run.cells, run.x.device
        self.spent, self.resting = 2 * RUN * run.batch.rows, False

    def __call__(
        self,
        x: Tensor | None = None,
        lengths: Any = None,
        *,
        fresh: bool = True,
        seed: int | None = None,
        hooked: Callable[[], object] | None = None,
    ) -> Result:
        self.count(self.batch.rows)
        return self._through(self.run.pack(self.x if x is None else x), None, self.batch.call.total_length)

    def of_rows(self, rows: Any, steps: int, hooked: Callable[[], object] | None = None) -> Result:
        """Over these rows alone, cut to some steps."""
        import torch
        from torch.nn.utils.rnn import pack_padded_sequence

        self.count(len(rows))
        which = np.asarray(rows, dtype=np.int64)
        at = torch.as_tensor(which, device=self.where)
        x = self.x.index_select(self.row, at).narrow(1 - self.row, 0, steps)
        lengths = torch.as_tensor(np.minimum(self.padding.lengths[which], steps))
        packed = pack_padded_sequence(x, lengths, self.batch.call.batch_first, enforce_sorted=False)
        return self._through(packed, at, None)

    def count(self, rows: int) -> None:
        """So many rows go through it now."""
        before = 2 * RUN * self.batch.rows
        self.watch.step((self.spent - before) / max(1, PASSES * self.batch.rows - before))
        self.spent += rows

    def _through(self, ready: Any, at: Tensor | None, total: int | None) -> Result:
        """Layer by layer, the output of one being the input of the next. `at`: the rows, of which the states are."""
        finals = list[tuple[Any, ...]]()
        for layer, module in enumerate(self.run.layers):
            state = self.run.state(layer)
            if state is not None and at is not None:
                few = tuple(h.index_select(1, at) for h in (state if isinstance(state, tuple) else (state,)))
                state = few if isinstance(state, tuple) else few[0]
            ready, final = run_kept(module, ready, state, watch=self.watch)
            finals.append(final if isinstance(final, tuple) else (final,))
        return result_of(ready, finals, total, self.watch)


def hold_packed(run: PackedRun, base: Result, whole: Tensor, watch: Watch) -> Judged:
    """What the oracles find of it. `base`: what it returned over x, as of PackedCaller; `whole`: the data, (N, D × H),
    that the module itself put out. Raises Cancelled."""
    told, rows = Judged(), run.batch.rows
    caller = PackedCaller(run, watch)
    have = len(base[0][1])
    if have != rows:
        said = FEWER.format(have, amount(rows, "row"))
        return Judged(notes=[said], untested=[said])
    try:
        _again(caller, whole, told)
        parts = [Part(name, value, Reading(0, 1) if name == "out" else Reading(1, None)) for name, value in base]
        eye = Judge(run.x, watch)
        which = np.flatnonzero(run.padding.lengths > 0)
        apart = in_other_company(caller, parts, eye, which, None, runs=HALF, spare=HALF + REACH)
        told.notes += apart.said
        wrong = any(found.any() for found in apart.apart)
        alone = Crossed([none(rows) for _ in parts], [])
        cross = crossed(caller, parts, eye, wrong, HALF) if rows > 1 else alone
        clean = Filled([none(rows) for _ in parts], [none(rows) for _ in parts])
        hold(caller, parts, clean, eye, apart, not apart.failed, cross, told)
        if not run.padding.count:
            told.notes.append(EVEN)
        told.reached = _reached(caller, base)
    except Cancelled:
        raise
    except Exception as error:  # what it raises over other rows is no answer to what it does over these
        said = FAILED.format(raised(error, LONGEST))
        return Judged(notes=[said], untested=[said])
    told.findings = merged(told.findings)
    return told


def result_of(out: PackedSequence, finals: Sequence[tuple[Tensor, ...]], total: int | None, watch: Watch) -> Result:
    """What a run layer by layer returned, as of PackedCaller. `finals`: of each layer h and c, (D, n, H)."""
    import torch

    states = [torch.cat(parts) for parts in zip(*finals, strict=True)]
    return [("out", _unpacked(out, total, watch)), *zip(("h_n", "c_n"), states, strict=False)]


def _unpacked(out: PackedSequence, total: int | None, watch: Watch) -> Tensor:
    """(n, T', F), zeros after the lengths; of large ones some features after the other, between which it may be given
    up."""
    from torch.nn.utils.rnn import pad_packed_sequence

    total = max(total or 0, len(out.batch_sizes))
    width = out.data.shape[1]
    stride = max(1, PIECE * width // max(1, out.data.numel()))
    if stride >= width:
        return pad_packed_sequence(out, batch_first=True, total_length=total)[0]
    found = out.data.new_empty(int(out.batch_sizes[0]), total, width)
    for start in range(0, width, stride):
        watch.check()
        few = slice(start, start + stride)
        found[..., few] = pad_packed_sequence(out._replace(data=out.data[:, few]), True, total_length=total)[0]
    return found


def _again(caller: PackedCaller, whole: Tensor, told: Judged) -> None:
    """The module once more, which has been called in between."""
    caller.count(caller.batch.rows)
    found = caller.run.again(caller.run.pack(caller.run.x))
    if found.shape != whole.shape or bool(differs(found, whole).any()):
        told.add("state-kept", range(caller.batch.rows), KEPT)


def _reached(caller: PackedCaller, base: Result) -> list[Reached]:
    """Which steps h_n, and what is often taken of out, have read of their rows: NaN shows it."""
    import torch

    lengths = caller.padding.lengths
    names = _names(caller)
    groups = sum(len(name[1]) for name in names)
    known, named = Narrowing(lengths, groups), cuts(lengths)
    first = caller.batch.call.batch_first
    there = _nan(caller, base)
    seen = ~there.any(axis=1) & (lengths > 0)  # what is NaN already can't turn NaN

    def take(name: str) -> None:
        cells = named[name].cells(lengths, caller.batch.steps)
        where = to_tensor(np.ascontiguousarray(cells if first else cells.T)).to(caller.x.device)
        where = where.reshape(*where.shape, *[1] * (caller.x.ndim - 2))
        known.take(named[name], _nan(caller, caller(torch.where(where, torch.nan, caller.x))), seen)

    take("first")
    take("last")
    for name in ("but last", "but first"):
        if caller.left > 0 and not (_exact(known) | ~seen[:, None]).all():
            take(name)
    found, at = [], 0
    for of, directions in names:
        found.append(known.reached(of, directions, NAN_STEPS, slice(at, at + len(directions))))
        at += len(directions)
    return found


def _exact(known: Narrowing) -> Bools:
    return known.reached("", ()).exact


def _names(caller: PackedCaller) -> list[tuple[str, tuple[str, ...]]]:
    """What is looked at, with the names of its groups: h_n of each layer, and the outputs of the last one."""
    layers, first = len(caller.run.layers), caller.batch.call.batch_first
    both = caller.run.layers[0].bidirectional
    ways = (FORWARD, BACKWARD) if both else (ALL,)
    final = [(f"h_n, layer {layer}" if layers > 1 else "h_n", ways) for layer in range(layers)]
    taken = [OUT[name][0 if first else 1] for name in ("last", "end", *(("start",) if both else ()))]
    return [*final, *((name, ways) for name in taken)]


def _nan(caller: PackedCaller, result: Result) -> Bools:
    """(B, G) bool: what of it is NaN, in the order of `_names`."""
    import torch

    out, h_n = result[0][1], result[1][1]
    rows, both = len(out), caller.run.layers[0].bidirectional
    at = torch.as_tensor(np.maximum(caller.padding.lengths - 1, 0), device=out.device)
    taken = [out[:, -1], out[torch.arange(rows, device=out.device), at], *([out[:, 0]] if both else [])]
    ways = 2 if both else 1
    columns = [h_n.isnan().any(dim=2).T, *(part.isnan().reshape(rows, ways, -1).any(dim=2) for part in taken)]
    return to_array(torch.cat(columns, dim=1))
