"""All that a walk makes: every state, or checkpoints of them where they are more than memory may be taken for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from packviz.core.cancel import Watch
from packviz.core.columns import Values
from packviz.core.moments import Pass
from packviz.core.packing import Packing
from packviz.core.replaying import Replayed, Steps
from packviz.core.trace import CARRIED, States, final_states
from packviz.torch_side.columns import values_of
from packviz.torch_side.stepping.replay import Checkpoints
from packviz.torch_side.stepping.walk import walk
from packviz.torch_side.tensors import to_array, to_tensor

if TYPE_CHECKING:
    import torch
    from torch import Tensor

AT_ONCE = 1 << 23
"""Numbers that are looked at between two questions whether to go on."""


class Made(NamedTuple):
    """What a Trace is made of, see there. `outputs`: h of the last layer in each direction, (N, H)."""

    states: Mapping[Pass, States]
    limits: Mapping[tuple[int, int, str], float]
    final: Mapping[str, NDArray[Any]]
    outputs: Sequence[Values]
    replays: Checkpoints | None = None
    ends: Mapping[Pass, States] | None = None


def made_of(
    module: torch.nn.RNNBase,
    data: Tensor,
    packing: Packing,
    start: Sequence[Tensor],
    spans: tuple[Steps, ...] | None,
    watch: Watch,
) -> Made:
    """Walk over data, (N, F), from the initial states, (L · D, n, H) each, in sorted order. `spans`: of the steps
    between checkpoints; None where all states are kept. Raises Cancelled."""
    if spans is not None:
        return _in_spans(module, data, packing, start, spans, watch)
    walked = walk(module, data, packing.batch_sizes.tolist(), start, watch)
    states = {at: {name: values_of(buffer) for name, buffer in made.items()} for at, made in walked.items()}
    limits = {(*at, name): largest(buffer, watch) for at, made in walked.items() for name, buffer in made.items()}
    last = [made["h"] for (layer, _), made in states.items() if layer == module.num_layers - 1]
    return Made(states, limits, final_states(states, packing), last)


def _in_spans(
    module: torch.nn.RNNBase,
    data: Tensor,
    packing: Packing,
    start: Sequence[Tensor],
    spans: tuple[Steps, ...],
    watch: Watch,
) -> Made:
    kept = Checkpoints(module, data, packing, start, spans)
    limits, ends = dict[tuple[int, int, str], float](), dict[Pass, dict[str, NDArray[Any]]]()
    shapes = dict[Pass, dict[str, tuple[int, int]]]()
    rows = np.arange(packing.rows)

    def made(at: Pass, span: Steps, buffers: dict[str, Tensor]) -> None:
        first = int(packing.offsets[span[0]])
        here = (packing.lengths > span[0]) & (packing.lengths <= span[1])
        k = packing.index(rows, np.zeros_like(rows) if at[1] else packing.lengths - 1)
        inside = here if not at[1] else np.full(packing.rows, span[0] == 0)
        for name, buffer in buffers.items():
            limits[(*at, name)] = max(limits.get((*at, name), 0.0), largest(buffer, watch))
            width = int(buffer.shape[1])
            shapes.setdefault(at, {})[name] = (packing.size, width)
            if inside.any():
                found = to_array(buffer.index_select(0, to_tensor(k[inside] - first).to(buffer.device)))
                into = ends.setdefault(at, {}).setdefault(name, np.zeros((packing.rows, width), found.dtype))
                into[inside] = found

    out = kept.run(made, watch)
    width = out.shape[1] // (2 if module.bidirectional else 1)
    outputs = [values_of(out[:, first : first + width]) for first in range(0, out.shape[1], width)]
    states = {
        at: {name: Replayed(kept, packing, at, name, shape, ends[at][name].dtype) for name, shape in of.items()}
        for at, of in shapes.items()
    }
    finals = {f"{name}_n": np.stack([ends[at][name] for at in sorted(ends)]) for name in CARRIED if name in ends[0, 0]}
    return Made(states, limits, finals, outputs, kept, {at: of for at, of in ends.items() if not at[1]})


def largest(buffer: Tensor, watch: Watch) -> float:
    """The largest finite absolute value. Raises Cancelled."""
    import torch

    most, rows = 0.0, max(1, AT_ONCE // max(1, buffer.shape[1]))
    for start in range(0, len(buffer), rows):
        watch.check()
        low, high = (float(end) for end in torch.aminmax(buffer[start : start + rows]))
        if not (np.isfinite(low) and np.isfinite(high)):
            break
        most = max(most, abs(low), abs(high))
    else:
        return most
    values = buffer.detach().abs()
    finite = values[values.isfinite()]
    return float(finite.max()) if len(finite) else 0.0
