"""The walk over packed data, one time step at a time, exactly as torch takes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from packviz.core.batch import BatchError
from packviz.core.cancel import UNWATCHED, Watch
from packviz.torch_side.stepping.cells import CELLS

if TYPE_CHECKING:
    from torch import Tensor, nn

REPORTS = 64
"""How often the progress of a walk is reported, at most."""


def walk(
    module: nn.RNNBase, data: Tensor, sizes: Sequence[int], start: Sequence[Tensor] = (), watch: Watch = UNWATCHED
) -> dict[str, Tensor]:
    """Every state of one run: name → (N, H) in packed order, on the device of the data, (N, F).

    `sizes`: batch_sizes, which must add up to N. At step t the first sizes[t] rows of the state are updated; the
    others are left as they are. `start`: the state before the first step, (sizes[0], H) each, in sorted order;
    zeros where it is empty. Raises Cancelled when `watch` says so; it is asked once a step.
    """
    import torch

    check_steppable(module)
    with torch.inference_mode():
        cell = CELLS[module.mode](module, data, sizes, watch)
        count = 2 if module.mode == "LSTM" else 1
        state = tuple(start) or tuple(data.new_zeros(sizes[0], module.hidden_size) for _ in range(count))
        rows, pause = sizes[0], max(1, len(sizes) // REPORTS)
        for step, (size, views) in enumerate(zip(sizes, cell.parts, strict=True)):
            watch.check()
            if step % pause == 0:
                watch.step(step / len(sizes))
            if size != rows:
                rows = size
                state = tuple(part[:rows] for part in state)
                cell.narrow(rows)
            state = cell.step(views, state)
    return cell.buffers


def check_steppable(module: nn.Module) -> None:
    """Raise BatchError unless the module is an nn.LSTM, nn.GRU or nn.RNN of one layer and one direction."""
    import torch

    name = type(module).__name__
    wanted = "packviz steps an nn.LSTM, nn.GRU or nn.RNN with one layer and one direction"
    if not isinstance(module, torch.nn.RNNBase) or module.mode not in CELLS:
        raise BatchError(f"the module is a {name}, but {wanted}: pass the recurrent module itself.")
    if module.num_layers != 1:
        raise BatchError(f"the module has num_layers={module.num_layers}, but {wanted}.")
    if module.bidirectional:
        raise BatchError(f"the module has bidirectional=True, but {wanted}.")
    if module.proj_size:
        raise BatchError(f"the module has proj_size={module.proj_size}, but {wanted} and no projection.")
