"""The walk over packed data, one time step at a time, exactly as torch takes it: layer after layer, in each of them
forward, and then backward where there are two directions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from packviz.core.batch import BatchError
from packviz.core.cancel import UNWATCHED, Watch
from packviz.core.trace import Pass
from packviz.torch_side.module import check_numbers, layer_of
from packviz.torch_side.stepping.cells import CELLS, Cell

if TYPE_CHECKING:
    from torch import Tensor, nn

    State = tuple[Tensor, ...]

REPORTS = 64
"""How often the progress of a walk is reported, at most."""


def walk(
    module: nn.RNNBase, data: Tensor, sizes: Sequence[int], start: Sequence[Tensor] = (), watch: Watch = UNWATCHED
) -> dict[Pass, dict[str, Tensor]]:
    """Every state of one run: (layer, direction) → name → (N, H) in packed order, h of a projection (N, proj_size), on
    the device of the data, (N, F). Between layers nothing is dropped, as torch does in eval mode.

    `sizes`: batch_sizes, which must add up to N. At step t the first sizes[t] rows of the state are updated; the
    others are left as they are. `start`: h_0, and c_0 for an LSTM, (layers × directions, sizes[0], H) each, in sorted
    order; zeros where it is empty. Raises Cancelled when `watch` says so; it is asked once a step.
    """
    import torch

    steppable(module)
    directions = 2 if module.bidirectional else 1
    passes = [(layer, direction) for layer in range(module.num_layers) for direction in range(directions)]
    found: dict[Pass, dict[str, Tensor]] = {}
    with torch.inference_mode():
        read = data
        for number, (layer, direction) in enumerate(passes):
            part = Share(watch, number, len(passes))
            before = tuple(state[number] for state in start) or initial_zeros(module, data, sizes[0])
            found[layer, direction], _ = walk_span(module, (layer, direction), read, sizes, before, part)
            if direction == directions - 1 and layer < module.num_layers - 1:
                outputs = [found[layer, each]["h"] for each in range(directions)]
                read = outputs[0] if directions == 1 else torch.cat(outputs, dim=1)
    return found


def walk_span(
    module: nn.RNNBase, at: Pass, read: Tensor, sizes: Sequence[int], before: State, share: Share
) -> tuple[dict[str, Tensor], State]:
    """Every state of some steps of one layer and direction, and the state with which the walk leaves them.

    `read`: what the layer reads at these steps, (cells, features) in packed order. `sizes`: their batch_sizes.
    `before`: h, and c of an LSTM, (rows, H) each, in sorted order, of the rows that take the first of the steps;
    backward those of them that begin at these steps have their initial state.
    """
    cell = CELLS[module.mode](layer_of(module, *at), read, sizes, share.watch)
    return cell.buffers, (_backward if at[1] else _forward)(cell, sizes, before, share)


def initial_zeros(module: nn.RNNBase, data: Tensor, rows: int) -> State:
    """h_0, and c_0 of an LSTM, of one layer and direction, (rows, H) each."""
    widths = [module.proj_size or module.hidden_size, module.hidden_size][: 2 if module.mode == "LSTM" else 1]
    return tuple(data.new_zeros(rows, width) for width in widths)


class Share:
    """The part of the progress that is that of one of several parts of a walk. It is told now and then; whether to go
    on is asked each time."""

    def __init__(self, watch: Watch, number: int, of: int) -> None:
        self.watch, self._number, self._of = watch, number, of

    def step(self, taken: int, steps: int) -> None:
        self.watch.check()
        if taken % max(1, steps * self._of // REPORTS) == 0:
            self.watch.step((self._number + taken / steps) / self._of)


def _forward(cell: Cell, sizes: Sequence[int], state: State, share: Share) -> State:
    """From the first step to the last: rows end on the way, and leave the state."""
    rows = sizes[0]
    for step, (size, views) in enumerate(zip(sizes, cell.parts, strict=True)):
        share.step(step, len(sizes))
        if size != rows:
            rows = size
            state = tuple(part[:rows] for part in state)
            cell.resize(rows)
        state = cell.step(views, state)
    return state


def _backward(cell: Cell, sizes: Sequence[int], initial: State, share: Share) -> State:
    """From the last step to the first: each row begins at its own last one, from its initial state."""
    import torch

    rows, parts = 0, list(cell.parts)
    state = tuple(part[:0] for part in initial)
    for taken, step in enumerate(range(len(sizes) - 1, -1, -1)):
        share.step(taken, len(sizes))
        if sizes[step] != rows:
            begun, rows = slice(rows, sizes[step]), sizes[step]
            state = tuple(torch.cat((part, first[begun])) for part, first in zip(state, initial, strict=True))
            cell.resize(rows)
        state = cell.step(parts[step], state)
    return state


def steppable(module: nn.Module) -> nn.RNNBase:
    """The module, where it is an nn.LSTM, nn.GRU or nn.RNN that has numbers. Raises BatchError."""
    import torch

    if not isinstance(module, torch.nn.RNNBase) or module.mode not in CELLS:
        name = type(module).__name__
        wanted = "packviz steps an nn.LSTM, nn.GRU or nn.RNN"
        raise BatchError(f"the module is a {name}, but {wanted}: pass the recurrent module itself.")
    check_numbers(module)
    return module
