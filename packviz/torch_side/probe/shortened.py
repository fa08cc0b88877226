"""A batch without padding: what some of its rows would get, were they shorter than the others.

Some of them are cut to half of their steps, what is cut off is padding, and each is held against itself alone. Never
is there one step more than in x: a table of positions may end with the last one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from packviz.core.breaches import placed, sentence
from packviz.core.cancel import Cancelled
from packviz.core.cells.bits import Bools, Ints
from packviz.core.texts.wording import count, rows_listed
from packviz.torch_side.probe.caller import Caller, Result
from packviz.torch_side.probe.fills import filled
from packviz.torch_side.probe.judged import Judged
from packviz.torch_side.probe.results import Part
from packviz.torch_side.probe.rows import Judge, is_whole, laid, laid_all, none
from packviz.torch_side.tensors import to_tensor

if TYPE_CHECKING:
    from torch import Tensor

MOST = 4
"""Rows that are cut at once, at most: each is run alone."""
EVEN = (
    "All rows are of one length, and no cell is padding: what a shorter row gets in longer company was not seen. Probe "
    "a batch of different lengths, too."
)
CUT = "All rows are of one length: {} {}, to see what a shorter row gets in longer company."


@dataclass(frozen=True, eq=False)
class Shortened:
    """What came of it. `rows`: those that were cut to so many `steps`, some at a time.

    Of each part, (B,) bool: `reads`, cut rows that change with what the padding holds; `apart`, cut rows that differ
    from themselves alone; `beside`, rows that differ from what they were where others are cut.
    """

    rows: list[int]
    steps: int
    reads: list[Bools]
    apart: list[Bools]
    beside: list[Bools]


def hold_shortened(
    caller: Caller,
    parts: list[Part],
    judge: Judge,
    values: tuple[float, ...],
    told: Judged,
    unknown: frozenset[int] = frozenset(),
) -> None:
    """Cut rows of a batch without padding, and say what is found of these parts, but for those of which the rows are
    not known. `values`: what the padding may hold."""
    found = shortened(caller, parts, judge, values) if parts else None
    if found is None:
        told.notes.append(EVEN)
        return
    total, cut = caller.batch.rows, f"cut to {count(found.steps, 'step')}"
    told.notes.append(CUT.format(f"{rows_listed(found.rows)} {'was' if len(found.rows) == 1 else 'were'}", cut))
    for at, part in enumerate(parts):
        reads, apart, beside = found.reads[at], found.apart[at] & ~found.reads[at], found.beside[at]
        if at in unknown:
            continue
        if is_whole(part) and part.reading.step is None:
            told.add_whole(part.name, reads | apart | beside)
            continue
        for code, wrong, how in (
            ("reads-padding", reads, f", {cut}, changes with what the padding holds."),
            ("depends-on-company", apart, f", {cut}, is another one alone than beside longer rows."),
            ("depends-on-company", beside, f" is another one beside rows that were {cut}."),
        ):
            which = np.flatnonzero(wrong)
            if len(which):
                told.add(code, which, sentence(f"{placed([part.name], which, total)}{how}"))


def shortened(caller: Caller, parts: list[Part], judge: Judge, values: tuple[float, ...]) -> Shortened | None:
    """Cut rows of a batch without padding; None where that is not possible. `values`: what the padding may hold."""
    lengths = caller.padding.lengths
    total, values = len(lengths), (0.0, *values) if judge.floating else values
    if not total or not values or not caller.takes_lengths or lengths.min() < 2:
        return None
    half, found = (total + 1) // 2, None
    # What takes sorted lengths only is given shorter ones at the end, at least.
    for rows in filter(None, (list(range(half))[:MOST], list(range(half, total))[-MOST:])):
        if caller.left <= len(values) + 1:
            break
        try:
            new = _cut(caller, parts, judge, values, rows)
        except Cancelled:
            raise
        except Exception:  # it takes such lengths, or such rows, not: nothing is known of shorter ones
            continue
        found = new if found is None else _both(found, new)
    return found


def _both(one: Shortened, other: Shortened) -> Shortened:
    lists = ((one.reads, other.reads), (one.apart, other.apart), (one.beside, other.beside))
    return Shortened(
        sorted({*one.rows, *other.rows}),
        one.steps,
        *([mine | more for mine, more in zip(*pair, strict=True)] for pair in lists),
    )


def _cut(caller: Caller, parts: list[Part], judge: Judge, values: tuple[float, ...], rows: list[int]) -> Shortened:
    lengths = caller.padding.lengths
    total, steps = len(lengths), (int(lengths.min()) + 1) // 2
    ends = lengths.copy()
    ends[rows] = steps
    told = caller.cut(ends)
    alone = [laid_all(parts, caller.of_rows([row], steps), 1) for row in rows]
    whole = [laid_all(parts, each, total) for each in _over(caller, ends, told, values)]
    found = Shortened(rows, steps, *([none(total) for _ in parts] for _ in range(3)))
    for at, part in enumerate(parts):
        many = [values[at] for values in whole]
        for row, each in zip(rows, alone, strict=True):
            one = each[at]
            if one is None or any(value is None or value.ndim != one.ndim for value in many):
                found.apart[at][row] = True
                continue
            mine = [_of_row(value, row, one) for value in many]
            found.apart[at][row] = any(_apart(judge, part, value, one, steps) for value in mine)
            found.reads[at][row] = any(_apart(judge, part, value, mine[0], steps) for value in mine[1:])
        was = laid(part, part.value, total)
        for row in np.setdiff1d(np.arange(total), rows):
            if was is not None and many[0] is not None and many[0].ndim == was.ndim:
                one = was[row : row + 1]
                found.beside[at][row] = _apart(judge, part, _of_row(many[0], row, one), one, int(lengths[row]))
    return found


def _over(caller: Caller, ends: Ints, lengths: Any, values: tuple[float, ...]) -> list[Result]:
    cells = np.arange(caller.batch.steps) >= ends[:, None]
    mask = to_tensor(cells if caller.batch.call.batch_first else np.ascontiguousarray(cells.T)).to(caller.where)
    return [caller(filled(caller.plain, mask, value), lengths) for value in values]


def _of_row(value: Any, row: int, one: Tensor) -> Any:
    """One row of a result, in what it has alone; more than that is beyond its steps."""
    return value[(slice(row, row + 1), *(slice(0, size) for size in one.shape[1:]))]


def _apart(judge: Judge, part: Part, value: Any, other: Any, end: int) -> bool:
    short = any(a < b for a, b in zip(value.shape[1:], other.shape[1:], strict=True))
    return short or bool(judge.rows_apart(part, value, other, np.array([end]))[0])
