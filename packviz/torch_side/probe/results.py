"""What a callable returned: its tensors, how each is read, and which rows of them changed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import Batch, frozen
from packviz.core.breaches import sentence
from packviz.core.cells.bits import Bools, Ints
from packviz.core.probing import Padding, Reads
from packviz.core.texts.wording import count
from packviz.torch_side.probe.axes import Reading, reading, sizes_of
from packviz.torch_side.probe.fills import differs
from packviz.torch_side.tensors import to_array, to_tensor

if TYPE_CHECKING:
    from torch import Tensor

STATE = "state"
EITHER = "output or state"
NO_ROWS = (
    "not compared: {}, {}, does not have a row for each of the {} of x{}: return tensors of (B, …), (B, T, …) or "
    "(T, B, …)."
)
NONE_GROWS = " (none of its dimensions grows by one where x has one row more)"
FOREIGN = (
    "not compared: {} is of type {}, in which no tensors are looked for: return tensors, in tuples, lists or dicts."
)
ODD = "not compared: {} is a sparse or nested tensor: return a dense one."
PLAIN = (str, bytes, bool, int, float, complex, np.generic)
BOTH_WAYS = (
    "{}, {}, may hold steps in its dimension {}, or be a state: it was compared both ways. A callable that takes x of "
    "any B and T shows which it is{}."
)
NOT_STEPS = "{}, {}, does not have the steps of x: any change in a row of it counts as reading padding."
OWN_STEPS = "{}, {}, has steps of its own: of each row those count that it has alone, cut to its length."
COUNTED = "the number of steps in "
WHOLE_NUMBERS = "{} holds whole numbers: what it reads of padding shows only where another number comes out."
NANS = "{} holds NaN over x as it is: what hides behind it can't be seen to change."


class Part(NamedTuple):
    """One tensor of a result, or a PackedSequence, and how it is read.

    `own`: of a tensor laid row by row that does not have the steps of x, the dimensions that hold steps of its own, as
    of a convolution with a stride, and how many of them each row has, (B,).
    """

    name: str
    value: Any
    reading: Reading
    own: tuple[tuple[int, Ints], ...] = ()


def parts_of(
    tensors: list[tuple[str, Any]], others: list[tuple[str, Any]] | None, batch: Batch
) -> tuple[list[Part], str]:
    """The tensors of a result, each with how it is read; or none, and why they can't be compared.

    `others`: those over the x of another size (probe_axes.py), in the same order; None where there are none.
    """
    sizes, parts = sizes_of(batch), list[Part]()
    for at, (name, value) in enumerate(tensors):
        size = None
        if hasattr(value, "batch_sizes"):
            shape: tuple[int, ...] = (int(value.batch_sizes[0]),)
            found = Reading(0, 1) if shape == (sizes.rows,) else None
        else:
            shape = tuple(value.shape)
            other = None if others is None else others[at][1]
            size = tuple(other.shape) if other is not None and not hasattr(other, "batch_sizes") else None
            found = reading(shape, size, sizes, batch.call.batch_first)
        if found is None:
            return [], NO_ROWS.format(name, shape, count(sizes.rows, "row"), NONE_GROWS if size else "")
        parts.append(Part(name, value, found))
    return parts, ""


def refused(result: list[tuple[str, Any]]) -> str:
    """Why a result can't be compared as a whole, else nothing: what can't be looked into may hide a leak."""
    import torch

    for name, value in result:
        if is_tensor(value):
            data = data_of(value)
            if data.layout is not torch.strided or data.is_nested:
                return ODD.format(name)
        elif not isinstance(value, PLAIN):
            return FOREIGN.format(name, type(value).__name__)
    return ""


def how_read(parts: list[Part], batch: Batch, failed: str = "") -> list[str]:
    """What has to be said of how the results were read. `failed`: what the run over another size of x raised."""
    said = []
    for part in parts:
        name, data, (row, step, sure, _) = sentence(part.name), data_of(part.value), part.reading
        shape = tuple(data.shape)
        if not sure and step is not None:
            said.append(
                BOTH_WAYS.format(name, shape, step, f"; over another size it raises {failed}" if failed else "")
            )
        elif part.own:
            said.append(OWN_STEPS.format(name, shape))
        elif step is None and row == 0 and len(shape) > 2 and shape[1] > 1:
            said.append(NOT_STEPS.format(name, shape))
        if part.name.startswith(COUNTED):
            continue
        if not (data.is_floating_point() or data.is_complex()):
            said.append(WHOLE_NUMBERS.format(name))
        elif bool(data.isnan().any()):
            said.append(NANS.format(name))
    return said


def read_by(label: str, parts: list[Part], changes: list[Tensor], batch: Batch, padding: Padding) -> Reads:
    """What changed, of all tensors of the result together.

    Of a state any change in a row counts, of steps those before the row's length. Of what may be either, those before
    the length count, and a row of which only others changed is undecided.
    """
    rows, never = batch.rows, np.iinfo(np.int64).max
    first: NDArray[np.int64] = np.full(rows, never, dtype=np.int64)
    final = {name: np.zeros(rows, dtype=bool) for name in state_names(parts)}
    undecided = np.zeros(rows, dtype=bool)
    for part, changed in zip(parts, changes, strict=True):
        _, step, sure, _ = part.reading
        if step is None:
            final[STATE] |= _flat(_counting(part, state_of_rows(changed, part.reading, rows)), 1)
            continue
        steps = _steps(part, changed, rows)
        within = steps & (np.arange(steps.shape[1]) < padding.lengths[:, None])
        if sure:
            first = np.minimum(first, np.where(within.any(axis=1), within.argmax(axis=1), never))
        else:
            final[EITHER] |= within.any(axis=1)
            undecided |= steps.any(axis=1)
    out = first < never
    read = np.logical_or.reduce([out, *final.values()])
    return Reads(
        label,
        frozen(out[None, None]),
        frozen(np.where(out, first, -1)[None, None]),
        MappingProxyType({name: frozen(state[None, None]) for name, state in final.items()}),
        undecided=frozen((undecided & ~read)[None, None]),
    )


def state_names(parts: list[Part]) -> list[str]:
    """The names of the final states that a Reads of these parts has."""
    names = {STATE: any(part.reading.step is None for part in parts), EITHER: not all(p.reading.sure for p in parts)}
    return [name for name, there in names.items() if there]


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
        return to_array(pad_packed_sequence(whole, batch_first=True)[0])
    return _flat(state_of_rows(changed, part.reading, rows), 2)


def _counting(part: Part, changed: Tensor) -> Tensor:
    """What changed, (B, …), in steps of its own that a row has."""
    import torch

    for at, ends in part.own:
        within = torch.arange(changed.shape[at]) < torch.as_tensor(ends)[:, None]
        shape = [len(changed), *(size if at == each + 1 else 1 for each, size in enumerate(changed.shape[1:]))]
        changed = changed & within.reshape(shape).to(changed.device)
    return changed


def state_of_rows(value: Tensor, reading: Reading, rows: int) -> Tensor:
    """A tensor as (B, …), or (B, T', …) where it holds steps; a row that is there several times has that next."""
    row, step, _, times = reading
    value = value.movedim(row, 0) if step is None else value.movedim((row, step), (0, 1))
    if times == 1:
        return value
    value = value.reshape(rows, times, *value.shape[1:])
    return value if step is None else value.transpose(1, 2)


def _flat(changed: Tensor, keep: int) -> Bools:
    """Any over all dimensions but the first ones."""
    return to_array(changed.reshape(*changed.shape[:keep], -1).any(dim=-1))


def data_of(value: Any) -> Tensor:
    """A tensor itself, or the data of a PackedSequence."""
    data: Tensor = value.data if hasattr(value, "batch_sizes") else value
    return data


def same_shapes(old: list[tuple[str, Any]], new: list[tuple[str, Any]]) -> bool:
    """Whether two results have the same tensors, of the same shapes."""
    return [(n, data_of(v).shape) for n, v in tensors_of(old)] == [(n, data_of(v).shape) for n, v in tensors_of(new)]


def differences(old: list[tuple[str, Any]], new: list[tuple[str, Any]]) -> list[Tensor]:
    """Where each tensor of another result differs, bool, of its shape."""
    pairs = zip(tensors_of(old), tensors_of(new), strict=True)
    return [differs(data_of(after), data_of(before)) for (_, before), (_, after) in pairs]


def tensors_of(result: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """The tensors and PackedSequences of a result, with their names."""
    return [(name, value) for name, value in result if is_tensor(value)]


def leaves(value: Any, name: str, ragged: frozenset[str] = frozenset()) -> Iterator[tuple[str, Any]]:
    """All that a result holds, one by one, with its name: `the result[1]`. `ragged`: the names of lists that hold one
    sequence a row, which become one tensor, (B, T', *), and how many steps each has, (B,)."""
    if hasattr(value, "batch_sizes"):
        yield name, value
    elif name in ragged and isinstance(value, list | tuple):
        yield name, _padded(value)
        yield COUNTED + name, _counts(value)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves(item, f"{name}[{key!r}]", ragged)
    elif isinstance(value, list | tuple):
        for at, item in enumerate(value):
            yield from leaves(item, f"{name}[{at}]", ragged)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from leaves(getattr(value, field.name), f"{name}.{field.name}", ragged)
    elif value is not None:
        yield name, to_tensor(value) if isinstance(value, np.ndarray) and value.dtype.kind in "biufc" else value


def ragged_in(value: Any, name: str, rows: int) -> frozenset[str]:
    """The names of the lists in a result that hold one sequence for each row: lists of numbers, as decoders return
    them, or tensors, (L, *), of which one has another length than the others, or none a dimension of rows."""
    if isinstance(value, list | tuple) and not hasattr(value, "batch_sizes"):
        if len(value) == rows and _is_ragged(value, rows):
            return frozenset({name})
        parts = [(f"{name}[{at}]", item) for at, item in enumerate(value)]
    elif isinstance(value, Mapping):
        parts = [(f"{name}[{key!r}]", item) for key, item in value.items()]
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = [(f"{name}.{f.name}", getattr(value, f.name)) for f in dataclasses.fields(value)]
    else:
        return frozenset()
    return frozenset().union(*(ragged_in(item, called, rows) for called, item in parts))


def _is_ragged(items: list[Any] | tuple[Any, ...], rows: int) -> bool:
    import torch

    if all(isinstance(item, list) and item and all(type(n) in (int, float) for n in item) for item in items):
        return True
    if not all(isinstance(item, torch.Tensor) and item.ndim and item.layout is torch.strided for item in items):
        return False
    if len({item.shape[1:] for item in items}) > 1:
        return False
    return len({len(item) for item in items}) > 1 or not any(rows in item.shape for item in items)


def _padded(items: list[Any] | tuple[Any, ...]) -> Tensor:
    import torch
    from torch.nn.utils.rnn import pad_sequence

    return pad_sequence([torch.as_tensor(item) for item in items], batch_first=True)


def _counts(items: list[Any] | tuple[Any, ...]) -> Tensor:
    import torch

    return torch.tensor([len(item) for item in items])


def is_tensor(value: Any) -> bool:
    """Whether it is a tensor or a PackedSequence."""
    import torch

    return isinstance(data_of(value), torch.Tensor)
