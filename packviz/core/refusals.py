"""What torch refuses to pack, and the cause at which it stops first; the code of a Refusal is that of the finding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import Batch
from packviz.core.cells.masks import given_as_lengths
from packviz.core.lengths import INT64
from packviz.core.texts.wording import length_named, lengths_placed


@dataclass(frozen=True)
class Refusal:
    """torch packs nothing: `reason` says why, in our words; `code` is the finding that explains it."""

    code: str
    reason: str


def unreadable(batch: Batch) -> NDArray[np.bool_]:
    """(n,) bool, the lengths that no whole number can stand for: NaN, the infinities, and, in a Python list, whatever
    int64 can't hold. A tensor's or an array's are cast as the processor casts them."""
    lengths = batch.lengths
    if lengths.dtype.kind not in "fc":
        return np.zeros(len(lengths), dtype=bool)
    real = lengths.real
    if batch.given.listed:
        return np.asarray(~(np.abs(real) <= INT64))
    return np.asarray(~np.isfinite(real))


def refused(batch: Batch) -> Refusal | None:
    """Why torch does not pack this batch: the cause at which it stops first; None where it packs.

    Sources: pack_padded_sequence of torch/nn/utils/rnn.py, which makes int64 of the lengths and, unless enforce_sorted,
    sorts them and selects the rows of x; ATen's index_select; then ATen's _pack_padded_sequence.
    """
    if batch.given.listed and bool(unreadable(batch).any()):
        return _unreadable(batch, int(np.argmax(unreadable(batch))))
    found = None if batch.call.enforce_sorted else _while_sorting(batch)
    return found or _while_packing(batch)


def _while_sorting(batch: Batch) -> Refusal | None:
    """What `index_select(batch_dim, sorted_indices.to(x.device))` stops at."""
    x, n, dimensions = batch.x, len(batch.lengths), batch.given.array.ndim
    if not batch.given.known:
        return _on_device(batch)  # a meta tensor can't be copied to where x is
    if x.ndim < 2 and not batch.call.batch_first:
        return _flat(batch)
    if dimensions >= 2:
        return _no_vector(batch)
    if x.ndim == 0 and n != 1:
        return _flat(batch)
    if x.ndim == 1 and (n > len(x) or (n == 0 and x.size)):
        return _flat(batch)
    if x.ndim < 2:
        return None
    if x.size == 0 and batch.rows == 0 and n:
        return _empty(batch)
    return _miscounted(batch) if n > batch.rows or (n == 0 and x.size) else None


def _while_packing(batch: Batch) -> Refusal | None:
    """What ATen's _pack_padded_sequence stops at: it looks for cells, at the lengths as a tensor, at their number, at
    the last one, which is the smallest once they are sorted, and at the order of the others."""
    x, n, enforce_sorted = batch.x, len(batch.lengths), batch.call.enforce_sorted
    if x.size == 0:
        return _empty(batch)
    if x.ndim < 2 and batch.call.batch_first:
        return _flat(batch)
    if batch.given.array.ndim != 1:
        return _no_vector(batch)
    if batch.given.device != "cpu":
        return _on_device(batch)
    if x.ndim < 2:
        return _flat(batch)
    if n == 0 or (n != batch.rows and enforce_sorted):
        return _miscounted(batch)
    counts = batch.counts
    last = n - 1 if enforce_sorted else int(np.argmin(counts))
    if counts[last] <= 0:
        if unreadable(batch)[last]:
            return _unreadable(batch, last)
        first = int(np.argmax((counts <= 0) & ~unreadable(batch)))
        return Refusal("length-not-positive", f"{length_named(batch, first)}, but a length must be at least 1.")
    return _unsorted(batch) if enforce_sorted else None


def _unsorted(batch: Batch) -> Refusal | None:
    counts = batch.counts
    rises = np.flatnonzero(counts[1:] > counts[:-1])
    if not len(rises):
        return None
    no_numbers = np.flatnonzero(unreadable(batch))
    if len(no_numbers):
        return _unreadable(batch, int(no_numbers[0]))
    row = int(rises[0])
    return Refusal(
        "lengths-unsorted",
        f"{length_named(batch, row)} and {length_named(batch, row + 1)}, "
        "but enforce_sorted=True expects them in decreasing order.",
    )


def _unreadable(batch: Batch, place: int) -> Refusal:
    return Refusal("length-not-finite", f"{length_named(batch, place)}, but a length is a whole number of steps.")


def _flat(batch: Batch) -> Refusal:
    wanted = "(B, T)" if batch.call.batch_first else "(T, B)"
    return Refusal("batch-rank", f"x has shape {batch.x.shape}, but a batch has rows and steps, at least {wanted}.")


def _no_vector(batch: Batch) -> Refusal:
    code = "lengths-shape" if given_as_lengths(batch) is None else "lengths-are-mask"
    return Refusal(code, f"lengths is {lengths_placed(batch)}, but a vector is expected, one length a row.")


def _on_device(batch: Batch) -> Refusal:
    return Refusal("lengths-device", f"lengths is {lengths_placed(batch)}, but torch takes them on the CPU only.")


def _empty(batch: Batch) -> Refusal:
    return Refusal("batch-empty", f"x has shape {batch.x.shape}: there is nothing to pack.")


def _miscounted(batch: Batch) -> Refusal:
    return Refusal("lengths-count", f"{len(batch.lengths)} lengths were given, but x has {batch.rows} rows.")
