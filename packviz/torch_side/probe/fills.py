"""What is put into the padding, when a result counts as changed, and what the probe of a batch can't see."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from packviz.core.batch import Batch, BatchError
from packviz.core.cells.evidence import gather
from packviz.core.probing import NAN, Padding, find_padding
from packviz.core.texts.wording import rows_counted

if TYPE_CHECKING:
    import torch
    from torch import Tensor

LARGE = 1e4
"""Far outside of what data hold, and it saturates every gate. Both signs are tried: a gate that one of them shuts, so
that the state stays as it is, is opened by the other."""

SQUARE = (
    "x is square (B == T): the probe can't see a batch_first that is the wrong way round, for rows that are taken for "
    "steps are complete rows, too."
)
BLIND = "x holds NaN or an infinity inside the lengths of {}: what comes after it there may hide that padding is read."


class Fill(NamedTuple):
    """What the padding is filled with: the values are tried one by one, and what any of them changes counts."""

    label: str
    values: tuple[float, ...]


def float_fills(dtype: torch.dtype) -> tuple[Fill, ...]:
    """NaN, and large values of both signs that the dtype still has room to multiply."""
    import torch

    large = min(LARGE, 10.0 ** int(np.log10(torch.finfo(dtype).max / 64)))
    return Fill(NAN, (float("nan"),)), Fill(f"±{large:.0f}", (large, -large))


def padding_of_batch(batch: Batch) -> Padding:
    """The padding to fill. Raises BatchError where x has no cells."""
    if batch.x.ndim < 2 or batch.x.size == 0:
        raise BatchError(f"x has shape {batch.x.shape}: there is nothing to probe; give at least one row and one step.")
    return find_padding(gather(batch))


def notes_on(batch: Batch, padding: Padding) -> list[str]:
    """What the probe of this batch can't see."""
    notes = []
    if batch.rows == batch.steps > 1:
        notes.append(SQUARE)
    if batch.x.dtype.kind in "fc":
        odd = ~np.isfinite(batch.grid).reshape(batch.rows, batch.steps, -1).all(axis=2) & ~padding.cells
        rows = np.flatnonzero(odd.any(axis=1))
        if len(rows):
            notes.append(BLIND.format(rows_counted(rows.tolist())))
    return notes


def filled(x: Tensor, cells: Tensor, value: float | None) -> Tensor:
    """A copy of x, (B, T, *) or (T, B, *) as cells is, with its padding filled. None: x as it is, but for NaN and
    infinities in the padding, which become 0: over them nothing could be seen to change."""
    mask = cells.reshape(*cells.shape, *[1] * (x.ndim - cells.ndim))
    if value is not None:
        return x.masked_fill(mask, value)
    return x.masked_fill(mask & ~x.isfinite(), 0) if x.is_floating_point() or x.is_complex() else x.clone()


def differs(new: Tensor, old: Tensor) -> Tensor:
    """Where two results differ by more than rounding; bool, of their shape. NaN equals NaN.

    Kernels are the same and so are the shapes, so that equal inputs give equal bits nearly always; the tolerances are
    those of torch.testing.assert_close, for a kernel that adds up in another order.
    """
    import torch

    if not (old.is_floating_point() or old.is_complex()):
        return new != old
    rtol, atol = {torch.float16: (1e-3, 1e-5), torch.bfloat16: (1.6e-2, 1e-5)}.get(old.dtype, (1.3e-6, 1e-5))
    if old.dtype in (torch.float64, torch.complex128):
        rtol, atol = 1e-7, 1e-7
    if old.itemsize < 4:
        new, old = new.float(), old.float()
    return ~torch.isclose(new, old, rtol=rtol, atol=atol, equal_nan=True)
