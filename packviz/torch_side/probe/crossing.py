"""Which row of a result reads which rows of x: the data of some rows are changed, and what moves has read them.

Few rows are changed one by one. Of many, half are changed at once, in a few runs, so that each has a pattern of its
own: a row that moves in a run in which it was not changed has read another one (core/rows_read.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from packviz.core.cells.bits import Bools
from packviz.core.rows_read import (
    MOST_ROWS,
    NO,
    UNTOLD,
    YES,
    Changed,
    Crossing,
    moved_with_others,
    patterns,
    read_from,
)
from packviz.core.texts.wording import count, listed
from packviz.torch_side.probe.caller import AFTER, RUNS, Caller
from packviz.torch_side.probe.results import Part
from packviz.torch_side.probe.rows import Judge, is_whole, laid, laid_all, none
from packviz.torch_side.tensors import to_tensor

if TYPE_CHECKING:
    from torch import Tensor

ONE_BY_ONE = 6
"""Rows at most that are changed each by itself."""

LEFT_OVER = 3
"""Passes that are needed after it where rows read others."""

SAME_DATA = "x holds one number only, so that the data of a row can't be changed: which rows read which was not seen."
TOO_MANY = "Of more than {:,} rows it is not kept which reads which."
EACH = "The data of each row of x were changed by themselves."
HALVED = "Which rows read which was tried in {}, each with half of the rows of x changed at once{}."
COMPANY = ", and with rows alone and in other company"
NOT_TOLD = " {:,} of {:,} pairs of rows were not told apart; a batch of fewer rows shows them."


@dataclass(frozen=True, eq=False)
class Crossed:
    """What moved. `moved`: of each part, (B,) bool, rows that moved with the data of other rows. `runs`: of each part,
    what was changed, and what moved; nothing where no data could be. `said`: what has to be said of it."""

    moved: list[Bools]
    runs: list[list[Changed]]
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


def crossed(caller: Caller, parts: list[Part], judge: Judge, wrong: bool = False, most: int = RUNS) -> Crossed:
    """Change rows of x, and see which rows of the result move. `wrong`: rows are known to depend on something, so that
    no passes are needed to find how far right ones have looked. `most`: runs over half of the rows."""
    rows = caller.batch.rows
    base = [laid(part, part.value, rows) for part in parts]
    found: list[list[Changed]] = [[] for _ in parts]
    each = rows <= ONE_BY_ONE and caller.left >= rows + AFTER
    runs = most
    for turn in (0, 1):
        for chosen in np.eye(rows, dtype=bool) if each else patterns(rows, runs, turn):
            changes = _changes(caller, parts, judge, base, chosen)
            if changes is None:
                return Crossed([none(rows) for _ in parts], [], (SAME_DATA,))
            for known, one in zip(found, changes, strict=True):
                known.append(one)
        others = [moved_with_others(known, rows) for known in found]
        runs = min(most, caller.left - LEFT_OVER)
        if each or runs < 2 or not (wrong or any(other.any() for other in others)):
            break
    return Crossed(others, found)


def crossings(
    crossed: Crossed,
    parts: list[Part],
    without: list[Bools],
    rows: int,
    skipped: frozenset[int] = frozenset(),
    sources: Mapping[int, Mapping[int, int]] = MappingProxyType({}),
) -> tuple[list[Crossing], list[str]]:
    """Which row of each part reads which row of x, parts that are alike together; and what has to be said of it.
    `without`: as of Apart. `skipped`: parts of which the rows are not known. `sources`: of a part, row of the result →
    row of x of which it is the result alone."""
    if not crossed.runs:
        return [], []
    if rows > MOST_ROWS:
        return [], [TOO_MANY.format(MOST_ROWS)]
    alike: dict[tuple[bytes, bytes], tuple[list[str], int]] = {}
    cells: dict[int, NDArray[np.int8]] = {}
    for at, part in enumerate(parts):
        if at not in skipped and not is_whole(part):  # a number that is rounded, or a choice, seldom moves
            cells[at] = read_from(crossed.runs[at], rows, without[at] if without else None)
            for row, source in sources.get(at, {}).items():
                if cells[at][row, source] == UNTOLD:
                    cells[at][row] = np.where(np.arange(rows) == source, YES, NO)
            alike.setdefault((cells[at].tobytes(), crossed.moved[at].tobytes()), ([], at))[0].append(part.name)
    runs = crossed.runs[0]
    each = all(run.rows.sum() == 1 for run in runs)
    also = COMPANY if any(known.any() for known in without) else ""
    how = EACH if each else HALVED.format(count(len(runs), "run"), also)
    found = []
    for names, at in alike.values():
        untold = int(np.count_nonzero(cells[at] == UNTOLD))
        said = how + (NOT_TOLD.format(untold, rows * rows) if untold else "")
        found.append(Crossing(listed(names), cells[at], crossed.moved[at], said))
    return found, list(dict.fromkeys(crossing.how for crossing in found if not each))


def _changes(
    caller: Caller, parts: list[Part], judge: Judge, base: list[Tensor | None], rows: Bools
) -> list[Changed] | None:
    """What each part of the result does with other data in these rows of x."""
    x = changed(caller, ~caller.padding.cells & rows[:, None])
    if x is None:
        return None
    got = laid_all(parts, caller(x), caller.batch.rows)
    found, lengths = list[Changed](), caller.padding.lengths
    for part, value, was in zip(parts, got, base, strict=True):
        if value is None or was is None or value.ndim != was.ndim:
            found.append(Changed(rows, ~none(len(rows)), none(len(rows))))
            continue
        moved = judge.rows_apart(part, value, was, lengths)
        if value.shape == was.shape:
            other = judge.rows_other(part, value, was, lengths)
            moved, stayed = moved | (other & rows), ~other  # of a row that was changed itself any trace is its own
        else:
            stayed = ~moved
        found.append(Changed(rows, moved, stayed))
    return found
