"""A run of a recurrent module over a packed batch, step by step: every state of every row, checked against torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import Batch, BatchError
from packviz.core.budget import MEMORY, size_text
from packviz.core.cancel import UNWATCHED, Cancelled, Watch
from packviz.core.module import STATES, Module
from packviz.core.packing import Packing
from packviz.core.patience import timed
from packviz.core.replaying import Steps
from packviz.core.texts.quoting import LONGEST, elided
from packviz.core.trace import Trace
from packviz.torch_side.asking.asked import raised
from packviz.torch_side.devices import device_named
from packviz.torch_side.inputs import Prepared, prepare
from packviz.torch_side.module import (
    build,
    call_name,
    cell_of,
    check_fit,
    described,
    initial_of,
    layer_of,
)
from packviz.torch_side.order import packed_or_refused
from packviz.torch_side.put_back import as_it_was
from packviz.torch_side.stepping.made import made_of
from packviz.torch_side.stepping.reference import difference_from, initial_states
from packviz.torch_side.stepping.replay import spans_for
from packviz.torch_side.stepping.returned import ModuleTrace
from packviz.torch_side.stepping.walk import steppable
from packviz.torch_side.tensors import to_array, to_tensor

if TYPE_CHECKING:
    import torch
    from torch import Tensor


def run(
    batch: Batch,
    packing: Packing,
    spec: Module,
    *,
    hx: object | None = None,
    watch: Watch = UNWATCHED,
) -> Trace:
    """The trace of the module of `spec` over this batch, packed as `packing` says.

    `hx`: the initial state(s), (L · D, n, H) each, or (n, H) of one layer and direction, in the order of the batch; a
    pair for an LSTM; of a module that somebody holds, zeros like those of its hx, and weights like its own, drawn after
    the seed.
    Raises BatchError where x does not go through the module, a length exceeds T, or the trace would hold more
    bytes than may be taken; Cancelled where the watch says so, which is asked once a step.
    """
    device = device_named(spec.device)
    check_lengths(packing, spec.name)
    prepared = prepare(batch, spec)
    module = build(spec, prepared.input_size, prepared.dtype, drawn=prepared.drawn)
    source = "the module" if spec.stored is None else f"the module of {elided(spec.stored.source)}"
    hx = initial_of(spec, packing.rows, prepared.dtype) if hx is None else hx
    traced = _traced(module, source, batch, packing, prepared, device, hx, watch)
    if not spec.held:
        return traced
    drawn = f"weights drawn after torch.manual_seed({spec.seed}) in the place of your module's"
    return replace(traced, inputs=f"{traced.inputs} · {drawn}")


def trace_module(
    module: torch.nn.Module,
    batch: Batch,
    packing: Packing | None = None,
    *,
    hx: object | None = None,
    device: str | None = None,
    watch: Watch = UNWATCHED,
) -> ModuleTrace:
    """The trace of a user's own nn.LSTM, nn.GRU or nn.RNN, which stays as it is; it is run as in eval mode.

    `device`: where to run; where the module is, unless given. Floats go in as they are, whole numbers cast to the
    dtype of the module. Raises as `run`, and BatchError where torch packs nothing or the module can't be stepped.
    """
    import copy

    ready = steppable(module)
    packing = packed_or_refused(batch) if packing is None else packing
    check_lengths(packing, call_name(ready))
    prepared = prepared_for(ready, batch)
    at = layer_of(ready).w_ih.device
    where = at if device is None else device_named(device)
    ours = ready if where == at else copy.deepcopy(ready).to(where)
    with as_it_was(ours, trusted=True):
        ours.eval()
        traced = _traced(ours, "the module", batch, packing, prepared, where, hx, watch)
    return ModuleTrace.of(traced, indices=not batch.call.enforce_sorted)


def prepared_for(module: torch.nn.RNNBase, batch: Batch) -> Prepared:
    """x as a user's own module takes it: floats as they are, whole numbers cast to its dtype. Raises BatchError."""
    dtype = str(layer_of(module).w_ih.dtype).removeprefix("torch.")
    return prepare(batch, Module(cell=cell_of(module), hidden=module.hidden_size, dtype=dtype))


def _traced(
    module: torch.nn.RNNBase,
    source: str,
    batch: Batch,
    packing: Packing,
    prepared: Prepared,
    device: torch.device,
    hx: object | None,
    watch: Watch,
) -> Trace:
    import torch

    watch = timed(watch, f"stepping {call_name(module)}")
    check_fit(module, prepared.input_size, prepared.dtype, source)
    spans = _spans(packing, module, prepared.dtype)
    try:
        module = module.to(device)
        with torch.inference_mode():
            data = data_of(batch, packing, prepared.x).to(device)
            states = initial_states(module, packing, hx, prepared.dtype, device)
            made = made_of(module, data, packing, states, spans, watch)
            watch.check()
            initial = _initial(module, packing, states, prepared.dtype)
            try:
                apart = difference_from(module, data, packing, states, made.outputs, made.final, watch)
            except (Cancelled, torch.cuda.OutOfMemoryError):
                raise
            except Exception as error:  # a hook of a user's own
                raise BatchError(f"{source} itself raises {raised(error, LONGEST)}") from error
    except torch.cuda.OutOfMemoryError as error:
        raise BatchError(
            f"{device} has too little memory for this run: choose a smaller hidden size, or cpu."
        ) from error
    watch.step(1.0)
    return Trace(
        states=made.states,
        initial=initial,
        packing=packing,
        limits=made.limits,
        hidden=module.hidden_size,
        difference=apart.largest,
        agrees=apart.agrees,
        module=described(module),
        device=str(device),
        dtype=str(prepared.dtype).removeprefix("torch."),
        inputs=prepared.said,
        furthest=apart.where,
        replays=made.replays,
        ends=made.ends,
        given=None if made.replays is None else made.final,
    )


def data_of(batch: Batch, packing: Packing, x: Tensor) -> Tensor:
    """`data` of the packed batch, (N, F), of the prepared x, (B, T, F) or (T, B, F)."""
    rows, steps = batch.rows, batch.steps
    flat = packing.flat
    if not batch.call.batch_first:
        row, step = np.divmod(flat, steps)
        flat = step * rows + row
    return x.reshape(rows * steps, -1).index_select(0, to_tensor(flat))


def _initial(
    module: torch.nn.RNNBase, packing: Packing, states: Sequence[Tensor], dtype: torch.dtype
) -> dict[str, NDArray[Any]]:
    """The states before the first step, (L · D, n, H) each, in the order of the batch; zeros where none are given."""
    names = ["h_0", "c_0"] if module.mode == "LSTM" else ["h_0"]
    if states:
        back = packing.unsorted_indices
        return {name: to_array(state)[:, back] for name, state in zip(names, states, strict=True)}
    stacked = module.num_layers * (2 if module.bidirectional else 1)
    widths = (module.proj_size or module.hidden_size, module.hidden_size)
    kind = np.float64 if dtype.itemsize == 8 else np.float32
    return {name: np.zeros((stacked, packing.rows, width), kind) for name, width in zip(names, widths, strict=False)}


def check_lengths(packing: Packing, name: str) -> None:
    """Raise BatchError where a row has more steps than x."""
    if packing.longest > packing.steps:
        row = int(np.argmax(packing.lengths > packing.steps))
        raise BatchError(
            f"lengths[{row}] is {packing.lengths[row]}, but x has {packing.steps} steps: {name} can't run over "
            f"it; a length must be at most {packing.steps}."
        )


def _spans(packing: Packing, module: torch.nn.RNNBase, dtype: torch.dtype) -> tuple[Steps, ...] | None:
    """The spans between checkpoints of a run that takes more memory than is allowed; None where all of it is kept.
    Raises BatchError where checkpoints do not fit either."""
    cell = cell_of(module)
    states, passes = STATES[cell], module.num_layers * (2 if module.bidirectional else 1)
    outputs = module.proj_size or module.hidden_size
    carried = outputs + (module.hidden_size if cell == "LSTM" else 0)
    itemsize = max(4, dtype.itemsize)
    of_cell = (module.hidden_size * (len(states) - 1) + outputs) * passes * itemsize
    limit = MEMORY.most()
    if packing.size * of_cell <= limit:
        return None
    spans = spans_for(packing, of_cell, carried * passes * itemsize, limit)
    if spans is not None:
        return spans
    told = f" × {passes} layers and directions" if passes > 1 else ""
    size, allowed = packing.size * of_cell, size_text(limit)
    raise BatchError(
        f"the trace of {packing.size} cells × {module.hidden_size} hidden units × {len(states)} states{told} would "
        f"take {size_text(size)} of memory, and checkpoints of it more than the {allowed} allowed, too: choose a "
        f"hidden size of at most {max(1, module.hidden_size * limit // size)}, or fewer rows, or allow more with "
        "--memory 16G."
    )
