"""The lengths of a batch: as torch is given them, and as they are read, one number a row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from packviz.core.arrays import frozen
from packviz.core.errors import BatchError

Origin = Literal["given", "guessed", "mask", "packed"]
"""Where lengths come from: the caller, the padding of x, a mask, the batch_sizes of a PackedSequence."""

INT64 = 2.0**63
"""The largest float that torch.as_tensor converts to int64, of either sign; it raises at what is beyond."""

META = "meta"  # torch's device whose tensors have a shape, and no numbers


@dataclass(frozen=True, eq=False)
class Filed:
    """The lengths as they came with x, before any edit: (n,) whole numbers, read-only.

    `options`: those of the call, by name, under which they were found in x, where they were guessed or said by a mask.
    """

    lengths: NDArray[Any]
    origin: Origin
    options: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, eq=False)
class Lengths:
    """Lengths, right or wrong. Equal only to itself; all arrays are read-only.

    `array`: as torch is given them, of any numeric dtype and any number of dimensions. `read`: (n,), the same numbers,
    one after another; of a mask that was given in their place, what it says of each row. `device`: where they lie.
    `listed`: they are a Python list, tuple or number that torch converts itself, and more strictly than a tensor.
    `filed`: what they were when x was read; None where they did not come with it.
    """

    array: NDArray[Any]
    read: NDArray[Any]
    device: str = "cpu"
    listed: bool = False
    origin: Origin = "given"
    filed: Filed | None = None

    def __len__(self) -> int:
        """n, whatever the number of rows."""
        return len(self.read)

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """(n,) int64, read-only: as torch reads them, cast to int64, fractions cut off, NaN and infinities as the
        processor casts them, which is what torch does too."""
        lengths = self.read.real if self.read.dtype.kind == "c" else self.read
        with np.errstate(invalid="ignore"):
            return frozen(lengths.astype(np.int64))

    @property
    def known(self) -> bool:
        """Whether they have values: a tensor on torch's meta device has a shape only, and is read as zeros."""
        return self.device != META

    @property
    def is_vector(self) -> bool:
        """Whether they are a vector of known numbers, as torch wants them."""
        return self.known and self.array.ndim == 1

    def per_row(self, rows: int) -> NDArray[np.int64]:
        """(n,) int64, the length of each of so many rows; (0,) where nothing that was given says one: a meta tensor, or
        a matrix that is not one number a row."""
        said = self.known and (self.array.ndim == 1 or len(self.read) == rows)
        return self.counts if said else self.counts[:0]

    def as_filed(self, **options: object) -> Lengths:
        """The same, known to have come with x, under these options of the call."""
        if not self.is_vector or self.array.dtype.kind not in "iu":
            return self
        return replace(self, filed=Filed(self.array, self.origin, tuple(options.items())))

    def read_as(self, read: NDArray[Any]) -> Lengths:
        """The same, given as a mask that says these numbers, (n,)."""
        return replace(self, read=frozen(read), origin="mask")


def make_lengths(lengths: ArrayLike, *, device: str = "cpu", listed: bool = False, origin: Origin = "given") -> Lengths:
    """Lengths of a read-only view of an array, or of numbers. Raises BatchError where they hold none.

    A list of whole numbers is as good as a tensor of them, and does not count as `listed`.
    """
    array = np.asarray(lengths)
    if array.dtype.kind not in "biufc":
        if array.size:
            raise BatchError(f"lengths holds {array.dtype}, but whole numbers are expected.")
        array = array.astype(np.int64)
    odd = array.ndim != 1 or device != "cpu" or array.dtype.kind in "fc"
    return Lengths(frozen(array), frozen(array.reshape(-1)), device, listed and odd, origin)
