"""The order into which torch itself sorts the rows of a batch."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import Batch, BatchError, frozen
from packviz.core.packing import Packing, Refusal, pack
from packviz.torch_side.tensors import to_tensor


def pack_in_torch_order(batch: Batch) -> Packing | Refusal:
    """What torch's packing makes of this batch, with torch's own order of equal lengths; or why it refuses."""
    if batch.call.enforce_sorted or batch.order is not None:
        return pack(batch)
    return pack(batch, sorted_indices(batch.counts))


def packed_or_refused(batch: Batch) -> Packing:
    """The same; raises BatchError, with the reason, where torch packs nothing."""
    packing = pack_in_torch_order(batch)
    if isinstance(packing, Refusal):
        raise BatchError(packing.reason)
    return packing


def sorted_indices(lengths: NDArray[Any]) -> NDArray[np.int64]:
    """`sorted_indices` of pack_padded_sequence(..., enforce_sorted=False) for lengths (n,): (n,) int64, read-only.

    torch.sort is not stable: above 16 rows it may put equal lengths in any order, so only torch can be asked.
    Source: the first lines of torch.nn.utils.rnn.pack_padded_sequence.
    """
    import torch

    counts = to_tensor(lengths).to(dtype=torch.int64)
    order: NDArray[np.int64] = torch.sort(counts, descending=True)[1].numpy()
    return frozen(order)
