"""What a batch came as, and by which call it is packed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class PackedFields:
    """The fields of a PackedSequence, as they were given; read-only.

    `data`: (N, *). `batch_sizes`: should be (L,). `sorted_indices`, `unsorted_indices`: should be (B,), or None.
    """

    data: NDArray[Any]
    batch_sizes: NDArray[Any]
    sorted_indices: NDArray[Any] | None = None
    unsorted_indices: NDArray[Any] | None = None


@dataclass(frozen=True)
class Padded:
    """A padded tensor, in the layout of the call: `pack_padded_sequence` packs it."""


@dataclass(frozen=True)
class Sequences:
    """A ragged list: the call is `pack_sequence`, and x is what was made of it."""


@dataclass(frozen=True, eq=False)
class Packed:
    """A PackedSequence: x and the lengths are what was read from it. Equal only to itself.

    `order`: (B,) int64, the `sorted_indices` that it brought along, or None. `fields`: where they contradict each
    other; x and the lengths are then their best reading.
    """

    order: NDArray[np.int64] | None = None
    fields: PackedFields | None = None


Carrier = Padded | Sequences | Packed
