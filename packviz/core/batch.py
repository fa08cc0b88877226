"""A padded batch, its lengths, and the options of the call that packs them."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from packviz.core.arrays import frozen as frozen
from packviz.core.budget import afford
from packviz.core.carrier import Carrier, Packed, PackedFields, Padded
from packviz.core.cells.companions import Companion
from packviz.core.errors import BatchError as BatchError
from packviz.core.lengths import Lengths, Origin, make_lengths
from packviz.core.source import Source


@dataclass(frozen=True)
class Call:
    """The options of the call, with torch's names and torch's defaults.

    `batch_first`, `enforce_sorted`: as in `pack_padded_sequence`; `padding_value`, `total_length`: as in
    `pad_packed_sequence`. `padding_value` also says what the cells of x beyond the lengths are filled with.
    """

    batch_first: bool = False
    enforce_sorted: bool = True
    padding_value: float = 0
    total_length: int | None = None


OPTIONS: tuple[str, ...] = tuple(option.name for option in fields(Call))
"""The names of the options of the call."""


@dataclass(frozen=True, eq=False)
class Batch:
    """The padded tensor x and its lengths, with the options of the call. Equal only to itself.

    `x`: (B, T, *) if `call.batch_first`, else (T, B, *): as torch is given it, which may have fewer than two
    dimensions; not writeable.
    `given`: the lengths as torch is given them, right or wrong; whatever their origin.
    `source`: where the batch came from. `dtype`: torch's name of the dtype that x had ("bfloat16" is held as float32
    here). `carrier`: what it came as, and by which call it is packed.
    `mask`: (B, T) or (T, B) bool, the mask that came beside x, True at data; None where there was none.
    `mask_inverted`: the mask came True at padding, and was turned. `mask_steps`: the steps of a mask that came with
    fewer than x has, as one of max(lengths) steps, and was filled up with padding; else None. `read_as`: how it was
    read, where what it came in does not say that plainly: sentences without a full stop. `beside`: labels and what else
    came with x, which is held against it.
    """

    x: NDArray[Any]
    given: Lengths
    call: Call = field(default_factory=Call)
    source: Source = field(default_factory=Source)
    dtype: str = "float32"
    carrier: Carrier = field(default_factory=Padded)
    mask: NDArray[np.bool_] | None = None
    mask_inverted: bool = False
    mask_steps: int | None = None
    read_as: tuple[str, ...] = ()
    beside: tuple[Companion, ...] = ()

    @property
    def lengths(self) -> NDArray[Any]:
        """(n,), read-only: the lengths as they are read, right or wrong, of any numeric dtype; n should be B."""
        return self.given.read

    @property
    def counts(self) -> NDArray[np.int64]:
        """(n,) int64, read-only: the lengths as torch reads them."""
        return self.given.counts

    @property
    def row_lengths(self) -> NDArray[np.int64]:
        """(n,) int64, the length of each row as torch reads it; (0,) where nothing given says one length a row."""
        return self.given.per_row(self.rows)

    @property
    def order(self) -> NDArray[np.int64] | None:
        """(B,) int64, the `sorted_indices` that a PackedSequence brought along, or None."""
        return self.carrier.order if isinstance(self.carrier, Packed) else None

    @property
    def contradictory(self) -> PackedFields | None:
        """The fields of a PackedSequence that contradicts itself, of which x and lengths are the best reading; None of
        any other batch."""
        return self.carrier.fields if isinstance(self.carrier, Packed) else None

    @property
    def grid(self) -> NDArray[Any]:
        """x as (B, T, *), whatever its layout; a view. An x of fewer than two dimensions is seen as one row."""
        if self.x.ndim < 2:
            return self.x.reshape(1, -1)
        return self.x if self.call.batch_first else self.x.swapaxes(0, 1)

    @property
    def rows(self) -> int:
        """B, the number of rows of x (whatever the number of lengths)."""
        return int(self.grid.shape[0])

    @property
    def steps(self) -> int:
        """T, the number of steps of x."""
        return int(self.grid.shape[1])

    @property
    def features(self) -> tuple[int, ...]:
        """The sizes of the dimensions after (row, step); () where x has none."""
        return tuple(int(n) for n in self.x.shape[2:])

    @property
    def feature_count(self) -> int:
        """F, the features of a cell: the product of `features`, and 1 where x has no dimension for them."""
        return prod(self.features)

    def with_call(self, **options: Any) -> Batch:
        """The same x and lengths under other options (names of `Call`).

        Sequences and a PackedSequence have no layout of their own: the x that was made of them follows `batch_first`.
        """
        call = replace(self.call, **options)
        if self.x.ndim < 2:
            return replace(self, call=call)
        if not isinstance(self.carrier, Padded) and call.batch_first != self.call.batch_first:
            return self._swapped(call)
        return replace(self, call=call)

    def with_lengths(self, lengths: ArrayLike, origin: Origin = "given") -> Batch:
        """The same x with other lengths, (n,), for `pack_padded_sequence`, in torch's own order."""
        given = replace(make_lengths(lengths, origin=origin), filed=self.given.filed)
        return replace(self, given=given, carrier=Padded())

    def with_swapped_layout(self) -> Batch:
        """x with its first two dimensions swapped and `batch_first` turned: the same rows, the other layout."""
        call = replace(self.call, batch_first=not self.call.batch_first)
        if self.x.ndim < 2:
            return replace(self, call=call)
        return self._swapped(call)

    def _swapped(self, call: Call) -> Batch:
        mask = None if self.mask is None else self.mask.T
        return replace(self, x=self.x.swapaxes(0, 1), mask=mask, call=call, source=self.source.swapped())

    def with_rows_shifted(self, shift: NDArray[np.int64]) -> Batch:
        """Each row moved towards t0 by so many steps, (B,); what leaves it at t0 comes in again at its end."""
        rows = np.flatnonzero(shift)
        steps = (np.arange(self.steps) + shift[rows, None]) % max(self.steps, 1)

        def moved(array: NDArray[Any]) -> NDArray[Any]:
            copied = array.copy()
            grid = copied if self.call.batch_first else copied.swapaxes(0, 1)
            grid[rows] = grid[rows[:, None], steps]
            return frozen(copied)

        mask = self.mask if self.mask is not None and self.mask.shape == self.x.shape[:2] else None
        return replace(self, x=moved(self.x), mask=None if mask is None else moved(mask), source=self.source.shifted())

    def with_value(self, row: int, step: int, feature: int, value: Any) -> Batch:
        """A copy of x with another number in one place, of x's dtype; `feature` counts on through all dimensions after
        (row, step). Raises BatchError where x has no such place, or is the reading of what contradicts itself."""
        if self.contradictory is not None:
            raise BatchError("The PackedSequence contradicts itself: x is only a reading of it, and can't be edited.")
        if self.x.ndim < 2 or not (
            0 <= row < self.rows and 0 <= step < self.steps and 0 <= feature < self.feature_count
        ):
            raise BatchError(f"x of shape {self.x.shape} has no row {row}, step {step}, feature {feature}.")
        x = self.x.copy()
        grid = x if self.call.batch_first else x.swapaxes(0, 1)
        at = [int(index) for index in np.unravel_index(feature, self.features)] if self.features else []
        grid[(row, step, *at)] = value
        return replace(self, x=frozen(x), source=self.source.edited())

    def with_rows_of_steps(self) -> Batch:
        """x of fewer than two dimensions as one row, (1, T) or (T, 1); the same batch where x has two or more."""
        if self.x.ndim >= 2:
            return self
        x = self.x.reshape((1, -1) if self.call.batch_first else (-1, 1))
        return replace(self, x=frozen(x), source=self.source.as_one_row())


REPEATED = 8
"""The bytes that are taken for each byte of x in what is made of it: packed data, what the checks find, a run."""


def _check_repeated(array: NDArray[Any]) -> None:
    """Raise BatchError for a view that repeats its numbers, as torch.expand makes one, so often that what is made of it
    can't be afforded, and so for cells without features; what lies in memory number by number was affordable to whoever
    made it."""
    lies_in = array.itemsize + sum((n - 1) * abs(step) for n, step in zip(array.shape, array.strides, strict=True))
    if not array.size:  # cells without features, of which there may be any number
        afford(f"x of shape {array.shape}", REPEATED * prod(array.shape[:2]))
    if array.nbytes > lies_in:
        afford(f"x of shape {array.shape}, a view that repeats its numbers,", REPEATED * array.nbytes)


def make_batch(
    x: ArrayLike,
    lengths: ArrayLike | Lengths,
    call: Call | None = None,
    *,
    source: Source | str = "x",
    dtype: str | None = None,
    origin: Origin = "given",
    carrier: Carrier | None = None,
    lengths_device: str = "cpu",
    lengths_listed: bool = False,
    mask: ArrayLike | None = None,
) -> Batch:
    """A Batch of read-only views of x, (B, T, *) or (T, B, *), and lengths, (n,), which may be wrong in any way.

    `origin`, `lengths_device`, `lengths_listed`: of lengths that are no Lengths yet, see there.
    Raises BatchError where x or lengths hold no numbers.
    """
    array = np.asarray(x)
    if array.dtype.kind not in "biufc":
        raise BatchError(f"x holds {array.dtype}, but a batch holds numbers: convert it first.")
    _check_repeated(array)
    if not isinstance(lengths, Lengths):
        lengths = make_lengths(lengths, device=lengths_device, listed=lengths_listed, origin=origin)
    return Batch(
        frozen(array),
        lengths,
        call or Call(),
        source if isinstance(source, Source) else Source(source),
        dtype or array.dtype.name,
        carrier or Padded(),
        None if mask is None else frozen(np.asarray(mask, dtype=bool)),
    )
