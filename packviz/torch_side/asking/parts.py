"""A large run asked in parts, one after the other: what torch makes on its way may take many times what x takes.

On its way torch keeps the gates of all cells at once, and the output of a layer beside that of the next. A verdict
needs none of those numbers: it says whether the run gets through, and the shapes. So a run that would take more than
PART is cut: into stretches of time, whose states are handed on, unless layers go backward, and into groups of rows.
Either way torch computes every cell of the batch once, from what it would have had in a single run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from packviz.core.cancel import UNWATCHED, Watch
from packviz.torch_side.tensors import to_array, to_tensor
from packviz.torch_side.threads import GATES

if TYPE_CHECKING:
    import torch
    from torch import Tensor
    from torch.nn.utils.rnn import PackedSequence


class Part(NamedTuple):
    """A part of a packed batch: its own PackedSequence, of the sorted rows `rows`, and the packed indices of its cells
    in the whole."""

    packed: PackedSequence
    rows: slice
    cells: slice | NDArray[np.int64]


Take = Callable[[slice | NDArray[np.int64], "Tensor"], None]
"""Is handed the packed indices of some cells, and what the module puts out for them, (m, H × D)."""

PART = 4 << 20
"""Bytes that torch makes on its way through a part; LEAST_STEPS of LEAST_ROWS may take more."""

LEAST_STEPS = 4
"""In a stretch whose steps have the same rows so far: torch hands such a one to oneDNN, which compiles, and keeps, code
for each number of rows that it meets; with one that differs, it does not."""

LEAST_ROWS = 64
"""In a group of rows: with fewer, torch multiplies matrices that are too thin to be quick."""


def is_large(module: torch.nn.RNNBase, packed: PackedSequence) -> bool:
    """Whether a run takes more than PART on its way."""
    return len(packed.data) * _bytes_a_cell(module) > PART


def run_in_parts(
    module: torch.nn.RNNBase,
    packed: PackedSequence,
    hx: Any = None,
    *,
    take: Take | None = None,
    watch: Watch = UNWATCHED,
) -> tuple[PackedSequence, Any]:
    """`module(packed, hx)` in parts: the final states, (L × D, n, H) each, are its own; the output is of its shape,
    (N, H × D), but holds none of its numbers: `take` is handed those, part by part, and then they are let go.

    The fields of `packed` must agree, and it and `hx` must fit the module (`core/run_path.py` says whether they do);
    all lie on its device. Raises what torch raises, and Cancelled.
    """
    cells, done = len(packed.data), 0
    states = _states(module, hx, int(packed.batch_sizes[0]), packed)
    for part in _cut(packed, max(1, PART // _bytes_a_cell(module)), forward=not module.bidirectional):
        watch.step(done / cells)
        begun = [state[:, part.rows].contiguous() for state in states]
        out, ended = module(part.packed, tuple(begun) if module.mode == "LSTM" else begun[0])
        for state, final in zip(states, ended if module.mode == "LSTM" else (ended,), strict=True):
            state[:, part.rows] = final
        if take is not None:
            take(part.cells, out.data)
        done += len(out.data)
    if packed.unsorted_indices is not None:
        states = [state.index_select(1, packed.unsorted_indices) for state in states]
    shape = (cells, _outputs(module) * (2 if module.bidirectional else 1))
    whole = packed._replace(data=packed.data.new_zeros(()).expand(shape))
    return whole, tuple(states) if module.mode == "LSTM" else states[0]


def run_kept(module: torch.nn.RNNBase, ready: Any, hx: Any = None, *, watch: Watch = UNWATCHED) -> tuple[Any, Any]:
    """`module(ready, hx)`, with all numbers that it puts out; on the CPU a large run is made in parts, between which it
    can be given up. `ready`: packed, or padded in the layout of the module; it and hx must fit. Raises Cancelled."""
    from torch.nn.utils.rnn import PackedSequence

    packed = ready if isinstance(ready, PackedSequence) else _as_packed(ready, module.batch_first)
    agree = int(packed.batch_sizes.sum()) == len(packed.data)  # else torch has something to say
    if packed.data.device.type != "cpu" or not agree or not is_large(module, packed):
        out, final = module(ready) if hx is None else module(ready, hx)
        return out, final
    kept = packed.data.new_empty(len(packed.data), _outputs(module) * (2 if module.bidirectional else 1))

    def take(cells: slice | NDArray[np.int64], numbers: Tensor) -> None:
        kept[cells if isinstance(cells, slice) else to_tensor(cells)] = numbers

    _, final = run_in_parts(module, packed, hx, take=take, watch=watch.quiet())
    if isinstance(ready, PackedSequence):
        return ready._replace(data=kept), final
    rows = int(packed.batch_sizes[0])
    out = kept.view(-1, rows, kept.shape[1])
    return out.transpose(0, 1) if module.batch_first else out, final


def _as_packed(x: Tensor, batch_first: bool) -> PackedSequence:
    """A padded batch as packed data of rows that all have all steps."""
    steps_first = x.transpose(0, 1) if batch_first else x
    steps, rows = steps_first.shape[:2]
    return _part(steps_first.reshape(steps * rows, -1), np.full(steps, rows, dtype=np.int64))


def _bytes_a_cell(module: torch.nn.RNNBase) -> int:
    """What torch makes on its way for a cell: its gates, and the output of a layer, of the one before, and joined."""
    gates = GATES[module.mode.split("_")[0]] * module.hidden_size
    directions = 2 if module.bidirectional else 1
    return module.all_weights[0][0].element_size() * directions * (gates + 3 * _outputs(module))


def _outputs(module: torch.nn.RNNBase) -> int:
    """Numbers that a direction puts out for a cell."""
    return module.proj_size or module.hidden_size


def _states(module: torch.nn.RNNBase, hx: Any, rows: int, packed: PackedSequence) -> list[Tensor]:
    """h, and c of an LSTM, before the first step, (L × D, n, H) each, in sorted order; a copy of them."""
    stacked = module.num_layers * (2 if module.bidirectional else 1)
    if hx is None:
        sizes = [_outputs(module), module.hidden_size][: 2 if module.mode == "LSTM" else 1]
        return [packed.data.new_zeros(stacked, rows, size) for size in sizes]
    given: Sequence[Tensor] = hx if module.mode == "LSTM" else (hx,)
    order = packed.sorted_indices
    return [state.clone() if order is None else state.index_select(1, order) for state in given]


def _cut(packed: PackedSequence, most: int, forward: bool) -> Iterator[Part]:
    """The parts of a packed batch, of at most `most` cells, LEAST_ROWS rows, or LEAST_STEPS of so many.

    Rows are cut where a step of all of them has more cells than that, or, where not all layers go `forward`, all steps
    of them have; what goes forward is cut in time, too.
    """
    sizes = to_array(packed.batch_sizes)
    rows, first = int(sizes[0]), 0
    while first < rows:
        longest = int(np.searchsorted(-sizes, -first, side="left"))  # the length of the first, which is the longest
        last = min(rows, first + max(LEAST_ROWS, most if forward else most // longest))
        group = Part(_part(packed.data, sizes), slice(0, rows), slice(0, len(packed.data)))
        if last - first < rows:
            group = _rows(packed.data, sizes[:longest], first, last)
        yield from _stretches(group, most) if forward else (group,)
        first = last


def _rows(data: Tensor, sizes: NDArray[np.int64], first: int, last: int) -> Part:
    """Some of the sorted rows of a packed batch, `first` to `last`; a copy of their cells."""
    starts, held = np.cumsum(sizes) - sizes, np.clip(sizes - first, 0, last - first)
    cells = np.repeat(starts + first - (np.cumsum(held) - held), held) + np.arange(held.sum())
    return Part(_part(data.index_select(0, to_tensor(cells).to(data.device)), held), slice(first, last), cells)


def _stretches(group: Part, most: int) -> Iterator[Part]:
    """Rows of a packed batch cut in time, each stretch a view, of at most `most` cells, or LEAST_STEPS steps."""
    sizes = to_array(group.packed.batch_sizes)
    ends = np.cumsum(sizes)
    step = begin = 0
    while step < len(sizes):
        until = max(step + 1, int(np.searchsorted(ends, begin + most, side="right")))
        other = int(np.searchsorted(-sizes, -sizes[step], side="right"))  # the first step with fewer rows
        until = max(until, min(other + 1, step + LEAST_STEPS, len(sizes)))
        end, first = int(ends[until - 1]), group.rows.start
        cells = slice(begin, end) if isinstance(group.cells, slice) else group.cells[begin:end]
        part = _part(group.packed.data[begin:end], sizes[step:until])
        yield Part(part, slice(first, first + int(sizes[step])), cells)
        step, begin = until, end


def _part(data: Tensor, sizes: NDArray[np.int64]) -> PackedSequence:
    from torch.nn.utils.rnn import PackedSequence

    return PackedSequence(data, to_tensor(np.array(sizes)))
