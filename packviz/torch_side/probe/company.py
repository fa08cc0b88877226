"""Rows in other company: each alone, cut to its length, and all in groups of like length, against the batch.

A callable that takes no other number of rows gets copies of a row in the place of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from packviz.core.cancel import Cancelled
from packviz.core.cells.bits import Bools, Ints
from packviz.core.rows_read import MOST_ROWS, across, patterns
from packviz.core.texts.quoting import LONGEST
from packviz.core.texts.wording import count
from packviz.torch_side.asking.asked import raised
from packviz.torch_side.probe.caller import AFTER, RUNS, Caller, Unfit
from packviz.torch_side.probe.results import Part
from packviz.torch_side.probe.rows import Judge, laid, laid_all, none

if TYPE_CHECKING:
    from torch import Tensor

ALONE = 16
"""Rows that are run alone; of more, these are a sample."""

GROUPS = 8
COPIES = "It takes no row alone ({}): each row was held against copies of itself and of rows of like length instead."
ONE_SIZE = (
    "It takes x of this size only ({}): no row could be run alone, cut to its length, and what was compared is other "
    "company of the same size."
)
SAMPLED = "{} of {} were run alone, and all of them in {} of like length{}."


@dataclass(frozen=True, eq=False)
class Apart:
    """What came of it. `apart`: of each part of the result, (B,) bool, rows that differ from the batch. `tested`: (B,)
    bool, rows that were compared. `without`: of each part, (B, B) bool, at [row, other]: the row is the same without
    the other one; nothing where there are more than MOST_ROWS. `alone`: what each row that was run alone gave, laid row
    by row. `said`: how it was done, where it was not as always. `failed`: what was raised where no other company was
    possible."""

    apart: list[Bools]
    tested: Bools
    without: list[Bools] = field(default_factory=list)
    alone: dict[int, list[Tensor | None]] = field(default_factory=dict)
    said: tuple[str, ...] = ()
    failed: str = ""


def sample(lengths: Ints, most: int = ALONE) -> list[int]:
    """Rows of at least one step: all, or some of all lengths, among them the first, the shortest and the longest."""
    rows = [int(row) for row in np.argsort(lengths, kind="stable") if lengths[row] > 0]
    if len(rows) <= most:
        return sorted(rows)
    spread = np.unique(np.linspace(0, len(rows) - 1, most - 1).round().astype(int))
    return sorted({int(np.flatnonzero(lengths > 0)[0]), *(rows[at] for at in spread)})


def groups_of(lengths: Ints) -> list[list[int]]:
    """Rows of like length together, each in the order of the batch: those of the longest by themselves, so that every
    shorter row is seen with fewer steps than in the batch."""
    longest = lengths.max(initial=0)
    order = [int(row) for row in np.argsort(lengths, kind="stable") if 0 < lengths[row] < longest]
    groups = [part.tolist() for part in np.array_split(np.array(order, dtype=int), GROUPS - 1) if len(part)]
    return [sorted(group) for group in [*groups, np.flatnonzero(lengths == longest).tolist()]]


def nothing_apart(parts: list[Part], rows: int) -> Apart:
    """Before anything was compared."""
    size = rows if rows <= MOST_ROWS else 0
    without = [np.zeros((size, size), dtype=bool) for _ in parts] if size else []
    return Apart([none(rows) for _ in parts], none(rows), without)


def in_other_company(
    caller: Caller,
    parts: list[Part],
    judge: Judge,
    rows: Ints,
    hooked: Callable[[int], Callable[[], object]] | None,
    runs: int = RUNS,
    spare: int = RUNS + AFTER,
) -> Apart:
    """Hold rows against the batch. `rows`: (n,) those that can be cut to their lengths. `hooked`: what sets hooks for
    the run of a row alone. `runs`: those over changed data, later on: rows of a group that these do not tell apart are
    in other groups in one more pass, where `spare` passes are left after it."""
    lengths = caller.padding.lengths.copy()
    lengths[np.setdiff1d(np.arange(len(lengths)), rows)] = 0
    base = [laid(part, part.value, caller.batch.rows) for part in parts]
    found = nothing_apart(parts, len(lengths))
    try:
        few = sample(lengths)
        for row in few:
            got = laid_all(parts, caller.of_rows([row], int(lengths[row]), hooked and hooked(row)), 1)
            if any(value is None for value in got) and not found.alone:
                raise ValueError("what it returns over one row has more rows, or fewer")
            found.alone[row] = got
            _hold(found, parts, judge, base, got, [row], lengths)
        said = []
        if len(few) < np.count_nonzero(lengths):
            groups = groups_of(lengths)
            others = across(groups, patterns(len(lengths), runs)) if found.without else []
            others = others if caller.left > spare else []
            for group in (*groups, *others):
                got = laid_all(parts, caller.of_rows(group, int(lengths[group].max())), len(group))
                _hold(found, parts, judge, base, got, group, lengths)
            also = f" and in {count(len(others), 'other one', 'other ones')}" if others else ""
            said = [SAMPLED.format(len(few), count(len(rows), "row"), count(len(groups), "group"), also)]
        return replace(found, said=tuple(said))
    except (Cancelled, Unfit):
        raise
    except Exception as error:  # many a callable takes one number of rows only
        return _among_copies(caller, parts, judge, base, lengths, raised(error, LONGEST))


def _among_copies(
    caller: Caller, parts: list[Part], judge: Judge, base: list[Tensor | None], lengths: Ints, why: str
) -> Apart:
    """As many rows as in the batch, but each of them one of a few of like length."""
    count_all = len(lengths)
    found = nothing_apart(parts, count_all)
    try:
        for group in _few_groups(lengths):
            which = np.array(group)[np.arange(count_all) * len(group) // count_all]
            firsts = np.searchsorted(which, group)
            got = laid_all(parts, caller.of_rows(which, int(lengths[group].max())), count_all)
            chosen = [None if value is None else value[firsts.tolist()] for value in got]
            _hold(found, parts, judge, base, chosen, group, lengths)
        return replace(found, said=(COPIES.format(why),))
    except (Cancelled, Unfit):
        raise
    except Exception as error:  # it takes x of one size only
        return replace(nothing_apart(parts, count_all), failed=raised(error, LONGEST))


def _few_groups(lengths: Ints) -> Iterator[list[int]]:
    """Two groups, of the shorter and of the longer rows, of which the longest are one more where they are fewer."""
    groups = groups_of(lengths)
    if len(groups) <= 3:
        yield from groups
        return
    half = len(groups) // 2
    for some in (groups[:half], groups[half:-1], groups[-1:]):
        yield sorted(row for group in some for row in group)


def _hold(
    found: Apart,
    parts: list[Part],
    judge: Judge,
    base: list[Tensor | None],
    got: list[Tensor | None],
    rows: Sequence[int],
    lengths: Ints,
) -> None:
    """Compare some rows, in place."""
    which = list(rows)
    found.tested[which] = True
    gone = ~none(len(lengths))
    gone[which] = False
    for at, (part, value, whole) in enumerate(zip(parts, got, base, strict=True)):
        if value is None or whole is None or value.ndim != whole.ndim or _longer(value, whole):
            found.apart[at][which] = True
            continue
        apart = judge.rows_apart(part, value, whole[which], lengths[which])
        found.apart[at][which] |= apart
        if found.without:
            found.without[at][np.ix_(np.array(which)[~apart], gone)] = True


def _longer(value: Tensor, whole: Tensor) -> bool:
    """Whether rows have more in other company, such as steps, than they have in the batch."""
    return any(size > there for size, there in zip(value.shape[1:], whole.shape[1:], strict=True))


def with_own_steps(parts: list[Part], found: Apart, lengths: Ints) -> list[Part]:
    """The parts, and of those without the steps of x the dimensions that are as long as the rows run alone have them,
    where that rises with their lengths. Of rows that were not run alone, as many steps as of the next shorter one."""
    rows = sorted(found.alone, key=lambda row: lengths[row])
    if len({lengths[row] for row in rows}) < 2:
        return parts
    at_most = np.maximum(np.searchsorted(lengths[rows], lengths, side="right") - 1, 0)
    told = []
    for at, part in enumerate(parts):
        whole, alone = laid(part, part.value, len(lengths)), [found.alone[row][at] for row in rows]
        if part.reading.step is not None or whole is None or any(v is None or v.ndim != whole.ndim for v in alone):
            told.append(part)
            continue
        sizes = np.array([value.shape for value in alone if value is not None]).reshape(len(rows), whole.ndim)
        rising = (np.diff(sizes, axis=0) >= 0).all(axis=0) & (sizes[0] < sizes[-1]) & (sizes[-1] <= whole.shape)
        told.append(part._replace(own=tuple((int(d), sizes[at_most, d]) for d in np.flatnonzero(rising) if d)))
    return told


def matches(found: Apart, parts: list[Part], at: int, judge: Judge, rows: int, lengths: Ints) -> dict[int, Any]:
    """Row run alone → (B,) bool, at which places of the batch the same result stands; of one part."""
    whole = laid(parts[at], parts[at].value, rows)
    told = {}
    for row, got in found.alone.items():
        value = got[at]
        if value is None or whole is None or value.ndim != whole.ndim:
            continue
        same = np.full(rows, lengths[row])
        told[row] = ~judge.rows_apart(parts[at], value.expand(rows, *value.shape[1:]), whole, same)
    return told
