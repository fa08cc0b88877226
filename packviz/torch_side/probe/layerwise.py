"""A recurrent module layer by layer: what is run, and what changed in each of its layers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from packviz.core.batch import Batch, frozen
from packviz.core.cancel import Watch
from packviz.core.cells.bits import Bools
from packviz.core.module import Module
from packviz.core.probing import ProbeRun, Reads
from packviz.torch_side.asking.parts import run_kept
from packviz.torch_side.facts import states_of
from packviz.torch_side.module import cell_of
from packviz.torch_side.probe.fills import differs
from packviz.torch_side.tensors import to_array

if TYPE_CHECKING:
    import torch
    from torch import Tensor

PIECE = 1 << 22
"""Numbers that are compared at once."""


@dataclass(frozen=True, eq=False)
class Subject:
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


class LayerOut(NamedTuple):
    """What one layer returned: a PackedSequence or (B, T, D · H) or (T, B, D · H), and the states, (D, n, H) each."""

    out: Any
    final: tuple[Tensor, ...]


def through(subject: Subject, ready: Any, watch: Watch) -> Iterator[LayerOut]:
    """What each layer returns, the output of one being the input of the next."""
    for layer, module in enumerate(subject.layers):
        ready, final = run_kept(module, ready, subject.state(layer), watch=watch)
        yield LayerOut(ready, final if isinstance(final, tuple) else (final,))


def compared(label: str, subject: Subject, new: Iterator[LayerOut], old: list[LayerOut], watch: Watch) -> Reads:
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


def _by_row(subject: Subject, before: Any, after: Any, watch: Watch) -> Bools:
    """(n, T, D) bool: in which row, at which step before its length, the output of a direction changed."""
    from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

    changed = _changed(data_of(after), data_of(before), subject.directions, watch)
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


def alike(new: Tensor, old: Tensor, watch: Watch) -> bool:
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


def data_of(out: Any) -> Tensor:
    """The numbers of an output, packed or not."""
    data: Tensor = out.data if hasattr(out, "batch_sizes") else out
    return data


def _all_rows(read: Any, rows: int, missing: Any = False) -> Any:
    """(D, n) as (D, B): a row that torch dropped, for want of a length, reads nothing."""
    out = np.full((read.shape[0], rows), missing, dtype=read.dtype)
    out[:, : read.shape[1]] = read
    return out


def both(label: str, found: list[Reads]) -> Reads:
    """One Reads of the runs over both signs."""
    if len(found) == 1:
        return found[0]
    union = ProbeRun("packed", tuple(found)).union
    assert union is not None
    return Reads(label, union.out, union.first, union.final)
