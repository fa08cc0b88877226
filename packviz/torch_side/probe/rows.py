"""The rows of a result: laid row by row, and held against those of another call, of other sizes, too.

Kernels round in other ways where sizes are others, so that equal rows are seldom equal bits. The tolerances are those
of torch.testing.assert_close, a hundred times for the numbers of sums over many steps, and a part of what is usual in
the result and in x, since a small difference of large numbers is as far off as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from packviz.core.cancel import UNWATCHED, Watch
from packviz.core.cells.bits import Bools, Ints
from packviz.torch_side.probe.results import Part, data_of, state_of_rows, tensors_of
from packviz.torch_side.tensors import to_array, to_tensor

if TYPE_CHECKING:
    from torch import Tensor


PIECE = 1 << 22
"""Numbers that are compared at once."""


class Judge:
    """Says what is apart; `scale`: the size of the numbers of x; `floating`: it holds no whole numbers. `watch` is
    asked between the pieces of large ones."""

    def __init__(self, x: Tensor, watch: Watch = UNWATCHED) -> None:
        self.watch = watch
        self.floating = x.is_floating_point() or x.is_complex()
        self.scale = max(1.0, _usual(x)) if self.floating else 1.0

    def apart(self, new: Tensor, old: Tensor, usual: float | None = None) -> Tensor:
        """Where they differ by more than rounding does: bool, of their shape. `usual`: the size of the numbers, where
        these are a part only."""
        if not (old.is_floating_point() or old.is_complex()):
            return new != old
        rtol, part, floor = _tolerances(old)
        wide = new if new.itemsize >= 4 else new.float()
        was = old if old.itemsize >= 4 else old.float()
        far = part * (_usual(old) if usual is None else usual) + floor * self.scale
        close = (wide == was) | (wide.isnan() & was.isnan()) | ((wide - was).abs() <= rtol * was.abs() + far)
        return ~close

    def rows_apart(self, part: Part, got: Any, want: Any, lengths: Ints) -> Bools:
        """(n,) bool: which rows of one result, (n, …), differ from those of another, in what both of them have; of
        steps, those before the lengths, (n,). Both are laid row by row."""
        rest = tuple(min(a, b) for a, b in zip(got.shape[1:], want.shape[1:], strict=True))
        new, old = (value[(slice(None), *(slice(0, size) for size in rest))] for value in (got, want))
        usual = _usual(want) if want.is_floating_point() else None
        return self._in_pieces(part, new, old, lengths, lambda one, other: self.apart(one, other, usual))

    def rows_other(self, part: Part, got: Tensor, want: Tensor, lengths: Ints) -> Bools:
        """(n,) bool: which rows of a result differ from those of another one of the same shape by any bit, as of
        `rows_apart`."""
        return self._in_pieces(part, got, want, lengths, lambda a, b: (a != b) & ~((a != a) & (b != b)))

    def _in_pieces(
        self, part: Part, new: Tensor, old: Tensor, lengths: Ints, differ: Callable[[Tensor, Tensor], Tensor]
    ) -> Bools:
        """Some rows after the other."""
        stride = max(1, PIECE * len(new) // max(1, new.numel()))
        found: Bools = np.zeros(len(new), dtype=bool)
        for start in range(0, len(new), stride):
            self.watch.check()
            few = slice(start, start + stride)
            found[few] = _rows(part, differ(new[few], old[few]), lengths[few])
        return found


def _rows(part: Part, found: Tensor, lengths: Ints) -> Bools:
    """(n,) bool: any of a row; of steps, of those before the lengths."""
    import torch

    if part.reading.step is not None and found.ndim > 1:
        within = torch.arange(found.shape[1], device=found.device)
        within = within < to_tensor(lengths).to(found.device)[:, None]
        found = found & within.reshape(*within.shape, *[1] * (found.ndim - 2))
    return to_array(found.reshape(len(found), -1).any(dim=1))


def laid(part: Part, value: Any, rows: int) -> Tensor | None:
    """A tensor of a result as (rows, …), (rows, T', …) where it holds steps; None where it does not have that many."""
    import torch
    from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

    if isinstance(value, PackedSequence):
        padded: Tensor = pad_packed_sequence(value, batch_first=True)[0]
        return padded if len(padded) == rows else None
    whole = data_of(part.value).ndim
    if rows == 1 and value.ndim == whole - 1 and part.reading.times == 1:
        value = value.unsqueeze(part.reading.row)  # a squeeze() that took the rows along, where there is one
    if value.ndim != whole or value.shape[part.reading.row] != rows * part.reading.times:
        return None
    return torch.as_tensor(state_of_rows(value, part.reading, rows))


def laid_all(parts: list[Part], values: list[tuple[str, Any]], rows: int) -> list[Tensor | None]:
    """Each tensor of another call, laid row by row; of a result of other things, none."""
    values = tensors_of(values)
    if [part.name for part in parts] != [name for name, _ in values]:
        return [None] * len(parts)
    return [laid(part, value, rows) for part, (_, value) in zip(parts, values, strict=True)]


def is_whole(part: Part) -> bool:
    """Whether it holds whole numbers."""
    data = data_of(part.value)
    return not (data.is_floating_point() or data.is_complex())


def _usual(data: Tensor) -> float:
    """The size of most numbers: four times the median of those that are neither 0 nor endless."""
    if not data.numel():
        return 0.0
    flat = data.detach().reshape(-1)
    flat = flat[:: max(1, len(flat) // PIECE)].abs()
    flat = flat.float() if flat.itemsize < 4 else flat
    flat = flat[flat.isfinite() & (flat != 0)]
    return 4.0 * float(flat[:: max(1, len(flat) // 100_000)].median()) if len(flat) else 0.0


def _tolerances(data: Tensor) -> tuple[float, float, float]:
    """Of a number, of the usual numbers of the result, and of those of x."""
    import torch

    if data.itemsize < 4:
        return 2.0**-4, 2.0**-5, 2.0**-7
    if data.dtype in (torch.float64, torch.complex128):
        return 1e-7, 1e-8, 1e-10
    if data.is_cuda:  # where products may be rounded to ten bits
        return 2e-2, 5e-3, 1e-4
    return 1.3e-4, 2.5e-5, 2e-6


def none(rows: int) -> Bools:
    """(rows,) of False."""
    found: Bools = np.zeros(rows, dtype=bool)
    return found
