"""A PackedSequence that contradicts itself: what contradicts what, and the best that can be read from its fields."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from packviz.core.carrier import PackedFields

Ints = NDArray[np.int64]

LEAST_CELLS = 2**16
LEAST_BYTES = 2**20
"""A reading may have so many cells, and take so many bytes, or four times those of `data`, whichever is more: sizes
that contradict themselves may be anything below 2**63."""


class Contradiction(NamedTuple):
    """`field`: the field of the PackedSequence that is wrong; `said`: how, without a full stop."""

    field: str
    said: str


class Reading(NamedTuple):
    """`x`: (B, T, *), rows in the order of the batch where it is known. `lengths`: (B,) int64, all within T."""

    x: NDArray[Any]
    lengths: Ints


def contradictions(fields: PackedFields) -> tuple[Contradiction, ...]:
    """What is wrong with the fields, at most one of a kind, in the order of the fields; () where they agree.

    They agree exactly where pack_padded_sequence can have made them, or PackedSequence(data, batch_sizes,
    sorted_indices), which adds unsorted_indices. int32 indices are as good as int64, as in torch.
    """
    found = [] if fields.data.ndim else [Contradiction("data", "data is one number, but has the shape (N, *)")]
    sizes = fields.batch_sizes
    found += [Contradiction("batch_sizes", said) for said in _about_sizes(sizes, len(np.atleast_1d(fields.data)))]
    vector = sizes.ndim == 1 and len(sizes) > 0 and sizes.dtype.kind in "iu" and int(sizes[0]) > 0
    found += _about_indices(fields.sorted_indices, fields.unsorted_indices, int(sizes[0]) if vector else None)
    return tuple(found)


def counted_steps(fields: PackedFields) -> int | None:
    """How many steps torch takes it to have, the entries of batch_sizes; None where that is one number."""
    return len(fields.batch_sizes) if fields.batch_sizes.ndim else None


def inverse(order: NDArray[Any]) -> Ints:
    """(B,) int64, the inverse of a permutation, (B,)."""
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    return back


def is_permutation(order: NDArray[Any]) -> bool:
    """Whether it is a vector of whole numbers that holds each from 0 to B - 1 once."""
    if order.ndim != 1 or order.dtype.kind not in "iu":
        return False
    return bool(np.array_equal(np.sort(order), np.arange(len(order))))


def reading(fields: PackedFields, fill: Any) -> Reading:
    """The padded batch that the fields come nearest to: data in its own order, step by step, batch_sizes[t] rows a
    step, as long as there is data; `fill`, the padding value, everywhere else.

    Where batch_sizes says nothing, data is one row. Never raises for numbers, whatever they are, and bounded in memory.
    """
    data = fields.data if fields.data.ndim else fields.data.reshape(1)
    sizes = _clipped(fields.batch_sizes, len(data))
    if not sizes.any() or not len(data):
        return Reading(data[None], np.array([len(data)], dtype=np.int64))
    rows, steps = _bounded(int(sizes.max()), len(sizes), data)
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    k = np.arange(len(data))
    step = np.searchsorted(offsets, k, side="right") - 1
    rank = k - offsets[np.minimum(step, len(sizes))]
    held = (step < steps) & (rank < rows)
    order = fields.sorted_indices
    row = np.arange(rows)
    if order is not None and is_permutation(order) and len(order) == rows:
        row = order.astype(np.int64)
    x = np.full((rows, steps, *data.shape[1:]), fill, dtype=data.dtype)
    x[row[rank[held]], step[held]] = data[held]
    # A row lasts until the last step that has so many: it may be missing at some before, where batch_sizes rise.
    still = np.maximum.accumulate(sizes[:steps][::-1])[::-1]
    lengths = np.empty(rows, dtype=np.int64)
    lengths[row] = np.maximum(np.searchsorted(-still, -np.arange(rows), side="left"), 1)
    return Reading(x, lengths)


def _bounded(rows: int, steps: int, data: NDArray[Any]) -> tuple[int, int]:
    """Rows and steps that are worth their memory, at least one each; rows are at most N already."""
    of_cell = max(1, data[0].nbytes)
    cells = min(max(LEAST_CELLS, 4 * len(data)), max(LEAST_BYTES, 4 * data.nbytes) // of_cell)
    rows = max(1, min(rows, cells))
    return rows, max(1, min(steps, cells // rows))


def _clipped(sizes: NDArray[Any], most: int) -> Ints:
    """The sizes as whole numbers from 0 to `most`, (L,), whatever they were; NaN is 0."""
    flat = sizes.reshape(-1)
    if flat.dtype.kind == "c":
        flat = flat.real
    if flat.dtype.kind == "f":
        flat = np.nan_to_num(flat.astype(np.float64), nan=0, posinf=most, neginf=0)
    elif flat.dtype.kind == "b":
        flat = flat.astype(np.int64)
    clipped: Ints = np.clip(flat, 0, most).astype(np.int64)
    return clipped


def _about_sizes(sizes: NDArray[Any], count: int) -> list[str]:
    found = []
    if sizes.ndim != 1:
        found.append(f"batch_sizes has shape {sizes.shape}, but one dimension is expected, one entry a step")
    elif not len(sizes):
        return ["batch_sizes is empty, but has one entry a step"]
    if sizes.dtype != np.int64:
        found.append(f"batch_sizes holds {sizes.dtype}, but torch takes int64 only")
    if sizes.ndim != 1 or sizes.dtype.kind not in "iu":
        return found
    if sizes.min() < 1:
        step = int(np.argmax(sizes < 1))
        found.append(f"batch_sizes[{step}] is {sizes[step]}, but at least one row is active at every step")
    rises = np.flatnonzero(sizes[1:] > sizes[:-1])
    if len(rises):
        step = int(rises[0]) + 1
        said = f"batch_sizes[{step}] is {sizes[step]} after {sizes[step - 1]}, but rows that ended do not come back"
        found.append(said)
    total = sum(sizes.tolist())
    if total != count:
        found.append(f"batch_sizes sum to {total}, but data has {count} {'row' if count == 1 else 'rows'}")
    return found


def _about_indices(order: NDArray[Any] | None, back: NDArray[Any] | None, rows: int | None) -> list[Contradiction]:
    given = {"sorted_indices": order, "unsorted_indices": back}
    wrong = {
        name: said
        for name, indices in given.items()
        if indices is not None and (said := _about_order(name, indices, rows)) is not None
    }
    found = [Contradiction(name, said) for name, said in wrong.items()]
    if wrong or (order is None and back is None):
        return found
    if order is None or back is None:
        alone, missing = (
            ("sorted_indices", "unsorted_indices") if back is None else ("unsorted_indices", "sorted_indices")
        )
        return [Contradiction(missing, f"{missing} is None, but {alone} is given: packing sets both or neither")]
    expected = inverse(order)
    if len(order) != len(back):
        said = f"unsorted_indices has {len(back)} entries, but sorted_indices has {len(order)}"
        return [*found, Contradiction("unsorted_indices", said)]
    differs = np.flatnonzero(expected != back)
    if len(differs):
        row = int(differs[0])
        said = (
            f"unsorted_indices[{row}] is {back[row]}, but row {row} is at sorted_indices[{expected[row]}]: "
            "the two are not inverses of each other"
        )
        found.append(Contradiction("unsorted_indices", said))
    return found


def _about_order(name: str, indices: NDArray[Any], rows: int | None) -> str | None:
    """Why it is no permutation of the rows, or None; without `rows`, of as many as it has entries."""
    if indices.ndim != 1:
        return f"{name} has shape {indices.shape}, but one dimension is expected, one entry a row"
    if indices.dtype not in (np.dtype(np.int64), np.dtype(np.int32)):
        return f"{name} holds {indices.dtype}, but torch takes int64 or int32 only"
    if rows is not None and len(indices) != rows:
        entries = "entry" if len(indices) == 1 else "entries"
        return f"{name} has {len(indices)} {entries}, but batch_sizes[0] is {rows}"
    if is_permutation(indices):
        return None
    outside = np.flatnonzero((indices < 0) | (indices >= len(indices)))
    if len(outside):
        place = int(outside[0])
        return f"{name}[{place}] is {indices[place]}, but the rows are numbered 0 to {len(indices) - 1}"
    _, firsts = np.unique(indices, return_index=True)
    place = int(np.setdiff1d(np.arange(len(indices)), firsts)[0])
    return f"{name}[{place}] is {indices[place]} a second time, but each row has one place"
