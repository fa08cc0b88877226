"""The gradient of a scalar of a run at every cell of x and at every hidden state, by torch's own autograd.

The walk that keeps every state works in place, which autograd can't follow; here the same equations are written so that
it can. Source: the equations of torch.nn.LSTM, GRU and RNN.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from packviz.core.batch import Batch, BatchError
from packviz.core.budget import afford
from packviz.core.cancel import UNWATCHED, Watch
from packviz.core.gradients import Gradients, Of
from packviz.core.module import Module
from packviz.core.packing import Packing
from packviz.core.patience import timed
from packviz.core.trace import Pass
from packviz.torch_side.inputs import Prepared, prepare
from packviz.torch_side.module import (
    Layer,
    build,
    call_name,
    check_fit,
    described,
    initial_of,
    layer_of,
)
from packviz.torch_side.order import packed_or_refused
from packviz.torch_side.stepping.reference import initial_states
from packviz.torch_side.stepping.trace import check_lengths, data_of, prepared_for
from packviz.torch_side.stepping.walk import steppable
from packviz.torch_side.threads import GATES

if TYPE_CHECKING:
    import torch
    from torch import Tensor


def run_gradients(
    batch: Batch, packing: Packing, spec: Module, of: Of = "h_n", *, watch: Watch = UNWATCHED
) -> Gradients:
    """The gradients of the module of `spec` over this batch. Raises BatchError, Cancelled."""
    prepared = prepare(batch, spec)
    module = build(spec, prepared.input_size, prepared.dtype, drawn=prepared.drawn)
    hx = initial_of(spec, packing.rows, prepared.dtype)
    return gradients_of(module, batch, packing, prepared, of, hx=hx, watch=watch)


def module_gradients(module: torch.nn.Module, batch: Batch, *, of: Of = "h_n", hx: object | None = None) -> Gradients:
    """The gradients of a user's own nn.LSTM, nn.GRU or nn.RNN, which stays as it is. Raises BatchError."""
    ready = steppable(module)
    return gradients_of(ready, batch, packed_or_refused(batch), prepared_for(ready, batch), of, hx=hx)


def gradients_of(
    module: torch.nn.RNNBase,
    batch: Batch,
    packing: Packing,
    prepared: Prepared,
    of: Of = "h_n",
    *,
    hx: object | None = None,
    watch: Watch = UNWATCHED,
) -> Gradients:
    """The gradients of one run of a module, as in eval mode, on the CPU; neither its parameters nor their gradients are
    touched. Raises BatchError where it does not fit or there is no such scalar, Cancelled."""
    import torch

    watch = timed(watch, f"the gradients of an {call_name(module)}")
    check_lengths(packing, call_name(module))
    check_fit(module, prepared.input_size, prepared.dtype)
    _afford(module, packing, prepared)
    with torch.enable_grad():
        data = data_of(batch, packing, prepared.x.detach()).clone().requires_grad_()
        states = [state.detach() for state in initial_states(module, packing, hx, prepared.dtype, data.device)]
        hidden = _run(module, data, packing.batch_sizes.tolist(), states, watch)
        scalar, said = _scalar(module, hidden, packing, of)
        watch.check()
        kept = [h for steps in hidden.values() for h in steps]
        found = torch.autograd.grad(scalar, [data, *kept], allow_unused=True)
    norms = [_norms(gradient, len(part)) for gradient, part in zip(found, [data, *kept], strict=True)]
    steps = packing.longest
    by_pass = {
        key: np.concatenate(norms[1 + place * steps : 1 + (place + 1) * steps]) for place, key in enumerate(hidden)
    }
    x = np.zeros(batch.rows * batch.steps)
    x[packing.flat] = norms[0]
    return Gradients(
        said, float(scalar.detach()), x.reshape(batch.rows, batch.steps), by_pass, packing, described(module)
    )


def _run(
    module: torch.nn.RNNBase, data: Tensor, sizes: list[int], states: Sequence[Tensor], watch: Watch
) -> dict[Pass, list[Tensor]]:
    """h after each step, (n, H) of the rows that are active, of each layer and direction, in the order of the steps."""
    import torch

    directions = 2 if module.bidirectional else 1
    found: dict[Pass, list[Tensor]] = {}
    read = list(data.split_with_sizes(sizes))
    for layer in range(module.num_layers):
        for direction in range(directions):
            weights = _detached(layer_of(module, layer, direction))
            number = layer * directions + direction
            widths = [weights.outputs, weights.hidden][: 2 if module.mode == "LSTM" else 1]
            first = [state[number] for state in states] or [data.new_zeros(sizes[0], width) for width in widths]
            found[layer, direction] = _pass(module.mode, weights, read, sizes, first, bool(direction), watch)
        sides = [found[layer, direction] for direction in range(directions)]
        read = [torch.cat(parts, dim=1) for parts in zip(*sides, strict=True)]
    return found


def _pass(
    mode: str,
    weights: Layer,
    read: list[Tensor],
    sizes: list[int],
    first: list[Tensor],
    backward: bool,
    watch: Watch,
) -> list[Tensor]:
    import torch

    made: list[Tensor | None] = [None] * len(sizes)
    state = [part[: sizes[-1]] if backward else part for part in first]
    for step in reversed(range(len(sizes))) if backward else range(len(sizes)):
        watch.check()
        rows, before = sizes[step], len(state[0])
        if rows < before:
            state = [part[:rows] for part in state]
        elif rows > before:
            state = [torch.cat((part, start[before:rows])) for part, start in zip(state, first, strict=True)]
        state = _step(mode, weights, read[step], state)
        made[step] = state[0]
    return [h for h in made if h is not None]


def _step(mode: str, w: Layer, x: Tensor, state: list[Tensor]) -> list[Tensor]:
    """The state after one step, in operations that autograd follows."""
    import torch

    linear = torch.nn.functional.linear
    of_x, of_h = linear(x, w.w_ih, w.b_ih), linear(state[0], w.w_hh, w.b_hh)
    if mode == "LSTM":
        i, f, g, o = (of_x + of_h).chunk(4, dim=1)
        c = f.sigmoid() * state[1] + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        return [h if w.w_hr is None else linear(h, w.w_hr), c]
    if mode == "GRU":
        (r_x, z_x, n_x), (r_h, z_h, n_h) = of_x.chunk(3, dim=1), of_h.chunk(3, dim=1)
        z = (z_x + z_h).sigmoid()
        n = (n_x + (r_x + r_h).sigmoid() * n_h).tanh()
        return [(1 - z) * n + z * state[0]]
    return [(of_x + of_h).relu() if mode == "RNN_RELU" else (of_x + of_h).tanh()]


def _scalar(module: torch.nn.RNNBase, hidden: dict[Pass, list[Tensor]], packing: Packing, of: Of) -> tuple[Tensor, str]:
    """The scalar, and what it is in words."""
    import torch

    last = [steps for (layer, _), steps in hidden.items() if layer == module.num_layers - 1]
    if of == "mean":
        return torch.cat([h.reshape(-1) for steps in last for h in steps]).mean(), "the mean of all outputs"
    if of == "h_n":
        parts = []
        sizes = [*packing.batch_sizes.tolist(), 0]
        for (_, direction), steps in hidden.items():
            ends = [steps[0]] if direction else [h[sizes[t + 1] :] for t, h in enumerate(steps)]
            parts += [end.sum() for end in ends]
        return torch.stack(parts).sum(), "the sum of h_n"
    if not (isinstance(of, tuple) and len(of) == 3 and all(isinstance(part, int) for part in of)):
        raise BatchError('of is none of "h_n", "mean" and (row, step, unit) of the output.')
    row, step, unit = of
    width = last[0][0].shape[1]
    inside = 0 <= row < packing.rows and 0 <= step < packing.lengths[row] and 0 <= unit < width * len(last)
    if not inside:
        raise BatchError(f"there is no output[{row}, {step}, {unit}]: row, step and unit of a valid cell are expected.")
    direction, at = divmod(unit, width)
    return last[direction][step][int(packing.unsorted_indices[row]), at], f"out[{row}, {step}, {unit}]"


def _norms(gradient: Tensor | None, rows: int) -> Any:
    if gradient is None:  # nothing hangs on it
        return np.zeros(rows)
    return gradient.detach().double().norm(dim=1).numpy()


def _detached(layer: Layer) -> Layer:
    """The same numbers, on which no gradient is left behind."""
    return Layer(*(None if part is None else part.detach().cpu() for part in layer))  # type: ignore[arg-type]


def _afford(module: torch.nn.RNNBase, packing: Packing, prepared: Prepared) -> None:
    """Raise BatchError where what autograd keeps is more than may be taken."""
    gates = GATES[module.mode.split("_")[0]]
    directions = 2 if module.bidirectional else 1
    numbers = packing.size * module.hidden_size * (3 * gates + 6) * module.num_layers * directions
    afford(f"the gradients of an {call_name(module)} over {packing.size:,} cells", numbers * prepared.dtype.itemsize)
