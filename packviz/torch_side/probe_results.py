"""What a callable returned: its tensors, which of their dimensions are rows and steps, and which rows changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import Batch, frozen
from packviz.core.bits import Bools
from packviz.core.probing import Padding, Reads
from packviz.torch_side.probe_fills import differs
from packviz.torch_side.tensors import to_array, to_tensor

if TYPE_CHECKING:
    from torch import Tensor

STATE = "state"
WHOLE = "{} has no dimension of B = {}: it is compared as a whole, and its rows can't be told apart."


class Part(NamedTuple):
    """One tensor of a result, and how it is read: its dimension of rows, None where there is none, and of steps, None
    for a state."""

    name: str
    value: Any
    row: int | None
    step: int | None


def read_as(
    shape: tuple[int, ...], rows: int, times: frozenset[int], batch_first: bool, leads: bool, inner: bool = False
) -> tuple[int | None, int | None]:
    """The dimension of rows and that of steps of a result: (row, None) is a state, (None, None) has no rows.

    `times`: the numbers of steps that are expected, T and the longest length. `leads`: whether it is the first of all
    results, and so outputs if it can be. (L · D, B, H) is a state, also where L · D happens to be such a number: after
    the first, where x is batch_first, and `inner`, in a tuple of its own, as (h_n, c_n) are.
    """
    if rows not in shape[:2]:
        return None, None
    if len(shape) == 1:
        return 0, None
    layouts = ((0, 1), (1, 0)) if batch_first else ((1, 0), (0, 1))
    likely = layouts if leads else ((0, 1),) if inner else layouts[:1]
    for row, step in likely:
        if shape[row] == rows and shape[step] in times and (len(shape) > 2 or shape[step] > 1):
            return row, step
    if len(shape) > 2 and leads:
        return next((row, step) for row, step in layouts if shape[row] == rows)
    if len(shape) > 2:
        return (1 if shape[1] == rows else 0), None
    return (0 if shape[0] == rows else 1), None


def part_of(name: str, value: Any, at: int, batch: Batch) -> Part:
    """One tensor of a result, `at` so many before it, read by its shape."""
    if hasattr(value, "batch_sizes"):
        return Part(name, value, 0, 1)
    times = frozenset({batch.steps, min(int(batch.counts.max(initial=0)), batch.steps)})
    first, inner = batch.call.batch_first, name.count("[") > 1
    return Part(name, value, *read_as(tuple(value.shape), batch.rows, times, first, at == 0, inner))


def how_read(parts: list[Part], batch: Batch) -> list[str]:
    """What has to be said of how the results were read."""
    said = [WHOLE.format(f"{_named(p)}, {tuple(p.value.shape)},", batch.rows) for p in parts if p.row is None]
    for part in parts:
        if part.step is not None and not hasattr(part.value, "batch_sizes"):
            steps = part.value.shape[part.step]
            if steps < batch.steps and steps != batch.counts.max(initial=0):
                said.append(
                    f"{_named(part)} has {steps} steps, x has {batch.steps}: a row's own are its share of them."
                )
    return said


def _named(part: Part) -> str:
    return part.name[:1].upper() + part.name[1:]


def read_by(label: str, parts: list[Part], changes: list[Tensor], batch: Batch, padding: Padding) -> Reads:
    """What changed, of all tensors of the result together."""
    rows, never = batch.rows, np.iinfo(np.int64).max
    first: NDArray[np.int64] = np.full(rows, never, dtype=np.int64)
    state = np.zeros(rows, dtype=bool)
    for part, changed in zip(parts, changes, strict=True):
        if part.row is None:
            state |= bool(changed.any())
        elif part.step is None:
            state |= _flat(changed.movedim(part.row, 0), 1)
        else:
            steps = _steps(part, changed, rows)
            own = padding.lengths
            if steps.shape[1] < batch.steps and steps.shape[1] != batch.counts.max(initial=0):
                own = own * steps.shape[1] // batch.steps
            steps = steps & (np.arange(steps.shape[1]) < own[:, None])
            first = np.minimum(first, np.where(steps.any(axis=1), steps.argmax(axis=1), never))
    out = first < never
    return Reads(
        label,
        frozen(out[None, None]),
        frozen(np.where(out, first, -1)[None, None]),
        MappingProxyType({name: frozen(state[None, None]) for name in state_names(parts)}),
    )


def state_names(parts: list[Part]) -> list[str]:
    """The names of the final states that a Reads of these parts has."""
    return [STATE] if any(part.step is None for part in parts) else []


def _steps(part: Part, changed: Tensor, rows: int) -> Bools:
    """(B, T') bool of what changed in a result with steps."""
    from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

    if isinstance(part.value, PackedSequence):
        whole = PackedSequence(
            changed.reshape(len(changed), -1).any(dim=1),
            part.value.batch_sizes,
            part.value.sorted_indices,
            part.value.unsorted_indices,
        )
        padded = to_array(pad_packed_sequence(whole, batch_first=True)[0])
        held = np.zeros((rows, padded.shape[1]), dtype=bool)
        held[: min(rows, len(padded))] = padded[:rows]
        return held
    return _flat(changed.movedim((part.row or 0, part.step or 0), (0, 1)), 2)


def _flat(changed: Tensor, keep: int) -> Bools:
    """Any over all dimensions but the first ones."""
    return to_array(changed.reshape(*changed.shape[:keep], -1).any(dim=-1))


def _data(value: Any) -> Tensor:
    data: Tensor = value.data if hasattr(value, "batch_sizes") else value
    return data


def same_shapes(parts: list[Part], new: list[tuple[str, Any]]) -> bool:
    """Whether another result has as many tensors, of the same shapes."""
    tensors = [value for _, value in new if is_tensor(value)]
    return [_data(p.value).shape for p in parts] == [_data(value).shape for value in tensors]


def differences(parts: list[Part], new: list[tuple[str, Any]]) -> list[Tensor]:
    """Where each tensor of another result differs, bool, of its shape."""
    tensors = [value for _, value in new if is_tensor(value)]
    return [differs(_data(value), _data(p.value)) for p, value in zip(parts, tensors, strict=True)]


def leaves(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """All that a result holds, one by one, with its name: `the result[1]`."""
    if hasattr(value, "batch_sizes"):
        yield name, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves(item, f"{name}[{key!r}]")
    elif isinstance(value, list | tuple):
        for at, item in enumerate(value):
            yield from leaves(item, f"{name}[{at}]")
    elif value is not None:
        yield name, to_tensor(value) if isinstance(value, np.ndarray) and value.dtype.kind in "biufc" else value


def is_tensor(value: Any) -> bool:
    """Whether it is a tensor or a PackedSequence."""
    import torch

    return isinstance(_data(value), torch.Tensor)
