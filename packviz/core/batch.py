"""A padded batch, its lengths, and the options of the call that packs them."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from math import prod
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

LengthsFrom = Literal["given", "guessed", "mask", "packed"]
Kind = Literal["padded", "sequences", "packed"]


SWAPPED, SHIFTED = " (swapped)", " (shifted)"


class BatchError(ValueError):
    """What was given is not a batch. The text is one sentence, ready to be shown: which file, row or
    index; what was expected; what to do."""


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
class GivenLengths:
    """The lengths as torch is given them, where they are anything else than a vector tensor on the CPU.

    `array`: of any number of dimensions, read-only. `device`: where they lie. `listed`: they are a Python list, tuple
    or number, which torch converts itself, and more strictly than a tensor.
    """

    array: NDArray[Any]
    device: str = "cpu"
    listed: bool = False


@dataclass(frozen=True, eq=False)
class PackedFields:
    """The fields of a PackedSequence that contradicts itself, as they were given; read-only.

    `data`: (N, *). `batch_sizes`: should be (L,). `sorted_indices`, `unsorted_indices`: should be (B,), or None.
    """

    data: NDArray[Any]
    batch_sizes: NDArray[Any]
    sorted_indices: NDArray[Any] | None = None
    unsorted_indices: NDArray[Any] | None = None


@dataclass(frozen=True, eq=False)
class Batch:
    """The padded tensor x and its lengths, with the options of the call. Equal only to itself.

    `x`: (B, T, *) if `call.batch_first`, else (T, B, *): as torch is given it, which may have fewer than two
    dimensions; not writeable.
    `lengths`: (n,) right or wrong, of any numeric dtype; n should be B; not writeable.
    `dtype`: torch's name of the dtype that x had ("bfloat16" is held as float32 here).
    `kind`: "sequences" came as a ragged list (the call is `pack_sequence`), "packed" as a PackedSequence.
    `order`: (B,) int64, the `sorted_indices` that a PackedSequence brought along, or None.
    `source`: where the batch came from, in a word or a path.
    `given`: the lengths as torch is given them, where `lengths` is only packviz's reading of them.
    `mask`: (B, T) or (T, B) bool, the mask that came beside x, True at data; None where there was none.
    `packed`: the fields of a PackedSequence that contradicts itself; x and lengths are then its best reading.
    `mask_inverted`: the mask came True at padding, and was turned.
    """

    x: NDArray[Any]
    lengths: NDArray[Any]
    call: Call = field(default_factory=Call)
    source: str = "x"
    dtype: str = "float32"
    lengths_from: LengthsFrom = "given"
    kind: Kind = "padded"
    order: NDArray[np.int64] | None = None
    given: GivenLengths | None = None
    mask: NDArray[np.bool_] | None = None
    packed: PackedFields | None = None
    mask_inverted: bool = False

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

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """(n,) int64, read-only: the lengths as torch reads them, cast to int64, fractions cut off, NaN and infinities
        as the processor casts them, which is what torch does too."""
        lengths = self.lengths.real if self.lengths.dtype.kind == "c" else self.lengths
        with np.errstate(invalid="ignore"):
            return frozen(lengths.astype(np.int64))

    @property
    def lengths_known(self) -> bool:
        """Whether the lengths have values: a tensor on torch's meta device has a shape only, and is read as zeros."""
        return self.given is None or self.given.device != "meta"

    def with_call(self, **options: Any) -> Batch:
        """The same x and lengths under other options (names of `Call`).

        Sequences and a PackedSequence have no layout of their own: the x that was made of them follows `batch_first`.
        """
        call = replace(self.call, **options)
        if self.x.ndim < 2:
            return replace(self, call=call)
        if self.kind != "padded" and call.batch_first != self.call.batch_first:
            mask = None if self.mask is None else self.mask.T
            return replace(self, x=self.x.swapaxes(0, 1), mask=mask, call=call, source=_swapped(self.source))
        return replace(self, call=call)

    def with_lengths(self, lengths: ArrayLike) -> Batch:
        """The same x with other lengths, (n,): as given, for `pack_padded_sequence`, in torch's own order."""
        return replace(
            self,
            lengths=frozen(np.asarray(lengths)),
            lengths_from="given",
            kind="padded",
            order=None,
            given=None,
            packed=None,
        )

    def with_swapped_layout(self) -> Batch:
        """x with its first two dimensions swapped and `batch_first` turned: the same rows, the other layout."""
        call = replace(self.call, batch_first=not self.call.batch_first)
        if self.x.ndim < 2:
            return replace(self, call=call)
        mask = None if self.mask is None else self.mask.T
        return replace(self, x=self.x.swapaxes(0, 1), mask=mask, call=call, source=_swapped(self.source))

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
        source = self.source if self.source.endswith(SHIFTED) else self.source + SHIFTED
        return replace(self, x=moved(self.x), mask=None if mask is None else moved(mask), source=source)

    def with_rows_of_steps(self) -> Batch:
        """x of fewer than two dimensions as one row, (1, T) or (T, 1); the same batch where x has two or more."""
        if self.x.ndim >= 2:
            return self
        x = self.x.reshape((1, -1) if self.call.batch_first else (-1, 1))
        return replace(self, x=frozen(x), source=f"{self.source} (as one row)")


def _swapped(source: str) -> str:
    """A source whose x has been swapped, or swapped back: the file itself holds it the other way."""
    return source.removesuffix(SWAPPED) if source.endswith(SWAPPED) else source + SWAPPED


def make_batch(
    x: ArrayLike,
    lengths: ArrayLike,
    call: Call | None = None,
    *,
    source: str = "x",
    dtype: str | None = None,
    lengths_from: LengthsFrom = "given",
    kind: Kind = "padded",
    order: ArrayLike | None = None,
    lengths_device: str = "cpu",
    lengths_listed: bool = False,
    mask: ArrayLike | None = None,
    packed: PackedFields | None = None,
) -> Batch:
    """A Batch of read-only views of x, (B, T, *) or (T, B, *), and lengths, (n,), which may be wrong in any way.

    Lengths of another rank than 1, on another device or as a Python list are kept as `given` and read as a vector.
    Raises BatchError where x or lengths hold no numbers.
    """
    array, counts = np.asarray(x), np.asarray(lengths)
    if array.dtype.kind not in "biufc":
        raise BatchError(f"x holds {array.dtype}, but a batch holds numbers: convert it first.")
    if counts.dtype.kind not in "biufc":
        if counts.size:
            raise BatchError(f"lengths holds {counts.dtype}, but whole numbers are expected.")
        counts = counts.astype(np.int64)
    odd = counts.ndim != 1 or lengths_device != "cpu" or (lengths_listed and counts.dtype.kind in "fc")
    return Batch(
        frozen(array),
        frozen(counts.reshape(-1)),
        call or Call(),
        source,
        dtype or array.dtype.name,
        lengths_from,
        kind,
        None if order is None else frozen(np.asarray(order, dtype=np.int64)),
        GivenLengths(frozen(counts), lengths_device, lengths_listed) if odd else None,
        None if mask is None else frozen(np.asarray(mask, dtype=bool)),
        packed,
    )


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """A view of the array that can't be written to; the array itself stays as it is."""
    view = array.view()
    view.flags.writeable = False
    return view
