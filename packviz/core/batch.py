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


SWAPPED = " (swapped)"


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
class Batch:
    """The padded tensor x and its lengths, with the options of the call. Equal only to itself.

    `x`: (B, T, *) if `call.batch_first`, else (T, B, *): as torch is given it; not writeable.
    `lengths`: (n,) as they were given, right or wrong, of any numeric dtype; n should be B; not writeable.
    `dtype`: torch's name of the dtype that x had ("bfloat16" is held as float32 here).
    `kind`: "sequences" came as a ragged list (the call is `pack_sequence`), "packed" as a PackedSequence.
    `order`: (B,) int64, the `sorted_indices` that a PackedSequence brought along, or None.
    `source`: where the batch came from, in a word or a path.
    """

    x: NDArray[Any]
    lengths: NDArray[Any]
    call: Call = field(default_factory=Call)
    source: str = "x"
    dtype: str = "float32"
    lengths_from: LengthsFrom = "given"
    kind: Kind = "padded"
    order: NDArray[np.int64] | None = None

    @property
    def grid(self) -> NDArray[Any]:
        """x as (B, T, *), whatever its layout; a view."""
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
        with np.errstate(invalid="ignore"):
            return frozen(self.lengths.astype(np.int64))

    def with_call(self, **options: Any) -> Batch:
        """The same x and lengths under other options (names of `Call`).

        Sequences and a PackedSequence have no layout of their own: the x that was made of them follows `batch_first`.
        """
        call = replace(self.call, **options)
        if self.kind != "padded" and call.batch_first != self.call.batch_first:
            return replace(self, x=self.x.swapaxes(0, 1), call=call, source=_swapped(self.source))
        return replace(self, call=call)

    def with_lengths(self, lengths: ArrayLike) -> Batch:
        """The same x with other lengths, (n,): as given, for `pack_padded_sequence`, in torch's own order."""
        return replace(self, lengths=frozen(np.asarray(lengths)), lengths_from="given", kind="padded", order=None)

    def with_swapped_layout(self) -> Batch:
        """x with its first two dimensions swapped and `batch_first` turned: the same rows, the other layout."""
        call = replace(self.call, batch_first=not self.call.batch_first)
        return replace(self, x=self.x.swapaxes(0, 1), call=call, source=_swapped(self.source))


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
) -> Batch:
    """A Batch of read-only views of x, (B, T, *) or (T, B, *), and lengths, (n,).

    Raises BatchError where x has fewer than two dimensions or lengths are no vector of numbers.
    """
    array, counts = np.asarray(x), np.asarray(lengths)
    if array.ndim < 2:
        raise BatchError(
            f"x has shape {array.shape}, but a batch needs at least two dimensions, (B, T) or (T, B); "
            "for one sequence, put it in a list: [x]."
        )
    if array.dtype.kind not in "biufc":
        raise BatchError(f"x holds {array.dtype}, but a batch holds numbers: convert it first.")
    if counts.ndim != 1:
        raise BatchError(f"lengths has shape {counts.shape}, but one length a row is expected: shape (B,).")
    if counts.dtype.kind not in "biuf":
        if counts.size:
            raise BatchError(f"lengths holds {counts.dtype}, but whole numbers are expected.")
        counts = counts.astype(np.int64)
    if counts.dtype.kind == "f" and not np.isfinite(counts).all():
        row = int(np.argmin(np.isfinite(counts)))
        raise BatchError(f"lengths[{row}] is {counts[row]}, but a number of steps is expected.")
    return Batch(
        frozen(array),
        frozen(counts),
        call or Call(),
        source,
        dtype or array.dtype.name,
        lengths_from,
        kind,
        None if order is None else frozen(np.asarray(order, dtype=np.int64)),
    )


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """A view of the array that can't be written to; the array itself stays as it is."""
    view = array.view()
    view.flags.writeable = False
    return view
