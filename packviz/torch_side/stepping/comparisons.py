"""What a program may take for the same as the final states of a packed run, really computed beside it."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import Batch
from packviz.core.budget import afford
from packviz.core.cancel import UNWATCHED, Watch
from packviz.core.comparing import Comparison, apart
from packviz.core.expressions.evaluate import Place
from packviz.core.module import Module
from packviz.core.moments import pass_name
from packviz.core.patience import timed
from packviz.core.trace import Trace
from packviz.torch_side.asking.parts import run_kept
from packviz.torch_side.inputs import Prepared, prepare
from packviz.torch_side.module import build, call_name, cell_of, initial_of
from packviz.torch_side.stepping.trace import trace_module
from packviz.torch_side.tensors import to_array, to_tensor

if TYPE_CHECKING:
    import torch
    from torch import Tensor

REPEATED = 4
"""Times the padded output that is made on the way."""


def compare(batch: Batch, spec: Module, trace: Trace, *, watch: Watch = UNWATCHED) -> tuple[Comparison, ...]:
    """The packed run against the unpacked one, and what is often taken for its last output against h_n. `trace`: the
    run of `spec` over the batch. Raises BatchError, Cancelled."""
    prepared = prepare(batch, spec)
    module = build(spec, prepared.input_size, prepared.dtype, drawn=prepared.drawn).eval()
    hx = initial_of(spec, trace.packing.rows, prepared.dtype)
    module.batch_first = False
    return _compared(module, prepared, batch, trace, hx, watch)


def compare_module(
    module: torch.nn.Module, batch: Batch, *, hx: object | None = None, watch: Watch = UNWATCHED
) -> tuple[Comparison, ...]:
    """The same of a user's own nn.LSTM, nn.GRU or nn.RNN, which stays as it is. Raises BatchError."""
    import torch

    trace = trace_module(module, batch, hx=hx, watch=watch)
    assert isinstance(module, torch.nn.RNNBase)
    given = trace.initial
    prepared = prepare(batch, Module(cell=cell_of(module), hidden=module.hidden_size, dtype=trace.dtype))
    states = tuple(to_tensor(state).to(prepared.dtype) for state in given.values())
    alike = copy.deepcopy(module).to("cpu").eval()
    alike.batch_first = False
    return _compared(alike, prepared, batch, trace, states if module.mode == "LSTM" else states[0], watch)


def _compared(
    module: torch.nn.RNNBase, prepared: Prepared, batch: Batch, trace: Trace, hx: Any, watch: Watch
) -> tuple[Comparison, ...]:
    import torch

    watch = timed(watch, f"running {call_name(module)} over the padded batch")
    rows, steps = trace.packing.rows, trace.packing.longest
    width = sum(trace.states[trace.layers - 1, d]["h"].shape[1] for d in range(trace.directions))
    afford("the padded output", REPEATED * batch.rows * batch.steps * width * 8)
    x = prepared.x if not batch.call.batch_first else prepared.x.transpose(0, 1)
    with torch.inference_mode():
        ready = x[:, :rows].reshape(batch.steps, rows, -1)
        out, final = run_kept(module, ready, hx, watch=watch)
    unpacked, h_unpacked = _rows_first(out), to_array(final[0] if isinstance(final, tuple) else final)
    packed, lengths = _padded(trace, batch.steps), trace.packing.lengths
    valid = np.arange(batch.steps)[None, :] < lengths[:, None]
    return (
        _of_torch(trace),
        _by_step(packed, unpacked, valid, trace, steps),
        _by_row("h_n unpacked", h_unpacked, trace.final["h_n"], trace, UNPACKED),
        *_of_outputs(packed, unpacked, valid, trace),
    )


UNPACKED = (
    "Unpacked, a row goes on over its padding: forward its final state is that after T steps, backward it begins there."
)
LAST = "Of the padded output the last step is padding in every row that is shorter than the longest."
OVER_T = "Over T the padding is counted, too: divide by the lengths, or mask it first."


FUSED = "The states of each step are computed by packviz, those of torch in one piece."


def _of_torch(trace: Trace) -> Comparison:
    """The stepped run against what torch's own module returns: the place of the largest difference."""
    rows, why = tuple[int, ...](), FUSED
    if not trace.agrees and trace.furthest is not None:
        place = _place_of(trace, *trace.furthest)
        here = pass_name(place.layer, place.direction, trace.directions)
        rows, why = (place.row,), f"{FUSED} They are furthest apart after t{place.step}, {here}, in row {place.row}."
    return Comparison("The stepped run", f"torch's own {trace.module}", rows, trace.difference, None, why)


def _place_of(trace: Trace, name: str, index: tuple[int, ...]) -> Place:
    """Where in the walk a number of what torch returns is made."""
    if name == "out":
        row, step = (int(found) for found in trace.packing.cell(index[0]))
        return Place(step, row, trace.layers - 1, index[1] // trace.width("h"))
    layer, direction = divmod(index[0], trace.directions)
    return Place(0 if direction else int(trace.packing.lengths[index[1]]) - 1, index[1], layer, direction)


def _rows_first(out: Tensor) -> NDArray[Any]:
    return np.ascontiguousarray(to_array(out).swapaxes(0, 1))


def _padded(trace: Trace, steps: int) -> NDArray[Any]:
    """The output of the packed run as it is unpacked, (n, T, D · H), zeros at padding."""
    last = [np.asarray(trace.states[trace.layers - 1, d]["h"]) for d in range(trace.directions)]
    made = np.zeros((trace.packing.rows, steps, sum(h.shape[1] for h in last)), last[0].dtype)
    for row, length in enumerate(trace.packing.lengths.tolist()):
        k = trace.packing.index(row, np.arange(length))
        made[row, :length] = np.concatenate([h[k] for h in last], axis=1)
    return made


def _by_step(packed: Any, unpacked: Any, valid: Any, trace: Trace, steps: int) -> Comparison:
    wrong, by = apart(unpacked, packed, trace.dtype)
    wrong, by = wrong.any(axis=2) & valid, np.where(valid[..., None], by, 0)
    rows = np.flatnonzero(wrong.any(axis=1))
    first = None
    if len(rows):
        step = int(np.flatnonzero(wrong.any(axis=0))[0])
        width = trace.width("h")
        row = int(np.flatnonzero(wrong[:, step])[0])
        forward = apart(unpacked[row, step, :width], packed[row, step, :width], trace.dtype)[0].any()
        first = Place(step, row, trace.layers - 1, 0 if forward else 1)
    why = "Forward no valid step can differ: what comes later has no influence. Backward the padding is read first."
    name = "out unpacked, in valid steps,"
    return Comparison(name, "out packed", _ints(rows), float(by.max(initial=0)), first, why, trace.directions)


def _of_outputs(packed: Any, unpacked: Any, valid: Any, trace: Trace) -> list[Comparison]:
    """What programs take for the last output, forward, against h_n of the last layer."""
    width, lengths = trace.width("h"), trace.packing.lengths
    rows = np.arange(len(lengths))
    h_n = trace.final["h_n"][(trace.layers - 1) * trace.directions]
    ahead, ahead_unpacked = packed[..., :width], unpacked[..., :width]
    longest = int(lengths.max(initial=1))
    with np.errstate(invalid="ignore"):
        counts = lengths[:, None]
        mean = np.where(valid[..., None], ahead, 0).sum(axis=1) / counts
        most = np.where(valid[..., None], ahead, -np.inf).max(axis=1)
        found = [
            ("out[:, -1]", ahead[:, longest - 1], "h_n", h_n, LAST),
            ("out[:, -1] unpacked", ahead_unpacked[:, -1], "h_n", h_n, UNPACKED),
            ("out at lengths - 1", ahead[rows, lengths - 1], "h_n", h_n, "This is the last output of each row."),
            ("out.mean(1)", ahead[:, :longest].mean(axis=1), "the mean over valid steps", mean, OVER_T),
            ("out.max(1)", ahead[:, :longest].max(axis=1), "the maximum over valid steps", most, OVER_T),
        ]
    return [_by_row(name, a, b, trace, why, against) for name, a, against, b, why in found]


def _by_row(name: str, a: Any, b: Any, trace: Trace, why: str, against: str = "h_n packed") -> Comparison:
    wrong, by = apart(a, b, trace.dtype)
    axes = tuple(axis for axis in range(wrong.ndim) if axis != wrong.ndim - 2)
    return Comparison(name, against, _ints(np.flatnonzero(wrong.any(axis=axes))), float(by.max(initial=0)), None, why)


def _ints(rows: NDArray[Any]) -> tuple[int, ...]:
    return tuple(int(row) for row in rows)
