"""Which row of a result reads which rows of x: the data of some rows are changed, and what moves has read them.

Few rows are changed one by one. Of many, half are changed at once, then the other half, and again by another halving:
a row that moves with the half that it is not in has read another one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from packviz.core.cells.bits import Bools
from packviz.torch_side.probe.caller import Caller
from packviz.torch_side.probe.results import Part
from packviz.torch_side.probe.rows import Judge, laid, laid_all, none
from packviz.torch_side.tensors import to_tensor

if TYPE_CHECKING:
    from torch import Tensor

ONE_BY_ONE = 6
"""Rows at most that are changed each by itself."""

HALVINGS, MORE = 2, 2
"""Ways to halve the rows; so many more where something moved."""

AFTER = 5
"""Passes that are left for what comes after."""

SAME_DATA = "x holds one number only, so that the data of a row can't be changed: which rows read which was not seen."
HALVED = "Which rows read which was tried with half of the rows changed at once, {} times."


@dataclass(frozen=True, eq=False)
class Crossed:
    """What moved. `moved`: of each part, (B,) bool, rows that moved with the data of other rows. `reads`: of each part,
    (B, B) bool, whether row r of the result moved with row j of x; None where not each of them was changed by itself.
    """

    moved: list[Bools]
    reads: list[Bools] | None
    said: tuple[str, ...] = ()


def changed(caller: Caller, cells: Bools, seed: int = 0) -> Tensor | None:
    """x with other data in these cells, (B, T) bool, of the kind that it holds; None where it holds one number only."""
    import torch

    x, valid = caller.plain, ~caller.padding.cells
    first = caller.batch.call.batch_first
    there = to_tensor(valid if first else valid.T).to(x.device)
    where = to_tensor(np.ascontiguousarray(cells if first else cells.T)).to(x.device)
    where = where.reshape(*where.shape, *[1] * (x.ndim - 2))
    generator = torch.Generator().manual_seed(seed)
    data = x[there]
    if x.is_floating_point() or x.is_complex():
        kind = torch.complex64 if x.is_complex() else torch.float32
        finite = data[data.isfinite()]
        size = float(finite.abs().float().mean()) if finite.numel() else 0.0
        drawn = torch.randn(x.shape, generator=generator, dtype=kind).to(x.device)
        other = (drawn * (size or 1.0) * 1.3).to(x.dtype) + (finite.mean().to(x.dtype) if finite.numel() else 0)
        return torch.where(where, other, x)
    if x.dtype == torch.bool:
        return x ^ where
    known = data.unique()  # type: ignore[no-untyped-call]
    if len(known) < 2:
        return None
    by = torch.randint(1, len(known), x.shape, generator=generator).to(x.device)
    place = torch.searchsorted(known, x.contiguous().clamp(known[0], known[-1]))
    return torch.where(where, known[(place + by) % len(known)], x)


def crossed(caller: Caller, parts: list[Part], judge: Judge) -> Crossed:
    """Change rows of x, and see which rows of the result move."""
    rows = caller.batch.rows
    base = [laid(part, part.value, rows) for part in parts]
    if rows <= ONE_BY_ONE and caller.left >= rows + AFTER:
        reads: list[Bools] = []
        for row in range(rows):
            moved = _moved(caller, parts, judge, base, np.arange(rows) == row)
            if moved is None:
                return Crossed([none(rows) for _ in parts], None, (SAME_DATA,))
            reads = reads or [np.zeros((rows, rows), dtype=bool) for _ in parts]
            for at, found in enumerate(moved):
                reads[at][:, row] = found
        others = ~np.eye(rows, dtype=bool)
        return Crossed([np.asarray((read & others).any(axis=1)) for read in reads], reads)
    moved_all, tried = [none(rows) for _ in parts], 0
    random = np.random.default_rng(0)
    while tried < HALVINGS or (tried < HALVINGS + MORE and caller.left > AFTER + 1):
        half = np.arange(rows) % 2 == 0 if not tried else random.permutation(rows) < rows // 2
        for part in (half, ~half):
            moved = _moved(caller, parts, judge, base, part)
            if moved is None:
                return Crossed(moved_all, None, (SAME_DATA,))
            moved_all = [had | (found & ~part) for had, found in zip(moved_all, moved, strict=True)]
        tried += 1
        if tried >= HALVINGS and not any(found.any() for found in moved_all):
            break
    return Crossed(moved_all, None, (HALVED.format(tried),))


def _moved(
    caller: Caller, parts: list[Part], judge: Judge, base: list[Tensor | None], rows: Bools
) -> list[Bools] | None:
    """Of each part, which rows of the result differ with other data in these rows of x."""
    x = changed(caller, ~caller.padding.cells & rows[:, None])
    if x is None:
        return None
    got = laid_all(parts, caller(x), caller.batch.rows)
    found: list[Bools] = []
    for part, value, was in zip(parts, got, base, strict=True):
        lost = value is None or was is None or value.ndim != was.ndim
        found.append(~none(len(rows)) if lost else judge.rows_apart(part, value, was, caller.padding.lengths))
    return found
