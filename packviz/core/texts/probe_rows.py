"""Which rows and which steps a result has read, in words: a line for the terminal, and a sentence for each place.

What was not tested is never said to be clean: it was "not told".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from packviz.core.cells.bits import Bools, Ints
from packviz.core.rows_read import NO, YES, Crossing
from packviz.core.texts.report import wrapped
from packviz.core.texts.wording import abridged, count, listed, rows_listed

if TYPE_CHECKING:
    from packviz.core.probing import ProbeReport
    from packviz.core.steps_read import Reached

MOST_PAIRS = 4
MOST_LISTED = 8
MOST_KINDS = 4


def row_lines(report: ProbeReport) -> Iterable[str]:
    """The lines of the terminal: which rows are read, and which steps."""
    for crossing in report.crossings:
        yield from wrapped(f"{crossing.of}: {crossing_line(crossing)}", "  rows       ", " " * 13)
    for reached in report.reached:
        yield from wrapped(f"{reached.of}: {reached_line(reached)}", "  steps      ", " " * 13)


def crossing_line(crossing: Crossing) -> str:
    """`each row reads its own row of x and no other`; `row 0 reads row 1; row 1 reads row 0`."""
    if crossing.identity:
        return "each row reads its own row of x and no other"
    parts = [_others_told(crossing), *_own_told(crossing)]
    if crossing.untold:
        total = crossing.rows**2
        parts.append(f"{crossing.untold:,} of {total:,} pairs of rows were not told apart")
    return "; ".join(part for part in parts if part)


def _others_told(crossing: Crossing) -> str:
    rows = np.flatnonzero(crossing.foreign)
    if not len(rows):
        return "no row is seen to read another one"
    if (crossing.cells == YES).all():
        return "every row reads all rows of x"
    known = np.unique(crossing.others[:, 0])
    shown = [f"row {row} reads {_rows_of(crossing.reads(row))}" for row in known[:MOST_PAIRS].tolist()]
    more = len(known) - len(shown)
    parts = [*shown, f"{count(more, 'more row reads', 'more rows read')} others"] if more else shown
    unknown = np.setdiff1d(rows, known)
    if len(unknown):
        parts.append(
            f"{rows_listed(unknown, MOST_LISTED)} {'reads' if len(unknown) == 1 else 'read'} others, not told which"
        )
    return "; ".join(parts)


def _rows_of(rows: Ints) -> str:
    if len(rows) > MOST_LISTED:
        return f"rows {abridged(rows, MOST_LISTED)}"
    return f"row{'s' if len(rows) > 1 else ''} {listed([str(row) for row in rows.tolist()])}"


def _own_told(crossing: Crossing) -> list[str]:
    """The rows that have read no row at all."""
    rows = np.flatnonzero((crossing.cells == NO).all(axis=1))
    if not len(rows):
        return []
    return [f"{rows_listed(rows, MOST_LISTED)} {'reads' if len(rows) == 1 else 'read'} no data of x"]


def pair_words(crossing: Crossing, row: int, other: int) -> str:
    """One sentence on a cell of the matrix: `row 2 of h_n moves with row 0 of x: it reads another row.`"""
    state, told = int(crossing.cells[row, other]), f"row {row} of {crossing.of}"
    if state == YES:
        return f"{told} moves with row {other} of x: it reads {'itself' if row == other else 'another row'}."
    if state == NO:
        itself = ": it does not read itself" if row == other else ""
        return f"{told} stays as it is when row {other} of x changes{itself}."
    return f"Not told whether {told} reads row {other} of x: the two were not told apart from other rows."


def block_words(crossing: Crossing, rows: slice, others: slice) -> str:
    """The same of a square that stands for several rows: how many pairs of each kind are in it."""
    cells = crossing.cells[rows, others]
    own = np.arange(rows.start, rows.stop)[:, None] == np.arange(others.start, others.stop)
    kinds: tuple[tuple[Bools, str, str], ...] = (
        ((cells == YES) & ~own, "pair in which another row is read", "pairs in which another row is read"),
        ((cells == YES) & own, "row that reads itself", "rows that read themselves"),
        ((cells == NO) & own, "row that does not read itself", "rows that do not read themselves"),
        ((cells == NO) & ~own, "pair in which nothing is read", "pairs in which nothing is read"),
        ((cells != NO) & (cells != YES), "pair not told", "pairs not told"),
    )
    parts = [count(int(np.count_nonzero(kind)), one, many) for kind, one, many in kinds if kind.any()]
    return f"{_span(rows)} of {crossing.of}, {_span(others)} of x: {', '.join(parts)}."


def _span(rows: slice) -> str:
    return f"row {rows.start}" if rows.stop == rows.start + 1 else f"rows {rows.start} to {rows.stop - 1}"


def reached_line(reached: Reached) -> str:
    """`forward: t0 to the last step of each row; backward: the last step alone of rows 0, 2`."""
    said: dict[str, list[str]] = {}
    for at, name in enumerate(reached.groups):
        kinds = list(_kinds(reached, at).items())
        shown = kinds if len(kinds) <= MOST_KINDS else kinds[: MOST_KINDS - 1]
        parts = [_of_rows(kind, rows, reached.rows) for kind, rows in shown]
        if len(shown) < len(kinds):
            parts.append(f"other steps of {count(sum(len(rows) for _, rows in kinds[len(shown) :]), 'row')}")
        said.setdefault(", ".join(parts), []).append(name)
    if len(said) == 1:
        return next(iter(said))
    return "; ".join(f"{listed(names)}: {told}" for told, names in said.items())


def _kinds(reached: Reached, at: int) -> dict[str, Ints]:
    """What a group has read, in words → the rows of which it has; the commonest first."""
    plain = reached.nothing[:, at] | ~reached.exact[:, at] | reached.whole[:, at]
    ends = reached.lengths - 1 - reached.last[:, at]
    marks = np.stack([reached.nothing[:, at], reached.exact[:, at], reached.whole[:, at]], axis=1).astype(np.int64)
    spans = np.where(plain[:, None], 0, np.stack([reached.first[:, at], reached.last[:, at], ends == 0], axis=1))
    _, firsts, kind_of = np.unique(
        np.concatenate([marks, spans], axis=1), axis=0, return_index=True, return_inverse=True
    )
    found: dict[str, list[Ints]] = {}
    for kind, row in enumerate(firsts.tolist()):
        found.setdefault(_kind(reached, row, at), []).append(np.flatnonzero(kind_of.reshape(-1) == kind))
    joined = {words: np.sort(np.concatenate(rows)) for words, rows in found.items()}
    return dict(sorted(joined.items(), key=lambda item: -len(item[1])))


def _of_rows(kind: str, rows: Ints, total: int) -> str:
    if len(rows) == total:
        return f"{kind} of {'the' if total == 1 else 'each'} row"
    return f"{kind} of {rows_listed(rows, MOST_LISTED)}"


def _kind(reached: Reached, row: int, at: int) -> str:
    """What a group has read of a row, in words that do not hang on its length."""
    at_row = (row, at)
    if reached.nothing[at_row]:
        return "no step"
    if not reached.exact[at_row]:
        return "steps that were not told exactly"
    if reached.whole[at_row]:
        return "t0 to the last step"
    first, last, end = int(reached.first[at_row]), int(reached.last[at_row]), int(reached.lengths[row]) - 1
    if first == last:
        return "t0 alone" if first == 0 else "the last step alone" if first == end else f"t{first} alone"
    return f"t{first} to {'the last step' if last == end else f't{last}'}"


def span_words(reached: Reached, row: int, at: int) -> str:
    """One sentence on what a group has read of a row: `row 2 of h_n, forward: reads t0 to t3, all 4 steps of it.`"""
    group = f", {reached.groups[at]}" if len(reached.groups) > 1 else ""
    return f"row {row} of {reached.of}{group}: {_read(reached, row, at)}."


def _read(reached: Reached, row: int, at: int) -> str:
    length, steps = int(reached.lengths[row]), count(int(reached.lengths[row]), "step")
    early, first, last, late = (
        int(array[row, at]) for array in (reached.earliest, reached.first, reached.last, reached.latest)
    )
    if late < early:
        return f"reads no step of its {steps}"
    if first < 0:
        return f"which of its {steps} it reads was not told"
    if early == first and late == last:
        if (first, last) == (0, length - 1):
            return f"reads from t0 to t{last}, the first and the last of its {steps}" if length > 1 else "reads t0"
        return f"reads t{first} alone, of {steps}" if first == last else f"reads from t{first} to t{last}, of {steps}"
    begins = f"begins at t{first}" if early == first else f"begins between t{early} and t{first}"
    ends = f"ends at t{last}" if late == last else f"ends between t{last} and t{late}"
    return f"what it reads of its {steps} {begins} and {ends}; more was not told"
